// Everything that can be gone to or done, found by a few letters.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, attemptsAddress, go } from './route.js';
import { get } from './store.js';
import { ordered } from './list.js';
import { Dialog } from './ui.js';

/** Shown at once. */
const SHOWN = 12;

const VIEWS = [
  ['wall', 'Wall', 'w'],
  ['findings', 'Findings', 'i'],
  ['report', 'Report', 'r'],
  ['log', 'Log of all agents', 'l'],
  ['events', 'Events', 'e'],
  ['plan', 'Plan', 'p'],
];

/** `[name, what it does, its key]` */
function commands(route, tell) {
  const all = [];
  if (route.page === 'convoy') {
    const base = `/c/${route.id}`;
    for (const [view, name, key] of VIEWS) all.push([name, () => go(`${base}/${view}`), key]);
    for (const role of rolesHere()) {
      all.push([`Agent ${role}`, () => go(agentAddress(route.id, role))]);
      all.push([`Prompt and attempts of ${role}`, () => go(attemptsAddress(route.id, role))]);
    }
    all.push(['Compare with another run', () => go(`${base}/compare`)]);
    all.push(['Stop this convoy', () => tell('stop'), 'x']);
    all.push(['Start again, with edits', () => go(`/start?again=${route.id}`)]);
  }
  all.push(['Overview', () => go('/')], ['Start a convoy', () => go('/start'), 's']);
  all.push(['What failed', () => go('/?status=failed')], ['What runs', () => go('/?status=running')]);
  for (const { id, template, dashboard } of ordered(get().convoys))
    all.push([`Convoy ${template || ''} ${dashboard.short}`, () => go(`/c/${id}`)]);
  return all;
}

const rolesHere = () =>
  [...document.querySelectorAll('.tabs .agents [data-role]')].map((one) => one.getAttribute('data-role'));

/** Its words, in any order, the beginnings of words first. */
function found(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (name) => words.filter((word) => name.split(/[\s-]+/).some((part) => part.startsWith(word))).length;
  return all
    .map((command) => [command, command[0].toLowerCase()])
    .filter(([, name]) => words.every((word) => name.includes(word)))
    .sort(([, a], [, b]) => rank(b) - rank(a))
    .map(([command]) => command);
}

export function Palette({ route, tell, onClose }) {
  const [all] = useState(() => commands(route, tell));
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const some = found(all, text).slice(0, SHOWN);
  const chosen = Math.min(at, some.length - 1);
  const run = (command) => {
    onClose();
    command?.[1]();
  };
  const press = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) setAt((chosen + by + some.length) % Math.max(1, some.length));
    else if (event.key === 'Enter') run(some[chosen]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title="Go to, or do" onClose=${onClose}>
    <input class="palette" role="combobox" aria-expanded="true" aria-controls="commands" aria-activedescendant=${some.length ? `command-${chosen}` : undefined} aria-label="Command" autofocus autocomplete="off" spellcheck="false"
      value=${text} onInput=${(event) => {
        setText(event.target.value);
        setAt(0);
      }} onKeyDown=${press}/>
    <ul id="commands" role="listbox" aria-label="Commands">${some.map((command, n) => html`<li id=${`command-${n}`} key=${command[0]} role="option" aria-selected=${n === chosen} onClick=${() => run(command)}><span>${command[0]}</span>${command[2] && html`<kbd>${command[2]}</kbd>`}</li>`)}</ul>
    ${!some.length && html`<p class="empty" role="status">Nothing is called that.</p>`}<//>`;
}
