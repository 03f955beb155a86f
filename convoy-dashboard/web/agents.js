// The agents of a convoy: a few in a row, many in a list beside what is looked at, filtered.
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { agentKind, look, plural } from './format.js';
import { aboutOf, aboutWords } from './stages.js';
import { State, useRoving } from './ui.js';

/** More than these are a list. */
export const FEW = 12;

/** Those whose name, state or work has these letters. */
function fitting(convoy, kindOf, text) {
  const { agents } = convoy;
  const wanted = text.trim().toLowerCase();
  if (!wanted) return agents;
  return agents.filter(
    (agent) =>
      `${agent.role} ${aboutWords(convoy, agent.role)}`.toLowerCase().includes(wanted) ||
      look(kindOf(agent))[1].toLowerCase().startsWith(wanted),
  );
}

export function Agents({ convoy, tab, role, now }) {
  const many = convoy.agents.length > FEW;
  const [text, setText] = useState('');
  const group = useRoving('a');
  const here = tab === 'a' || tab === 'attempts';
  useEffect(() => {
    // Of many, the chosen one is in sight, and nothing but their list is moved for it.
    const list = group.current;
    const one = list?.querySelector('[aria-current]')?.getBoundingClientRect();
    if (!one) return;
    const box = list.getBoundingClientRect();
    list.scrollTop += Math.max(0, one.bottom - box.bottom) || Math.min(0, one.top - box.top);
    list.scrollLeft += Math.max(0, one.right - box.right) || Math.min(0, one.left - box.left);
  }, [tab, role]);
  const kindOf = (agent) => agentKind(agent, convoy.dashboard.agents?.[agent.role], now);
  const shown = fitting(convoy, kindOf, text);
  return html`<div class="side">
    ${
      many &&
      html`<label class="search"><span class="hidden">Filter the agents by name, state or finding</span><input type="search" placeholder="agent or state" value=${text} onInput=${(event) => setText(event.target.value)}/></label>
      <p class="dim" role="status">${text ? `${shown.length} of ${plural(convoy.agents.length, 'agent')}` : plural(convoy.agents.length, 'agent')}</p>`
    }
    <div class="agents" ref=${group}>${shown.map(
      (
        agent,
        n,
      ) => html`<a key=${agent.role} data-role=${agent.role} ...${link(agentAddress(convoy.id, agent.role))} aria-current=${here && role === agent.role ? 'page' : undefined} title=${[agent.role, aboutWords(convoy, agent.role), n < 9 && !text && `key ${n + 1}`].filter(Boolean).join(' · ')}>
      <${State} kind=${kindOf(agent)} short/> ${agent.role}${aboutOf(convoy, agent.role).map(({ id }) => html` <span class="dim">${id}</span>`)}</a>`,
    )}</div></div>`;
}
