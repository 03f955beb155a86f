// Values as people read them.

export function span(ms) {
  if (Number.isNaN(ms)) return '';
  if (ms > 0 && ms < 9950 && ms % 1000) return `${(ms / 1000).toFixed(1)}s`;
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m ${String(s % 60).padStart(2, '0')}s`;
  return `${Math.floor(s / 3600)}h ${String(Math.floor(s / 60) % 60).padStart(2, '0')}m`;
}

export function ago(at, now) {
  if (Number.isNaN(time(at))) return 'at an unknown time';
  const minutes = Math.floor((now - time(at)) / 60000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const then = new Date(at);
  if (then.toDateString() === new Date(now).toDateString()) return clock(at);
  return then.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

export const clock = (at) =>
  new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

export const money = (usd) => (usd ? `$${usd.toFixed(2)}` : '');

export function bytes(n) {
  if (n < 1024) return `${n} B`;
  if (n < 1 << 20) return `${(n / 1024).toFixed(1)} KB`;
  return `${(n / (1 << 20)).toFixed(1)} MB`;
}

export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** The end of a path, which is what tells projects apart. */
export const shortPath = (path = '') => path.split('/').slice(-2).join('/');

export const SEVERITIES = ['blocker', 'critical', 'high', 'medium', 'low', 'unrated'];

export function counted(counts = {}) {
  return SEVERITIES.filter((name) => counts[name])
    .map((name) => `${counts[name]} ${name}`)
    .join(', ');
}

/** No output for longer than this is worth a word. */
export const QUIET_MS = 120_000;

const LOOK = {
  unknown: ['?', 'Unknown'],
  unwatched: ['◔', 'Not watched'],
  pending: ['○', 'Pending'],
  starting: ['◌', 'Starting'],
  running: ['●', 'Running'],
  quiet: ['◔', 'Quiet'],
  limited: ['◔', 'Rate limited'],
  queued: ['◌', 'Queued'],
  lost: ['?', 'Lost'],
  stopping: ['◍', 'Stopping'],
  completed: ['✓', 'Completed'],
  partial: ['◐', 'Partial'],
  failed: ['✗', 'Failed'],
  stopped: ['■', 'Stopped'],
  timeout: ['✗', 'Timed out'],
  skipped: ['⊘', 'Skipped'],
  unusable: ['✗', 'Unreadable'],
};

export const look = (kind) => LOOK[kind] || ['?', String(kind)];

/** The time, where there is one. */
const time = (at) => new Date(at ?? Number.NaN).getTime();

/** What a running agent is whose engine has not begun it, or of which nobody can tell. */
const ELSEWHERE = { pending: 'queued', lost: 'lost' };

/** Where an attempt is that was placed elsewhere, in words; '' where it was not. */
export function placeWords(place) {
  switch (place?.is) {
    case 'pending':
      return `in the queue${place.why ? ` (${place.why})` : ''}`;
    case 'lost':
      return `lost: ${place.why}`;
    case 'running':
      return `on ${place.node}`;
    default:
      return '';
  }
}

/** How an agent is, finer than its status. */
export function agentKind(agent, view = {}, now = Date.now()) {
  if (!agent.status) return 'unknown';
  if (agent.status === 'failed') {
    return { stopped: 'stopped', timeout: 'timeout', dependencies: 'skipped' }[agent.reason] || 'failed';
  }
  if (agent.status === 'pending') return agent.notBefore && time(agent.notBefore) > now ? 'limited' : 'pending';
  if (agent.status === 'running') {
    if (ELSEWHERE[view.place?.is]) return ELSEWHERE[view.place.is];
    if (agent.stage === 'launched') return 'starting';
    return quietMs(agent, view, now) > QUIET_MS ? 'quiet' : 'running';
  }
  return agent.status;
}

/** For how long a running agent has printed nothing. */
export function quietMs(agent, view = {}, now = Date.now()) {
  if (agent.status !== 'running' || ELSEWHERE[view.place?.is]) return 0;
  const last = Math.max(time(view.lastOutputAt ?? 0), time(agent.startedAt ?? now));
  return Math.max(0, now - last);
}

export function convoyKind(convoy) {
  if (convoy.dashboard?.unusable) return 'unusable';
  if (!convoy.status) return 'unknown';
  if (convoy.stopping && convoy.status === 'running') return 'stopping';
  if (convoy.dashboard?.unwatched) return 'unwatched';
  if (convoy.reason === 'stopped') return 'stopped';
  return convoy.status;
}

/** How long it took, or has taken so far; `NaN` where that is not known. */
export function elapsed(thing, now) {
  if (!thing.startedAt) return 0;
  const end = thing.completedAt ?? (thing.status === 'running' ? now : undefined);
  return time(end) - time(thing.startedAt);
}

/** Until when a parked agent waits, and how long that is. */
export function parkedUntil(agent, now) {
  const left = time(agent.notBefore) - now;
  return left > 0 ? `until ${clock(agent.notBefore)} (in ${span(left)})` : '';
}

/** Those it waits for, of an agent that is pending. */
export function waitsFor(agent, convoy) {
  const plan = convoy.dashboard?.plan?.agents?.[agent.role];
  const open = (role) => ['pending', 'running'].includes(convoy.agents.find((one) => one.role === role)?.status);
  return (plan?.dependsOn || []).filter(open);
}
