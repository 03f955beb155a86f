// Two runs beside each other: what is only in one, what is in both, how each of them went.
import { html } from './html.js';
import { go, link } from './route.js';
import { ask } from './session.js';
import { useStore } from './store.js';
import { ago, convoyKind, elapsed, money, SEVERITIES, shortPath, span } from './format.js';
import { places } from './finding.js';
import { ordered } from './list.js';
import { Failure, State, useAnswer, Waiting } from './ui.js';

/** What was found and stands, or is carried; nothing was merged: none. */
const foundBy = (id) =>
  ask(`/api/convoys/${encodeURIComponent(id)}/findings`).then(
    ({ findings, carried }) => [...findings, ...(carried ?? [])],
    (problem) => {
      if (problem.status === 404) return null;
      throw problem;
    },
  );

export function Compare({ convoy, query }) {
  const convoys = useStore((state) => state.convoys);
  const other = query.get('with') ?? '';
  const alike = ordered(convoys).filter(
    ({ id, context }) => id !== convoy.id && context?.projectPath === convoy.context?.projectPath,
  );
  const names = alike.map(({ id, template, dashboard, startedAt }) => [
    id,
    `${template} ${dashboard.short}, ${ago(startedAt, Date.now())}`,
  ]);
  if (other && !names.some(([id]) => id === other)) names.unshift([other, other]);
  return html`<section class="compare" aria-label="Comparison">
    <div class="bar"><label>With <select value=${other} onChange=${({ target }) => go(`/c/${convoy.id}/compare${target.value ? `?with=${encodeURIComponent(target.value)}` : ''}`, { replace: true })}>
      <option value="">choose a run</option>${names.map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></label></div>
    ${other ? html`<${Beside} key=${other} convoy=${convoy} other=${other}/>` : html`<p class="empty">${alike.length ? 'Choose a run of the same project.' : `No other run of ${shortPath(convoy.context?.projectPath)} is in the list.`}</p>`}
  </section>`;
}

function Beside({ convoy, other }) {
  const [answer, problem, again] = useAnswer(
    () => Promise.all([ask(`/api/convoys/${encodeURIComponent(other)}`), foundBy(convoy.id), foundBy(other)]),
    [convoy.id, other, convoy.merge?.k],
  );
  if (problem)
    return problem.status === 404 || problem.status === 400
      ? html`<p class="banner" role="alert">There is no convoy <code>${other}</code>.</p>`
      : html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  if (!answer) return html`<${Waiting} what="Reading both…"/>`;
  const [before, own, others] = answer;
  const runs = [convoy, before];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Both runs"><table><thead><tr><th scope="col"><span class="hidden">What</span></th>${runs.map((run) => html`<th scope="col" key=${run.id}><a ...${link(`/c/${run.id}`)}>${run.template} ${run.dashboard.short}</a></th>`)}</tr></thead>
      <tbody>${rows(runs, [own, others]).map(([name, ...cells]) => html`<tr key=${name}><th scope="row">${name}</th>${cells.map((cell, n) => html`<td key=${n}>${cell}</td>`)}</tr>`)}</tbody></table></div>
    ${own && others ? html`<${Differences} runs=${runs} own=${own} others=${others}/>` : html`<p class="dim">Findings are compared where both runs have merged some.</p>`}`;
}

function rows(runs, found) {
  const of = (name, value) => [name, ...runs.map(value)];
  return [
    of('State', (run) => html`<${State} kind=${convoyKind(run)}/>`),
    of('Verdict', (run) => run.dashboard.review?.verdict ?? 'none'),
    of('Started', (run) => new Date(run.startedAt).toLocaleString()),
    of('Took', (run) => span(elapsed(run, Date.now()))),
    of('Cost', (run) => (run.dashboard.costUsd === null ? 'not reported' : money(run.dashboard.costUsd) || '$0.00')),
    of('Agents', (run) => run.agents.length),
    ...SEVERITIES.filter((severity) => found.some((all) => all?.some((one) => one.severity === severity))).map(
      (severity) =>
        of(
          severity,
          (run) => found[runs.indexOf(run)]?.filter((one) => one.severity === severity).length ?? 'not known',
        ),
    ),
  ];
}

/** Findings are the same by their key, or in runs without keys by what and where they are. */
const identity = (finding) => finding.key ?? `${finding.title} ${places(finding)}`;

function Differences({ runs: [convoy, before], own, others }) {
  const known = new Set(others.map(identity));
  const mine = new Set(own.map(identity));
  const groups = [
    [`Only in ${convoy.dashboard.short}`, convoy.id, own.filter((one) => !known.has(identity(one)))],
    [`Only in ${before.dashboard.short}`, before.id, others.filter((one) => !mine.has(identity(one)))],
    ['In both', convoy.id, own.filter((one) => known.has(identity(one)))],
  ];
  return html`${groups.map(
    ([title, id, some]) => html`<section key=${title}><h2>${title} <span class="count">${some.length}</span></h2>
      <ul class="plain">${some.map((one) => html`<li key=${one.id}><span class=${`sev ${one.severity}`}>${one.severity}</span> <a ...${link(`/c/${id}/findings?f=${one.id}`)}>${one.title}</a> <code>${places(one)}</code></li>`)}</ul></section>`,
  )}`;
}
