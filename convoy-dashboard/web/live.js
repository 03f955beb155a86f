// Connections that come back by themselves: the list, and one convoy's stream.
import { get, set, say, toast, remembered } from './store.js';
import { ask, token, Problem } from './session.js';
import { convoyKind, look } from './format.js';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8000;
const ACK_EVERY = 64 << 10;

/** A WebSocket that is opened again, ever more patiently, and at once when the machine is back. */
class Line {
  /** @type {string} */ path;
  /** @type {((line: Line) => void) | undefined} */ open;
  /** @type {(data: string | ArrayBuffer) => void} */ message;
  /** @type {((code: number) => void) | undefined} */ down;
  constructor(path, { open, message, down }) {
    Object.assign(this, { path, open, message, down, pause: FIRST_PAUSE, closed: false });
    this.nudge = () => document.hidden || this.now();
    addEventListener('online', this.nudge);
    document.addEventListener('visibilitychange', this.nudge);
    this.connect();
  }

  connect() {
    if (this.closed || !token()) return;
    const socket = new WebSocket(`ws://${location.host}${this.path}`, ['convoy.v1', `bearer.${token()}`]);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onopen = () => {
      this.pause = FIRST_PAUSE;
      this.open?.(this);
    };
    socket.onmessage = ({ data }) => this.message(data);
    socket.onclose = ({ code }) => {
      if (this.socket !== socket || this.closed) return;
      this.socket = null;
      this.down?.(code);
      if (code === 4404) return;
      const pause = this.pause * (0.75 + Math.random() / 2);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
      this.until = Date.now() + pause;
      this.timer = setTimeout(() => this.connect(), pause);
    };
  }

  now() {
    if (this.socket || this.closed) return;
    clearTimeout(this.timer);
    this.connect();
  }

  send(value) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(value));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    removeEventListener('online', this.nudge);
    document.removeEventListener('visibilitychange', this.nudge);
    this.socket?.close();
  }
}

// ---- the list ----

let listLine = null;
/** Counts what the stream told; an answer knows nothing of what was told after it was asked for. */
let told = 0;
/** When each convoy was last told of, in that count. */
const toldOf = new Map();
/** Versions that an answer had before the stream told of them: what it tells until then is older. */
const answered = new Map();
/** The last question for the list: an answer to an earlier one is not taken any more. */
let asked = 0;

export function watchList() {
  listLine?.close();
  listLine = new Line('/api/stream', {
    open: () => {
      answered.clear();
      set({ offline: null, connected: true, asOf: Date.now() });
      loadList();
    },
    message: (data) => takeChange(JSON.parse(data)),
    down: () => {
      set({ connected: false });
      checkOffline();
    },
  });
}

export const reconnect = () => listLine?.now();

/** Is nobody there, or is it us who may not come in any more? */
async function checkOffline() {
  try {
    await ask('/api/version');
    set({ offline: null });
  } catch (error) {
    if (error instanceof Problem) return;
    const { offline } = get();
    set({ offline: { since: offline?.since ?? Date.now(), until: listLine?.until ?? Date.now() } });
  }
}

/** When a day, or one later, begins here. */
function startOf(day, later) {
  const [year, month, date] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

function query(after) {
  const { filter } = get();
  const words = new URLSearchParams({ limit: '100' });
  for (const key of ['status', 'template', 'project', 'q']) if (filter[key]) words.set(key, filter[key]);
  // Days are those of the clock of who looks; the last one is whole.
  if (filter.since) words.set('since', startOf(filter.since, 0));
  if (filter.until) words.set('until', startOf(filter.until, 1));
  if (after) words.set('after', after);
  return words;
}

const isFiltered = () => Object.values(get().filter).some(Boolean);

export async function loadList({ more = false } = {}) {
  const after = more ? get().next : '';
  const number = ++asked;
  const since = told;
  try {
    const page = await ask(`/api/convoys?${query(after)}`);
    if (number !== asked) return;
    const { convoys, isOld } = withAnswer(page.convoys, since, more);
    set({
      convoys,
      counts: page.counts,
      next: page.next,
      loaded: true,
      offline: null,
      asOf: Date.now(),
      listError: '',
    });
    // What was told meanwhile may not be in its counts.
    if (isOld) loadListSoon(1000);
  } catch (error) {
    if (number === asked && error instanceof Problem) set({ listError: error.message, loaded: true });
  }
}

/** Is one version of a convoy not older than another? Without a revision, which is later cannot be told. */
export const isAtLeast = (one, other) => (one.revision ?? -1) >= (other?.revision ?? -1);

/** The list with an answer that was asked for when the stream had told `since`. */
function withAnswer(rows, since, more) {
  const known = get().convoys;
  const later = new Set([...toldOf].filter(([, at]) => at > since).map(([id]) => id));
  const convoys = new Map(more ? known : []);
  for (const row of rows) {
    // Told of meanwhile: as gone, or in a version that the answer may not have.
    const told = later.has(row.id);
    const shown = told ? known.get(row.id) : undefined;
    if (told && !shown && !isFiltered()) continue;
    const isNewer = !shown || (row.revision !== undefined && isAtLeast(row, shown));
    if (isNewer && row.revision !== undefined) answered.set(row.id, row.revision);
    convoys.set(row.id, isNewer ? row : shown);
  }
  if (!isFiltered()) for (const id of later) if (known.has(id) && !convoys.has(id)) convoys.set(id, known.get(id));
  return { convoys, isOld: later.size > 0 };
}

let later = null;
export function loadListSoon(pause = 250) {
  clearTimeout(later);
  later = setTimeout(loadList, pause);
}

export function setFilter(patch) {
  const before = get().filter;
  const filter = { ...before, ...patch };
  if (Object.keys(filter).every((key) => filter[key] === before[key])) return;
  set({ filter });
  // Not for each letter.
  loadListSoon(filter.q === before.q ? 0 : 200);
}

/** What of the counts a convoy is in. */
const countedAs = ({ status, dashboard }) => [status, dashboard.unwatched && 'unwatched'].filter(Boolean);

function takeChange(change) {
  set({ asOf: Date.now() });
  const convoys = new Map(get().convoys);
  const id = change.convoy?.id ?? change.id;
  // Older, or a copy was put back: the dashboard knows.
  if (change.convoy?.revision < answered.get(id)) return loadListSoon(1000);
  if (change.t !== 'activity') answered.delete(id);
  if (id && change.t !== 'activity') toldOf.set(id, ++told);
  switch (change.t) {
    case 'convoy': {
      const { convoy } = change;
      const before = convoys.get(convoy.id);
      tellOf(before, convoy);
      if (isFiltered()) return loadListSoon();
      const counts = { ...get().counts };
      for (const name of before ? countedAs(before) : []) counts[name] = Math.max(0, (counts[name] || 0) - 1);
      for (const name of before ? countedAs(convoy) : []) counts[name] = (counts[name] || 0) + 1;
      convoys.set(convoy.id, convoy);
      set({ convoys, counts });
      // A new one, or one that was not loaded: only the dashboard can tell.
      if (!before) loadListSoon(1000);
      return undefined;
    }
    case 'gone':
      convoys.delete(change.id);
      set({ convoys });
      return loadListSoon();
    case 'activity': {
      const convoy = convoys.get(change.id);
      if (!convoy) return undefined;
      convoys.set(change.id, withActivity(convoy, change.agents));
      return set({ convoys });
    }
    case 'refresh':
      return loadList();
    default:
      return undefined;
  }
}

/** A convoy, and when its agents printed last. */
export function withActivity(convoy, printed) {
  const agents = { ...convoy.dashboard.agents };
  for (const [role, at] of Object.entries(printed)) {
    const before = agents[role]?.lastOutputAt;
    if (!before || new Date(before) < new Date(at)) agents[role] = { ...agents[role], lastOutputAt: at };
  }
  return { ...convoy, dashboard: { ...convoy.dashboard, agents } };
}

/** A convoy that ended is told to who wants to know, wherever they look. */
function tellOf(before, convoy) {
  if (before?.status !== 'running' || convoy.status === 'running') return;
  const word = look(convoyKind(convoy))[1].toLowerCase();
  const text = `${convoy.template} ${convoy.dashboard.short} ${word}`;
  say(text);
  if (remembered.get('notify', false) && globalThis.Notification?.permission === 'granted') {
    const note = new Notification(text, { tag: convoy.id });
    note.onclick = () => {
      window.focus();
      note.close();
    };
  } else {
    toast(text, convoy.status === 'completed' ? 'good' : 'info', convoy.id);
  }
}

// ---- one convoy ----

/** The stream of one convoy: its state, and the output of the agents that are looked at. */
export class ConvoyStream {
  /** By role. @type {Map<string, any>} */ feeds;
  /** As the server counts them. @type {string[]} */ roles;
  /** @type {number} */ subscriptions;
  /** @type {(state: any) => void} */ onState;
  /** @type {(printed: Record<string, string>) => void} */ onActivity;
  /** @type {(detail: string) => void} */ onTrouble;

  constructor(id, { state, activity, trouble, down, gone }) {
    Object.assign(this, { id, onState: state, onActivity: activity, onTrouble: trouble });
    Object.assign(this, { feeds: new Map(), roles: [], subscriptions: 0 });
    this.line = new Line(`/api/convoys/${id}/stream`, {
      open: () => {},
      message: (data) => (typeof data === 'string' ? this.takeText(JSON.parse(data)) : this.takeOutput(data)),
      down: (code) => (code === 4404 ? gone() : down()),
    });
  }

  /**
   * Begins to follow an agent. `sink` gets `output`, `gap`, `attempt`, `reset`.
   * @param {string} role
   * @param {any} sink
   * @param {{attempt?: number, from?: number}} [place]
   */
  follow(role, sink, { attempt, from } = {}) {
    const feed = { role, sink, attempt, cursor: from, acked: from ?? 0, done: from ?? 0 };
    this.feeds.set(role, feed);
    this.subscribe([feed]);
    return () => {
      if (this.feeds.get(role) !== feed) return;
      this.feeds.delete(role);
      const i = this.roles.indexOf(role);
      if (i >= 0) this.line.send({ t: 'unsub', agents: [i] });
    };
  }

  /** Agents that came into being meanwhile stand behind all others: who waits for them is told. */
  welcome(roles) {
    const late = new Set(roles.slice(this.roles.length));
    if (!this.roles.length || !late.size) return;
    this.roles = roles;
    this.subscribe([...this.feeds.values()].filter(({ role }) => late.has(role)));
  }

  subscribe(feeds) {
    const agents = feeds
      .map((feed) => Object.assign(feed, { n: ++this.subscriptions, started: false }))
      .map(({ role, attempt, cursor, n }) => ({ i: this.roles.indexOf(role), attempt, from: cursor, n }))
      .filter(({ i }) => i >= 0);
    if (agents.length) this.line.send({ t: 'sub', agents });
  }

  /** The feed of an agent, once the server began it: what comes before is on its way from an earlier one. */
  feedOf(i) {
    const feed = this.feeds.get(this.roles[i]);
    return feed?.started ? feed : undefined;
  }

  start({ i, n, attempt, from }) {
    const feed = this.feeds.get(this.roles[i]);
    if (feed?.n === n) Object.assign(feed, { started: true, attempt, cursor: from });
  }

  takeText(message) {
    const feed = this.feedOf(message.i);
    switch (message.t) {
      case 'hello':
        this.roles = message.agents.map(({ role }) => role);
        // Each log goes on where it was.
        this.subscribe([...this.feeds.values()]);
        break;
      case 'start':
        this.start(message);
        break;
      case 'state':
        this.welcome(message.state.agents.map(({ role }) => role));
        this.onState(message.state);
        break;
      case 'activity':
        this.onActivity(message.agents);
        break;
      case 'error':
        this.onTrouble(message.detail);
        break;
      case 'gap':
        if (!feed) break;
        Object.assign(feed, { attempt: message.attempt, cursor: message.to, acked: message.to, done: message.to });
        feed.sink.gap(message);
        break;
      case 'attempt':
      case 'reset':
        if (!feed) break;
        Object.assign(feed, { attempt: message.attempt ?? feed.attempt, cursor: 0, acked: 0, done: 0 });
        if (message.t === 'attempt') Object.assign(feed, { attempt: message.attempt });
        feed.sink[message.t](message);
        break;
      default:
    }
  }

  takeOutput(data) {
    const view = new DataView(data);
    const i = view.getUint16(1);
    const feed = this.feedOf(i);
    if (!feed || view.getUint8(0) !== 1) return;
    const attempt = view.getUint32(3);
    const from = Number(view.getBigUint64(7));
    const output = new Uint8Array(data, 15);
    // What was taken before the connection broke is not taken twice.
    if (from !== feed.cursor || attempt !== feed.attempt) return;
    feed.cursor = from + output.length;
    const upto = feed.cursor;
    // The terminal sets the pace: what it has drawn is acknowledged.
    feed.sink.output(output, from, () => {
      feed.done = Math.max(feed.done, upto);
      if (feed.attempt === attempt && (feed.done - feed.acked >= ACK_EVERY || feed.done === feed.cursor)) {
        feed.acked = feed.done;
        this.line.send({ t: 'ack', i, upto: feed.acked });
      }
    });
  }

  close() {
    this.line.close();
  }
}
