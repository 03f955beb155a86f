// Addresses of the page. No secret is ever in one.
import { useLayoutEffect, useState } from 'preact/hooks';

const listeners = new Set();

export const path = () => location.pathname + location.search;

export function go(to, { replace = false } = {}) {
  if (to === path()) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  for (const listener of listeners) listener();
}

addEventListener('popstate', () => {
  for (const listener of listeners) listener();
});

/** `{page, id, tab, role, query}` of the address. */
export function useRoute() {
  const [, again] = useState(0);
  useLayoutEffect(() => {
    const listener = () => again((n) => n + 1);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return read(location);
}

export function read({ pathname, search }) {
  const parts = words(pathname);
  const query = new URLSearchParams(search);
  if (!parts) return { page: 'nowhere', query };
  const [page, id, tab = '', role, ...more] = parts;
  if (page === 'c' && id && !more.length) return { page: 'convoy', id, tab, role, query };
  if (parts.length > 1) return { page: 'nowhere', query };
  return { page: { '': 'list', start: 'start' }[page] ?? 'nowhere', query };
}

/** The parts of a path; `null`: it is no text. */
function words(pathname) {
  try {
    return pathname
      .replace(/(.)\/$/, '$1')
      .split('/')
      .slice(1)
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** The address of an agent's view; its role may be any text (the previous system's were). */
export const agentAddress = (id, role) => `/c/${id}/a/${encodeURIComponent(role)}`;

/** The address of an agent's attempts. */
export const attemptsAddress = (id, role) => `/c/${id}/attempts/${encodeURIComponent(role)}`;

/** For links: a click stays in the page, anything else is the browser's. */
export const link = (to) => ({
  href: to,
  onClick: (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(to);
  },
});
