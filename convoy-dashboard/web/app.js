// The page: its frame, its keys, and the states in which there is nothing to show.
import { h, render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { go, link, useRoute } from './route.js';
import { enter, trade, useToken } from './session.js';
import { dismiss, remembered, toast, useNow, useStore } from './store.js';
import { reconnect, watchList } from './live.js';
import { clock, money, plural } from './format.js';
import { Boundary, Copy, Dialog, useRoving } from './ui.js';
import { List } from './list.js';
import { Overview } from './overview.js';
import { useFilterOf } from './filters.js';
import { Convoy } from './convoy.js';
import { Start } from './start.js';
import { EDITORS } from './finding.js';
import { Palette } from './palette.js';

// The terminal makes style elements of its own; the policy of this answer wants
// its nonce on them.
const nonce = document.querySelector('meta[name=nonce]').getAttribute('content');
const createElement = document.createElement.bind(document);
document.createElement = (name, ...rest) => {
  const element = createElement(name, ...rest);
  if (String(name).toLowerCase() === 'style') element.nonce = nonce;
  return element;
};

const THEMES = ['system', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  remembered.set('theme', theme);
  dispatchEvent(new Event('convoy-theme'));
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => dispatchEvent(new Event('convoy-theme')));

const KEYS = [
  ['j k', 'next and previous convoy, or finding'],
  ['m', 'choose a finding'],
  ['a d o', 'accept, dismiss, reopen what is chosen'],
  ['Enter', 'open it'],
  ['1 … 9', 'agent'],
  ['f', 'follow the output'],
  ['/', 'search or filter'],
  ['w', 'wall'],
  ['i', 'findings'],
  ['r', 'report'],
  ['l', 'log of all agents'],
  ['e', 'events'],
  ['p', 'plan'],
  ['x', 'stop'],
  ['s', 'start'],
  ['Ctrl k', 'go to anything'],
  ['?', 'these keys'],
  ['Esc', 'close'],
];

function useKeys(route, setHelp, setPalette) {
  const latest = useRef();
  latest.current = route;
  useLayoutEffect(() => {
    const press = (event) => {
      const { target, key } = event;
      if (
        key === 'k' &&
        (event.ctrlKey || event.metaKey) &&
        !event.altKey &&
        !event.shiftKey &&
        !target.closest('dialog')
      ) {
        event.preventDefault();
        setPalette(true);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || !remembered.get('keys', true)) return;
      if (
        target.closest('input:not([type=checkbox]):not([type=radio]), select, textarea, dialog') &&
        !target.closest('.xterm')
      )
        return;
      if (act(key, latest.current, setHelp)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

const tell = (detail) => dispatchEvent(new CustomEvent('convoy-key', { detail }));

function act(key, route, setHelp) {
  const base = route.page === 'convoy' ? `/c/${route.id}` : null;
  const agents = [...document.querySelectorAll('.tabs .agents a')];
  const views = { w: 'wall', i: 'findings', r: 'report', l: 'log', e: 'events', p: 'plan' };
  if (key === '?') setHelp(true);
  else if (key === 's') go('/start');
  else if (key === 'j' || key === 'k') step(key === 'j' ? 1 : -1, route.id);
  else if (route.tab === 'findings' && FINDING_KEYS[key]) tell(FINDING_KEYS[key]);
  else if (key === '/') {
    if (document.querySelector('.agent')) tell('search');
    else searchField()?.focus();
  } else if (base && key === 'f') tell('follow');
  else if (base && key === 'x') tell('stop');
  else if (base && views[key]) go(`${base}/${views[key]}`);
  else if (base && /^[1-9]$/.test(key) && agents[key - 1]) go(agents[key - 1].getAttribute('href'));
  else return false;
  return true;
}

/** Of the view, else of the list.
 * @returns {HTMLElement | null} */
const searchField = () =>
  document.querySelector('.findings input[type=search], .log input[type=search]') ?? document.getElementById('filter');

const FINDING_KEYS = { m: 'mark', a: 'accept', d: 'dismiss', o: 'reopen' };

/** Moves in the findings, else in the list: the focus follows, and with it what Enter opens. */
function step(by, id) {
  /** @type {(selector: string) => HTMLElement[]} */
  const all = (selector) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))];
  const findings = all('.finding > details > summary').filter((one) => one.checkVisibility());
  const rows = findings.length ? findings : all('.list a.row');
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const from = at >= 0 ? at : rows.findIndex((row) => row.getAttribute('href') === `/c/${id}`);
  rows[Math.min(rows.length - 1, Math.max(0, from + by))]?.focus();
}

function App() {
  const auth = useStore((state) => state.auth);
  const route = useRoute();
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  useKeys(route, setHelp, setPalette);
  useFilterOf(route);
  useEffect(() => {
    if (auth === 'in') watchList();
  }, [auth]);
  if (auth === 'unknown') return null;
  return html`<a class="skip" href="#main">Skip to the content</a>
    <${Bar} onHelp=${() => setHelp(true)} onPalette=${() => setPalette(true)}/>
    <${Offline}/>
    <div class=${`page ${route.page}`}>
      ${auth === 'in' && html`<${Boundary} what="The list"><${List} route=${route}/><//>`}
      ${auth === 'in' && html`<${Boundary} key=${`${route.page}/${route.id}`} what="This page"><${Main} route=${route}/><//>`}
    </div>
    ${auth === 'lost' && html`<${Lost}/>`}
    ${palette && auth === 'in' && html`<${Palette} route=${route} tell=${tell} onClose=${() => setPalette(false)}/>`}
    ${help && html`<${Help} onClose=${() => setHelp(false)}/>`}
    <${Toasts}/>`;
}

function Main({ route }) {
  switch (route.page) {
    case 'convoy':
      return html`<${Convoy} route=${route}/>`;
    case 'start':
      return html`<${Start} key=${route.query.get('again')} query=${route.query}/>`;
    case 'list':
      return html`<${Overview}/>`;
    default:
      return html`<main id="main"><h1>Nothing is here</h1><p>There is no page <code>${location.pathname}</code>.</p>
        <p><a class="button" ...${link('/')}>All convoys</a></p></main>`;
  }
}

function Bar({ onHelp, onPalette }) {
  const { counts, offline, convoys } = useStore((state) => state);
  const [theme, setShown] = useState(remembered.get('theme', 'system'));
  const cost = [...convoys.values()]
    .filter(({ startedAt }) => new Date(startedAt).toDateString() === new Date().toDateString())
    .reduce((sum, { dashboard }) => sum + (dashboard?.costUsd || 0), 0);
  const settings = useRoving('button');
  const unwatched = counts.unwatched || 0;
  const running = Math.max(0, (counts.running || 0) - unwatched);
  useEffect(() => {
    document.title = running ? `(${running}) convoy` : 'convoy';
  }, [running]);
  const turn = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    setTheme(next);
    setShown(next);
  };
  return html`<header class="top"><a class="brand" ...${link('/')}>convoy</a>
    <span class=${offline ? 'down' : 'up'}>${offline ? '○ offline' : '● live'}</span>
    <span class="dim totals">${plural(running, 'running', 'running')}${unwatched ? ` · ${unwatched} not watched` : ''}${counts.failed ? ` · ${counts.failed} failed` : ''}${cost ? ` · ${money(cost)} today` : ''}</span>
    <span class="grow"></span>
    <a class="button primary" ...${link('/start')}>+ Start</a>
    <span class="buttons" role="toolbar" aria-label="Settings" ref=${settings}><button type="button" onClick=${onPalette} aria-label="Go to, or do" title="Go to, or do (Ctrl-k)">⌕</button>
    <button type="button" onClick=${turn} aria-label=${`Colours: ${theme}`} title=${`Colours: ${theme}`}>◐</button>
    <button type="button" onClick=${onHelp} aria-label="Keys and settings" title="Keys and settings">?</button></span></header>`;
}

function Offline() {
  const { offline, asOf } = useStore((state) => state);
  const now = useNow(Boolean(offline));
  if (!offline) return null;
  const left = Math.max(0, offline.until - now);
  return html`<div class="offline" role="alert">The dashboard does not answer. What you see is as of ${clock(asOf)}. ${left > 0 ? `Trying again in ${Math.ceil(left / 1000)}s. ` : 'Trying again… '}
    <button type="button" onClick=${reconnect}>Try now</button> <span class="dim">If it was ended: <code>pan dashboard</code></span></div>`;
}

/** The dashboard is there, but this page may not come in (any more). */
function Lost() {
  const detail = useStore((state) => state.authDetail);
  const [failure, setFailure] = useState('');
  const submit = async (event) => {
    event.preventDefault();
    const given = String(new FormData(event.target).get('way')).trim();
    const ticket = given.match(/ticket=([0-9a-f]{64})/)?.[1];
    if (ticket) {
      if (!(await trade(ticket).catch(() => false)))
        setFailure('This address is not good (any more). Each is good once, for ten minutes.');
    } else if (/^[0-9a-f]{64}$/.test(given)) {
      useToken(given);
    } else {
      setFailure('This is neither an address with a ticket nor a token.');
    }
  };
  return html`<${Dialog} title="Sign in" onClose=${() => {}}>
    <p>${detail || 'The dashboard does not know this page: it was opened without a ticket, or the dashboard was restarted.'}</p>
    <p>In a terminal of the machine it runs on: <code>pan dashboard url</code> <${Copy} text="pan dashboard url" label="copy"/></p>
    <p>Open the address it prints, or paste it here:</p>
    <form onSubmit=${submit}><label class="field"><span class="hidden">Address or token</span><input name="way" type="password" autocomplete="off" required autofocus/></label><button class="primary">Sign in</button></form>
    ${failure && html`<p class="why" role="alert">${failure}</p>`}
  <//>`;
}

function Help({ onClose }) {
  const [keys, setKeys] = useState(remembered.get('keys', true));
  const [notify, setNotify] = useState(remembered.get('notify', false));
  const [reader, setReader] = useState(remembered.get('screenReader', false));
  const [editor, setEditor] = useState(remembered.get('editor', 'vscode'));
  const chooseEditor = ({ target }) => {
    remembered.set('editor', target.value);
    setEditor(target.value);
  };
  const turnKeys = () => {
    remembered.set('keys', !keys);
    setKeys(!keys);
  };
  const turnReader = () => {
    remembered.set('screenReader', !reader);
    setReader(!reader);
  };
  const turnNotify = async () => {
    const wanted = !notify && globalThis.Notification && (await Notification.requestPermission()) === 'granted';
    if (!notify && !wanted) toast('The browser does not let this page notify', 'error');
    remembered.set('notify', Boolean(wanted));
    setNotify(Boolean(wanted));
  };
  return html`<${Dialog} title="Keys and settings" onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, what]) => html`<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`)}</dl>
    <p><label><input type="checkbox" checked=${keys} onChange=${turnKeys}/> Keys of one letter</label></p>
    <p><label>Places are opened in <select value=${editor} onChange=${chooseEditor}><option value="none">nothing</option>${Object.entries(EDITORS).map(([key, name]) => html`<option key=${key} value=${key}>${name}</option>`)}</select></label></p>
    <p><label><input type="checkbox" checked=${notify} onChange=${turnNotify}/> Notify me when a convoy ends</label></p>
    <p><label><input type="checkbox" checked=${reader} onChange=${turnReader}/> Terminals for screen readers (for those opened from now on)</label></p>
    <div class="buttons"><button type="button" onClick=${onClose}>Close</button></div><//>`;
}

function Toasts() {
  const { toasts, said } = useStore((state) => state);
  return html`<section class="toasts" aria-label="Notices">${toasts.map(({ id, text, kind }) => html`<div key=${id} class=${`toast ${kind}`} role=${kind === 'error' ? 'alert' : undefined}><pre>${text}</pre><button type="button" aria-label="Dismiss" onClick=${() => dismiss(id)}>×</button></div>`)}</section>
    <div class="hidden" role="status" aria-live="polite">${said}</div>`;
}

setTheme(remembered.get('theme', 'system'));
enter()
  .catch(() => {})
  .finally(() => render(h(App), document.getElementById('app')));
