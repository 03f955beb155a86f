// What failed, why, and what can be done about it; equal causes are one.
import { html } from './html.js';
import { agentAddress, attemptsAddress, link } from './route.js';
import { elapsed, money, placeWords, plural, span } from './format.js';
import { isLost, LostAgents } from './elsewhere.js';
import { causes, LOGINS, REASONS } from './causes.js';
import { Copy } from './ui.js';

/** So many times the time that was not enough. */
const MORE = 2;
const DEFAULT_MS = 1_800_000;
/** So many agents of one cause are told one by one. */
const NAMED = 5;

/** `isFirst`: an agent is looked at, and no result of the convoy. */
export function Failures({ convoy, isFirst, busy, act }) {
  const all = causes(convoy);
  if (!all.length && !convoy.agents.some(isLost(convoy))) return null;
  // Where there is little room the view comes first.
  const hasRoom = isFirst && matchMedia('(min-width: 801px) and (min-height: 801px)').matches;
  const isOpen = hasRoom && all.length === 1 && !convoy.agents.some(isLost(convoy));
  const skipped = convoy.agents.filter(({ reason }) => reason === 'dependencies').length;
  const failed = convoy.agents.filter(({ status }) => status === 'failed').length;
  return html`<section class="failures" aria-label="What failed">
    <${LostAgents} convoy=${convoy}/>
    ${all.map((cause) => html`<${Cause} key=${`${cause.reason}${cause.why}`} cause=${cause} convoy=${convoy} busy=${busy} act=${act} only=${cause.agents.length + skipped === failed} open=${isOpen}/>`)}
    ${skipped > 0 && html`<p class="dim">${plural(skipped, 'agent')} that ${skipped === 1 ? 'needs' : 'need'} them did not begin.</p>`}
  </section>`;
}

/** `only`: there is no other cause, so that a retry of all is one of these. */
function Cause({ cause: { why, reason, agents }, convoy, busy, act, only, open }) {
  const [meaning, help, wanted] = REASONS[reason] ?? ['', '', ['retry']];
  const [first] = agents;
  const limit = convoy.dashboard.plan?.agents?.[first.role]?.timeoutMs;
  return html`<details class="cause" open=${open}><summary><span aria-hidden="true">✗</span> <strong>${why}</strong> <span class="dim">${named(agents)}</span></summary>
    ${meaning && html`<p>${meaning}${reason === 'timeout' && limit ? ` It may take ${span(limit)}.` : ''} ${help}</p>`}
    ${convoy.status !== 'running' && wanted.includes('runner') && html`<p class="dim">A retry keeps its runner. Starting again makes a new convoy of it, to be edited first; this one stays.</p>`}
    <ul class="made">${agents.slice(0, NAMED).map((agent) => html`<li key=${agent.role}><a ...${link(attemptsAddress(convoy.id, agent.role))}>${agent.role}, ${agent.attempt > 1 ? `attempt ${agent.attempt} of ${agent.attempt}` : 'attempt 1'}</a> <span class="dim">${made(convoy, agent)}</span></li>`)}${agents.length > NAMED ? html`<li class="dim">and ${agents.length - NAMED} more</li>` : ''}</ul>
    <div class="buttons">
      ${convoy.status !== 'running' && wanted.map((what) => html`<${Act} key=${what} what=${what} convoy=${convoy} agents=${agents} only=${only} limit=${limit} busy=${busy} act=${act}/>`)}
      ${agents.slice(0, NAMED).map(({ role }) => html`<a class="button" key=${role} ...${link(agentAddress(convoy.id, role))}>Output of ${role}</a>`)}
      <a class="button" ...${link(attemptsAddress(convoy.id, first.role))}>Prompt and command</a>
      <${Copy} text=${`pan convoy logs ${convoy.dashboard.short} ${first.role}`} label="logs"/>
    </div></details>`;
}

function Act({ what, convoy, agents, only, limit, busy, act }) {
  const [first] = agents;
  const again = (more) => `/start?${new URLSearchParams({ again: convoy.id, ...more })}`;
  switch (what) {
    case 'retry':
      if (agents.length === 1)
        return html`<button type="button" disabled=${busy} onClick=${() => act('retry', { agent: first.role })}>↻ Retry it</button>`;
      return (
        only &&
        html`<button type="button" disabled=${busy} onClick=${() => act('retry')}>↻ Retry all ${agents.length}</button>`
      );
    case 'time': {
      const timeoutMs = (limit || DEFAULT_MS) * MORE;
      const button = (words, body) =>
        html`<button type="button" disabled=${busy} onClick=${() => act('retry', body)}>↻ ${words} with ${span(timeoutMs)} each</button>`;
      if (agents.length === 1) return button('Retry it', { agent: first.role, timeoutMs });
      return only && button(`Retry all ${agents.length}`, { timeoutMs });
    }
    case 'runner':
      return html`<a class="button" ...${link(again({ choose: 'runner' }))}>Start again with another runner</a>`;
    case 'login':
      return LOGINS[first.runner]
        ? html`<${Copy} text=${LOGINS[first.runner]} label=${`log in: ${LOGINS[first.runner]}`}/>`
        : html`<${Copy} text="pan doctor --live" label="who is logged in: pan doctor --live"/>`;
    default:
      return html`<${Copy} text="pan doctor" label="pan doctor"/>`;
  }
}

/** Who made its last attempt, where, and what it used. */
function made(convoy, agent) {
  const executor = convoy.dashboard.plan?.agents?.[agent.role]?.executor;
  const place = placeWords(convoy.dashboard.agents?.[agent.role]?.place);
  const took = agent.startedAt && span(elapsed(agent));
  return [
    [agent.runner, agent.model].filter(Boolean).join(' '),
    executor ? `placed by ${executor}${place ? `, ${place}` : ''}` : 'on this machine',
    took && `took ${took}`,
    agent.usage && `${(agent.usage.inputTokens + agent.usage.outputTokens).toLocaleString()} tokens`,
    agent.usage?.costUsd && money(agent.usage.costUsd),
  ]
    .filter(Boolean)
    .join(' · ');
}

const named = (agents) =>
  agents.length > 3
    ? `${plural(agents.length, 'agent')}: ${agents
        .slice(0, 3)
        .map(({ role }) => role)
        .join(', ')}, …`
    : agents.map(({ role }) => role).join(', ');
