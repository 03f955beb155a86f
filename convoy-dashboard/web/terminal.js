// The live terminal of an agent: what it prints, as it prints it, read only.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Terminal } from '@xterm/xterm';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { html } from './html.js';
import { ask } from './session.js';
import { agentKind, bytes, plural, span, waitsFor } from './format.js';
import { Copy, Download, State } from './ui.js';
import { post } from './session.js';
import { remembered, toast } from './store.js';

const SCROLLBACK = 20_000;
const TEXT_LINES = 2_000;
// Titles, directories, links, notifications, colours, the clipboard: what an
// agent prints changes nothing outside of its own picture.
const SWALLOWED = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 133, 633, 777, 1337];

const THEMES = {
  light: {
    background: '#ffffff',
    foreground: '#1c2430',
    cursor: '#ffffff00',
    selectionBackground: '#b6d4f2',
    black: '#1c2430',
    red: '#b3261e',
    green: '#1c6b3c',
    yellow: '#7a5a00',
    blue: '#1f4e9e',
    magenta: '#8a2b8f',
    cyan: '#0b6374',
    white: '#5b6472',
    brightBlack: '#5b6472',
    brightRed: '#b3261e',
    brightGreen: '#1c6b3c',
    brightYellow: '#7a5a00',
    brightBlue: '#1f4e9e',
    brightMagenta: '#8a2b8f',
    brightCyan: '#0b6374',
    brightWhite: '#1c2430',
  },
  dark: { background: '#0d1117', foreground: '#d7dde6', cursor: '#0d111700', selectionBackground: '#2f4d74' },
};
const MARKS = {
  matchBackground: '#5b4a00',
  matchOverviewRuler: '#c09000',
  activeMatchBackground: '#a05a00',
  activeMatchColorOverviewRuler: '#ff9a3c',
};

export const isDark = () => {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};

function create(small) {
  const term = new Terminal({
    disableStdin: true,
    convertEol: true,
    scrollback: SCROLLBACK,
    allowProposedApi: true,
    cursorInactiveStyle: 'none',
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
    fontSize: small ? 11 : 13,
    minimumContrastRatio: 4.5,
    theme: THEMES[isDark() ? 'dark' : 'light'],
    linkHandler: { activate: () => {} },
    screenReaderMode: remembered.get('screenReader', false),
  });
  for (const code of SWALLOWED) term.parser.registerOscHandler(code, () => true);
  return term;
}

/** What is written into the terminal about the log itself. */
const notice = (text) => `\x1b[0m\r\n\x1b[7m ${text} \x1b[0m\r\n`;

/** An xterm that follows an agent; `api` is for the buttons around it. */
function useTerminal({ stream, agent, small, at }) {
  const box = useRef();
  const [api, setApi] = useState(null);
  const [view, setView] = useState({ following: true, fresh: 0, gap: 0 });
  useEffect(() => {
    const term = create(small);
    const [fit, search] = [new FitAddon(), new SearchAddon()];
    term.loadAddon(fit);
    term.loadAddon(search);
    term.open(box.current);
    // Keys go to the page: there is nothing here to type into.
    term.attachCustomKeyEventHandler(() => false);
    term.textarea?.setAttribute('aria-label', `Terminal of ${agent.role}, read only`);
    term.textarea?.setAttribute('tabindex', '-1');
    const size = () => {
      if (agent.cols && agent.rows) {
        term.resize(agent.cols, agent.rows);
      } else if (box.current?.offsetParent) {
        fit.fit();
      }
    };
    size();
    const watcher = new ResizeObserver(() => requestAnimationFrame(size));
    watcher.observe(box.current);
    let left = 0;
    const scrolled = () => {
      const { viewportY, baseY } = term.buffer.active;
      const following = viewportY >= baseY;
      if (following) left = baseY;
      setView((view) =>
        following === view.following && (following || view.fresh === baseY - left)
          ? view
          : { ...view, following, fresh: following ? 0 : baseY - left },
      );
    };
    term.onScroll(scrolled);
    term.onWriteParsed(scrolled);
    box.current.addEventListener('wheel', () => requestAnimationFrame(scrolled), { passive: true });
    const theme = () => (term.options.theme = THEMES[isDark() ? 'dark' : 'light']);
    addEventListener('convoy-theme', theme);
    const unfollow = stream?.follow(
      agent.role,
      {
        output: (data, done) => term.write(data, done),
        gap: ({ from, to }) => {
          if (from === 0 && !at) setView((view) => ({ ...view, gap: to }));
          else term.write(notice(`${bytes(to - from)} skipped: this page did not keep up; the whole log is under Raw`));
        },
        attempt: ({ attempt }) => term.write(notice(`attempt ${attempt}`)),
        reset: () => {
          term.reset();
          term.write(notice('the log started again'));
        },
      },
      at === undefined ? {} : { from: at },
    );
    const handle = {
      term,
      search,
      follow: () => {
        term.scrollToBottom();
        scrolled();
      },
      page: (pages) => {
        term.scrollPages(pages);
        scrolled();
      },
      text: () => {
        const buffer = term.buffer.active;
        const lines = [];
        for (let y = Math.max(0, buffer.length - TEXT_LINES); y < buffer.length; y++)
          lines.push(buffer.getLine(y)?.translateToString(true) ?? '');
        return lines.join('\n').trimEnd();
      },
    };
    setApi(handle);
    // For the tests and for who wants to know: nothing here is secret.
    box.current.terminal = term;
    return () => {
      unfollow?.();
      watcher.disconnect();
      removeEventListener('convoy-theme', theme);
      term.dispose();
    };
  }, [stream, agent.role, small]);
  return { box, api, view };
}

export function AgentTerminal({ stream, convoy, agent, now, at }) {
  const { box, api, view } = useTerminal({ stream, agent, at });
  const [text, setText] = useState(false);
  const [shown, setShown] = useState('');
  const status = convoy.dashboard.agents?.[agent.role] || {};
  const kind = agentKind(agent, status, now);
  const plan = convoy.dashboard.plan?.agents?.[agent.role];
  const { short } = convoy.dashboard;
  const root = useRef();
  useEffect(() => {
    const act = ({ detail }) => {
      if (detail === 'follow') api?.follow();
      if (detail === 'search') root.current?.querySelector('input[type=search]')?.focus();
    };
    addEventListener('convoy-key', act);
    return () => removeEventListener('convoy-key', act);
  }, [api]);
  useEffect(() => {
    if (text && api) setShown(api.text());
  }, [text, api, Math.floor(now / 2000)]);
  const log = `/api/convoys/${convoy.id}/logs/${agent.role}`;
  const retry = () =>
    post(`/api/convoys/${convoy.id}/retry`, { agent: agent.role }).then(
      ({ message }) => toast(message),
      (error) => toast(error.message, 'error'),
    );
  return html`<section class="agent" ref=${root} aria-label=${`Agent ${agent.role}`}>
    <header>
      <h2><${State} kind=${kind}/> ${agent.role}</h2>
      <p class="dim">${agent.subagent} · ${agent.runner}${agent.model ? ` ${agent.model}` : ''}${agent.attempt > 1 ? ` · attempt ${agent.attempt}` : ''}${agent.usage?.costUsd ? ` · $${agent.usage.costUsd.toFixed(2)}` : ''}${agent.usage ? ` · ${(agent.usage.inputTokens + agent.usage.outputTokens).toLocaleString()} tokens` : ''}${status.logBytes ? ` · log ${bytes(status.logBytes)}` : ''}${plan?.unconfined ? ' · runs unconfined' : ''}</p>
      ${status.why && html`<p class="why" role="note">${status.why}</p>`}
      ${kind === 'pending' && html`<p class="why">${waitsFor(agent, convoy).length ? `Waits for ${waitsFor(agent, convoy).join(', ')}` : 'Waits for its turn'}</p>`}
    </header>
    <div class="bar">
      <${Search} api=${api}/>
      <button type="button" aria-pressed=${view.following} onClick=${() => api?.follow()} title="f">Follow</button>
      <button type="button" aria-pressed=${text} onClick=${() => setText(!text)}>Text</button>
      <${Download} label="Raw" name=${`${short}-${agent.role}.log`} load=${() => ask(log, { as: 'blob' })}/>
      ${plan?.attach ? html`<${Copy} text=${`pan convoy attach ${short} ${agent.role}`} title=${plan.attach} label="attach"/>` : html`<${Copy} text=${`pan convoy logs -f ${short} ${agent.role}`} label="logs"/>`}
      ${agent.outputFile && html`<${Copy} text=${agent.outputFile} label="report path"/>`}
      ${convoy.status !== 'running' && agent.status === 'failed' && html`<button type="button" onClick=${retry}>Retry ${agent.role}</button>`}
    </div>
    ${view.gap > 0 && html`<p class="gap">${bytes(view.gap)} of output before this are not shown here; Raw has all of it.</p>`}
    <div class="screen">
      <div class="xterm-box" ref=${box} style=${text ? 'visibility:hidden' : ''} role="region" aria-label=${`Terminal of ${agent.role}`} tabindex="0"
        onKeyDown=${(event) => ({ PageUp: () => api?.page(-1), PageDown: () => api?.page(1), End: () => api?.follow(), Home: () => api?.page(-9999) })[event.key]?.()}></div>
      ${text && html`<pre class="text" tabindex="0" role="region" aria-label=${`Last ${TEXT_LINES} lines of ${agent.role} as text`}>${shown || 'Nothing was printed.'}</pre>`}
      ${!view.following && !text && html`<button type="button" class="pill" onClick=${() => api?.follow()}>⤓ ${view.fresh > 0 ? plural(view.fresh, 'new line') : 'to the end'}</button>`}
    </div>
  </section>`;
}

function Search({ api }) {
  const [found, setFound] = useState(null);
  const [wanted, setWanted] = useState('');
  useEffect(() => api?.search.onDidChangeResults(setFound)?.dispose, [api]);
  const find = (text, back = false) => {
    setWanted(text);
    if (!text) {
      api?.search.clearDecorations();
      return setFound(null);
    }
    return api?.search[back ? 'findPrevious' : 'findNext'](text, { decorations: MARKS, incremental: text !== wanted });
  };
  const count = found && wanted ? `${found.resultCount ? found.resultIndex + 1 : 0}/${found.resultCount}` : '';
  return html`<label class="search"><span class="hidden">Search in the output</span>
    <input type="search" placeholder="search" onInput=${(event) => find(event.target.value)}
      onKeyDown=${(event) => event.key === 'Enter' && find(event.target.value, event.shiftKey)}/></label>
    <span class="dim found" role="status">${count}</span>
    <button type="button" aria-label="Previous match" disabled=${!wanted} onClick=${() => find(wanted, true)}>↑</button>
    <button type="button" aria-label="Next match" disabled=${!wanted} onClick=${() => find(wanted)}>↓</button>`;
}

/** All agents that run, side by side. */
export function Wall({ stream, convoy, now }) {
  const live = convoy.agents.filter((agent) => agent.status === 'running');
  if (!live.length) return html`<p class="empty">No agent runs now.</p>`;
  return html`<section class="wall" aria-label="All running agents">${live.slice(0, 24).map((agent) => html`<${Tile} key=${agent.role} stream=${stream} convoy=${convoy} agent=${agent} now=${now}/>`)}</section>`;
}

function Tile({ stream, convoy, agent, now }) {
  const { box } = useTerminal({ stream, agent, small: true });
  const kind = agentKind(agent, convoy.dashboard.agents?.[agent.role], now);
  return html`<article><header><${State} kind=${kind} short/> <a href=${`/c/${convoy.id}/a/${agent.role}`}>${agent.role}</a> <span class="dim">${agent.startedAt ? span(now - new Date(agent.startedAt)) : ''}</span></header>
    <div class="xterm-box" ref=${box} role="region" aria-label=${`Terminal of ${agent.role}`} tabindex="0"></div></article>`;
}
