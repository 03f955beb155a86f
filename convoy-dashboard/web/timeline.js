// Who ran when, pending agents included; the same as a table for who cannot see it.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { agentKind, clock, elapsed, look, placeWords, quietMs, QUIET_MS, span, waitsFor } from './format.js';
import { aboutOf, aboutWords, stageOf, stageSpan, stageWords } from './stages.js';
import { State, useRoving } from './ui.js';

/** More agents than this are shown by phase. */
const MANY = 30;

/** Attempts as bars: from the journal, the last one from the state. */
export function bars(agent, events, now) {
  /** @type {{attempt: number, from: Date, to?: Date, kind?: string, why?: string}[]} */
  const found = [];
  for (const { event, role, attempt, at, reason } of events || []) {
    if (role !== agent.role || attempt >= agent.attempt) continue;
    const bar = found.find((one) => one.attempt === attempt);
    if (event === 'agent-launched' && !bar) found.push({ attempt, from: new Date(at), kind: 'failed', why: reason });
    else if (bar && ['agent-waiting', 'agent-failed', 'agent-completed'].includes(event)) bar.to = new Date(at);
  }
  for (const bar of found)
    bar.to ??= found.find((one) => one.attempt > bar.attempt)?.from ?? new Date(agent.startedAt || now);
  if (agent.startedAt) {
    found.push({
      attempt: agent.attempt,
      from: new Date(agent.startedAt),
      to: new Date(agent.completedAt ?? (agent.status === 'running' ? now : agent.startedAt)),
    });
  }
  return found;
}

function ticks(ms) {
  const steps = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400].map((s) => s * 1000);
  const step = steps.find((one) => ms / one <= 6) ?? Math.ceil(ms / 6);
  return Array.from({ length: Math.floor(ms / step) + 1 }, (_, n) => n * step);
}

export function Timeline({ convoy, events, now, current }) {
  const group = useRoving('.line');
  const begin = new Date(convoy.startedAt).getTime();
  const times = convoy.agents.flatMap((agent) => [agent.startedAt, agent.completedAt]).filter(Boolean);
  // Where the end is not known, as far as something is.
  const known = convoy.status === 'running' ? now : Math.max(begin, ...times.map((at) => new Date(at).getTime()));
  const end = Math.max(new Date(convoy.completedAt ?? known).getTime(), begin + 1000);
  const place = (at) => `${Math.min(100, Math.max(0, ((at - begin) / (end - begin)) * 100))}%`;
  const width = (bar) => `${Math.max(0.4, ((bar.to - bar.from) / (end - begin)) * 100)}%`;
  const phases = convoy.dashboard.plan?.phases ?? [convoy.agents.map((agent) => agent.role)];
  const byRole = new Map(convoy.agents.map((agent) => [agent.role, agent]));
  const agentOf = (role) => byRole.get(role);
  const [opened, setOpened] = useState(() => new Set());
  const isMany = convoy.agents.length > MANY;
  const rows = phases.map((phase, n) =>
    isMany && !opened.has(n) ? [] : phase.map((role, k) => ({ role, phase: k ? '' : n + 1 })),
  );
  const turn = (n) => {
    const next = new Set(opened);
    if (!next.delete(n)) next.add(n);
    setOpened(next);
  };
  const line = ({ role, phase }) => {
    const agent = agentOf(role);
    if (!agent) return null;
    const view = convoy.dashboard.agents?.[role] || {};
    const kind = agentKind(agent, view, now);
    const stage = stageOf(convoy, role) && stageSpan(convoy, role, now);
    const parts = stage ? [stage] : bars(agent, events, now);
    return html`<a class="line" key=${role} ...${link(agentAddress(convoy.id, role))} aria-current=${current === role ? 'true' : undefined} title=${describe(agent, view, convoy, now)}>
        <span class="phase" aria-hidden="true">${phase}</span>
        <span class="role"><${State} kind=${kind} short/> ${role}${aboutOf(convoy, role).map(({ id }) => html` <span class="dim">${id}</span>`)}</span>
        <span class="track" aria-hidden="true">
          ${parts.map((bar) => html`<b class=${`fill ${bar.kind || kind}`} style=${`left:${place(bar.from)};width:${width(bar)}`}></b>`)}
          ${!agent.startedAt && !stage && html`<em>${waiting(agent, convoy, kind)}</em>`}
        </span>
        <span class="note" aria-hidden="true">${stage ? (agent.status === 'failed' && view.why) || stageWords(convoy, agent) : note(agent, view, now)}</span>
      </a>`;
  };
  // Nothing can be placed without a beginning.
  if (Number.isNaN(begin)) return null;
  return html`<section class="timeline" aria-label="Timeline" ref=${group}>
    <div class="axis" aria-hidden="true"><span></span><span></span><div>${ticks(end - begin).map((ms) => html`<i style=${`left:${(ms / (end - begin)) * 100}%`}>${ms < 10_000 ? `${ms / 1000}s` : span(ms)}</i>`)}</div></div>
    ${phases.map((phase, n) => [
      isMany &&
        html`<${Group} key=${n} n=${n} agents=${phase.map(agentOf).filter(Boolean)} isOpen=${opened.has(n)} onTurn=${() => turn(n)} place=${place} width=${width} now=${now}/>`,
      rows[n].map(line),
    ])}
    <div class="hidden"><table><caption>Timeline</caption>
      <thead><tr><th>Agent</th><th>Phase</th><th>State</th><th>Started</th><th>Took</th><th>Note</th></tr></thead>
      <tbody>${phases.flatMap((phase, n) =>
        phase.map((role) => {
          const agent = agentOf(role);
          const view = convoy.dashboard.agents?.[role] || {};
          return (
            agent &&
            html`<tr key=${role}><th scope="row">${role}</th><td>${n + 1}</td><td>${look(agentKind(agent, view, now))[1]}</td>
          <td>${agent.startedAt ? clock(agent.startedAt) : 'not yet'}</td><td>${agent.startedAt ? span(elapsed(agent, now)) : ''}</td>
          <td>${remarks(agent, view, convoy)}</td></tr>`
          );
        }),
      )}</tbody></table></div>
  </section>`;
}

/** A phase of many: the time that its agents took in all, and how they are. */
function Group({ n, agents, isOpen, onTurn, place, width, now }) {
  const times = (key) =>
    agents.map((agent) => new Date(agent[key] ?? Number.NaN).getTime()).filter((at) => !Number.isNaN(at));
  const begins = times('startedAt');
  const from = Math.min(...begins);
  const isRunning = agents.some(({ status }) => status === 'running');
  const bar = { from, to: isRunning ? now : Math.max(from, ...times('completedAt')) };
  const worst = ['failed', 'running', 'pending', 'completed'].find((status) =>
    agents.some((agent) => agent.status === status),
  );
  return html`<button type="button" class="line group" aria-expanded=${isOpen} onClick=${onTurn}>
    <span class="phase">${n + 1}</span><span class="role">${isOpen ? '▾' : '▸'} ${agents.length} agents</span>
    <span class="track" aria-hidden="true">${begins.length > 0 && html`<b class=${`fill ${worst}`} style=${`left:${place(bar.from)};width:${width(bar)}`}></b>`}</span>
    <span class="note">${summary(agents)}</span></button>`;
}

function summary(agents) {
  const count = {};
  for (const agent of agents) count[agent.status] = (count[agent.status] || 0) + 1;
  return Object.entries(count)
    .map(([status, n]) => `${n} ${status}`)
    .join(', ');
}

/** What the picture says of an agent beside its bars. */
function remarks(agent, view, convoy) {
  const open = waitsFor(agent, convoy);
  const told = [
    aboutWords(convoy, agent.role) && `looks again at ${aboutWords(convoy, agent.role)}`,
    stageOf(convoy, agent.role) && stageWords(convoy, agent),
    placeWords(view.place),
    view.why || (open.length ? `waits for ${open.join(', ')}` : ''),
  ];
  return told.filter(Boolean).join('; ');
}

function waiting(agent, convoy, kind) {
  if (kind === 'limited') return `rate limited until ${clock(agent.notBefore)}`;
  const open = waitsFor(agent, convoy);
  if (agent.status === 'failed') return convoy.dashboard.agents?.[agent.role]?.why || 'skipped';
  if (stageOf(convoy, agent.role) && !open.length) return stageWords(convoy, agent);
  return open.length ? `waits for ${open.join(', ')}` : 'waits for its turn';
}

function note(agent, view, now) {
  if (!agent.startedAt) return '';
  const kind = agentKind(agent, view, now);
  if (kind === 'lost' || kind === 'queued') return kind === 'lost' ? 'lost' : placeWords(view.place);
  if (kind === 'limited') return `rate limited until ${clock(agent.notBefore)}`;
  const quiet = quietMs(agent, view, now);
  const attempts = agent.attempt > 1 ? ` · attempt ${agent.attempt}` : '';
  return span(elapsed(agent, now)) + (quiet > QUIET_MS ? ` · quiet ${span(quiet)}` : '') + attempts;
}

function describe(agent, view, convoy, now) {
  const made = [agent.subagent, agent.runner, agent.model].filter(Boolean).join(' ');
  const parts = [made ? `${agent.role} (${made})` : agent.role];
  if (agent.startedAt) parts.push(`started ${clock(agent.startedAt)}, ${span(elapsed(agent, now))}`);
  if (agent.completedAt) parts.push(`ended ${clock(agent.completedAt)}`);
  const more = remarks(agent, view, convoy);
  if (more) parts.push(more);
  return parts.join('\n');
}
