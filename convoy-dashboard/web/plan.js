// The plan as a picture: who waits for whom, the whole of it from the first second.
import { useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, go } from './route.js';
import { agentKind, look, span } from './format.js';
import { Copy } from './ui.js';

const W = 168;
const H = 44;
const GAP_X = 64;
const GAP_Y = 18;

/** A phase of more agents than this is one box, until it is unfolded. */
const MANY = 12;
const ZOOMS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2];

/** Boxes by phase: of an agent, or of a phase that is folded. */
function boxes(plan, convoy, unfolded) {
  const agentOf = new Map(convoy.agents.map((agent) => [agent.role, agent]));
  return plan.phases.map((phase, n) => {
    const agents = phase.map((role) => agentOf.get(role)).filter(Boolean);
    if (agents.length > MANY && !unfolded.has(n)) return [{ phase: n, agents }];
    return agents.map((agent) => ({ phase: n, agents: [agent], agent }));
  });
}

function placed(columns) {
  const height = Math.max(...columns.map((column) => column.length), 1) * (H + GAP_Y) + GAP_Y;
  const width = columns.length * (W + GAP_X) - GAP_X + 16;
  columns.forEach((column, x) => {
    const top = (height - column.length * (H + GAP_Y) + GAP_Y) / 2;
    for (const [y, box] of column.entries()) Object.assign(box, { x: x * (W + GAP_X) + 8, y: top + y * (H + GAP_Y) });
  });
  return { width, height };
}

/** Each line once, however many agents of a folded phase have it. */
function lines(columns, plan) {
  const boxOf = new Map(columns.flat().flatMap((box) => box.agents.map(({ role }) => [role, box])));
  const found = new Map();
  for (const [role, box] of boxOf)
    for (const from of plan.agents[role]?.dependsOn ?? [])
      if (boxOf.has(from))
        found.set(`${boxOf.get(from).x},${boxOf.get(from).y} ${box.x},${box.y}`, [boxOf.get(from), box]);
  return [...found.values()];
}

const kindIn = (convoy, now) => (agent) => agentKind(agent, convoy.dashboard.agents?.[agent.role], now);

export function Plan({ convoy, now }) {
  const { plan } = convoy.dashboard;
  const [unfolded, setUnfolded] = useState(() => new Set());
  const [zoom, setZoom] = useState(0);
  const frame = useRef();
  if (!plan) return html`<p class="empty">The plan of this convoy is not there.</p>`;
  const columns = boxes(plan, convoy, unfolded);
  const { width, height } = placed(columns);
  const fold = (n) => {
    const next = new Set(unfolded);
    if (!next.delete(n)) next.add(n);
    setUnfolded(next);
  };
  // As wide as its frame, and not larger than it is; 0 is that.
  const step = (by) => {
    const now = zoom || Math.min(1, (frame.current?.clientWidth ?? width) / width);
    const next = by > 0 ? ZOOMS.find((one) => one > now + 0.01) : ZOOMS.findLast((one) => one < now - 0.01);
    if (next) setZoom(next);
  };
  const size = zoom
    ? { width: width * zoom, height: height * zoom }
    : { style: `width:${width}px;max-width:100%;height:auto` };
  const large = plan.phases.map((phase, n) => [n, phase.length]).filter(([, count]) => count > MANY);
  return html`<section class="plan">
    <div class="bar" role="group" aria-label="Picture">
      <button type="button" aria-label="Smaller" onClick=${() => step(-1)}>−</button>
      <button type="button" aria-pressed=${zoom === 0} onClick=${() => setZoom(0)}>Fit</button>
      <button type="button" aria-label="Larger" onClick=${() => step(1)}>+</button>
      ${large.map(([n, count]) => html`<button type="button" key=${n} aria-pressed=${unfolded.has(n)} onClick=${() => fold(n)}>Phase ${n + 1}: ${count} agents</button>`)}
    </div>
    <div class="picture" ref=${frame} tabindex="0" role="region" aria-label="Plan of agents">
      <svg ...${size} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label="Agents and what they wait for">
        ${lines(columns, plan).map(([a, b]) => html`<${Edge} a=${a} b=${b}/>`)}
        ${columns
          .flat()
          .map((box) =>
            box.agent
              ? html`<${AgentBox} key=${box.agent.role} convoy=${convoy} box=${box} kind=${kindIn(convoy, now)(box.agent)}/>`
              : html`<${PhaseBox} key=${box.phase} box=${box} kinds=${box.agents.map(kindIn(convoy, now))} unfold=${() => fold(box.phase)}/>`,
          )}
      </svg>
    </div>
    <${Facts} convoy=${convoy} plan=${plan}/></section>`;
}

function Edge({ a, b }) {
  const [x1, y1, x2, y2] = [a.x + W, a.y + H / 2, b.x, b.y + H / 2];
  const bend = (x2 - x1) / 2;
  return html`<path class="edge" d=${`M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}/>`;
}

function AgentBox({ convoy, box: { agent, x, y }, kind }) {
  const [glyph, word] = look(kind);
  const to = agentAddress(convoy.id, agent.role);
  return html`<a href=${to} onClick=${(event) => {
    event.preventDefault();
    go(to);
  }}>
    <rect class=${`node ${kind}`} x=${x} y=${y} width=${W} height=${H} rx="8"/>
    <text x=${x + 12} y=${y + 19} class="name">${glyph} ${agent.role.length > 18 ? `${agent.role.slice(0, 17)}…` : agent.role}</text>
    <text x=${x + 12} y=${y + 35} class="sub">${word}${agent.model ? ` · ${agent.model}` : ` · ${agent.runner || ''}`}</text>
  </a>`;
}

/** The agent that is worst off gives a folded phase its look. */
const BY_SEVERITY = [
  'failed',
  'timeout',
  'quiet',
  'limited',
  'running',
  'starting',
  'stopped',
  'skipped',
  'pending',
  'completed',
];

function PhaseBox({ box: { agents, phase, x, y }, kinds, unfold }) {
  const worst = BY_SEVERITY.find((kind) => kinds.includes(kind)) ?? 'pending';
  const counts = BY_SEVERITY.map((kind) => [kind, kinds.filter((one) => one === kind).length]).filter(
    ([, count]) => count,
  );
  const words = counts.map(([kind, count]) => `${count} ${look(kind)[1].toLowerCase()}`).join(', ');
  const press = (event) => {
    if (!['Enter', ' '].includes(event.key)) return;
    event.preventDefault();
    unfold();
  };
  return html`<g role="button" tabindex="0" onClick=${unfold} onKeyDown=${press} class="folded-phase">
    <rect class="node" x=${x + 5} y=${y + 5} width=${W} height=${H} rx="8"/>
    <rect class=${`node ${worst}`} x=${x} y=${y} width=${W} height=${H} rx="8"/>
    <text x=${x + 12} y=${y + 19} class="name">${look(worst)[0]} ${agents.length} agents</text>
    <text x=${x + 12} y=${y + 35} class="sub">${words.length > 26 ? `${words.slice(0, 25)}…` : words}</text><title>${`Unfold phase ${phase + 1}: ${words}`}</title></g>`;
}

function Facts({ convoy, plan }) {
  const { short } = convoy.dashboard;
  return html`<dl class="facts">
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
    </dl>`;
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
