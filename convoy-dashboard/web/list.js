// The list of convoys: what needs a person first.
import { useMemo } from 'preact/hooks';
import { html } from './html.js';
import { link } from './route.js';
import { useNow, useStore, remembered } from './store.js';
import { loadList, setFilter } from './live.js';
import {
  agentKind,
  ago,
  convoyKind,
  counted,
  elapsed,
  money,
  parkedUntil,
  plural,
  quietMs,
  QUIET_MS,
  shortPath,
  span,
} from './format.js';
import { Boundary, Copy, Failure, State, useRoving, Waiting } from './ui.js';

const GROUPS = [
  ['attention', 'Needs attention'],
  ['running', 'Running'],
  ['earlier', 'Earlier'],
];
const FILTERS = [
  ['', 'All', 'all'],
  ['running', 'Running', 'running'],
  ['failed', 'Failed', 'failed'],
  ['partial', 'Partial', 'partial'],
  ['completed', 'Completed', 'completed'],
];

/** Once looked at, a failure of the past needs no more attention. */
const isSeen = (convoy) => convoy.completedAt && remembered.get('seen', {})[convoy.id] === convoy.completedAt;

export function markSeen(convoy) {
  if (!convoy.completedAt) return;
  const seen = Object.entries({ ...remembered.get('seen', {}), [convoy.id]: convoy.completedAt });
  remembered.set('seen', Object.fromEntries(seen.slice(-500)));
}

/** By what happened alone, never by the clock: a row moves only when its convoy changes. */
function groupOf(convoy) {
  const { group } = convoy.dashboard;
  if (group === 'attention' && isSeen(convoy)) return 'earlier';
  return GROUPS.some(([name]) => name === group) ? group : 'earlier';
}

/** All that are loaded, in the order they are shown. */
export function ordered(convoys) {
  const rank = (convoy) => GROUPS.findIndex(([name]) => name === groupOf(convoy));
  const key = ({ startedAt, id }) => `${startedAt ?? ''} ${id}`;
  return [...convoys.values()].sort((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? 1 : -1));
}

export function List({ current }) {
  const convoys = useStore((state) => state.convoys);
  const { counts, next, loaded, filter, listError } = useStore((state) => state);
  const running = [...convoys.values()].some((convoy) => convoy.status === 'running');
  const now = useNow(running);
  const sorted = useMemo(() => ordered(convoys), [convoys]);
  const rows = useRoving('a.row, .more');
  const chips = useRoving('button');
  const filtered = Object.values(filter).some(Boolean);
  return html`<nav class="list" aria-label="Convoys" ref=${rows}>
    <div class="filters">
      <label class="search"><span class="hidden">Filter convoys</span>
        <input id="filter" type="search" placeholder="/ filter" value=${filter.q} onInput=${(event) => setFilter({ q: event.target.value })}/></label>
      <div class="chips" role="toolbar" aria-label="Status" ref=${chips}>
        ${FILTERS.map(
          ([status, word, count]) => html`<button type="button" aria-pressed=${filter.status === status}
          onClick=${() => setFilter({ status })}>${word}${counts[count] ? ` ${counts[count]}` : ''}</button>`,
        )}
      </div>
    </div>
    ${listError && html`<${Failure} text=${listError} onRetry=${() => loadList()}/>`}
    ${!loaded && html`<${Waiting} what="Reading the list…"/>`}
    ${loaded && !sorted.length && !listError && (filtered ? html`<p class="empty">No convoy is like that.</p>` : html`<${Empty}/>`)}
    ${GROUPS.map(([name, title]) => {
      const some = sorted.filter((convoy) => groupOf(convoy) === name);
      return (
        some.length > 0 &&
        html`<section key=${name}><h2>${title} <span class="count">${some.length}</span></h2>
        <ul>${some.map((convoy) => html`<li key=${convoy.id}><${Boundary} short what=${convoy.id}><${Row} convoy=${convoy} now=${now} current=${convoy.id === current}/><//></li>`)}</ul></section>`
      );
    })}
    ${next && html`<button type="button" class="more" onClick=${() => loadList({ more: true })}>Older…</button>`}
  </nav>`;
}

export function Empty() {
  const line = "pan convoy start code-review --files 'src/**/*.ts'";
  return html`<div class="empty">
    <p>No convoy has been started here yet.</p>
    <p><a class="button" ...${link('/start')}>Start one</a></p>
    <p>or in a terminal: <code>${line}</code> <${Copy} text=${line} label="copy"/></p>
  </div>`;
}

function Row({ convoy, now, current }) {
  const { dashboard: view, agents } = convoy;
  const kind = convoyKind(convoy);
  const done = agents.filter((agent) => agent.status === 'completed').length;
  return html`<a class="row" ...${link(`/c/${convoy.id}`)} aria-current=${current ? 'page' : undefined}>
    <span class="first"><${State} kind=${kind}/> <strong>${convoy.template || convoy.id}</strong> <code>${view.short}</code></span>
    <span class="when">${convoy.startedAt && !view.unusable && html`<time datetime=${convoy.startedAt}>${convoy.status === 'running' ? span(Math.floor(elapsed(convoy, now) / 1000) * 1000) : ago(convoy.startedAt, now)}</time>`}</span>
    ${
      agents.length > 0 &&
      html`<span class="second"><span class="cells" aria-hidden="true">${agents.slice(0, 24).map((agent) => html`<i class=${agentKind(agent, view.agents?.[agent.role], now)}></i>`)}</span>
      <span class="dim">${done}/${agents.length} done${convoy.context?.projectPath ? html` · ${shortPath(convoy.context.projectPath)}` : ''}${view.costUsd ? html` · ${money(view.costUsd)}` : ''}</span></span>`
    }
    <span class="news">${news(convoy, now)}</span>
  </a>`;
}

/** What is worth saying of a convoy in one line. */
function news(convoy, now) {
  const { dashboard: view, agents } = convoy;
  if (view.unusable) return view.unusable;
  if (view.legacy) return 'of the previous system';
  if (view.unwatched) return 'no watcher is running: no new agent is started';
  const failed = agents.filter((agent) => agent.status === 'failed' && agent.reason !== 'stopped');
  if (failed.length) return `${failed[0].role}: ${view.agents?.[failed[0].role]?.why || 'failed'}`;
  const running = agents.filter((agent) => agent.status === 'running');
  if (running.length) {
    const quiet = running.filter((agent) => quietMs(agent, view.agents?.[agent.role], now) > QUIET_MS);
    const longest = Math.max(...quiet.map((agent) => quietMs(agent, view.agents?.[agent.role], now)));
    const mark = quiet.length
      ? html` · <span class="mark">◔ ${named(quiet)} quiet for ${span(Math.floor(longest / 1000) * 1000)}</span>`
      : '';
    return html`${named(running)}${mark}`;
  }
  const parked = agents.find((agent) => parkedUntil(agent, now));
  if (parked) return `${parked.role}: rate limited ${parkedUntil(parked, now)}`;
  return counted(convoy.merge?.counts);
}

/** A few by name, many by number. */
const named = (agents) =>
  agents.length > 3 ? plural(agents.length, 'agent') : agents.map((agent) => agent.role).join(', ');
