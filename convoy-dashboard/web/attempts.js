// The attempts of an agent, one of them chosen: what it was asked, by whom, where, and how it ended.
import { html } from './html.js';
import { agentAddress, attemptsAddress, go, link } from './route.js';
import { ask } from './session.js';
import { bytes, clock, money, span } from './format.js';
import { Copy, Failure, useAnswer, Waiting } from './ui.js';

export function Attempts({ convoy, agent, query }) {
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/attempts/${encodeURIComponent(agent.role)}`),
    [convoy.id, agent.role, agent.attempt, agent.status],
  );
  if (problem) return html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  if (!answer) return html`<${Waiting} what="Reading its attempts…"/>`;
  const { attempts, problem: unknown } = answer;
  if (!attempts.length) return html`<p class="empty">${agent.role} has not started.</p>`;
  const wanted = query.get('attempt');
  const chosen = wanted === null ? attempts[0] : attempts.find(({ attempt }) => String(attempt) === wanted);
  return html`<section class="attempts" aria-label=${`Attempts of ${agent.role}`}>
    <h2>${agent.role}</h2>
    ${unknown && html`<p class="banner" role="alert">Who made them, and with what command, is not known: ${unknown}</p>`}
    <div class="bar"><label>Attempt <select value=${chosen?.attempt ?? ''} onChange=${(event) => go(`${attemptsAddress(convoy.id, agent.role)}?attempt=${event.target.value}`, { replace: true })}>
      ${!chosen && html`<option value="">choose</option>`}
      ${attempts.map(({ attempt, ending }) => html`<option key=${attempt} value=${attempt}>${attempt}: ${ending ?? (attempt === agent.attempt ? agent.status : 'ended without a word')}</option>`)}</select></label>
      <a class="button" ...${link(agentAddress(convoy.id, agent.role))}>Output</a></div>
    ${chosen ? html`<${Attempt} key=${chosen.attempt} convoy=${convoy} agent=${agent} one=${chosen}/>` : html`<p class="banner" role="alert">${agent.role} has no attempt “${wanted}”.</p>`}
  </section>`;
}

function Attempt({ convoy, agent, one }) {
  const took = one.startedAt && one.endedAt ? span(Date.parse(one.endedAt) - Date.parse(one.startedAt)) : '';
  const isNow = one.attempt === agent.attempt;
  const facts = [
    isNow && !one.ending ? ['State', agent.status] : ['Ended', one.ending ?? 'without a word'],
    ['Exit', one.exitCode ?? (one.signal ? `signal ${one.signal}` : '')],
    [
      'Ran',
      one.startedAt && `${clock(one.startedAt)} to ${one.endedAt ? clock(one.endedAt) : 'now'}${took && `, ${took}`}`,
    ],
    ['Runner', [one.runner, one.model].filter(Boolean).join(' ')],
    ['Executor', one.executor && (one.executor === 'local' ? 'local: on this machine, as it is' : one.executor)],
    ['Where', one.place],
    ['Said to be over', one.fenced && `by ${one.fenced.by} at ${clock(one.fenced.at)} (fenced)`],
    ['Usage', one.usage && usage(one.usage)],
  ].filter(([, value]) => value || value === 0);
  return html`<dl class="facts">${facts.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd>${value}</dd>`)}
      ${one.command && html`<dt>Command</dt><dd><code>${one.command}</code> <${Copy} text=${one.command} label="copy"/></dd>`}
      ${one.logBytes !== null && html`<dt>Output</dt><dd><a ...${link(`${agentAddress(convoy.id, agent.role)}?attempt=${one.attempt}`)}>its log, ${bytes(one.logBytes)}</a></dd>`}</dl>
    ${one.promptBytes === null ? html`<p class="dim">Its prompt is not there.</p>` : html`<${Prompt} convoy=${convoy} agent=${agent} attempt=${one.attempt}/>`}`;
}

const usage = ({ inputTokens, outputTokens, costUsd, costEstimated }) =>
  [
    `${inputTokens.toLocaleString()} tokens in`,
    `${outputTokens.toLocaleString()} out`,
    costUsd === undefined ? 'cost not reported' : `${money(costUsd) || '$0.00'}${costEstimated ? ' (estimated)' : ''}`,
  ].join(', ');

function Prompt({ convoy, agent, attempt }) {
  const [text, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/prompts/${encodeURIComponent(agent.role)}?attempt=${attempt}`, { as: 'text' }),
    [convoy.id, agent.role, attempt],
  );
  if (problem) return html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  if (text === null) return html`<${Waiting} what="Reading the prompt…"/>`;
  return html`<section aria-label="Prompt"><h3>Prompt <${Copy} text=${text} label="copy"/></h3><pre class="prompt" tabindex="0">${text}</pre></section>`;
}
