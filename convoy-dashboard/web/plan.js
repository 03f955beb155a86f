// The plan as a picture: who waits for whom, the whole of it from the first second.
import { useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, go } from './route.js';
import { agentKind, look, span } from './format.js';
import { aboutOf, aboutWords, membersOf, stageOf, stageWords } from './stages.js';
import { Copy } from './ui.js';

const W = 168;
const H = 44;
const GAP_X = 64;
const GAP_Y = 18;

/** A phase of more agents than this is one box, until it is unfolded. */
const MANY = 12;
const ZOOMS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2];

/**
 * Columns of boxes: of an agent, or of a column that is folded. Agents of a stage have one
 * behind it. `name`: how it is called where it can be folded.
 */
function columnsOf(plan, convoy, unfolded) {
  const agentOf = new Map(convoy.agents.map((agent) => [agent.role, agent]));
  const isMember = (role) => Boolean(plan.agents[role]?.of);
  const columns = plan.phases.flatMap((phase, n) => [
    { key: `${n}`, name: `Phase ${n + 1}`, roles: phase.filter((role) => !isMember(role)) },
    { key: `${n} of stages`, name: `Agents of stages of phase ${n + 1}`, roles: phase.filter(isMember) },
  ]);
  return columns
    .map(({ roles, ...column }) => ({ ...column, agents: roles.map((role) => agentOf.get(role)).filter(Boolean) }))
    .filter(({ agents }) => agents.length)
    .map((column) => ({
      ...column,
      boxes:
        column.agents.length > MANY && !unfolded.has(column.key)
          ? [{ column, agents: column.agents }]
          : column.agents.map((agent) => ({ column, agents: [agent], agent })),
    }));
}

function placed(columns) {
  const height = Math.max(...columns.map(({ boxes }) => boxes.length), 1) * (H + GAP_Y) + GAP_Y;
  const width = columns.length * (W + GAP_X) - GAP_X + 16;
  columns.forEach(({ boxes }, x) => {
    const top = (height - boxes.length * (H + GAP_Y) + GAP_Y) / 2;
    for (const [y, box] of boxes.entries()) Object.assign(box, { x: x * (W + GAP_X) + 8, y: top + y * (H + GAP_Y) });
  });
  return { width, height };
}

/** Who an agent comes after: its stage, or what it waits for; of a stage, the agents of that. */
function before(plan, convoy, role) {
  const { of, dependsOn = [] } = plan.agents[role] ?? {};
  if (of) return [of];
  return dependsOn.flatMap((one) => {
    const members = stageOf(convoy, one) ? membersOf(convoy, one) : [];
    return members.length ? members.map((member) => member.role) : [one];
  });
}

/** Each line once, however many agents of a folded column have it. */
function lines(columns, plan, convoy) {
  const boxOf = new Map(
    columns.flatMap(({ boxes }) => boxes).flatMap((box) => box.agents.map(({ role }) => [role, box])),
  );
  const found = new Map();
  for (const [role, box] of boxOf)
    for (const from of before(plan, convoy, role).map((one) => boxOf.get(one)))
      if (from) found.set(`${from.x},${from.y} ${box.x},${box.y}`, [from, box]);
  return [...found.values()];
}

const kindIn = (convoy, now) => (agent) => agentKind(agent, convoy.dashboard.agents?.[agent.role], now);

export function Plan({ convoy, now }) {
  const { plan } = convoy.dashboard;
  const [unfolded, setUnfolded] = useState(() => new Set());
  const [zoom, setZoom] = useState(0);
  const frame = useRef();
  if (!plan) return html`<p class="empty">The plan of this convoy is not there.</p>`;
  const columns = columnsOf(plan, convoy, unfolded);
  const { width, height } = placed(columns);
  const fold = (key) => {
    const next = new Set(unfolded);
    if (!next.delete(key)) next.add(key);
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
  const large = columns.filter(({ agents }) => agents.length > MANY);
  return html`<section class="plan">
    <div class="bar" role="group" aria-label="Picture">
      <button type="button" aria-label="Smaller" onClick=${() => step(-1)}>−</button>
      <button type="button" aria-pressed=${zoom === 0} onClick=${() => setZoom(0)}>Fit</button>
      <button type="button" aria-label="Larger" onClick=${() => step(1)}>+</button>
      ${large.map(({ key, name, agents }) => html`<button type="button" key=${key} aria-pressed=${unfolded.has(key)} onClick=${() => fold(key)}>${name}: ${agents.length} agents</button>`)}
    </div>
    <div class="picture" ref=${frame} tabindex="0" role="region" aria-label="Plan of agents">
      <svg ...${size} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label="Agents and what they wait for">
        ${lines(columns, plan, convoy).map(([a, b]) => html`<${Edge} a=${a} b=${b}/>`)}
        ${columns
          .flatMap(({ boxes }) => boxes)
          .map((box) =>
            box.agent
              ? html`<${AgentBox} key=${box.agent.role} convoy=${convoy} box=${box} kind=${kindIn(convoy, now)(box.agent)}/>`
              : html`<${PhaseBox} key=${box.column.key} box=${box} kinds=${box.agents.map(kindIn(convoy, now))} unfold=${() => fold(box.column.key)}/>`,
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

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** What is to be known of an agent in a picture, beside its state. */
function work(convoy, agent) {
  const [about] = aboutOf(convoy, agent.role);
  if (about) return aboutWords(convoy, agent.role);
  if (stageOf(convoy, agent.role)) return stageWords(convoy, agent);
  return agent.model || agent.runner || '';
}

function AgentBox({ convoy, box: { agent, x, y }, kind }) {
  const [glyph, word] = look(kind);
  const { role } = agent;
  const sub = `${word} · ${work(convoy, agent)}`;
  const to = agentAddress(convoy.id, agent.role);
  return html`<a href=${to} onClick=${(event) => {
    event.preventDefault();
    go(to);
  }}>
    <rect class=${`node ${kind}`} x=${x} y=${y} width=${W} height=${H} rx="8"/>
    <text x=${x + 12} y=${y + 19} class="name">${glyph} ${cut(role, 18)}</text>
    <text x=${x + 12} y=${y + 35} class="sub">${cut(sub, 27)}</text><title>${[role, sub, stageOf(convoy, role)].filter(Boolean).join(': ')}</title>
  </a>`;
}

/** The agent that is worst off gives a folded phase its look. */
const BY_SEVERITY = [
  'lost',
  'failed',
  'timeout',
  'quiet',
  'limited',
  'queued',
  'running',
  'starting',
  'stopped',
  'skipped',
  'pending',
  'completed',
];

function PhaseBox({ box: { agents, column, x, y }, kinds, unfold }) {
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
    <text x=${x + 12} y=${y + 35} class="sub">${cut(words, 26)}</text><title>${`Unfold ${column.name}: ${words}`}</title></g>`;
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
