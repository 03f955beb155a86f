// The plan as a picture: who waits for whom, the whole of it from the first second.
import { html } from './html.js';
import { agentAddress, go } from './route.js';
import { agentKind, look, span } from './format.js';
import { Copy } from './ui.js';

const W = 168;
const H = 44;
const GAP_X = 64;
const GAP_Y = 18;

export function Plan({ convoy, now }) {
  const { plan, short } = convoy.dashboard;
  if (!plan) return html`<p class="empty">The plan of this convoy is not there.</p>`;
  const tallest = Math.max(...plan.phases.map((phase) => phase.length));
  const height = tallest * (H + GAP_Y) + GAP_Y;
  const width = plan.phases.length * (W + GAP_X);
  const at = {};
  plan.phases.forEach((phase, x) => {
    phase.forEach((role, y) => {
      const top = (height - phase.length * (H + GAP_Y) + GAP_Y) / 2;
      at[role] = { x: x * (W + GAP_X) + 8, y: top + y * (H + GAP_Y) };
    });
  });
  const agents = convoy.agents.filter((agent) => at[agent.role]);
  const edges = agents.flatMap((agent) => (plan.agents[agent.role]?.dependsOn || []).map((from) => [from, agent.role]));
  return html`<section class="plan">
    <div class="picture" tabindex="0" role="region" aria-label="Plan of agents">
      <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label="Agents and what they wait for">
        ${edges.map(([from, to]) => {
          const a = at[from];
          const b = at[to];
          const [x1, y1, x2, y2] = [a.x + W, a.y + H / 2, b.x, b.y + H / 2];
          const bend = (x2 - x1) / 2;
          return html`<path class="edge" d=${`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}/>`;
        })}
        ${agents.map((agent) => {
          const { x, y } = at[agent.role];
          const kind = agentKind(agent, convoy.dashboard.agents?.[agent.role], now);
          const [glyph, word] = look(kind);
          const to = agentAddress(convoy.id, agent.role);
          return html`<a key=${agent.role} href=${to} onClick=${(event) => {
            event.preventDefault();
            go(to);
          }}>
            <rect class=${`node ${kind}`} x=${x} y=${y} width=${W} height=${H} rx="8"/>
            <text x=${x + 12} y=${y + 19} class="name">${glyph} ${agent.role.length > 18 ? `${agent.role.slice(0, 17)}…` : agent.role}</text>
            <text x=${x + 12} y=${y + 35} class="sub">${word}${agent.model ? ` · ${agent.model}` : ` · ${agent.runner || ''}`}</text>
          </a>`;
        })}
      </svg>
    </div>
    <dl class="facts">
      <dt>Project</dt><dd><code>${convoy.context?.projectPath}</code></dd>
      <dt>Works on</dt><dd>${inputs(plan.inputs)}</dd>
      <dt>Reports</dt><dd><code>${convoy.outputDir}</code> <${Copy} text=${convoy.outputDir} label="copy path"/></dd>
      <dt>Limits</dt><dd>${span(plan.convoyTimeoutMs)} in all${plan.maxParallel ? `, ${plan.maxParallel} agents at a time` : ''}${plan.budgetUsd ? `, at most $${plan.budgetUsd.toFixed(2)}` : ''}</dd>
      <dt>Runs in</dt><dd>${plan.launcher === 'tmux' ? 'tmux: agents can be attached to' : 'processes without a terminal: there is no tmux to attach to'}${plan.templateOrigin === 'user' ? ' · your own template' : ''}</dd>
      <dt>In a terminal</dt><dd class="buttons">
        <${Copy} text=${`pan convoy status --follow ${short}`} label="status"/>
        <${Copy} text=${`pan convoy stop ${short}`} label="stop"/>
        <${Copy} text=${`pan convoy output ${short}`} label="output"/>
        <${Copy} text=${convoy.id} label="id"/></dd>
    </dl>
  </section>`;
}

function inputs(inputs = {}) {
  const parts = [];
  if (inputs.fileCount)
    parts.push(`${inputs.fileCount} files${inputs.filePatterns?.length ? ` (${inputs.filePatterns.join(' ')})` : ''}`);
  if (inputs.diffBase) parts.push(`changes since ${inputs.diffBase}`);
  if (inputs.issues?.length) parts.push(`issue ${inputs.issues.join(', ')}`);
  if (inputs.prUrl) parts.push(inputs.prUrl);
  return parts.join(' · ') || 'the whole project';
}
