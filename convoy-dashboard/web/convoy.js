// One convoy: its head, its timeline, and below what the address says.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { link } from './route.js';
import { ask, post, Problem } from './session.js';
import { say, toast, useNow } from './store.js';
import { ConvoyStream, isAtLeast, withActivity } from './live.js';
import { agentKind, ago, convoyKind, counted, elapsed, look, money, plural, shortPath, span } from './format.js';
import { Boundary, Copy, Dialog, Failure, State, useRoving, useTold, Waiting } from './ui.js';
import { Timeline } from './timeline.js';
import { Output, Wall } from './terminal.js';
import { Failures } from './failures.js';
import { Agents, FEW } from './agents.js';
import { Stage, stageOf } from './stages.js';
import { Attempts } from './attempts.js';
import { Findings } from './findings.js';
import { Report } from './report.js';
import { Compare } from './compare.js';
import { Events } from './events.js';
import { Log } from './log.js';
import { Plan } from './plan.js';
import { Review } from './review.js';
import { markSeen } from './list.js';

/** After this a stop that is still under way may be hurried. */
const PATIENCE_MS = 10_000;

/** The convoy as the stream tells it, and the stream. */
function useConvoy(id) {
  const [convoy, setConvoy] = useState(() => null);
  const [stream, setStream] = useState(null);
  const [problem, setProblem] = useState(null);
  const [gone, setGone] = useState(false);
  const [events, setEvents] = useState([]);
  const before = useRef({});
  // What the stream told last. An answer may be late: then it is of before that.
  const told = useRef(/** @type {{id?: string, state?: any, answered?: any}} */ ({}));
  const load = () => {
    const current = () => told.current.id === id;
    return ask(`/api/convoys/${encodeURIComponent(id)}`).then(
      (value) => {
        if (!current() || (told.current.state && !isAtLeast(value, told.current.state))) return;
        // Of the same revision: what the stream told has the newer activity.
        if (told.current.state?.revision !== value.revision || value.revision === undefined) {
          told.current.answered = value;
          setConvoy(value);
        }
        setProblem(null);
      },
      (problem) => current() && !told.current.state && setProblem(problem),
    );
  };
  useEffect(() => {
    told.current = { id };
    setConvoy(null);
    setProblem(null);
    setGone(false);
    setEvents([]);
    before.current = {};
    load();
    const stream = new ConvoyStream(id, {
      state: (state) => {
        // Made before the answer that is shown; what that has is told next.
        if (!told.current.state && !isAtLeast(state, told.current.answered)) return load();
        tell(before.current, state);
        told.current.state = state;
        setConvoy(state);
        setProblem(null);
      },
      activity: (printed) => setConvoy((convoy) => (convoy?.id === id ? withActivity(convoy, printed) : convoy)),
      trouble: (detail) => {
        told.current.answered = undefined;
        setProblem(new Problem(503, detail));
      },
      down: () => {},
      gone: () => setGone(true),
    });
    setStream(stream);
    return () => stream.close();
  }, [id]);
  const revision = convoy?.revision;
  useEffect(() => {
    if (revision === undefined) return undefined;
    let current = true;
    const timer = setTimeout(
      () =>
        ask(`/api/convoys/${id}/events`).then(
          ({ events }) => current && setEvents(events),
          () => {},
        ),
      100,
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [id, revision]);
  return { convoy: convoy?.id === id ? convoy : null, stream, problem, gone, events, load };
}

/** Changes of agents are said once, in words. */
function tell(before, state) {
  for (const agent of state.agents) {
    const kind = agentKind(agent, {});
    if (
      before[agent.role] &&
      before[agent.role] !== kind &&
      ['completed', 'failed', 'timeout', 'stopped'].includes(kind)
    ) {
      const why = state.dashboard.agents?.[agent.role]?.why;
      say(`${agent.role} ${look(kind)[1].toLowerCase()}${why ? `: ${why}` : ''}`);
    }
    before[agent.role] = kind;
  }
}

/** What is opened of a convoy when the address names nothing. */
function firstTab(convoy) {
  const failed = convoy.agents.find(
    (agent) => agent.status === 'failed' && !['stopped', 'dependencies'].includes(agent.reason),
  );
  if (failed) return { tab: 'a', role: failed.role };
  if (convoy.status === 'completed') return { tab: 'report' };
  const running = convoy.agents.find((agent) => agent.status === 'running');
  return { tab: 'a', role: (running ?? convoy.agents[0])?.role ?? '' };
}

export function Convoy({ route }) {
  const { convoy, stream, problem, gone, events, load } = useConvoy(route.id);
  const running = convoy?.status === 'running';
  const now = useNow(running);
  const chosen = useRef(/** @type {{id?: string, tab?: string, role?: string}} */ ({}));
  useEffect(() => convoy && !running && markSeen(convoy), [convoy?.id, convoy?.status]);
  if (gone || problem?.status === 404 || problem?.status === 400) {
    return html`<main class="convoy" id="main"><h1 class="hidden">${route.id}</h1><div class="empty"><p>There is no convoy <code>${route.id}</code>${gone ? ' any more: it was deleted. Reports in the project are still there.' : '.'}</p><p><a class="button" ...${link('/')}>All convoys</a></p></div></main>`;
  }
  if (!convoy) {
    return html`<main class="convoy" id="main"><h1 class="hidden">${route.id}</h1>${problem ? html`<${Failure} text=${problem.message} onRetry=${load}/>` : html`<${Waiting} what="Reading the convoy…"/>`}</main>`;
  }
  if (chosen.current.id !== convoy.id) chosen.current = { id: convoy.id, ...firstTab(convoy) };
  const { tab, role } = route.tab ? route : chosen.current;
  const agent = tab === 'a' || tab === 'attempts' ? convoy.agents.find((one) => one.role === role) : null;
  return html`<main class=${`convoy ${['a', 'wall', 'log'].includes(tab) ? 'live' : ''}`} id="main">
    <${Head} convoy=${convoy} tab=${tab} now=${now}/>
    ${problem && html`<${Failure} text=${problem.message} onRetry=${load}/>`}
    ${convoy.agents.length > 0 && tab !== 'wall' && html`<${Boundary} what="The timeline"><${Timeline} convoy=${convoy} events=${events} now=${now} current=${agent?.role}/><//>`}
    <div class=${`stage ${convoy.agents.length > FEW ? 'many' : ''} ${tab === 'wall' ? 'wide' : ''}`}><${Tabs} convoy=${convoy} tab=${tab} role=${role} now=${now}/>
    <div class="body">
      <${Boundary} key=${`${convoy.id}/${tab}/${role}`} what="This view">
        <${View} tab=${tab} role=${role} query=${route.query} convoy=${convoy} agent=${agent} stream=${stream} events=${events} now=${now}/>
      <//>
    </div></div>
  </main>`;
}

function View({ tab, role, query, convoy, agent, stream, events, now }) {
  switch (tab) {
    case 'a':
      if (!role) return html`<p class="empty">This convoy has no agents.</p>`;
      if (!agent) return html`<p class="empty">There is no agent <code>${role}</code> in this convoy.</p>`;
      if (convoy.dashboard.legacy) return html`<${OldAgent} agent=${agent}/>`;
      if (stageOf(convoy, role)) return html`<${Stage} convoy=${convoy} agent=${agent} now=${now}/>`;
      return stream && html`<${Output} stream=${stream} convoy=${convoy} agent=${agent} query=${query} now=${now}/>`;
    case 'attempts':
      if (!agent) return html`<p class="empty">There is no agent <code>${role}</code> in this convoy.</p>`;
      return html`<${Attempts} convoy=${convoy} agent=${agent} query=${query}/>`;
    case 'wall':
      return stream && html`<${Wall} stream=${stream} convoy=${convoy} now=${now}/>`;
    case 'findings':
      return html`<${Findings} convoy=${convoy} query=${query}/>`;
    case 'report':
      return html`<${Report} convoy=${convoy} query=${query}/>`;
    case 'log':
      if (convoy.dashboard.legacy) return html`<p class="empty">Its output is not known here.</p>`;
      return html`<${Log} key=${convoy.id} convoy=${convoy} query=${query}/>`;
    case 'events':
      return html`<${Events} convoy=${convoy} events=${events}/>`;
    case 'compare':
      return html`<${Compare} convoy=${convoy} query=${query}/>`;
    case 'plan':
      return html`<${Plan} convoy=${convoy} now=${now}/>`;
    default:
      return html`<p class="empty">There is no view <code>${tab}</code> of a convoy.</p>`;
  }
}

/** An agent of the previous system: there is no log of it here. */
function OldAgent({ agent }) {
  return html`<section class="agent old" aria-label=${`Agent ${agent.role}`}><h2><${State} kind=${agentKind(agent)}/> ${agent.role}</h2>
    <p class="dim">Its output is not known here.${agent.outputFile ? ' Its report was to be at ' : ''}${agent.outputFile && html`<code>${agent.outputFile}</code>`}</p></section>`;
}

const VIEWS = [
  ['wall', '▦ Wall'],
  ['findings', 'Findings'],
  ['report', 'Report'],
  ['log', 'Log'],
  ['events', 'Events'],
  ['plan', 'Plan'],
];

function Tabs({ convoy, tab, role, now }) {
  const views = useRoving('a');
  const count = Object.values(convoy.merge?.counts ?? {}).reduce((a, b) => a + b, 0);
  return html`<nav class="tabs" aria-label="Views of this convoy">
    <div class="views" ref=${views}>${VIEWS.map(
      ([view, name]) =>
        html`<a key=${view} ...${link(`/c/${convoy.id}/${view}`)} aria-current=${tab === view ? 'page' : undefined}>${name}${view === 'findings' && count ? ` ${count}` : ''}</a>`,
    )}</div>
    <${Agents} convoy=${convoy} tab=${tab} role=${role} now=${now}/>
  </nav>`;
}

function Head({ convoy, tab, now }) {
  const [asked, setAsked] = useState(false);
  const [force, setForce] = useState(false);
  const [busy, setBusy] = useState('');
  const { dashboard: view, context = {} } = convoy;
  const kind = convoyKind(convoy);
  const running = convoy.status === 'running';
  const took = span(elapsed(convoy, now));
  // One stop of the Tab key: the views are near, whatever failed and was found.
  const head = useRoving('.title button, :is(.review, .failures, .banner) :is(summary, a, button)');
  const stopping = running && (busy === 'stop' || kind === 'stopping');
  const live = convoy.agents.filter((agent) => agent.status === 'running').length;
  const done = convoy.agents.filter((agent) => agent.status === 'completed').length;
  const failed = convoy.agents.some((agent) => agent.status === 'failed');
  const reports =
    convoy.agents.some((agent) => agent.outputFile) &&
    Object.values(view.plan?.agents ?? {}).some(({ report }) => report === 'synthesis');
  useTold((what) => what === 'stop' && running && setAsked(true));
  useEffect(() => {
    if (!stopping) return setForce(false);
    const timer = setTimeout(() => setForce(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [stopping]);
  const act = async (verb, body) => {
    setBusy(verb);
    try {
      const { message } = await post(`/api/convoys/${convoy.id}/${verb}`, body);
      // Its end is told by whoever sees it: one notice for one stop.
      toast(message, 'info', convoy.id);
    } catch (error) {
      toast(error.message, 'error');
    }
    setBusy('');
  };
  return html`<header class="head" ref=${head}>
    <div class="title">
      <h1><${State} kind=${stopping ? 'stopping' : kind}/> ${convoy.template} <code>${view.short}</code></h1>
      <div class="buttons" role="toolbar" aria-label="What can be done">
        ${running && html`<button type="button" class="danger" disabled=${stopping && !force} onClick=${() => (force ? act('stop', { force: true }) : setAsked(true))}>${stopping ? (force ? 'Force stop' : 'Stopping…') : '■ Stop'}</button>`}
        ${!running && failed && !view.legacy && html`<button type="button" disabled=${busy} onClick=${() => act('retry')}>↻ Retry what failed</button>`}
        ${!running && reports && html`<button type="button" disabled=${busy} onClick=${() => act('synthesize')}>Write the report again</button>`}
        <${Copy} text=${`pan convoy status --follow ${view.short}`} label="CLI"/>
      </div>
    </div>
    <p class="dim">
      <span title=${context.projectPath}>${shortPath(context.projectPath)}</span>
      ${context.issueId && html` · ${context.issueId}`}${context.prUrl && html` · ${context.prUrl}`}
      ${' · '}<time datetime=${convoy.startedAt}>started ${ago(convoy.startedAt, now)}</time>
      ${took && ` · ${running ? took : `took ${took}`}`}
      ${' · '}${done} of ${plural(convoy.agents.length, 'agent')} done${view.costUsd ? ` · ${money(view.costUsd)}` : ''}${view.plan?.staticOnly ? ' · static rules only, no AI' : ''}
      ${convoy.merge?.counts && html` · ${counted(convoy.merge.counts) || 'nothing found'}`}
    </p>
    ${view.review && html`<${Review} convoy=${convoy} review=${view.review}/>`}
    <${Failures} convoy=${convoy} isFirst=${tab === 'a'} busy=${busy} act=${act}/>
    ${view.legacy && html`<p class="banner">This convoy was written by the previous system. It can be looked at, not changed.${view.said ? ` Its file says “${view.said}”; whether anything of it still runs is not known here.` : ''}</p>`}
    ${view.unread && html`<p class="banner" role="status">Not all of this convoy can be read: ${view.unread}</p>`}
    ${view.unwatched && html`<p class="banner" role="status">No watcher is running: the running agents go on, but no new one is started. <button type="button" disabled=${busy} onClick=${() => act('resume')}>Resume</button></p>`}
    ${
      asked &&
      html`<${Dialog} title=${`Stop ${convoy.template} ${view.short}?`} onClose=${() => setAsked(false)}>
      <p>${live ? `${plural(live, 'agent')} ${live === 1 ? 'runs' : 'run'} and will be ended with every process ${live === 1 ? 'it has' : 'they have'} started.` : 'No agent runs; nothing more will begin.'} ${done ? `${plural(done, 'report')} ${done === 1 ? 'is' : 'are'} kept.` : ''} Stopped agents can be retried.</p>
      <div class="buttons"><button type="button" autofocus onClick=${() => setAsked(false)}>Keep running</button>
      <button type="button" class="danger" onClick=${() => {
        setAsked(false);
        act('stop');
      }}>■ Stop it</button></div>
    <//>`
    }
  </header>`;
}
