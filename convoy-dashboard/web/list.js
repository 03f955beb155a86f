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
  plural,
  quietMs,
  QUIET_MS,
  shortPath,
  span,
} from './format.js';
import { Copy, Failure, State, Waiting } from './ui.js';

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

function isQuiet(convoy, now) {
  const quiet = (agent) => quietMs(agent, convoy.dashboard.agents?.[agent.role], now) > QUIET_MS;
  return convoy.status === 'running' && convoy.agents.some(quiet);
}

function groupOf(convoy, now) {
  const { group } = convoy.dashboard;
  if (group === 'attention' && isSeen(convoy)) return 'earlier';
  return group === 'running' && isQuiet(convoy, now) ? 'attention' : group;
}

/** All that are loaded, in the order they are shown. */
export function ordered(convoys, now) {
  const rank = (convoy) => GROUPS.findIndex(([name]) => name === groupOf(convoy, now));
  return [...convoys.values()].sort((a, b) => rank(a) - rank(b) || (a.startedAt < b.startedAt ? 1 : -1));
}

export function List({ current }) {
  const convoys = useStore((state) => state.convoys);
  const { counts, next, loaded, filter, listError } = useStore((state) => state);
  const running = [...convoys.values()].some((convoy) => convoy.status === 'running');
  const now = useNow(running);
  const sorted = useMemo(() => ordered(convoys, now), [convoys, Math.floor(now / 5000)]);
  const filtered = Object.values(filter).some(Boolean);
  return html`<nav class="list" aria-label="Convoys">
    <div class="filters">
      <label class="search"><span class="hidden">Filter convoys</span>
        <input id="filter" type="search" placeholder="/ filter" value=${filter.q} onInput=${(event) => setFilter({ q: event.target.value })}/></label>
      <div class="chips" role="group" aria-label="Status">
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
      const some = sorted.filter((convoy) => groupOf(convoy, now) === name);
      return (
        some.length > 0 &&
        html`<section key=${name}><h2>${title} <span class="count">${some.length}</span></h2>
        <ul>${some.map((convoy) => html`<${Row} key=${convoy.id} convoy=${convoy} now=${now} current=${convoy.id === current}/>`)}</ul></section>`
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
  return html`<li><a class="row" ...${link(`/c/${convoy.id}`)} aria-current=${current ? 'page' : undefined}>
    <span class="first"><${State} kind=${kind}/> <strong>${convoy.template || 'unreadable'}</strong> <code>${view.short}</code></span>
    <span class="when"><time datetime=${convoy.startedAt}>${convoy.status === 'running' ? span(Math.floor(elapsed(convoy, now) / 1000) * 1000) : ago(convoy.startedAt, now)}</time></span>
    ${
      agents.length > 0 &&
      html`<span class="second"><span class="cells" aria-hidden="true">${agents.slice(0, 24).map((agent) => html`<i class=${agentKind(agent, view.agents?.[agent.role], now)}></i>`)}</span>
      <span class="dim">${done}/${agents.length} done${convoy.context?.projectPath ? html` · ${shortPath(convoy.context.projectPath)}` : ''}${view.costUsd ? html` · ${money(view.costUsd)}` : ''}</span></span>`
    }
    <span class="news">${news(convoy, now)}</span>
  </a></li>`;
}

/** What is worth saying of a convoy in one line. */
function news(convoy, now) {
  const { dashboard: view, agents } = convoy;
  if (view.unusable) return view.unusable;
  if (view.legacy) return 'of the previous system';
  if (view.unwatched) return 'no watcher is running';
  const failed = agents.filter((agent) => agent.status === 'failed' && agent.reason !== 'stopped');
  if (failed.length) return `${failed[0].role}: ${view.agents?.[failed[0].role]?.why || 'failed'}`;
  const running = agents.filter((agent) => agent.status === 'running');
  if (running.length) {
    const longest = Math.max(...running.map((agent) => quietMs(agent, view.agents?.[agent.role], now)));
    const names = running.length > 3 ? plural(running.length, 'agent') : running.map((agent) => agent.role).join(', ');
    return longest > QUIET_MS ? `${names} · quiet ${span(longest)}` : names;
  }
  return counted(convoy.merge?.counts);
}
