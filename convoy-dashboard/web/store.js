// What the page knows, in one place; views draw themselves from it.
import { useEffect, useState } from 'preact/hooks';

let state = {
  auth: 'unknown',
  authDetail: '',
  // The list.
  convoys: new Map(),
  counts: {},
  next: null,
  loaded: false,
  filter: { group: '', status: '', q: '' },
  // Is the dashboard there?
  offline: null,
  asOf: Date.now(),
  toasts: [],
  said: '',
};
const views = new Set();

export const get = () => state;

export function set(patch) {
  state = { ...state, ...patch };
  for (const view of views) view(state);
}

/** A part of what is known; the view is drawn again when that part changes. */
export function useStore(pick) {
  const [value, setValue] = useState(() => pick(state));
  useEffect(() => {
    const view = (state) => setValue(() => pick(state));
    views.add(view);
    view(state);
    return () => views.delete(view);
  }, []);
  return value;
}

/** The time, every second while the page is looked at. */
export function useNow(running = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    if (!running) return undefined;
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

let toastId = 0;
export function toast(text, kind = 'info') {
  const id = ++toastId;
  set({ toasts: [...state.toasts.slice(-3), { id, text, kind }] });
  setTimeout(() => dismiss(id), kind === 'error' ? 15000 : 5000);
}
export const dismiss = (id) => set({ toasts: state.toasts.filter((one) => one.id !== id) });

/** Said to who listens to the page instead of looking at it. */
export const say = (said) => set({ said });

/** Small things that are remembered on this machine. */
export const remembered = {
  get: (key, otherwise) => {
    try {
      return JSON.parse(localStorage.getItem(`convoy-${key}`)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set: (key, value) => localStorage.setItem(`convoy-${key}`, JSON.stringify(value)),
};
