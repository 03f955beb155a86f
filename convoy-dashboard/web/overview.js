// What there is in all: today, what runs, what needs a person, cost, the days before.
import { html } from './html.js';
import { link } from './route.js';
import { ask } from './session.js';
import { useNow, useStore } from './store.js';
import { convoyKind, elapsed, money, plural, shortPath, span, ago } from './format.js';
import { Failure, State, useAnswer, Waiting } from './ui.js';
import { Empty, groupOf, news, ordered } from './list.js';

/** Convoys of a section, at most. */
const SHOWN = 6;

export function Overview() {
  const { loaded, convoys, counts } = useStore((state) => state);
  const sum = `${counts.all}/${counts.running}/${counts.failed}/${counts.partial}/${counts.completed}`;
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/overview?offset=${-new Date().getTimezoneOffset()}`),
    [loaded && sum],
  );
  const running = [...convoys.values()].some((convoy) => convoy.status === 'running');
  const now = useNow(running);
  if (loaded && counts.all === 0)
    return html`<main class="nothing" id="main"><h1 class="hidden">Overview</h1><${Empty}/></main>`;
  const all = ordered(convoys);
  return html`<main class="overview" id="main" tabindex="0"><h1>Overview</h1>
    ${problem && html`<${Failure} text=${problem.message} onRetry=${again}/>`}
    ${!answer && !problem && html`<${Waiting} what="Counting…"/>`}
    ${answer && html`<${Tiles} answer=${answer}/><${Trend} days=${answer.days}/>`}
    <${Section} title="Needs attention" group="attention" all=${all} now=${now} none="Nothing needs attention."/>
    <${Section} title="Running" group="running" all=${all} now=${now} none="Nothing runs."/></main>`;
}

/** A sum of costs with what is not known of it: a cost that nobody told is no zero. */
export function cost({ costUsd, costUnknown, started }) {
  if (!started) return 'nothing';
  if (costUsd === null) return 'not reported';
  return `${money(costUsd) || '$0.00'}${costUnknown ? ' and more' : ''}`;
}

function Tiles({ answer: { days, running, attention, all } }) {
  const today = days.at(-1);
  const week = days.slice(-7);
  const known = week.filter(({ costUsd }) => costUsd !== null);
  const seven = {
    started: week.reduce((sum, day) => sum + day.started, 0),
    costUsd: known.length ? known.reduce((sum, day) => sum + day.costUsd, 0) : null,
    costUnknown: week.reduce((sum, day) => sum + day.costUnknown, 0),
  };
  const ended = ['completed', 'partial', 'failed', 'stopped']
    .filter((name) => today[name])
    .map((name) => `${today[name]} ${name}`);
  const tiles = [
    ['Needs attention', attention, attention ? 'failed, without a watcher, or unreadable' : 'nothing does'],
    ['Running', running, `of ${plural(all, 'convoy')} in all`],
    ['Started today', today.started, ended.join(', ') || 'none has ended'],
    ['Cost today', cost(today), today.costUnknown ? `of ${plural(today.costUnknown, 'convoy')} not known` : ''],
    ['Cost of 7 days', cost(seven), seven.costUnknown ? `of ${plural(seven.costUnknown, 'convoy')} not known` : ''],
  ];
  return html`<dl class="tiles">${tiles.map(([name, value, note]) => html`<div key=${name}><dt>${name}</dt><dd><strong>${value}</strong> <span class="dim">${note}</span></dd></div>`)}</dl>`;
}

const KINDS = ['completed', 'running', 'partial', 'stopped', 'failed'];

/** Convoys by the day they began; the same as a table for who cannot see it. */
function Trend({ days }) {
  const most = Math.max(1, ...days.map(({ started }) => started));
  const short = (date) =>
    new Date(`${date}T12:00:00`).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
  return html`<section class="trend" aria-label="The last 14 days"><h2>The last 14 days</h2>
    <div class="columns" aria-hidden="true">${days.map(
      (
        day,
        n,
      ) => html`<div key=${day.date} title=${`${short(day.date)}: ${words(day)}`}><span class="dim">${day.started || ''}</span>
        <div class="column">${KINDS.map((kind) => day[kind] > 0 && html`<i key=${kind} class=${`fill ${kind}`} style=${`height:${(day[kind] / most) * 100}%`}></i>`)}</div>
        <span class="dim">${n % 3 === 1 ? short(day.date) : ''}</span></div>`,
    )}</div>
    <p class="dim legend" aria-hidden="true">${KINDS.filter((kind) => days.some((day) => day[kind])).map((kind) => html`<span key=${kind}><i class=${`fill ${kind}`}></i> ${kind}</span> `)}</p>
    <div class="hidden"><table><caption>Convoys by the day they began</caption><thead><tr><th scope="col">Day</th><th scope="col">Convoys</th><th scope="col">Cost</th></tr></thead>
      <tbody>${days.map((day) => html`<tr key=${day.date}><th scope="row">${short(day.date)}</th><td>${words(day)}</td><td>${cost(day)}</td></tr>`)}</tbody></table></div></section>`;
}

const words = (day) =>
  day.started
    ? `${day.started} started: ${KINDS.filter((kind) => day[kind])
        .map((kind) => `${day[kind]} ${kind}`)
        .join(', ')}`
    : 'none';

function Section({ title, group, all, now, none }) {
  const some = all.filter((convoy) => groupOf(convoy) === group);
  return html`<section class="some"><h2>${title} <span class="count">${some.length || ''}</span></h2>
    ${!some.length && html`<p class="dim">${none}</p>`}
    <ul>${some.slice(0, SHOWN).map(
      (
        convoy,
      ) => html`<li key=${convoy.id}><a ...${link(`/c/${convoy.id}`)}><${State} kind=${convoyKind(convoy)}/> <strong>${convoy.template || convoy.id}</strong> <code>${convoy.dashboard.short}</code></a>
      <span class="dim">${shortPath(convoy.context?.projectPath)} · ${convoy.status === 'running' ? span(Math.floor(elapsed(convoy, now) / 1000) * 1000) : ago(convoy.startedAt, now)}</span><div>${news(convoy, now)}</div></li>`,
    )}</ul>
    ${some.length > SHOWN && html`<p class="dim">and ${some.length - SHOWN} more in the list</p>`}</section>`;
}
