// Runs: start, watch, cancel; import a recording by its path.
//
// SPDX-License-Identifier: GPL-3.0-or-later
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, type Folder, type FolderEntry, type Job } from '../api';
import { isNumber, percent, seconds } from '../format';
import { app, attempt, say } from '../state/app';
import { useStore } from '../state/store';

const STATES: Record<Job['state'], string> = {
  queued: 'waits', running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled' };

function size(bytes: number | null): string {
  if (!isNumber(bytes)) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let k = 0, v = bytes;
  while (v >= 1000 && k < 4) { v /= 1000; k++; }
  return `${v.toFixed(v < 10 && k > 0 ? 1 : 0)} ${units[k]}`;
}

function JobRow({ job, open, onOpen }: { job: Job; open: boolean; onOpen(): void }) {
  const [log, setLog] = useState<string[] | null>(null);
  useEffect(() => {
    if (!open) return;
    api.job(job.id).then((j) => setLog(j.log ?? []), () => setLog([]));
  }, [open, job.state, job.what, job.fraction]);
  const going = job.state === 'running' || job.state === 'queued';
  const took = isNumber(job.started_unix_s) && isNumber(job.ended_unix_s) ? job.ended_unix_s - job.started_unix_s : null;
  const pre = useRef<HTMLPreElement>(null);
  useEffect(() => { if (pre.current) pre.current.scrollTop = pre.current.scrollHeight; }, [log]);
  return (
    <li class={`job ${job.state}`}>
      <div class="row">
        <b>{job.kind}</b>
        <span class={job.state === 'failed' ? 'bad' : job.state === 'done' ? 'good' : 'quiet'}>{STATES[job.state]}</span>
        {job.state === 'running' && <><progress value={job.fraction ?? undefined} aria-label={`Progress of ${job.kind}`} />
          <span>{isNumber(job.fraction) ? percent(job.fraction) : ''}</span>
          <span class="quiet">{job.what}{isNumber(job.left_s) ? `, about ${seconds(job.left_s)} left` : ''}</span></>}
        {took !== null && <span class="quiet">took {seconds(took)}</span>}
        {job.error && <span class="bad">{job.error}</span>}
        <span class="grow" />
        {isNumber(job.recording) && <a href={`#/recording/${job.recording}`}>Recording</a>}
        {going && <button class="b" onClick={() => void attempt('cancel', () => api.cancelJob(job.id))}>Cancel</button>}
        <button class="b" aria-expanded={open} onClick={onOpen}>Log</button>
      </div>
      {open && <pre ref={pre} class="log" tabIndex={0} aria-label={`Log of job ${job.id}`}>{log === null ? 'Reading …' : log.length === 0 ? 'Nothing was logged.' : log.join('\n')}</pre>}
    </li>
  );
}

function Browser({ onPick }: { onPick(entry: FolderEntry): void }) {
  const [roots, setRoots] = useState<{ path: string }[]>([]);
  const [folder, setFolder] = useState<Folder | null>(null);
  const enter = async (path: string): Promise<void> => {
    const got = await attempt(path, () => api.folder(path));
    if (got !== undefined) setFolder(got);
  };
  useEffect(() => {
    api.folders().then((list) => { setRoots(list); if (list.length > 0) void enter(list[0].path); },
      (error: Error) => say(error.message, { bad: true }));
  }, []);
  return (
    <div class="browser">
      <div class="row" role="group" aria-label="Allowed folders">
        {roots.map((r) => <button key={r.path} class="b" aria-pressed={folder?.path.startsWith(r.path) ?? false}
          onClick={() => void enter(r.path)}>{r.path}</button>)}
      </div>
      {folder !== null && <>
        <p class="quiet path">{folder.path}</p>
        <ul class="entries" aria-label={`Files in ${folder.path}`}>
          {folder.parent !== null && <li><button class="link" onClick={() => void enter(folder.parent as string)}>.. one up</button></li>}
          {folder.entries.map((e) => (
            <li key={e.path} class="row">
              {e.kind === 'folder' ? <button class="link" onClick={() => void enter(e.path)}>{e.name}/</button>
                : <span class={e.can_be_recording || isCampaign(e) ? '' : 'quiet'}>{e.name}</span>}
              <span class="quiet">{e.kind === 'file' ? size(e.size_bytes) : ''}</span>
              <span class="grow" />
              {(e.can_be_recording || isCampaign(e)) && <button class="b" onClick={() => onPick(e)}>{isCampaign(e) ? 'Screen' : 'Import'} …</button>}
            </li>
          ))}
          {folder.entries.length === 0 && <li class="quiet">This folder is empty.</li>}
          {folder.is_cut && <li class="quiet">There is more here than is listed.</li>}
        </ul>
      </>}
    </div>
  );
}

const isCampaign = (e: FolderEntry): boolean => e.kind === 'file' && /\.ya?ml$/i.test(e.name);

function StartForm() {
  const [kind, setKind] = useState<'measure' | 'screen'>('measure');
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const [coating, setCoating] = useState('');
  const [scale, setScale] = useState('');
  const [interval, setInterval] = useState('');
  const [pixels, setPixels] = useState(false);
  const coatings = useStore(app, (a) => a.campaign)?.coatings ?? [];
  const start = async (e: Event): Promise<void> => {
    e.preventDefault();
    const job: Record<string, unknown> = { kind, path: path.trim() };
    if (kind === 'measure') {
      if (name.trim() !== '') job.name = name.trim();
      if (coating.trim() !== '') job.coating = coating.trim();
      if (scale !== '') job.nm_per_px = Number(scale);
      if (interval !== '') job.interval_s = Number(interval);
      if (pixels) job.in_pixels = true;
    }
    const got = await attempt(kind, () => api.startJob(job));
    if (got !== undefined) say(`${kind} is under way`);
  };
  return (
    <div class="start">
      <form class="form" onSubmit={(e) => void start(e)}>
        <div class="join" role="group" aria-label="What to run">
          <button type="button" class="b" aria-pressed={kind === 'measure'} onClick={() => setKind('measure')}>Measure a recording</button>
          <button type="button" class="b" aria-pressed={kind === 'screen'} onClick={() => setKind('screen')}>Screen a campaign</button>
        </div>
        <label class="field">{kind === 'measure' ? 'File, folder of frames, or pattern' : 'Campaign file (YAML)'}
          <input type="text" required value={path} onInput={(e) => setPath(e.currentTarget.value)} placeholder="pick it on the right, or type its path" /></label>
        {kind === 'measure' && <>
          <div class="pair">
            <label class="field">Name<input type="text" maxLength={100} value={name} onInput={(e) => setName(e.currentTarget.value)} /></label>
            <label class="field">Coating<input type="text" list="coatings" maxLength={100} value={coating} onInput={(e) => setCoating(e.currentTarget.value)} /></label>
            <datalist id="coatings">{coatings.map((c) => <option key={c.name} value={c.name} />)}</datalist>
            <label class="field">Scale (nm/px), if the file has none<input type="number" min="0" step="any" value={scale} onInput={(e) => setScale(e.currentTarget.value)} /></label>
            <label class="field">Interval (s), if the file has no clock<input type="number" min="0" step="any" value={interval} onInput={(e) => setInterval(e.currentTarget.value)} /></label>
          </div>
          <label class="check"><input type="checkbox" checked={pixels} onChange={(e) => setPixels(e.currentTarget.checked)} /> Measure in pixels and frames</label>
        </>}
        <div class="row"><button class="b main">Start</button></div>
      </form>
      <Browser onPick={(e) => { setPath(e.path); setKind(isCampaign(e) ? 'screen' : 'measure'); }} />
    </div>
  );
}

export function RunView() {
  const jobs = useStore(app, (a) => a.jobs);
  const [open, setOpen] = useState(0);
  const runs = useStore(app, (a) => a.runs);
  if (!runs)
    return <div class="page"><h1>Run</h1><p class="note">This program shows results only. On the command line,
      <b> coatscope measure</b> and <b>coatscope screen</b> make them.</p></div>;
  return (
    <div class="page">
      <h1>Run</h1>
      <section class="block" aria-labelledby="start-h"><h2 id="start-h">Start</h2><div class="panel pad"><StartForm /></div></section>
      <section class="block" aria-labelledby="jobs-h">
        <div class="row head"><h2 id="jobs-h">Runs</h2><span class="grow" />
          <button class="b" onClick={() => void attempt('report', () => api.startJob({ kind: 'report' }))}
                  title="Writes report and tables of the results folder again, with all edits">Write the report again</button></div>
        {jobs.length === 0 ? <p class="quiet">Nothing was run from this page yet.</p>
          : <ul class="jobs panel">{jobs.map((j) => <JobRow key={j.id} job={j} open={open === j.id} onOpen={() => setOpen(open === j.id ? 0 : j.id)} />)}</ul>}
      </section>
    </div>
  );
}
