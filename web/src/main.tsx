// The page: head, where you are, what to say.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import './app.css';
import './views/views.css';
import { app, applyTheme, go, kept, parseRoute, reload, route, start, type Tab } from './state/app';
import { useStore } from './state/store';
import { CampaignView } from './views/campaign';
import { AuthorDialog, HelpDialog, Toasts } from './views/dialogs';
import { Icon, Mark } from './views/icons';
import { RecordingView } from './views/recording';
import { RunView } from './views/run';
import { ScoreView } from './views/score';

const TABS: readonly [Tab, string][] = [
  ['campaign', 'Campaign'], ['recording', 'Recording'], ['score', 'Score'], ['run', 'Run'],
];

function lastRecording(id: number): string {
  const { campaign } = app.now;
  const { places } = kept.now;
  const known = (n: number): boolean => campaign?.recordings.some((r) => r.id === n) ?? false;
  const best = known(id) ? id : Object.keys(places).map(Number).find(known)
    ?? campaign?.recordings[0]?.id ?? 0;
  return `#/recording/${best}`;
}

function Head() {
  const { tab, id } = useStore(route, (r) => r);
  const title = useStore(app, (a) => a.campaign?.title ?? '');
  const dark = useStore(app, (a) => a.dark);
  const running = useStore(app, (a) => a.jobs.find((j) => j.state === 'running'));
  useStore(app, (a) => a.campaign);
  return (
    <header class="top">
      <a class="mark" href="#/campaign" aria-label="Coatscope, to the campaign"><Mark /><span>Coatscope</span></a>
      <nav class="tabs" aria-label="Views">
        {TABS.map(([name, text]) => (
          <a key={name} href={name === 'recording' ? lastRecording(id) : `#/${name}`}
             aria-current={tab === name ? 'page' : undefined}>{text}</a>
        ))}
      </nav>
      <span class="title grow">{title}</span>
      {running && <a class="busy" href="#/run" title="A run is under way">
        <progress value={running.fraction ?? undefined} aria-label={`${running.kind}: ${running.what}`} />
        <span>{running.what}</span></a>}
      <button class="b plain icon" aria-label={dark ? 'Light' : 'Dark'} title={dark ? 'Light' : 'Dark'}
              onClick={() => kept.set({ theme: dark ? 'light' : 'dark' })}>
        <Icon name={dark ? 'sun' : 'moon'} /></button>
      <button class="b plain icon" aria-label="Keys and help" title="Keys and help (?)"
              onClick={() => app.set({ help: true })}><Icon name="help" /></button>
    </header>
  );
}

function View() {
  const { tab, id } = useStore(route, (r) => r);
  const error = useStore(app, (a) => a.error);
  const campaign = useStore(app, (a) => a.campaign);
  if (tab === 'run') return <RunView />;
  // A recording opens beside the campaign, not after it.
  if (tab === 'recording' && id > 0) return <RecordingView key={id} id={id} />;
  if (campaign === null)
    return error === '' ? <p class="empty" aria-busy="true">Opening the results …</p>
      : <div class="empty"><p class="note bad">The results cannot be opened: {error}.</p>
        <p><button class="b" onClick={() => void reload()}>Try again</button></p></div>;
  if (tab === 'recording') return <RecordingView key={id} id={id} />;
  if (tab === 'score') return <ScoreView />;
  return <CampaignView />;
}

function App() {
  const online = useStore(app, (a) => a.online);
  const { tab } = useStore(route, (r) => r);
  useEffect(() => {
    const names: Record<Tab, string> = { campaign: 'Campaign', recording: 'Recording', score: 'Score', run: 'Run' };
    document.title = `${names[tab]} · Coatscope`;
  }, [tab]);
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      const target = e.target as HTMLElement;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
      if (e.key === '?') app.set({ help: true });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <Head />
      {!online && <p class="note warn" role="status">The program does not answer. The page shows what it
        had, and goes on when coatscope serve is back.</p>}
      <main><View /></main>
      <Toasts />
      <HelpDialog />
      <AuthorDialog />
    </>
  );
}

addEventListener('hashchange', () => {
  route.set(parseRoute(location.hash));
  kept.set({ hash: location.hash });
});
if (location.hash === '' && kept.now.hash !== '') go(kept.now.hash, true);
applyTheme();
void start();
render(<App />, document.getElementById('app') as HTMLElement);
