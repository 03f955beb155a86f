// Merged findings: filters and groups in the address, and always how many they hide.
import { useMemo, useState } from 'preact/hooks';
import { html } from './html.js';
import { go, link } from './route.js';
import { ask } from './session.js';
import { plural, SEVERITIES } from './format.js';
import { isRefuted, standingsOf } from './looks.js';
import { decided, Finding, markdown } from './finding.js';
import { Decide, useDecisions } from './decide.js';
import { copy, Download, Failure, useAnswer, useTold, Waiting } from './ui.js';

const FORMATS = [
  ['md', 'Markdown', 'md'],
  ['sarif', 'SARIF', 'sarif.json'],
  ['gitlab', 'GitLab', 'gitlab.json'],
  ['html', 'HTML', 'html'],
  ['csv', 'CSV', 'csv'],
  ['json', 'JSON', 'json'],
  ['junit', 'JUnit', 'junit.xml'],
  ['checkstyle', 'Checkstyle', 'checkstyle.xml'],
  ['rdjson', 'rdjson', 'rdjson'],
  ['rdjsonl', 'rdjsonl', 'rdjsonl'],
  ['github', 'GitHub annotations', 'annotations.txt'],
];

/** By what findings are grouped, and how a group is called. */
const GROUPS = {
  severity: (one) => one.severity,
  file: (one) => one.locations[0]?.file ?? 'the project',
  reviewer: (one) => one.reviewers.join(', '),
  // What goes against one rule has one cause.
  cause: (one) => (one.rule ? one.title : one.category || one.title),
};

const FOLDED = [
  ['refuted', 'Refuted by a second look'],
  ['old', 'Not of this change'],
  ['decided', 'Decided'],
  ['settled', 'Withdrawn or settled by its reviewers'],
  ['closed', 'Fixed or gone since an earlier run'],
];

/** What the address asks for. */
function wantedOf(query) {
  const by = query.get('by');
  return {
    sev: (query.get('sev') || '').split(',').filter(Boolean),
    agent: query.get('agent') || '',
    file: query.get('file') || '',
    past: query.get('past') || '',
    look: query.get('look') || '',
    q: query.get('q') || '',
    by: Object.hasOwn(GROUPS, by ?? '') ? by : 'severity',
    f: query.get('f') || '',
  };
}

function addressOf(id, wanted) {
  const words = new URLSearchParams();
  if (wanted.sev.length) words.set('sev', wanted.sev.join(','));
  if (wanted.by !== 'severity') words.set('by', wanted.by);
  for (const key of ['agent', 'file', 'past', 'look', 'q', 'f']) if (wanted[key]) words.set(key, wanted[key]);
  return `/c/${id}/findings${words.size ? `?${words}` : ''}`;
}

export function Findings({ convoy, query }) {
  const merged = `${convoy.merge?.k ?? ''}${convoy.merge?.status ?? ''}`;
  const [answer, problem, again] = useAnswer(() => ask(`/api/convoys/${convoy.id}/findings`), [convoy.id, merged]);
  if (problem && !answer) {
    return problem.status === 404
      ? html`<p class="empty">${convoy.status === 'running' ? 'Findings are merged when the reviewers have ended.' : 'This convoy has no merged findings.'}</p>`
      : html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  }
  if (!answer) return html`<${Waiting} what="Reading the findings…"/>`;
  return html`<${Board} convoy=${convoy} answer=${answer} merged=${merged} wanted=${wantedOf(query)}/>`;
}

function Board({ convoy, answer, merged, wanted }) {
  const desk = useDecisions(convoy, merged);
  const [marks, setMarks] = useState(() => new Set());
  // What is carried is as open as what was told this time.
  const all = useMemo(() => [...answer.findings, ...(answer.settled ?? []), ...(answer.carried ?? [])], [answer]);
  const closed = answer.closed ?? [];
  const change = (patch) => go(addressOf(convoy.id, { ...wanted, ...patch }), { replace: true });
  const named = wanted.f && [...all, ...closed].find(({ id }) => id === wanted.f);
  const isShown = (finding) => fits(finding, wanted) || finding === named;
  const shown = all.filter(isShown);
  const parts = apart(shown, closed.filter(isShown), desk.decisions);
  const marked = all.filter(({ id }) => marks.has(id));
  const mark = ({ id }) =>
    setMarks((marks) => {
      const next = new Set(marks);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  const decide = (what, findings) => desk.decide(what, findings);
  useKeysOfFindings({ all: [...all, ...closed], marked, mark, decide, decisions: desk.decisions });
  const one = (
    finding,
  ) => html`<${Finding} key=${finding.id} convoy=${convoy} finding=${finding} decisions=${desk.decisions} reopened=${desk.reopened?.[finding.key]}
    marked=${marks.has(finding.id)} onMark=${mark} onDecide=${decide} named=${finding.id === wanted.f} unsaved=${desk.unsaved[finding.id]}
    onOpen=${({ id }, open) => open && id !== wanted.f && change({ f: id })}/>`;
  return html`<section class="findings" aria-label="Findings">
    <${Filters} all=${all} wanted=${wanted} change=${change}/>
    <${Chosen} convoy=${convoy} shown=${shown} marked=${marked} decisions=${desk.decisions} onMarks=${setMarks} onDecide=${decide}/>
    <p class="dim" role="status">${plural(shown.length, 'finding')} shown, ${all.length - shown.length} hidden by filters${answer.duplicatesRemoved ? `, ${plural(answer.duplicatesRemoved, 'duplicate')} merged` : ''}${all.length > shown.length ? html` · <button type="button" class="linkish" onClick=${() => change({ sev: [], agent: '', file: '', past: '', look: '', q: '' })}>show all</button>` : ''}</p>
    ${wanted.f && !named && html`<p class="banner" role="alert">There is no finding <code>${wanted.f}</code> in this convoy.</p>`}
    ${desk.problem && html`<p class="banner" role="alert">What is decided about these findings is not known: ${desk.problem.message}</p>`}
    ${parts.decided.length > 0 && convoy.dashboard.review && html`<p class="dim">Decisions count from the next review on; the verdict above is as it was when this one ended.</p>`}
    ${!all.length && html`<p class="empty">${isWhole(convoy, answer) ? 'The reviewers found nothing.' : 'No finding is here, and not every review is.'}</p>`}
    ${grouped(parts.open, wanted.by).map(([name, some]) => html`<section key=${name}><h2>${name} <span class="count">${some.length}</span></h2>${some.map(one)}</section>`)}
    ${FOLDED.map(([key, what]) => parts[key].length > 0 && html`<details class="folded" key=${key} open=${key === wanted.look}><summary>${what} <span class="count">${parts[key].length}</span></summary>${parts[key].map(one)}</details>`)}
    <${Formats} convoy=${convoy} shown=${shown}/>
    ${desk.wanted && html`<${Decide} wanted=${desk.wanted} save=${desk.save} onClose=${desk.close}/>`}
  </section>`;
}

/** Keys that act on the finding that has the focus, or on those that are chosen. */
function useKeysOfFindings({ all, marked, mark, decide, decisions }) {
  useTold((what) => {
    const focused = document.activeElement?.closest('.finding')?.getAttribute('data-id');
    const one = all.find(({ id }) => id === focused);
    if (what === 'mark' && one) mark(one);
    const some = (marked.length ? marked : one ? [one] : []).filter(({ key }) => key);
    const fitting = some.filter((finding) => Boolean(decided(finding, decisions)) === (what === 'reopen'));
    if (['accept', 'dismiss', 'reopen'].includes(what) && fitting.length) decide(what, fitting);
  });
}

function Filters({ all, wanted, change }) {
  const reviewers = [...new Set(all.flatMap((finding) => finding.reviewers))];
  const files = [...new Set(all.flatMap((finding) => finding.locations.map(({ file }) => file)))].sort();
  const pasts = [...new Set(all.map(({ history }) => history).filter(Boolean))];
  const looks = standingsOf(all);
  const count = (severity) => all.filter((finding) => finding.severity === severity).length;
  const toggle = (severity) =>
    change({
      sev: wanted.sev.includes(severity) ? wanted.sev.filter((one) => one !== severity) : [...wanted.sev, severity],
    });
  const choice = (
    label,
    key,
    none,
    names,
  ) => html`<label>${label} <select value=${wanted[key]} onChange=${(event) => change({ [key]: event.target.value })}>
    ${none && html`<option value="">${none}</option>`}${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>`;
  return html`<div class="bar">
    <div class="chips" role="group" aria-label="Severity">${SEVERITIES.filter(count).map((severity) => html`<button type="button" key=${severity} class=${`sev ${severity}`} aria-pressed=${wanted.sev.includes(severity)} onClick=${() => toggle(severity)}>${severity} ${count(severity)}</button>`)}</div>
    ${choice('Group by', 'by', '', Object.keys(GROUPS))}
    ${choice('Found by', 'agent', 'anyone', reviewers)}
    ${choice('File', 'file', 'any', files)}
    ${pasts.length > 0 && choice('Since when', 'past', 'any', pasts)}
    ${(looks.length > 0 || wanted.look) && choice('Second look', 'look', 'any', [...new Set([...looks, wanted.look])].filter(Boolean))}
    <label class="search"><span class="hidden">Search the findings</span><input type="search" placeholder="/ search" value=${wanted.q} onInput=${(event) => change({ q: event.target.value })}/></label>
  </div>`;
}

/** What can be done with those that are chosen. */
function Chosen({ convoy, shown, marked, decisions, onMarks, onDecide }) {
  const open = marked.filter((finding) => finding.key && !decided(finding, decisions));
  const closed = marked.filter((finding) => finding.key && decided(finding, decisions));
  const files = [...new Set(marked.flatMap(({ locations }) => locations.map(({ file }) => file)))].filter(Boolean);
  const all = shown.length > 0 && shown.every((finding) => marked.includes(finding));
  return html`<div class="bar chosen-bar" role="group" aria-label="Chosen findings">
    <label><input type="checkbox" checked=${all} disabled=${!shown.length} onChange=${() => onMarks(new Set(all ? [] : shown.map(({ id }) => id)))}/>${marked.length ? `${marked.length} chosen` : 'Choose all'}</label>
    ${
      marked.length > 0 &&
      html`<button type="button" disabled=${!open.length} onClick=${() => onDecide('accept', open)}>Accept…</button>
      <button type="button" disabled=${!open.length} onClick=${() => onDecide('dismiss', open)}>Dismiss…</button>
      <button type="button" disabled=${!closed.length} onClick=${() => onDecide('reopen', closed)}>Reopen…</button>
      <button type="button" class="quiet" onClick=${() => copy(markdown(marked), `${plural(marked.length, 'finding')} copied`)}>❐ copy</button>
      ${files.length > 0 && html`<a class="button" ...${link(`/start?${new URLSearchParams({ again: convoy.id, files: files.join(' ') })}`)}>Look at ${files.length === 1 ? 'its file' : 'their files'} again</a>`}`
    }</div>`;
}

function Formats({ convoy, shown }) {
  return html`<details class="folded"><summary>Save, copy, or compare</summary><div class="bar">
    <a class="button" ...${link(`/c/${convoy.id}/compare`)}>Compare with another run</a>
    <button type="button" class="quiet" onClick=${() => copy(markdown(shown), `${plural(shown.length, 'finding')} copied`)}>❐ copy what is shown</button>
    ${FORMATS.map(([format, label, end]) => html`<${Download} key=${format} label=${label} name=${`${convoy.dashboard.short}-findings.${end}`} load=${() => ask(`/api/convoys/${convoy.id}/findings?format=${format}`, { as: 'blob' })}/>`)}
  </div></details>`;
}

/** What is open is shown, what is not is folded. */
function apart(findings, closed, decisions) {
  const parts = { open: [], refuted: [], old: [], decided: [], settled: [], closed };
  for (const finding of findings) {
    const settled =
      finding.withdrawn || ['resolved', 'false_positive'].includes(finding.status) || finding.baseline === 'gone';
    const verdict = decided(finding, decisions);
    const refuted = isRefuted(finding) && 'refuted';
    parts[verdict ? 'decided' : settled ? 'settled' : refuted || (finding.new === false ? 'old' : 'open')].push(
      finding,
    );
  }
  return parts;
}

/** Is a list without findings one because nothing was found? */
function isWhole(convoy, answer) {
  const review = convoy.dashboard.review;
  return (review ? review.obstacles.length === 0 : true) && (answer.inputs ?? []).every(({ complete }) => complete);
}

function fits(finding, { sev, agent, file, past, look, q }) {
  return (
    (!sev.length || sev.includes(finding.severity)) &&
    (!agent || finding.reviewers.includes(agent)) &&
    (!file || finding.locations.some((place) => place.file === file)) &&
    (!past || finding.history === past) &&
    (!look || finding.secondLook?.verdict === look) &&
    (!q || JSON.stringify(finding).toLowerCase().includes(q.toLowerCase()))
  );
}

function grouped(findings, by) {
  const groups = new Map();
  for (const finding of findings) {
    const name = GROUPS[by](finding);
    groups.set(name, [...(groups.get(name) ?? []), finding]);
  }
  const entries = [...groups];
  if (by === 'severity') return entries.sort(([a], [b]) => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b));
  // The cause of most is the first.
  return entries.sort(([a, some], [b, others]) => (by === 'cause' && others.length - some.length) || (a < b ? -1 : 1));
}
