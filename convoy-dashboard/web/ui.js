// Small parts that all views use.
import { useEffect, useErrorBoundary, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { look } from './format.js';
import { toast } from './store.js';

/** Glyph and word; the colour only repeats them. */
export function State({ kind, short = false }) {
  const [glyph, word] = look(kind);
  return html`<span class="state ${kind}"><span class="glyph" aria-hidden="true">${glyph}</span>${' '}<span class=${short ? 'hidden' : ''}>${word}</span></span>`;
}

export async function copy(text, what = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
    toast(what);
  } catch {
    toast('The browser does not let this page copy; select the text instead', 'error');
  }
}

export function Copy({ text, label, title }) {
  return html`<button type="button" class="quiet" title=${title || text} onClick=${() => copy(text)}>❐ ${label}</button>`;
}

export function Download({ load, name, label }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const url = URL.createObjectURL(await load());
      const a = document.createElement('a');
      a.href = url;
      a.download = name;
      a.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      toast(error.message, 'error');
    }
    setBusy(false);
  };
  return html`<button type="button" class="quiet" disabled=${busy} onClick=${save}>⤓ ${label}</button>`;
}

export function Dialog({ title, onClose, children }) {
  const ref = useRef();
  // Before it is painted: the next key is typed into it.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return html`<dialog ref=${ref} aria-label=${title} onCancel=${(event) => {
    event.preventDefault();
    onClose();
  }}
      onClick=${(event) => event.target === ref.current && onClose()}>
    <h2>${title}</h2>${children}
  </dialog>`;
}

/** What could not be done, and a way to try again. */
export function Failure({ text, onRetry }) {
  return html`<div class="failure" role="alert"><pre>${text}</pre>
    ${onRetry && html`<button type="button" onClick=${onRetry}>Try again</button>`}</div>`;
}

/** A placeholder, only when it takes long enough to be noticed. */
export function Waiting({ what }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return html`<p class="waiting" aria-busy="true">${shown ? what : ''}</p>`;
}

/** Asks again whenever one of the inputs changes: `[value, problem, again]`. */
export function useAnswer(load, inputs) {
  const [answer, setAnswer] = useState([null, null]);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      (value) => current && setAnswer([value, null]),
      (problem) => current && setAnswer(([old]) => [old, problem]),
    );
    return () => {
      current = false;
    };
  }, [...inputs, round]);
  return [...answer, () => setRound((n) => n + 1)];
}

/** What cannot be drawn is said in its own place, and everything else stays. */
export function Boundary({ what, short = false, children }) {
  const [error, again] = useErrorBoundary((error) => console.warn(error));
  if (!error) return children;
  const text = `${what} cannot be shown: ${error.message}`;
  return short ? html`<span class="why">${text}</span>` : html`<${Failure} text=${text} onRetry=${again}/>`;
}

/** Hears what a key of the frame is to do, as what is drawn now: after the paint would be a key too late. */
export function useTold(act) {
  useLayoutEffect(() => {
    const hear = ({ detail }) => act(detail);
    addEventListener('convoy-key', hear);
    return () => removeEventListener('convoy-key', hear);
  });
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** One stop of the Tab key for a group of links: the arrow keys move in it. */
export function useRoving(selector) {
  const ref = useRef();
  const stop = (to) => {
    for (const one of ref.current?.querySelectorAll(selector) ?? []) one.tabIndex = one === to ? 0 : -1;
  };
  useLayoutEffect(() => {
    const all = [...(ref.current?.querySelectorAll(selector) ?? [])];
    const held = all.find((one) => one === document.activeElement);
    stop(
      held ?? all.find((one) => one.hasAttribute('aria-current')) ?? all.find((one) => one.tabIndex === 0) ?? all[0],
    );
  });
  useLayoutEffect(() => {
    const group = ref.current;
    if (!group) return undefined;
    const press = (event) => {
      const all = [...group.querySelectorAll(selector)].filter((one) => one.checkVisibility());
      const at = all.indexOf(document.activeElement);
      const to = { Home: 0, End: all.length - 1 }[event.key] ?? at + STEPS[event.key];
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey || !all[to]) return;
      event.preventDefault();
      all[to].focus();
    };
    const focused = ({ target }) => target.matches(selector) && stop(target);
    group.addEventListener('keydown', press);
    group.addEventListener('focusin', focused);
    return () => {
      group.removeEventListener('keydown', press);
      group.removeEventListener('focusin', focused);
    };
  }, []);
  return ref;
}
