// One log of all agents, or of one, by the times that were noted: newest at the end, earlier on demand.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, go, link } from './route.js';
import { ask } from './session.js';
import { clock, plural } from './format.js';
import { remembered } from './store.js';
import { Failure, Waiting } from './ui.js';

/** Hues of agents: each has its own as long as there are enough. */
const HUES = 12;
/** Earlier parts that are asked for at once when none of what is read fits. */
const PATIENCE = 20;
/** Asked again so often while it runs, in ms. */
const PACE = 2000;

/** Parts of the log, the newest last; `earlier` reads one more, until something in it fits. */
function useParts(convoy, agent, wanted) {
  const [parts, setParts] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const asked = useRef(0);
  const address = (before) =>
    `/api/convoys/${convoy.id}/log?${new URLSearchParams({ ...(agent && { agent }), ...(before && { before }) })}`;
  const read = async (take) => {
    const number = ++asked.current;
    setBusy(true);
    try {
      await take(() => number === asked.current);
      if (number === asked.current) setProblem(null);
    } catch (error) {
      if (number === asked.current) setProblem(error);
    }
    if (number === asked.current) setBusy(false);
  };
  const newest = () =>
    read(async (isCurrent) => {
      const part = await ask(address());
      // Where it joins what is shown; else that is too old to be kept.
      if (isCurrent())
        setParts((parts) => (parts?.next && part.lines.length && parts.lines.length ? joined(parts, part) : part));
    });
  const earlier = () =>
    read(async (isCurrent) => {
      let { lines, next, torn } = parts;
      for (let n = 0; next !== null && n < PATIENCE; n++) {
        const part = await ask(address(next));
        if (!isCurrent()) return;
        lines = [...part.lines, ...lines];
        next = part.next;
        torn ||= part.torn;
        if (part.lines.some(fits(wanted))) break;
      }
      setParts({ lines, next, torn });
    });
  useEffect(() => {
    setParts(null);
    newest();
  }, [convoy.id, agent]);
  const running = convoy.status === 'running';
  useEffect(() => {
    if (!running) {
      newest();
      return undefined;
    }
    const timer = setInterval(() => document.hidden || newest(), PACE);
    return () => clearInterval(timer);
  }, [convoy.id, agent, running]);
  return { parts, problem, busy, earlier, newest };
}

const key = ({ agent, attempt, at }) => `${agent}/${attempt}/${at}`;

/** What was read before, with a newer end. */
function joined(parts, newer) {
  const from = newer.lines[0].ms;
  const before = parts.lines.filter(({ ms }) => ms < from);
  const touches = before.length < parts.lines.length;
  return touches ? { ...parts, lines: [...before, ...newer.lines] } : newer;
}

const fits = (wanted) => {
  const text = wanted.toLowerCase();
  return ({ line, agent }) => !text || line.toLowerCase().includes(text) || agent === wanted;
};

export function Log({ convoy, query }) {
  const agent = convoy.agents.some(({ role }) => role === query.get('agent')) ? query.get('agent') : '';
  const wanted = query.get('q') ?? '';
  const [times, setTimes] = useState(remembered.get('log-times', true));
  const [wrap, setWrap] = useState(remembered.get('log-wrap', true));
  const { parts, problem, busy, earlier, newest } = useParts(convoy, agent, wanted);
  const change = (patch) => {
    const words = new URLSearchParams(Object.entries({ agent, q: wanted, ...patch }).filter(([, value]) => value));
    go(`/c/${convoy.id}/log${words.size ? `?${words}` : ''}`, { replace: true });
  };
  const turn = (name, value, set) => () => {
    remembered.set(name, !value);
    set(!value);
  };
  const unknown = query.get('agent') && !agent;
  const shown = (parts?.lines ?? []).filter(fits(wanted));
  return html`<section class="log" aria-label="Log of all agents">
    <div class="bar">
      <label>Agent <select value=${agent} onChange=${(event) => change({ agent: event.target.value })}><option value="">all</option>${convoy.agents.map(({ role }) => html`<option key=${role} value=${role}>${role}</option>`)}</select></label>
      <label class="search"><span class="hidden">Search the log, from the newest line back</span><input type="search" placeholder="/ search" value=${wanted} onInput=${(event) => change({ q: event.target.value })}/></label>
      <button type="button" aria-pressed=${times} onClick=${turn('log-times', times, setTimes)}>Times</button>
      <button type="button" aria-pressed=${wrap} onClick=${turn('log-wrap', wrap, setWrap)}>Wrap</button>
      <button type="button" disabled=${busy || !parts || parts.next === null} onClick=${earlier}>⤒ Earlier</button>
      ${parts && html`<span class="dim" role="status">${wanted ? `${plural(shown.length, 'line')} of ${parts.lines.length} read` : plural(shown.length, 'line')}${parts.next === null ? ', from the beginning' : ''}</span>`}
    </div>
    ${unknown && html`<p class="banner" role="alert">There is no agent <code>${query.get('agent')}</code> in this convoy: all are shown.</p>`}
    ${parts?.torn && html`<p class="banner">More was printed in one moment than is shown here: the log of that agent has all of it.</p>`}
    ${problem && html`<${Failure} text=${problem.message} onRetry=${newest}/>`}
    ${!parts && !problem && html`<${Waiting} what="Reading the logs…"/>`}
    ${parts && html`<${Lines} convoy=${convoy} lines=${shown} times=${times} wrap=${wrap} named=${!agent}/>`}
  </section>`;
}

/** Follows its end while that is in sight. */
function Lines({ convoy, lines, times, wrap, named }) {
  const box = useRef();
  const end = useRef(true);
  const last = lines.length && key(lines.at(-1));
  useLayoutEffect(() => {
    if (end.current) box.current.scrollTop = box.current.scrollHeight;
  }, [last, wrap, times]);
  const scrolled = ({ target }) => {
    end.current = target.scrollHeight - target.scrollTop - target.clientHeight < 4;
  };
  const hues = Object.fromEntries(convoy.agents.map(({ role }, n) => [role, n % HUES]));
  let day = '';
  return html`<div class=${`lines ${wrap ? 'wrap' : ''}`} ref=${box} onScroll=${scrolled} tabindex="0" role="region" aria-label="Lines">
    ${!lines.length && html`<p class="empty">No line is here.</p>`}
    ${lines.map((line) => {
      const at = new Date(line.ms);
      const isNew = times && at.toDateString() !== day;
      day = at.toDateString();
      return html`${isNew && html`<p class="dim" key=${day}>${day}</p>`}<div key=${key(line)}>${times && html`<time class="dim" datetime=${at.toISOString()}>${clock(line.ms)}</time>`}${named && html`<a class="who" style=${`--hue:${hues[line.agent]}`} ...${link(`${agentAddress(convoy.id, line.agent)}?at=${line.at}&attempt=${line.attempt}`)}>${line.agent}</a>`}<span>${line.line || ' '}</span></div>`;
    })}</div>`;
}
