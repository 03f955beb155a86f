// A terminal as it is drawn: of the size its agent's is, as large as its box allows,
// with the newest row in sight for as long as it is followed.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Terminal } from '@xterm/xterm';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import { remembered } from './store.js';

const SCROLLBACK = 20_000;
/** Lines of the end as text, at most. */
export const TEXT_LINES = 2_000;
/** A place in the log is noted this often, in bytes: each line that is lost moves all marks. */
const NOTED = 128 << 10;
// Titles, directories, links, notifications, colours, the clipboard: what an
// agent prints changes nothing outside of its own picture.
const SWALLOWED = [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 52, 104, 110, 111, 112, 133, 633, 777, 1337];

/**
 * Sizes of the type, in px. `least` where a part of a line may be out of sight; `screen` of
 * a program that draws on its whole screen; `tile` where a whole line must have room.
 */
const TYPE = { most: 13, small: 11, least: 8, screen: 4, tile: 1, step: 0.25 };
/** So long a scrolling goes on by itself. */
const GLIDE_MS = 1500;
/** Sizes are read again after so long, of one of many tiles later: reading one has the page laid out. */
const STALE_MS = { one: 1000, tile: 10_000 };
/** The bar by which one scrolls lies over the last columns. */
const BAR = 14;

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
const isDark = () => {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};

/** `history`: lines that are kept above the screen. */
function create({ small = false, history = SCROLLBACK } = {}) {
  const term = new Terminal({
    disableStdin: true,
    convertEol: true,
    scrollback: history,
    allowProposedApi: true,
    cursorInactiveStyle: 'none',
    fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
    fontSize: small ? TYPE.small : TYPE.most,
    minimumContrastRatio: 4.5,
    theme: THEMES[isDark() ? 'dark' : 'light'],
    linkHandler: { activate: () => {} },
    screenReaderMode: !small && remembered.get('screenReader', false),
  });
  for (const code of SWALLOWED) term.parser.registerOscHandler(code, () => true);
  // Wide and joined characters take the cells that programs count for them.
  term.loadAddon(new UnicodeGraphemesAddon());
  return term;
}

/** The rows of the screen as text. */
function rowsOf(term) {
  const { active } = term.buffer;
  return Array.from({ length: term.rows }, (_, y) => active.getLine(active.baseY + y)?.translateToString(true) ?? '');
}

/**
 * Fits a terminal whose size is its agent's into its box. The width of what was
 * written sets the size of the type; where not all rows have room, the box shows those
 * down to the last one that is written in.
 */
class Fitting {
  /** An xterm. @type {any} */ term;
  /** @type {HTMLElement} */ box;
  /** @type {boolean} */ small;
  /** Text of the rows. @type {string[]} */ rows;
  /** @type {number} */ newest;
  /** @type {number} */ cols;
  /** @type {'normal' | 'alternate'} */ kind;
  /** @type {boolean} */ isFixed;
  /** In px. @type {{at: number, row: number, above: number, view: number} | null} */ sizes;

  constructor(term, box, small) {
    const empty = { rows: [], newest: 0, cols: 0, kind: 'normal', isFixed: false, sizes: null };
    Object.assign(this, { term, box, small, ...empty });
  }

  /** Reads the height of a row, what is above the first one, and what the box shows. */
  measure() {
    const { term, box } = this;
    const screen = term.element?.querySelector('.xterm-screen');
    if (!screen) return null;
    const { top: begin, height } = screen.getBoundingClientRect();
    const above = begin - box.getBoundingClientRect().top - box.clientTop + box.scrollTop;
    this.sizes = { at: performance.now(), row: height / term.rows, above, view: box.clientHeight };
    return this.sizes;
  }

  /** May the sizes be other ones by now? */
  isStale() {
    return !this.sizes || performance.now() - this.sizes.at > STALE_MS[this.small ? 'tile' : 'one'];
  }

  /** Chooses the size of the type. */
  scale() {
    const { term, box, small } = this;
    const [width, height] = [box.clientWidth - (small ? 8 : BAR), box.clientHeight];
    const screen = term.element?.querySelector('.xterm-screen');
    if (width <= 0 || height <= 0 || !screen) return;
    const size = () => screen.getBoundingClientRect();
    const cols = Math.min(term.cols, Math.max(this.cols, 20));
    const at = term.options.fontSize;
    const byWidth = (at * width * term.cols) / (size().width * cols);
    const byHeight = (at * height) / size().height;
    // What draws anywhere on its screen is seen whole, if small.
    const isScreen = term.buffer.active.type === 'alternate';
    const wanted = isScreen ? Math.min(byWidth, byHeight) : Math.min(byWidth, Math.max(byHeight, TYPE.small));
    const least = small ? TYPE.tile : isScreen ? TYPE.screen : TYPE.least;
    const rounded = Math.floor(wanted / TYPE.step) * TYPE.step;
    const chosen = Math.max(least, Math.min(rounded, small ? TYPE.small : TYPE.most));
    if (chosen !== at) term.options.fontSize = chosen;
    // A cell's height is a whole number of pixels: rows may need a little more than they should.
    while (isScreen && size().height > height && term.options.fontSize > least) term.options.fontSize -= TYPE.step;
    this.sizes = null;
  }

  /** Where the box is scrolled to when the newest row is in sight. */
  end() {
    const sizes = this.isStale() ? this.measure() : this.sizes;
    if (!sizes) return 0;
    const { row, above, view } = sizes;
    const last = this.rows.findLastIndex(Boolean);
    const bottom = (y) => Math.max(0, Math.ceil((y + 1) * row + above - view));
    if (this.kind === 'normal') return bottom(last < 0 ? this.term.buffer.active.cursorY : last);
    // On a screen that is drawn anew, where something changed.
    const top = Math.floor(this.newest * row + above);
    return Math.min(Math.max(this.box.scrollTop, bottom(this.newest)), top);
  }

  /** Something was written: wider lines, another kind of screen. */
  note() {
    const before = this.rows;
    this.rows = rowsOf(this.term);
    const changed = this.rows.findLastIndex((row, y) => row && row !== before[y]);
    if (changed >= 0) this.newest = changed;
    const cols = Math.max(0, ...this.rows.map((row) => row.length));
    const kind = this.term.buffer.active.type;
    if (cols <= this.cols && kind === this.kind) return;
    // In steps: else every longer line would be another size.
    this.cols = Math.max(this.cols, Math.ceil(cols / 10) * 10);
    this.kind = kind;
    if (this.isFixed) this.scale();
  }
}

/**
 * An xterm in a box: `{box, api, view}`; `api` is for the buttons around it. Its size
 * is `cols` × `rows`, or what the box holds.
 * @param {{label: string, cols?: number, rows?: number, small?: boolean, history?: number}} options
 */
export function useScreen({ label, cols, rows, small = false, history }) {
  const box = useRef();
  const [api, setApi] = useState(null);
  const [view, setView] = useState({ following: true, fresh: 0 });
  useEffect(() => {
    const term = create({ small, history });
    const place = box.current;
    const [fit, search] = [new FitAddon(), new SearchAddon()];
    term.loadAddon(fit);
    term.loadAddon(search);
    term.open(place);
    // Keys go to the page: there is nothing here to type into.
    term.attachCustomKeyEventHandler(() => false);
    term.textarea?.setAttribute('aria-label', `${label}, read only`);
    term.textarea?.setAttribute('tabindex', '-1');
    const fitting = new Fitting(term, place, small);
    let own = {};
    let following = true;
    let left = 0;
    const show = () => {
      const { baseY } = term.buffer.active;
      if (following) left = baseY;
      const fresh = following ? 0 : Math.max(0, baseY - left);
      setView((view) => (following === view.following && fresh === view.fresh ? view : { following, fresh }));
    };
    const isAtEnd = () => {
      fitting.sizes = null;
      const { viewportY, baseY } = term.buffer.active;
      return viewportY >= baseY && place.scrollTop >= fitting.end() - 2;
    };
    let scrolledTo = -1;
    const toEnd = () => {
      const isSure = !fitting.isStale();
      const end = fitting.end();
      // Where it is already: setting it would have the page laid out.
      if (isSure && end === scrolledTo) return;
      scrolledTo = end;
      place.scrollTop = end;
    };
    const resize = () => {
      if (fitting.isFixed) {
        term.resize(own.cols, own.rows);
        fitting.scale();
      } else {
        fit.fit();
      }
    };
    const size = () => {
      if (!place.offsetParent) return;
      fitting.sizes = null;
      const { viewportY, baseY, cursorY } = term.buffer.active;
      const first = following ? null : term.registerMarker(viewportY - baseY - cursorY);
      resize();
      // More or fewer rows move what is in sight: the first line that is read stays the first.
      // xterm moves its bar by the difference, and a resize has moved the lines only: the
      // first call brings both together.
      for (let call = 0; call < 2 && first && !first.isDisposed; call++) term.scrollToLine(first.line);
      first?.dispose();
      fitting.sizes = null;
      if (following) toEnd();
    };
    const watcher = new ResizeObserver(() => requestAnimationFrame(size));
    watcher.observe(place);
    // A person scrolls, and what a finger began may go on for a while; what is written
    // and what changes its size does not change whether it is followed.
    let touched = 0;
    const scrolled = ({ type }) =>
      requestAnimationFrame(() => {
        if (type !== 'scroll') touched = performance.now();
        else if (performance.now() - touched > GLIDE_MS) return;
        following = isAtEnd();
        show();
      });
    // However often something is written, once for each frame.
    let frame = 0;
    const written = () => {
      frame = 0;
      // A search that found something leads away from the end.
      if (following && term.buffer.active.viewportY < term.buffer.active.baseY) following = false;
      fitting.note();
      if (following) toEnd();
      show();
    };
    term.onWriteParsed(() => {
      frame ||= requestAnimationFrame(written);
    });
    for (const event of ['wheel', 'touchmove', 'scroll', 'pointerup'])
      place.addEventListener(event, scrolled, { passive: true });
    const theme = () => (term.options.theme = THEMES[isDark() ? 'dark' : 'light']);
    addEventListener('convoy-theme', theme);
    const places = [];
    const handle = {
      term,
      search,
      setSize: (cols, rows) => {
        own = { cols, rows };
        fitting.isFixed = Boolean(cols && rows);
        size();
      },
      follow: () => {
        term.scrollToBottom();
        following = true;
        fitting.sizes = null;
        toEnd();
        show();
      },
      page: (pages) => {
        term.scrollPages(pages);
        following = isAtEnd();
        show();
      },
      /** Leads to a line, which is then the first in sight. */
      show: (line) => {
        term.scrollToLine(line);
        const row = term.element.querySelector('.xterm-screen').offsetHeight / term.rows;
        place.scrollTop = Math.max(0, line - term.buffer.active.viewportY) * row;
        following = false;
        show();
      },
      /** Notes where in the log the row is that is written now. */
      note: (offset) => {
        if (places.length && offset - places.at(-1).offset < NOTED) return;
        const marker = term.registerMarker(0);
        if (!marker) return;
        // Those of lines that are no longer kept lead nowhere.
        places.splice(
          0,
          Math.max(
            0,
            places.findIndex(({ marker }) => !marker.isDisposed),
          ),
        );
        places.push({ marker, offset });
      },
      forget: () => places.splice(0),
      /** `{offset, lines}`: the row looked at is that many lines behind this place in the log. */
      place: () => {
        const { active } = term.buffer;
        const rowHeight = term.element.querySelector('.xterm-screen').offsetHeight / term.rows;
        const row = term.getSelectionPosition()?.start.y ?? active.viewportY + Math.round(place.scrollTop / rowHeight);
        const known = places.findLast(({ marker }) => !marker.isDisposed && marker.line <= row);
        if (!known) return null;
        let lines = 0;
        for (let y = known.marker.line + 1; y <= row; y++) if (!active.getLine(y)?.isWrapped) lines++;
        return { offset: known.offset, lines };
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
    place.terminal = term;
    return () => {
      watcher.disconnect();
      cancelAnimationFrame(frame);
      removeEventListener('convoy-theme', theme);
      for (const event of ['wheel', 'touchmove', 'scroll', 'pointerup']) place.removeEventListener(event, scrolled);
      term.dispose();
    };
  }, [small, history]);
  useEffect(() => api?.setSize(cols, rows), [api, cols, rows]);
  return { box, api, view };
}
