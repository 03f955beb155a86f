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
  filter: { status: '', template: '', project: '', since: '', until: '', q: '' },
  // Is the dashboard there?
  offline: null,
  connected: false,
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

// Times of convoys are the server's; a browser elsewhere may have another clock.
let ahead = 0;

/** Notes what time it is there, by the `Date` of an answer: that has whole seconds. */
export function noteTime(date) {
  const difference = Date.parse(date) - Date.now();
  if (Number.isFinite(difference)) ahead = Math.abs(difference) > 5000 ? difference : 0;
}

/** The time there. */
export const thereNow = () => Date.now() + ahead;

/** The time there, every second while the page is looked at. */
export function useNow(running = true) {
  const [now, setNow] = useState(thereNow());
  useEffect(() => {
    setNow(thereNow());
    if (!running) return undefined;
    const timer = setInterval(() => document.hidden || setNow(thereNow()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

let toastId = 0;
/** Tells something for a while; with a subject, in the place of what was told of that before. */
export function toast(text, kind = 'info', subject = undefined) {
  const id = ++toastId;
  const others = state.toasts.filter((one) => !subject || one.subject !== subject);
  set({ toasts: [...others.slice(-3), { id, text, kind, subject }] });
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
