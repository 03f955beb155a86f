// Addresses of the page. No secret is ever in one.
import { useEffect, useState } from 'preact/hooks';

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
  useEffect(() => {
    const listener = () => again((n) => n + 1);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return read(location);
}

export function read({ pathname, search }) {
  const [page = '', id, tab = '', role] = pathname.split('/').slice(1).map(decodeURIComponent);
  const query = new URLSearchParams(search);
  if (page === 'c' && id) return { page: 'convoy', id, tab, role, query };
  return { page: page === 'start' ? 'start' : 'list', query };
}

/** For links: a click stays in the page, anything else is the browser's. */
export const link = (to) => ({
  href: to,
  onClick: (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(to);
  },
});
