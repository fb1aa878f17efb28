// Messages, the keys, and who signs.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useRef, useState } from 'preact/hooks';
import { app, hush, kept } from '../state/app';
import { useStore } from '../state/store';
import { Icon } from './icons';

export function Toasts() {
  const messages = useStore(app, (a) => a.messages);
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label="Messages">
      {messages.map((m) => (
        <div key={m.id} class={`toast ${m.bad ? 'bad' : ''}`} role={m.bad ? 'alert' : undefined}>
          <span class="grow">{m.text}</span>
          {m.action && <button class="b" onClick={() => { hush(m.id); m.action?.[1](); }}>
            {m.action[0]}</button>}
          <button class="b plain icon" aria-label="Close this message" onClick={() => hush(m.id)}>
            <Icon name="close" /></button>
        </div>
      ))}
    </div>
  );
}

/** A modal that opens when it is drawn. */
export function Modal(props: { title: string; onClose(): void; children: preact.ComponentChildren }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => { ref.current?.showModal(); }, []);
  return (
    <dialog ref={ref} aria-label={props.title} onClose={props.onClose}
            onClick={(e) => { if (e.target === ref.current) ref.current?.close(); }}>
      <div class="head"><h1>{props.title}</h1>
        <button class="b plain icon" aria-label="Close" onClick={() => ref.current?.close()}>
          <Icon name="close" /></button></div>
      {props.children}
    </dialog>
  );
}

type Keys = readonly [string, string][];

const KEYS: readonly [string, Keys][] = [
  ['Frames', [
    [', or <', 'previous frame'], ['. or >', 'next frame'],
    ['Page up, Page down', 'ten frames'],
    ['\\', 'play and stop'], ['Shift + \\', 'play backwards'],
    ['Home, End', 'first and last frame'], ['wheel', 'frames'],
  ]],
  ['Image', [
    ['+, −', 'zoom in and out'], ['Ctrl + wheel', 'zoom at the pointer'], ['4', 'whole image'],
    ['5', '1 pixel = 1 pixel'], ['Space + drag', 'move the image'], ['arrow keys', 'move the image'],
    ['Shift + C', 'brightness and contrast'], ['A', 'auto contrast'],
    ['right drag', 'window and level'], ['Shift + I', 'invert'], ['D', 'stabilised by drift'],
  ]],
  ['Tools', [
    ['V', 'select'], ['H', 'scrolling tool (hand)'], ['W', 'window and level'],
    ['P', 'draw a polygon'], ['E', 'edit the outline'], ['R', 'redraw an arc'],
  ]],
  ['Polygon', [
    ['drag', 'move a vertex'], ['Shift + click', 'insert a vertex'], ['Alt + click, Delete', 'delete a vertex'],
    ['Tab, arrow keys', 'to the next vertex, move it by 1 px (Shift: 0.1)'],
    ['double click, Enter', 'close or apply'], ['Esc', 'leave without applying'],
    ['Ctrl + Z, Ctrl + Shift + Z', 'undo and redo'],
  ]],
  ['Particles', [
    ['N, Shift + N', 'next and previous particle'], ['Y', 'accept'], ['X', 'reject'],
    ['1, 2, 3', 'in Score: intact, broken, cannot tell'],
  ]],
];

export function HelpDialog() {
  const open = useStore(app, (a) => a.help);
  if (!open) return null;
  return (
    <Modal title="Keys" onClose={() => app.set({ help: false })}>
      <div class="keys">
        {KEYS.map(([title, rows]) => (
          <section key={title}><h2>{title}</h2>
            {rows.map(([key, does]) => <div key={key}><span>{does}</span><kbd>{key}</kbd></div>)}
          </section>
        ))}
      </div>
      <p class="quiet" style="margin-top:12px">Drop a RoiSet.zip or .roi of ImageJ on the image to import it.
        Click a particle for its curve, the curve for its frame.</p>
    </Modal>
  );
}

export function AuthorDialog() {
  const ask = useStore(app, (a) => a.askAuthor);
  const [name, setName] = useState(kept.now.author);
  if (ask === null) return null;
  return (
    <Modal title="Who is editing?" onClose={() => ask(null)}>
      <form class="row" onSubmit={(e) => {
        e.preventDefault();
        if (name.trim() !== '') ask(name.trim());
      }}>
        <label class="field grow">Name or initials, kept with each edit
          <input type="text" maxLength={100} required autofocus value={name}
                 onInput={(e) => setName(e.currentTarget.value)} /></label>
        <button class="b main" style="align-self:end">Go on</button>
      </form>
    </Modal>
  );
}
