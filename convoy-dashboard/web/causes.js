// What a failure means, what helps, and which buttons do that. Pure.

/** What a person can have done about it. */
const ACTS = { retry: 'retry', time: 'time', runner: 'runner', login: 'login', doctor: 'doctor' };
const { retry, time, runner, login, doctor } = ACTS;

/** By reason: what it means, what helps, and the buttons for that, the best one first. */
export const REASONS = {
  'exit-code': [
    'Its command ended with an error.',
    'Read the end of its output; put right what it says, then retry.',
    [retry, runner],
  ],
  signal: ['Something outside of this convoy ended its command: a kill, or too little memory.', 'Retry.', [retry]],
  spawn: ['Its command could not be started.', 'Check that its runner is installed: pan doctor.', [doctor, runner]],
  'no-report': [
    'It ended as if all were well, and left no report.',
    'Read its output: it may have asked something.',
    [retry, runner],
  ],
  'empty-report': ['Its report has nothing in it.', 'Read its output, then retry.', [retry, runner]],
  denied: ['It was not allowed to write its report.', 'Read its output: it names what was refused.', [retry]],
  'bad-report': ['Its report is no plain file, or could not be kept whole.', 'Read its output, then retry.', [retry]],
  unrecognised: [
    'Its report is no review: neither findings nor a clean result are in it.',
    'Read its report, then retry.',
    [retry, runner],
  ],
  publish: [
    'Its report is there and could not be put in its place.',
    'Make room, or the directory of reports writable, then retry.',
    [retry],
  ],
  'project-gone': ['The project directory is gone, or another one has its name.', 'Put it back, then retry.', [retry]],
  timeout: ['It was not done in the time it may take.', 'Give it more time, or less to read.', [time, retry]],
  stalled: [
    'Its CLI gave no sign of life for longer than it may.',
    'Retry; if it happens again, look at the service.',
    [retry, runner],
  ],
  'rate-limit': [
    'Its login has used up what the service allows for now.',
    'Wait for the end of the limit, or have another runner do it.',
    [runner, retry],
  ],
  auth: [
    'Its CLI is not logged in, or its key is wrong.',
    'Log in by the CLI itself, then retry.',
    [login, retry, runner],
  ],
  'context-overflow': [
    'What it was given is more than its model can take.',
    'Give it fewer files, or a model that takes more.',
    [runner],
  ],
  refusal: ['The model refused.', 'Read its output for the reason it gives.', [runner, retry]],
  'turn-limit': ['It used all the turns it may.', 'Give it fewer files, or more turns.', [retry]],
  'output-limit': ['Its answer is longer than the model may write.', 'Give it fewer files.', [runner]],
  budget: ['It spent what it may.', 'Give it a larger budget, or fewer files.', []],
  credit: ['The credit of its login is used up.', 'Add credit, or have another runner do it.', [runner, retry]],
  overload: ['The service had too much to do.', 'Retry later.', [retry, runner]],
  cut: ['Its CLI went away in the middle of its work.', 'Retry.', [retry]],
  'api-error': ['The service reported an error.', 'Read the end of its output; retry later.', [retry, runner]],
  'session-closed': ['A person closed its session.', 'Retry.', [retry]],
  launch: [
    'Its supervisor was launched and never answered.',
    'Look for what is wrong with the machine: pan doctor.',
    [doctor, retry],
  ],
  items: [
    'What it was to make agents of could not be had.',
    'Read the report that it is taken from, and retry the agent that wrote that.',
    [retry],
  ],
  lost: [
    'Its supervisor was lost several times.',
    'Look for what is wrong with the machine: pan doctor.',
    [doctor, retry],
  ],
};

/** How one logs in to a CLI, in a terminal of its own. */
export const LOGINS = {
  claude: 'claude',
  codex: 'codex login',
  gemini: 'gemini',
  opencode: 'opencode auth login',
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
