// The way in, and asking the API. The token lives in this tab alone; no cookie,
// nothing in an address.
import { set, get, noteTime } from './store.js';

const KEY = 'convoy-token';
/** How long a new tab waits for an open one to let it in. */
const ASKED_MS = 400;

export const token = () => sessionStorage.getItem(KEY);

// Tabs of this very origin hear each other, and nobody else does.
const tabs = new BroadcastChannel('convoy-tabs');
tabs.onmessage = ({ data }) => {
  // Only while the dashboard is at the other end: else somebody else may have its port.
  if (data?.t === 'may I come in' && token() && get().connected) tabs.postMessage({ t: 'come in', token: token() });
  if (data?.t === 'come in' && !token() && /^[0-9a-f]{64}$/.test(data.token)) useToken(data.token);
};

/** Asks the open tabs of this browser; an answer may still come later. */
async function askTabs() {
  tabs.postMessage({ t: 'may I come in' });
  const end = Date.now() + ASKED_MS;
  while (!token() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Trades the ticket of the address for the token, and takes it out of the address. */
export async function enter() {
  const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
  if (ticket) {
    history.replaceState(null, '', location.pathname + location.search);
    await trade(ticket);
  }
  if (!token()) await askTabs();
  if (!token()) set({ auth: 'lost' });
  else if (get().auth !== 'lost') set({ auth: 'in' });
}

/** True if the ticket was good. */
export async function trade(ticket) {
  const answer = await fetch('/api/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const body = await answer.json();
  if (!answer.ok) {
    if (!token()) set({ auth: 'lost', authDetail: body.detail });
    return false;
  }
  useToken(body.token);
  return true;
}

export function useToken(value) {
  sessionStorage.setItem(KEY, value);
  set({ auth: 'in', authDetail: '' });
}

export function lost(detail = '') {
  sessionStorage.removeItem(KEY);
  set({ auth: 'lost', authDetail: detail });
}

/** What the API says is wrong. */
export class Problem extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

/**
 * Asks the API; throws a Problem, or a TypeError where nobody answers.
 * @param {string} path
 * @param {{method?: string, body?: unknown, headers?: Record<string, string>, as?: 'json' | 'text' | 'blob' | 'answer'}} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, { method = 'GET', body, headers = {}, as = 'json' } = {}) {
  const answer = await fetch(path, {
    method,
    headers: {
      Authorization: `Bearer ${token()}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  noteTime(answer.headers.get('Date'));
  if (answer.status === 304) return null;
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    if (answer.status === 401) lost(problem.detail);
    throw new Problem(answer.status, problem.detail || `the dashboard answered ${answer.status}`);
  }
  if (as === 'answer') return answer;
  return as === 'json' ? answer.json() : answer[as]();
}

export const post = (path, body = {}, headers) => ask(path, { method: 'POST', body, headers });
