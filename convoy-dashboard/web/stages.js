// Agents that come into being while a convoy runs: what each is for, and how far their stage is.
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { agentKind, plural, span, elapsed } from './format.js';
import { State } from './ui.js';

const planOf = (convoy, role) => convoy.dashboard.plan?.agents?.[role];

/** What a stage makes agents of, in words; '' of an agent that is none. */
export const stageOf = (convoy, role) => planOf(convoy, role)?.stage ?? '';

/** The agents of a stage, in order. */
export const membersOf = (convoy, role) => convoy.agents.filter((agent) => planOf(convoy, agent.role)?.of === role);

/** The findings that an agent looks at again: `{id, title, severity, file, line}`. */
export const aboutOf = (convoy, role) => planOf(convoy, role)?.about ?? [];

/** `F2 A shell runs a command`, of each. */
export const aboutWords = (convoy, role) =>
  aboutOf(convoy, role)
    .map(({ id, title }) => `${id} ${title}`)
    .join(', ');

const hasEnded = ({ status }) => ['completed', 'failed'].includes(status);

/** How far a stage is. */
export function stageWords(convoy, agent) {
  const own = membersOf(convoy, agent.role);
  const ended = own.filter(hasEnded).length;
  if (own.length) return ended < own.length ? `${ended} of ${own.length} have ended` : plural(own.length, 'agent');
  if (agent.status === 'pending') return `an agent ${stageOf(convoy, agent.role)}`;
  return agent.detail ?? 'no agents';
}

/** From when to when its agents ran: `{from, to}`; null before the first. */
export function stageSpan(convoy, role, now) {
  const own = membersOf(convoy, role).filter(({ startedAt }) => startedAt);
  if (!own.length) return null;
  const end = (agent) => new Date(agent.completedAt ?? (agent.status === 'running' ? now : agent.startedAt)).getTime();
  return {
    from: new Date(Math.min(...own.map(({ startedAt }) => new Date(startedAt).getTime()))),
    to: new Date(Math.max(...own.map(end))),
  };
}

/** A stage runs nothing itself: its agents, and what each of them looks at. */
export function Stage({ convoy, agent, now }) {
  const own = membersOf(convoy, agent.role);
  const kind = (one) => agentKind(one, convoy.dashboard.agents?.[one.role], now);
  return html`<section class="agent stage-of" aria-label=${`Stage ${agent.role}`}>
    <header><h2><${State} kind=${kind(agent)}/> ${agent.role}</h2>
      <p class="dim">A stage: an agent ${stageOf(convoy, agent.role)} · ${stageWords(convoy, agent)}</p>
      ${convoy.dashboard.agents?.[agent.role]?.why && html`<p class="why" role="note">${convoy.dashboard.agents[agent.role].why}</p>`}</header>
    ${
      own.length > 0 &&
      html`<table class="members"><thead><tr><th scope="col">Agent</th><th scope="col">State</th><th scope="col">Took</th><th scope="col">Looks again at</th></tr></thead>
      <tbody>${own.map((one) => html`<tr key=${one.role}><th scope="row"><a ...${link(agentAddress(convoy.id, one.role))}>${one.role}</a></th><td><${State} kind=${kind(one)}/></td><td>${one.startedAt ? span(elapsed(one, now)) : ''}</td><td><${About} convoy=${convoy} role=${one.role}/></td></tr>`)}</tbody></table>`
    }</section>`;
}

/** The findings that an agent looks at again, each with the way there. */
export function About({ convoy, role }) {
  return aboutOf(convoy, role).map(
    ({ id, title, severity }) =>
      html`<span key=${id} class="about">${severity && html`<span class=${`sev ${severity}`}>${severity}</span> `}<a ...${link(`/c/${convoy.id}/findings?f=${id}`)}>${id} ${title}</a></span>`,
  );
}
