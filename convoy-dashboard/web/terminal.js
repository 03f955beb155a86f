// The output of an agent: its terminal, live and read only, or a part of its log.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, attemptsAddress, link } from './route.js';
import { ask, post } from './session.js';
import { agentKind, bytes, parkedUntil, placeWords, plural, span, waitsFor } from './format.js';
import { Elsewhere } from './elsewhere.js';
import { About as LooksAt, aboutOf } from './stages.js';
import { copy, Copy, Download, Failure, State, useTold, Waiting } from './ui.js';
import { thereNow, toast } from './store.js';
import { TEXT_LINES, useScreen } from './screen.js';
import { MARKS, Matches, Search } from './search.js';

/** Bytes of a log that are read at a time, and shown at most. */
const PIECE = 256 << 10;
const SHOWN = 4 * PIECE;
/** Lines that so many bytes may have. */
const PART_LINES = 200_000;
/** Tiles of the wall on one page. */
const TILES = 24;
/** Tiles are drawn at most this often, in ms: at all, and for each that is in sight. */
const TILE_PACE = { least: 250, each: 60 };

/** What is written into the terminal about the log itself. */
const notice = (text) => `\x1b[0m\r\n\x1b[7m ${text} \x1b[0m\r\n`;

const logAddress = (convoy, agent) => `/api/convoys/${convoy.id}/logs/${encodeURIComponent(agent.role)}`;

/** Follows an agent in a terminal; the bytes before it that are not shown. */
function useFollow(stream, role, api, isPaced = false) {
  const [gap, setGap] = useState(0);
  useEffect(() => {
    if (!api) return undefined;
    const { term } = api;
    const write = isPaced ? pacedWrite(term) : { now: (data, done) => term.write(data, done), end: () => {} };
    const unfollow = stream.follow(role, {
      output: (data, from, done) =>
        write.now(data, () => {
          api.note(from + data.length);
          done();
        }),
      gap: ({ from, to }) => {
        if (from === 0) setGap(to);
        else term.write(notice(`${bytes(to - from)} skipped: this page did not keep up; the whole log is under Raw`));
      },
      attempt: ({ attempt }) => {
        api.forget();
        term.write(notice(`attempt ${attempt}`));
      },
      reset: () => {
        api.forget();
        term.reset();
        term.write(notice('the log started again'));
      },
    });
    return () => {
      unfollow();
      write.end();
    };
  }, [stream, role, api]);
  return gap;
}

/** Those that write together: in one frame, the page is laid out and painted once. */
const paced = new Set();
let beat = null;

/** The more of them, the less often: all together cost the same. */
function writePaced() {
  for (const flush of paced) flush();
  beat = setTimeout(writePaced, Math.max(TILE_PACE.least, paced.size * TILE_PACE.each));
}

/** Writes what comes in one go, every so often, with all others that do. */
function pacedWrite(term) {
  let kept = [];
  const flush = () => {
    const some = kept;
    kept = [];
    for (const [data, done] of some) term.write(data, done);
  };
  paced.add(flush);
  beat ??= setTimeout(writePaced, TILE_PACE.least);
  const end = () => {
    paced.delete(flush);
    if (paced.size) return;
    clearTimeout(beat);
    beat = null;
  };
  return { now: (data, done) => kept.push([data, done]), end };
}

/** What an agent prints: as it prints it, or from the place that the address names. */
export function Output({ stream, convoy, agent, query, now }) {
  const asked = query.get('at');
  const attempt = query.get('attempt');
  const number = (text) => (/^\d{1,15}$/.test(text) ? Number(text) : null);
  if (asked !== null && number(asked) === null)
    return html`<p class="empty">“${asked}” is no place in a log: <code>at</code> is a number of bytes.</p>`;
  if (attempt !== null && !(number(attempt) >= 1 && number(attempt) <= agent.attempt))
    return html`<p class="empty">${agent.role} has no attempt “${attempt}”: ${agent.attempt ? `there ${agent.attempt === 1 ? 'is one' : `are ${agent.attempt}`}` : 'it has not started'}.</p>`;
  const key = `${convoy.id}/${agent.role}`;
  if (asked === null && attempt === null)
    return html`<${Live} key=${key} stream=${stream} convoy=${convoy} agent=${agent} now=${now}/>`;
  const part = { at: number(asked ?? '0'), attempt: number(attempt ?? String(agent.attempt)) };
  return html`<${Part} key=${`${key}/${part.attempt}`} convoy=${convoy} agent=${agent} at=${part.at} attempt=${part.attempt} now=${now}/>`;
}

/** The terminal, as it fills. */
function Live({ stream, convoy, agent, now }) {
  const screen = useScreen({ label: `Terminal of ${agent.role}`, cols: agent.cols, rows: agent.rows });
  const gap = useFollow(stream, agent.role, screen.api);
  return html`<${Around} screen=${screen} convoy=${convoy} agent=${agent} attempt=${agent.attempt} now=${now} live
    above=${gap > 0 && html`<p class="gap">${bytes(gap)} of output before this are not shown here. <a ...${link(`${agentAddress(convoy.id, agent.role)}?at=${gap}`)}>Earlier output</a></p>`}/>`;
}

/** Reads a part of a log: `{from, to, size, data}`, from the beginning of a line on. */
async function readPart(log, attempt, from, to) {
  const headers = { Range: `bytes=${from}-${to - 1}` };
  const answer = await ask(`${log}?attempt=${attempt}`, { headers, as: 'answer' });
  const size = Number(answer.headers.get('X-Log-Size'));
  const data = new Uint8Array(await answer.arrayBuffer());
  const cut = from > 0 ? data.indexOf(10) + 1 : 0;
  return { from: from + cut, to: from + data.length, size, data: data.subarray(cut) };
}

/** A part of a log, around a place in it. */
function Part({ convoy, agent, at, attempt, now }) {
  const screen = useScreen({ label: `Log of ${agent.role}`, cols: agent.cols, rows: agent.rows, history: PART_LINES });
  const { api } = screen;
  const [part, setPart] = useState(null);
  const [problem, setProblem] = useState(null);
  const log = logAddress(convoy, agent);
  const asked = useRef(0);
  const read = async (from, to, place) => {
    const number = ++asked.current;
    try {
      const found = await readPart(log, attempt, from, to);
      if (number !== asked.current) return;
      await showPart(api, found, place);
      setPart(found);
      setProblem(null);
    } catch (error) {
      if (number === asked.current) setProblem(error);
    }
  };
  useEffect(() => {
    // One byte more: the line that begins here follows the end of another.
    if (api) read(Math.max(0, at - PIECE), at + PIECE, at);
    return () => asked.current++;
  }, [api, at, attempt, log]);
  const { from, to, size } = part ?? {};
  const live = agentAddress(convoy.id, agent.role);
  const above = html`<div class="bar part">
    ${part && html`<span class="dim">Bytes ${from.toLocaleString()} to ${to.toLocaleString()} of ${size.toLocaleString()}, attempt ${attempt} of ${agent.attempt}</span>`}
    <button type="button" disabled=${!(from > 0)} onClick=${() => read(Math.max(0, from - PIECE), Math.min(to, from - PIECE + SHOWN), from)}>⤒ Earlier</button>
    <button type="button" disabled=${!(to < size)} onClick=${() => read(Math.max(0, to + PIECE - SHOWN, from - 1), to + PIECE, to)}>⤓ Later</button>
    <a class="button" ...${link(live)}>To the ${agent.status === 'running' ? 'live output' : 'end'}</a></div>
    ${problem && html`<${Failure} text=${problem.status === 416 && at === 0 ? 'Nothing was printed.' : problem.status === 416 ? `There is nothing at byte ${at.toLocaleString()}: ${problem.message}` : problem.message}/>`}
    ${!part && !problem && html`<${Waiting} what="Reading the log…"/>`}`;
  return html`<${Around} screen=${screen} convoy=${convoy} agent=${agent} attempt=${attempt} now=${now} above=${above}/>`;
}

/** Shows a part, scrolled to a place in it, which is marked. */
async function showPart({ term, show, note, forget }, { from, data }, at) {
  const write = (some) => new Promise((resolve) => term.write(some, resolve));
  forget();
  term.reset();
  note(from);
  const split = Math.max(0, Math.min(data.length, at - from));
  // The line that the place is in.
  const line = data.lastIndexOf(10, split - 1) + 1;
  await write(data.subarray(0, split ? line : 0));
  const marker = term.registerMarker(0);
  note(from + line);
  await write(data.subarray(split ? line : 0));
  if (!marker || marker.isDisposed) return;
  show(marker.line);
  term.registerDecoration({
    marker,
    width: term.cols,
    backgroundColor: MARKS.matchBackground,
    foregroundColor: '#ffffff',
  });
}

/** Copies an address that leads to the row that is looked at. */
async function copyPlace(convoy, agent, attempt, api) {
  const place = api?.place();
  if (!place) return toast('No line of this output has a place in the log yet', 'error');
  try {
    const part = await readPart(logAddress(convoy, agent), attempt, place.offset, place.offset + PIECE).catch(
      (error) => {
        // At its very end there is nothing to count.
        if (error.status === 416) return { from: place.offset, data: new Uint8Array() };
        throw error;
      },
    );
    let at = place.lines ? part.from : place.offset;
    for (let left = place.lines - (part.from > place.offset ? 1 : 0); left > 0; left--) {
      const next = part.data.indexOf(10, at - part.from);
      if (next < 0) break;
      at = part.from + next + 1;
    }
    return copy(
      `${location.origin}${agentAddress(convoy.id, agent.role)}?at=${at}&attempt=${attempt}`,
      'Address copied',
    );
  } catch (error) {
    return toast(error.message, 'error');
  }
}

/** A terminal with what is known of its agent, and what can be done with its output. */
function Around({ screen, convoy, agent, attempt, now, live = false, above }) {
  const { box, api, view } = screen;
  const [text, setText] = useState(false);
  const [shown, setShown] = useState('');
  const [whole, setWhole] = useState('');
  const { short } = convoy.dashboard;
  const root = useRef();
  useTold((what) => {
    if (what === 'follow' && live) api?.follow();
    if (what === 'search') root.current?.querySelector('input[type=search]')?.focus();
  });
  useEffect(() => {
    if (text && api) setShown(api.text());
  }, [text, api, Math.floor(now / 2000)]);
  const plan = convoy.dashboard.plan?.agents?.[agent.role];
  const raw = `${logAddress(convoy, agent)}?attempt=${attempt}`;
  return html`<section class="agent" ref=${root} aria-label=${`Agent ${agent.role}`}>
    <${About} convoy=${convoy} agent=${agent} now=${now}/>
    <div class="bar">
      <${Search} api=${api} onWhole=${setWhole}/>
      ${live && html`<button type="button" aria-pressed=${view.following} onClick=${() => api?.follow()} title="f">Follow</button>`}
      <button type="button" aria-pressed=${text} onClick=${() => setText(!text)}>Text</button>
      <${Download} label="Raw" name=${`${short}-${agent.role}.log`} load=${() => ask(raw, { as: 'blob' })}/>
      <button type="button" class="quiet" title="An address that leads to the selected line, or to the first in sight" onClick=${() => copyPlace(convoy, agent, attempt, api)}>❐ line</button>
      ${plan?.attach ? html`<${Copy} text=${`pan convoy attach ${short} ${agent.role}`} title=${plan.attach} label="attach"/>` : html`<${Copy} text=${`pan convoy logs -f ${short} ${agent.role}`} label="logs"/>`}
      ${agent.outputFile && html`<${Copy} text=${agent.outputFile} label="report path"/>`}
      ${agent.attempt > 0 && html`<a class="button" ...${link(attemptsAddress(convoy.id, agent.role))}>${agent.attempt > 1 ? `${agent.attempt} attempts` : 'Prompt'}</a>`}
      ${convoy.status !== 'running' && agent.status === 'failed' && html`<${Retry} convoy=${convoy} agent=${agent}/>`}
    </div>
    ${whole && html`<${Matches} convoy=${convoy} agent=${agent} attempt=${attempt} wanted=${whole} onClose=${() => setWhole('')}/>`}
    ${above}
    <div class="screen">
      <div class="xterm-box" ref=${box} style=${text ? 'visibility:hidden' : ''} role="region" aria-label=${`Terminal of ${agent.role}`} tabindex="0"
        onKeyDown=${(event) => ({ PageUp: () => api?.page(-1), PageDown: () => api?.page(1), End: () => api?.follow(), Home: () => api?.page(-9999) })[event.key]?.()}></div>
      ${text && html`<pre class="text" tabindex="0" role="region" aria-label=${`Last ${TEXT_LINES} lines of ${agent.role} as text`}>${shown || 'Nothing was printed.'}</pre>`}
      ${isSilent(convoy, agent, attempt) && !text && html`<p class="silent dim">Nothing was printed.</p>`}
      ${live && !view.following && !text && html`<button type="button" class="pill" onClick=${() => api?.follow()}>⤓ ${view.fresh > 0 ? plural(view.fresh, 'new line') : 'to the end'}</button>`}
    </div>
  </section>`;
}

/** Has an attempt ended without a word? */
const isSilent = (convoy, agent, attempt) =>
  agent.status !== 'running' &&
  attempt === agent.attempt &&
  attempt > 0 &&
  !convoy.dashboard.agents?.[agent.role]?.logBytes;

function About({ convoy, agent, now }) {
  const status = convoy.dashboard.agents?.[agent.role] || {};
  const kind = agentKind(agent, status, now);
  const open = waitsFor(agent, convoy);
  const planned = convoy.dashboard.plan?.agents?.[agent.role];
  const facts = [
    agent.subagent,
    [agent.runner, agent.model].filter(Boolean).join(' '),
    agent.attempt > 1 && `attempt ${agent.attempt}`,
    agent.usage?.costUsd && `$${agent.usage.costUsd.toFixed(2)}`,
    agent.usage && `${(agent.usage.inputTokens + agent.usage.outputTokens).toLocaleString()} tokens`,
    agent.status !== 'running' && status.logBytes && `log ${bytes(status.logBytes)}`,
    planned?.executor && `placed by ${planned.executor}`,
    status.place?.is === 'running' && placeWords(status.place),
    planned?.unconfined && 'runs unconfined',
  ];
  return html`<header>
      <h2><${State} kind=${kind}/> ${agent.role}</h2>
      <p class="dim">${facts.filter(Boolean).join(' · ')}</p>
      ${aboutOf(convoy, agent.role).length > 0 && html`<p>Looks again at <${LooksAt} convoy=${convoy} role=${agent.role}/></p>`}
      ${status.why && html`<p class="why" role="note">${status.why}</p>`}
      <${Elsewhere} convoy=${convoy} agent=${agent}/>
      ${kind === 'limited' && html`<p class="why" role="note">Parked: rate limited ${parkedUntil(agent, now)}</p>`}
      ${kind === 'pending' && html`<p class="why">${open.length ? `Waits for ${open.join(', ')}` : 'Waits for its turn'}</p>`}
    </header>`;
}

function Retry({ convoy, agent }) {
  const retry = () =>
    post(`/api/convoys/${convoy.id}/retry`, { agent: agent.role }).then(
      ({ message }) => toast(message),
      (error) => toast(error.message, 'error'),
    );
  return html`<button type="button" onClick=${retry}>Retry ${agent.role}</button>`;
}

/** All agents that run, side by side, some on each page. */
export function Wall({ stream, convoy, now }) {
  const [page, setPage] = useState(0);
  const live = convoy.agents.filter((agent) => agent.status === 'running');
  if (!live.length) return html`<p class="empty">No agent runs now.</p>`;
  const pages = Math.ceil(live.length / TILES);
  const at = Math.min(page, pages - 1);
  const shown = live.slice(at * TILES, (at + 1) * TILES);
  return html`<section class="walls" aria-label="All running agents">
    ${
      pages > 1 &&
      html`<div class="bar"><button type="button" disabled=${at === 0} onClick=${() => setPage(at - 1)}>← Before</button>
      <span role="status">Agents ${at * TILES + 1} to ${at * TILES + shown.length} of ${live.length} that run</span>
      <button type="button" disabled=${at === pages - 1} onClick=${() => setPage(at + 1)}>Next →</button></div>`
    }
    <div class="wall">${shown.map((agent) => html`<${Tile} key=${agent.role} stream=${stream} convoy=${convoy} agent=${agent} now=${now}/>`)}</div></section>`;
}

function Tile({ stream, convoy, agent, now }) {
  const place = useRef();
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    // What is out of sight is not drawn.
    const watcher = new IntersectionObserver(([entry]) => setSeen(entry.isIntersecting), { rootMargin: '120px' });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);
  const kind = agentKind(agent, convoy.dashboard.agents?.[agent.role], now);
  return html`<article ref=${place}><header><${State} kind=${kind} short/> <a ...${link(agentAddress(convoy.id, agent.role))}>${agent.role}</a> <span class="dim">${span((now ?? thereNow()) - Date.parse(agent.startedAt))}</span></header>
    ${seen && html`<${TileScreen} stream=${stream} agent=${agent}/>`}</article>`;
}

function TileScreen({ stream, agent }) {
  const { box, api } = useScreen({
    label: `Terminal of ${agent.role}`,
    cols: agent.cols,
    rows: agent.rows,
    small: true,
    history: 0,
  });
  useFollow(stream, agent.role, api, true);
  return html`<div class="xterm-box" ref=${box} role="region" aria-label=${`Terminal of ${agent.role}`} tabindex="0"></div>`;
}
