// What is placed on another machine: in its queue, or out of everybody's sight.
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { Copy } from './ui.js';

const placeOf = (convoy, agent) =>
  agent.status === 'running' ? convoy.dashboard.agents?.[agent.role]?.place : undefined;

export const isLost = (convoy) => (agent) => placeOf(convoy, agent)?.is === 'lost';

/** The reason of its engine, or that nobody can tell; what a person can do is among what failed. */
export function Elsewhere({ convoy, agent }) {
  const place = placeOf(convoy, agent);
  const executor = convoy.dashboard.plan?.agents?.[agent.role]?.executor ?? 'its engine';
  if (place?.is === 'pending')
    return html`<p class="dim" role="note">In the queue of ${executor}${place.why ? `: ${place.why}` : ''}. Its time begins when it does.</p>`;
  if (place?.is === 'lost')
    return html`<p class="why" role="note">Nobody can tell whether it still runs: ${place.why}.</p>`;
  return null;
}

function Fence({ convoy, agent }) {
  const line = `pan convoy fence ${convoy.dashboard.short} ${agent.role}`;
  return html`Its task may still run there, so no other attempt begins; it goes on by itself once that is known. When you know that nothing of it runs any more: <code>${line}</code> <${Copy} text=${line} label="copy"/>`;
}

/** Agents that are lost, among what failed: each waits for a person. */
export function LostAgents({ convoy }) {
  return convoy.agents.filter(isLost(convoy)).map(
    (agent) =>
      html`<details class="cause lost" key=${agent.role} open><summary><span aria-hidden="true">?</span> <strong>Nobody can tell whether it still runs</strong> <span class="dim">${agent.role}</span></summary>
      <p>${placeOf(convoy, agent).why}. <${Fence} convoy=${convoy} agent=${agent}/></p>
      <div class="buttons"><a class="button" ...${link(agentAddress(convoy.id, agent.role))}>Output of ${agent.role}</a></div></details>`,
  );
}
