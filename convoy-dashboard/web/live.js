// Connections that come back by themselves: the list, and one convoy's stream.
import { get, set, say, toast, remembered } from './store.js';
import { ask, token, Problem } from './session.js';
import { convoyKind, look } from './format.js';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8000;
const ACK_EVERY = 64 << 10;

/** A WebSocket that is opened again, ever more patiently, and at once when the machine is back. */
class Line {
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
const etag = '';

export function watchList() {
  listLine?.close();
  listLine = new Line('/api/stream', {
    open: () => {
      set({ offline: null, asOf: Date.now() });
      loadList();
    },
    message: (data) => takeChange(JSON.parse(data)),
    down: checkOffline,
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

function query(after) {
  const { filter } = get();
  const words = new URLSearchParams({ limit: '100' });
  for (const key of ['group', 'status', 'q']) if (filter[key]) words.set(key, filter[key]);
  if (after) words.set('after', after);
  return words;
}

const isFiltered = () => Object.values(get().filter).some(Boolean);

export async function loadList({ more = false } = {}) {
  const after = more ? get().next : '';
  try {
    const page = await ask(`/api/convoys?${query(after)}`, after ? {} : { headers: { 'If-None-Match': etag } });
    if (!page) return;
    const convoys = new Map(more ? get().convoys : []);
    for (const convoy of page.convoys) convoys.set(convoy.id, convoy);
    set({
      convoys,
      counts: page.counts,
      next: page.next,
      loaded: true,
      offline: null,
      asOf: Date.now(),
      listError: '',
    });
  } catch (error) {
    if (error instanceof Problem) set({ listError: error.message, loaded: true });
  }
}

let later = null;
export function loadListSoon(pause = 250) {
  clearTimeout(later);
  later = setTimeout(loadList, pause);
}

export function setFilter(patch) {
  set({ filter: { ...get().filter, ...patch } });
  loadListSoon(patch.q === undefined ? 0 : 200);
}

function takeChange(change) {
  set({ asOf: Date.now() });
  const convoys = new Map(get().convoys);
  switch (change.t) {
    case 'convoy': {
      const { convoy } = change;
      const before = convoys.get(convoy.id);
      tellOf(before, convoy);
      if (isFiltered()) return loadListSoon();
      const counts = { ...get().counts };
      if (before?.status !== convoy.status) {
        if (before) counts[before.status] = Math.max(0, (counts[before.status] || 0) - 1);
        else counts.all = (counts.all || 0) + 1;
        counts[convoy.status] = (counts[convoy.status] || 0) + 1;
      }
      convoys.set(convoy.id, convoy);
      return set({ convoys, counts });
    }
    case 'gone':
      convoys.delete(change.id);
      set({ convoys });
      return loadListSoon();
    case 'activity': {
      const convoy = convoys.get(change.id);
      if (!convoy) return undefined;
      const agents = {
        ...convoy.dashboard.agents,
        [change.role]: { ...convoy.dashboard.agents?.[change.role], lastOutputAt: change.at },
      };
      convoys.set(change.id, { ...convoy, dashboard: { ...convoy.dashboard, agents } });
      return set({ convoys });
    }
    case 'refresh':
      return loadList();
    default:
      return undefined;
  }
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
    toast(text, convoy.status === 'completed' ? 'good' : 'info');
  }
}

// ---- one convoy ----

/** The stream of one convoy: its state, and the output of the agents that are looked at. */
export class ConvoyStream {
  constructor(id, { state, trouble, down, gone }) {
    Object.assign(this, { id, onState: state, onTrouble: trouble, feeds: new Map(), roles: [], subscriptions: 0 });
    this.line = new Line(`/api/convoys/${id}/stream`, {
      open: () => {},
      message: (data) => (typeof data === 'string' ? this.takeText(JSON.parse(data)) : this.takeOutput(data)),
      down: (code) => (code === 4404 ? gone() : down()),
    });
  }

  /** Begins to follow an agent. `sink` gets `output`, `gap`, `attempt`, `reset`. */
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
        this.onState(message.state);
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
    feed.sink.output(output, () => {
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
