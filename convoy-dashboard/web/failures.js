// What failed, why, and what can be done about it; equal causes are one.
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { plural, span } from './format.js';
import { Copy } from './ui.js';

/** What a reason means, and what helps. */
const REASONS = {
  'exit-code': ['Its command ended with an error.', 'Read the end of its output; put right what it says, then retry.'],
  signal: ['Something outside of this convoy ended its command: a kill, or too little memory.', 'Retry.'],
  spawn: ['Its command could not be started.', 'Check that its runner is installed: pan doctor.'],
  'no-report': ['It ended as if all were well, and left no report.', 'Read its output: it may have asked something.'],
  'empty-report': ['Its report has nothing in it.', 'Read its output, then retry.'],
  denied: ['It was not allowed to write its report.', 'Read its output: it names what was refused.'],
  'bad-report': ['Its report is no plain file, or could not be kept whole.', 'Read its output, then retry.'],
  unrecognised: [
    'Its report is no review: neither findings nor a clean result are in it.',
    'Read its report, then retry.',
  ],
  publish: [
    'Its report is there and could not be put in its place.',
    'Make room, or the directory of reports writable, then retry.',
  ],
  'project-gone': ['The project directory is gone, or another one has its name.', 'Put it back, then retry.'],
  timeout: [
    'It was not done in the time it may take.',
    'Give it more time (timeout in the template, or --timeout at the start), or less to read.',
  ],
  stalled: ['Its CLI gave no sign of life for longer than it may.', 'Retry; if it happens again, look at the service.'],
  'rate-limit': [
    'Its login has used up what the service allows for now.',
    'Wait for the end of the limit, or name another runner in its chain.',
  ],
  auth: ['Its CLI is not logged in, or its key is wrong.', 'Log in by the CLI itself, then retry.'],
  'context-overflow': [
    'What it was given is more than its model can take.',
    'Give it fewer files, or a model that takes more.',
  ],
  refusal: ['The model refused.', 'Read its output for the reason it gives.'],
  'turn-limit': ['It used all the turns it may.', 'Give it fewer files, or more turns.'],
  'output-limit': ['Its answer is longer than the model may write.', 'Give it fewer files.'],
  budget: ['It spent what it may.', 'Give it a larger budget, or fewer files.'],
  credit: ['The credit of its login is used up.', 'Add credit, or name another runner in its chain.'],
  overload: ['The service had too much to do.', 'Retry later.'],
  cut: ['Its CLI went away in the middle of its work.', 'Retry.'],
  'api-error': ['The service reported an error.', 'Read the end of its output; retry later.'],
  'session-closed': ['A person closed its session.', 'Retry.'],
  launch: ['Its supervisor was launched and never answered.', 'Look for what is wrong with the machine: pan doctor.'],
  lost: ['Its supervisor was lost several times.', 'Look for what is wrong with the machine: pan doctor.'],
};

/** Failed agents by cause, the most common first; what was skipped or stopped has none of its own. */
export function causes(convoy) {
  const groups = new Map();
  for (const agent of convoy.agents) {
    if (agent.status !== 'failed' || ['stopped', 'dependencies'].includes(agent.reason)) continue;
    const why = convoy.dashboard.agents?.[agent.role]?.why ?? agent.reason ?? 'failed';
    const key = `${agent.reason}\n${why}`;
    groups.set(key, { why, reason: agent.reason, agents: [...(groups.get(key)?.agents ?? []), agent] });
  }
  return [...groups.values()].sort((a, b) => b.agents.length - a.agents.length);
}

export function Failures({ convoy, busy, act }) {
  const all = causes(convoy);
  if (!all.length) return null;
  const skipped = convoy.agents.filter(({ reason }) => reason === 'dependencies').length;
  return html`<section class="failures" aria-label="What failed">
    ${all.map((cause) => html`<${Cause} key=${cause.why} cause=${cause} convoy=${convoy} busy=${busy} act=${act}/>`)}
    ${skipped > 0 && html`<p class="dim">${plural(skipped, 'agent')} that ${skipped === 1 ? 'needs' : 'need'} them did not begin.</p>`}
  </section>`;
}

function Cause({ cause: { why, reason, agents }, convoy, busy, act }) {
  const [meaning, help] = REASONS[reason] ?? [];
  const [first] = agents;
  const { short, plan } = convoy.dashboard;
  const limit = reason === 'timeout' && plan?.agents?.[first.role]?.timeoutMs;
  return html`<details class="cause"><summary><span aria-hidden="true">✗</span> <strong>${why}</strong> <span class="dim">${named(agents)}</span></summary>
    ${meaning && html`<p>${meaning}${limit ? ` It may take ${span(limit)}.` : ''}</p><p>${help}</p>`}
    <div class="buttons">
      ${agents.slice(0, 5).map(({ role }) => html`<a class="button" key=${role} ...${link(agentAddress(convoy.id, role))}>Output of ${role}</a>`)}
      ${convoy.status !== 'running' && agents.length === 1 && html`<button type="button" disabled=${busy} onClick=${() => act('retry', { agent: first.role })}>↻ Retry it</button>`}
      <${Copy} text=${`pan convoy logs ${short} ${first.role}`} label="logs"/>
      ${reason === 'spawn' || reason === 'launch' || reason === 'lost' ? html`<${Copy} text="pan doctor" label="pan doctor"/>` : ''}
    </div></details>`;
}

const named = (agents) =>
  agents.length > 3
    ? `${plural(agents.length, 'agent')}: ${agents
        .slice(0, 3)
        .map(({ role }) => role)
        .join(', ')}, …`
    : agents.map(({ role }) => role).join(', ');
