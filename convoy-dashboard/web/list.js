// The list of convoys: what needs a person first.
import { useMemo, useState } from 'preact/hooks';
import { html } from './html.js';
import { link } from './route.js';
import { useNow, useStore, remembered } from './store.js';
import { loadList } from './live.js';
import { Filters } from './filters.js';
import { canGo, Remove } from './remove.js';
import { isLost } from './elsewhere.js';
import {
  agentKind,
  ago,
  convoyKind,
  counted,
  elapsed,
  money,
  parkedUntil,
  placeWords,
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
/** More agents than this are not drawn one by one. */
const CELLS = 24;
/** Once looked at, a failure of the past needs no more attention. */
const isSeen = (convoy) => convoy.completedAt && remembered.get('seen', {})[convoy.id] === convoy.completedAt;

export function markSeen(convoy) {
  if (!convoy.completedAt) return;
  const seen = Object.entries({ ...remembered.get('seen', {}), [convoy.id]: convoy.completedAt });
  remembered.set('seen', Object.fromEntries(seen.slice(-500)));
}

/** By what happened alone, never by the clock: a row moves only when its convoy changes. */
export function groupOf(convoy) {
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

export function List({ route }) {
  const convoys = useStore((state) => state.convoys);
  const { next, loaded, filter, listError } = useStore((state) => state);
  const running = [...convoys.values()].some((convoy) => convoy.status === 'running');
  const now = useNow(running);
  const sorted = useMemo(() => ordered(convoys), [convoys]);
  const rows = useRoving('a.row, .more');
  const choice = useChoice(sorted);
  const filtered = Object.values(filter).some(Boolean);
  return html`<nav class="list" aria-label="Convoys" ref=${rows}>
    <${Filters} route=${route} more=${sorted.length > 0 && !choice.on && html`<button type="button" class="linkish" onClick=${() => choice.setOn(true)}>Choose some to delete</button>`}/>
    ${choice.on && html`<${Choosing} choice=${choice}/>`}
    ${listError && html`<${Failure} text=${listError} onRetry=${() => loadList()}/>`}
    ${!loaded && html`<${Waiting} what="Reading the list…"/>`}
    ${loaded && !sorted.length && !listError && (filtered ? html`<p class="empty">No convoy is like that.</p>` : html`<p class="empty">No convoys yet.</p>`)}
    ${GROUPS.map(([name, title]) => {
      const some = sorted.filter((convoy) => groupOf(convoy) === name);
      return (
        some.length > 0 &&
        html`<section key=${name}><h2>${title} <span class="count">${some.length}</span></h2>
        <ul>${some.map(
          (
            convoy,
          ) => html`<li key=${convoy.id}>${choice.on && html`<input type="checkbox" disabled=${!canGo(convoy)} checked=${choice.ids.has(convoy.id)} onChange=${() => choice.turn(convoy.id)} aria-label=${`Select ${convoy.id}`}/>`}
          <${Boundary} short what=${convoy.id}><${Row} convoy=${convoy} now=${now} current=${convoy.id === route.id}/><//></li>`,
        )}</ul></section>`
      );
    })}
    ${next && html`<button type="button" class="more" onClick=${() => loadList({ more: true })}>Older…</button>`}
  </nav>`;
}

/** Which convoys are chosen, to be deleted. */
function useChoice(sorted) {
  const [on, setOn] = useState(false);
  const [ids, setIds] = useState(() => new Set());
  const able = sorted.filter(canGo);
  const turn = (id) =>
    setIds((ids) => {
      const next = new Set(ids);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return { on, setOn, ids, setIds, turn, able, chosen: able.filter(({ id }) => ids.has(id)) };
}

function Choosing({ choice: { setOn, setIds, able, chosen } }) {
  const [asked, setAsked] = useState(null);
  const end = () => {
    setOn(false);
    setIds(new Set());
  };
  const all = chosen.length === able.length && able.length > 0;
  return html`<div class="choosing bar" role="group" aria-label="Chosen convoys">
    <button type="button" disabled=${!able.length} onClick=${() => setIds(new Set(all ? [] : able.map(({ id }) => id)))}>${all ? 'None' : `All ${able.length} shown that have ended`}</button>
    <button type="button" class="danger" disabled=${!chosen.length} onClick=${() => setAsked(chosen)}>Delete ${chosen.length || ''}…</button>
    <button type="button" onClick=${end}>Cancel</button>
    ${
      asked &&
      html`<${Remove} convoys=${asked} onDone=${() => loadList()} onClose=${() => {
        setAsked(null);
        setIds(new Set());
      }}/>`
    }</div>`;
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
      html`<span class="second"><${Cells} kinds=${agents.map((agent) => agentKind(agent, view.agents?.[agent.role], now))}/>
      <span class="dim">${done}/${agents.length} done${convoy.context?.projectPath ? html` · ${shortPath(convoy.context.projectPath)}` : ''}${view.costUsd ? html` · ${money(view.costUsd)}` : ''}</span></span>`
    }
    <span class="news">${news(convoy, now)}</span>
  </a>`;
}

/** How its agents are: a cell for each, or for all of a kind where there are many. */
function Cells({ kinds }) {
  const many = kinds.length > CELLS;
  const some = many ? [...new Set(kinds)] : kinds;
  const part = (kind) => (many ? `flex:${kinds.filter((one) => one === kind).length} 1 var(--space-2)` : undefined);
  return html`<span class="cells" aria-hidden="true">${some.map((kind) => html`<i class=${`fill ${kind}`} style=${part(kind)}></i>`)}</span>`;
}

/** What is worth saying of a convoy in one line. */
export function news(convoy, now) {
  const { dashboard: view, agents } = convoy;
  if (view.unusable) return view.unusable;
  if (view.legacy) return 'of the previous system';
  if (view.unwatched) return 'no watcher is running: no new agent is started';
  const lost = agents.find(isLost(convoy));
  if (lost) return `${lost.role}: ${placeWords(view.agents[lost.role].place)}; its task may still run`;
  const failed = agents.filter((agent) => agent.status === 'failed' && agent.reason !== 'stopped');
  if (failed.length) return `${failed[0].role}: ${view.agents?.[failed[0].role]?.why || 'failed'}`;
  const running = agents.filter((agent) => agent.status === 'running');
  if (running.length) {
    const quiet = running.filter((agent) => quietMs(agent, view.agents?.[agent.role], now) > QUIET_MS);
    const longest = Math.max(...quiet.map((agent) => quietMs(agent, view.agents?.[agent.role], now)));
    const mark = quiet.length
      ? html` · <span class="mark">◔ ${named(quiet)} quiet for ${span(Math.floor(longest / 1000) * 1000)}</span>`
      : '';
    const queued = running.filter(({ role }) => view.agents?.[role]?.place?.is === 'pending');
    const queue = queued.length ? ` · ${named(queued)} ${placeWords(view.agents[queued[0].role].place)}` : '';
    return html`${named(running)}${queue}${mark}`;
  }
  const parked = agents.find((agent) => parkedUntil(agent, now));
  if (parked) return `${parked.role}: rate limited ${parkedUntil(parked, now)}`;
  return counted(convoy.merge?.counts);
}

/** A few by name, many by number. */
const named = (agents) =>
  agents.length > 3 ? plural(agents.length, 'agent') : agents.map((agent) => agent.role).join(', ');
