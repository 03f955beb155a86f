// Which convoys the list shows: in the address of the overview, and kept while one is looked at.
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { go, read } from './route.js';
import { ask } from './session.js';
import { useStore } from './store.js';
import { loadListSoon, setFilter } from './live.js';
import { plural, shortPath } from './format.js';
import { useRoving } from './ui.js';

const STATUSES = [
  ['', 'All', 'all'],
  ['running', 'Running', 'running'],
  ['failed', 'Failed', 'failed'],
  ['partial', 'Partial', 'partial'],
  ['completed', 'Completed', 'completed'],
];
export const KEYS = ['status', 'template', 'project', 'since', 'until', 'q'];

/** What an address asks for; what is no day is none. */
export function filterOf(query) {
  const filter = Object.fromEntries(KEYS.map((key) => [key, query.get(key) ?? '']));
  for (const key of ['since', 'until']) if (Number.isNaN(Date.parse(`${filter[key]}T00:00:00`))) filter[key] = '';
  if (!STATUSES.some(([status]) => status === filter.status)) filter.status = '';
  return filter;
}

function addressOf(filter) {
  const words = new URLSearchParams(KEYS.filter((key) => filter[key]).map((key) => [key, filter[key]]));
  return `/${words.size ? `?${words}` : ''}`;
}

/** The list follows the address of the overview. */
export function useFilterOf(route) {
  const words = route.query.toString();
  useEffect(() => {
    if (route.page === 'list') setFilter(filterOf(route.query));
  }, [route.page, words]);
}

/** `more`: what can be done with those that are shown. */
export function Filters({ route, more }) {
  const { counts, filter: kept } = useStore((state) => state);
  // The store follows the address only after a paint: until then what was asked for is told by the address.
  const filter = route.page === 'list' ? filterOf(route.query) : kept;
  const [opened, setOpened] = useState(false);
  const group = useRoving('.chips button, .more-filters > summary');
  const change = (patch) => {
    if (route.page !== 'list') return setFilter(patch);
    go(addressOf({ ...filterOf(read(location).query), ...patch }), { replace: true });
  };
  const set = ['template', 'project', 'since', 'until'].filter((key) => filter[key]);
  return html`<div class="filters" ref=${group}>
    <label class="search"><span class="hidden">Filter convoys by id, project, agent, or the words of a failure</span>
      <input id="filter" type="search" placeholder="/ filter" value=${filter.q} onInput=${(event) => change({ q: event.target.value })}/></label>
    <div class="chips" role="toolbar" aria-label="Status">
      ${STATUSES.map(([status, word, count]) => html`<button type="button" key=${status} aria-pressed=${filter.status === status} onClick=${() => (status === filter.status ? loadListSoon(0) : change({ status }))}>${word}${counts[count] ? ` ${counts[count]}` : ''}</button>`)}
    </div>
    <details class="more-filters" onToggle=${({ target }) => setOpened(target.open)}><summary>${set.length ? `${plural(set.length, 'more filter')} set` : 'More'}</summary>
      ${opened && html`<${More} filter=${filter} change=${change}/>${more}`}</details>
  </div>`;
}

function More({ filter, change }) {
  const [known, setKnown] = useState({ templates: [], projects: [] });
  useEffect(() => {
    ask('/api/overview').then(setKnown, () => {});
  }, []);
  const choice = (label, key, names, shown) => {
    const all = [...new Set([filter[key], ...names.map(({ name }) => name)])].filter(Boolean);
    return html`<label>${label} <select value=${filter[key]} onChange=${(event) => change({ [key]: event.target.value })}><option value="">any</option>
      ${all.map((name) => html`<option key=${name} value=${name}>${shown(name)}</option>`)}</select></label>`;
  };
  const day = (label, key) =>
    html`<label>${label} <input type="date" value=${filter[key]} onChange=${(event) => change({ [key]: event.target.value })}/></label>`;
  return html`<div class="fields">${choice('Template', 'template', known.templates, (name) => name)}${choice('Project', 'project', known.projects, shortPath)}${day('From', 'since')}${day('To', 'until')}
    <button type="button" class="linkish" onClick=${() => change(Object.fromEntries(KEYS.map((key) => [key, ''])))}>show all</button></div>`;
}
