// Merged findings: filters in the address, and always how many they hide.
import { useMemo, useState } from 'preact/hooks';
import { html } from './html.js';
import { go } from './route.js';
import { ask } from './session.js';
import { plural, SEVERITIES } from './format.js';
import { build } from './report.js';
import { copy, Download, Failure, useAnswer, Waiting } from './ui.js';

const FORMATS = [
  ['md', 'Markdown', 'md'],
  ['sarif', 'SARIF', 'sarif.json'],
  ['gitlab', 'GitLab', 'gitlab.json'],
];
const MORE_FORMATS = [
  ['html', 'HTML', 'html'],
  ['csv', 'CSV', 'csv'],
  ['json', 'JSON', 'json'],
  ['junit', 'JUnit', 'junit.xml'],
  ['checkstyle', 'Checkstyle', 'checkstyle.xml'],
  ['rdjson', 'rdjson', 'rdjson'],
  ['rdjsonl', 'rdjsonl', 'rdjsonl'],
  ['github', 'GitHub annotations', 'annotations.txt'],
];

export function Findings({ convoy, query }) {
  const merged = `${convoy.merge?.k ?? ''}${convoy.merge?.status ?? ''}`;
  const [answer, problem, again] = useAnswer(() => ask(`/api/convoys/${convoy.id}/findings`), [convoy.id, merged]);
  const [group, setGroup] = useState('severity');
  const wanted = {
    sev: (query.get('sev') || '').split(',').filter(Boolean),
    agent: query.get('agent') || '',
    file: query.get('file') || '',
    q: query.get('q') || '',
  };
  const change = (patch) => {
    const next = { ...wanted, ...patch };
    const words = new URLSearchParams();
    if (next.sev.length) words.set('sev', next.sev.join(','));
    for (const key of ['agent', 'file', 'q']) if (next[key]) words.set(key, next[key]);
    go(`/c/${convoy.id}/findings${words.size ? `?${words}` : ''}`, { replace: true });
  };
  // What is carried is as open as what was told this time.
  const all = useMemo(() => [...(answer?.findings ?? []), ...(answer?.carried ?? [])], [answer]);
  const shown = useMemo(() => all.filter((finding) => fits(finding, wanted)), [answer, query.toString()]);
  const parts = useMemo(
    () =>
      apart(
        shown,
        (answer?.closed ?? []).filter((finding) => fits(finding, wanted)),
      ),
    [shown],
  );
  if (problem && !answer) {
    return problem.status === 404
      ? html`<p class="empty">${convoy.status === 'running' ? 'Findings are merged when the reviewers have ended.' : 'This convoy has no merged findings.'}</p>`
      : html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  }
  if (!answer) return html`<${Waiting} what="Reading the findings…"/>`;
  const reviewers = [...new Set(all.flatMap((finding) => finding.reviewers))];
  const files = [...new Set(all.flatMap((finding) => finding.locations.map(({ file }) => file)))].sort();
  const count = (severity) => all.filter((finding) => finding.severity === severity).length;
  const toggle = (severity) =>
    change({
      sev: wanted.sev.includes(severity) ? wanted.sev.filter((one) => one !== severity) : [...wanted.sev, severity],
    });
  const hidden = all.length - shown.length;
  const download = ([format, label, end]) =>
    html`<${Download} key=${format} label=${label} name=${`${convoy.dashboard.short}-findings.${end}`} load=${() => ask(`/api/convoys/${convoy.id}/findings?format=${format}`, { as: 'blob' })}/>`;
  return html`<section class="findings" aria-label="Findings">
    <div class="bar">
      <div class="chips" role="group" aria-label="Severity">${SEVERITIES.filter(count).map((severity) => html`<button type="button" class=${`sev ${severity}`} aria-pressed=${wanted.sev.includes(severity)} onClick=${() => toggle(severity)}>${severity} ${count(severity)}</button>`)}</div>
      <label>Found by <select value=${wanted.agent} onChange=${(event) => change({ agent: event.target.value })}><option value="">anyone</option>${reviewers.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>
      <label>File <select value=${wanted.file} onChange=${(event) => change({ file: event.target.value })}><option value="">any</option>${files.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>
      <label class="search"><span class="hidden">Search the findings</span><input type="search" placeholder="search" value=${wanted.q} onInput=${(event) => change({ q: event.target.value })}/></label>
      <label>Group by <select value=${group} onChange=${(event) => setGroup(event.target.value)}><option>severity</option><option>file</option><option>reviewer</option></select></label>
      <button type="button" class="quiet" onClick=${() => copy(markdown(shown), `${plural(shown.length, 'finding')} copied`)}>❐ copy</button>
      ${FORMATS.map(download)}
      <details class="folded"><summary>more formats</summary>${MORE_FORMATS.map(download)}</details>
    </div>
    <p class="dim" role="status">${plural(shown.length, 'finding')} shown, ${hidden} hidden by filters${answer.duplicatesRemoved ? `, ${plural(answer.duplicatesRemoved, 'duplicate')} merged` : ''}${hidden > 0 ? html` · <button type="button" class="linkish" onClick=${() => change({ sev: [], agent: '', file: '', q: '' })}>show all</button>` : ''}</p>
    ${!all.length && html`<p class="empty">${isWhole(convoy, answer) ? 'The reviewers found nothing.' : 'No finding is here, and not every review is.'}</p>`}
    ${grouped(parts.open, group).map(([name, some]) => html`<section key=${name}><h2>${name} <span class="count">${some.length}</span></h2>${some.map((finding) => html`<${Finding} key=${finding.id} convoy=${convoy} finding=${finding}/>`)}</section>`)}
    ${FOLDED.map(([key, what]) => parts[key].length > 0 && html`<details class="folded" key=${key}><summary>${what} <span class="count">${parts[key].length}</span></summary>${parts[key].map((finding) => html`<${Finding} key=${finding.id} convoy=${convoy} finding=${finding}/>`)}</details>`)}
  </section>`;
}

const FOLDED = [
  ['old', 'Not of this change'],
  ['decided', 'Decided'],
  ['settled', 'Withdrawn or settled by its reviewers'],
  ['closed', 'Fixed or gone since an earlier run'],
];

/** What is open is shown, what is not is folded. */
function apart(findings, closed) {
  const parts = { open: [], old: [], decided: [], settled: [], closed };
  for (const finding of findings) {
    const settled =
      finding.withdrawn || ['resolved', 'false_positive'].includes(finding.status) || finding.baseline === 'gone';
    parts[finding.suppressed ? 'decided' : settled ? 'settled' : finding.new === false ? 'old' : 'open'].push(finding);
  }
  return parts;
}

/** Is a list without findings one because nothing was found? */
function isWhole(convoy, answer) {
  const review = convoy.dashboard.review;
  return (review ? review.obstacles.length === 0 : true) && (answer.inputs ?? []).every(({ complete }) => complete);
}

/** Beside the earlier runs of the project, in words. */
const PAST = { new: 'new', known: 'known', carried: 'carried forward', fixed: 'fixed', gone: 'code is gone' };
const past = ({ history, since }) => PAST[history] && `${PAST[history]}${since ? ` since ${since}` : ''}`;

function fits(finding, { sev, agent, file, q }) {
  return (
    (!sev.length || sev.includes(finding.severity)) &&
    (!agent || finding.reviewers.includes(agent)) &&
    (!file || finding.locations.some((place) => place.file === file)) &&
    (!q || JSON.stringify(finding).toLowerCase().includes(q.toLowerCase()))
  );
}

function grouped(findings, by) {
  const key = {
    severity: (one) => one.severity,
    file: (one) => one.locations[0]?.file ?? 'no file',
    reviewer: (one) => one.reviewers.join(', '),
  }[by];
  const groups = new Map();
  for (const finding of findings) groups.set(key(finding), [...(groups.get(key(finding)) ?? []), finding]);
  const entries = [...groups];
  return by === 'severity'
    ? entries.sort(([a], [b]) => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b))
    : entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

const place = ({ file, lineStart, lineEnd }) =>
  `${file}${lineStart ? `:${lineStart}` : ''}${lineEnd && lineEnd !== lineStart ? `-${lineEnd}` : ''}`;
const places = (finding) => finding.locations.map(place).join(', ');

const markdown = (findings) =>
  findings
    .map(
      (finding) =>
        `### ${finding.id} [${places(finding)}] ${finding.title}\n**Severity:** ${finding.severity}\n**Found by:** ${finding.reviewers.join(', ')}\n\n${finding.members?.[0]?.body.trim() ?? ''}\n`,
    )
    .join('\n');

/** The lines of a finding among those around it: `> 12  code`. */
const isOwn = (line) => line.startsWith('> ');

/** Code with its own lines marked. */
function withMarks(node) {
  if (typeof node === 'string') return node;
  const text = node.e === 'pre' ? textOf(node) : '';
  if (!text.split('\n').some(isOwn)) return { ...node, c: node.c?.map(withMarks) };
  const lines = text.split(/(?<=\n)/).map((line) => (isOwn(line) ? { e: 'mark', c: [line] } : line));
  return { ...node, c: [{ e: 'code', c: lines }] };
}

const textOf = (node) => (typeof node === 'string' ? node : (node.c ?? []).map(textOf).join(''));

/** A finding in full, with its code as it stands now. */
function Shown({ convoy, finding }) {
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/findings/${finding.id}`),
    [convoy.id, finding.id, convoy.merge?.k],
  );
  if (problem) return html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  if (!answer) return html`<${Waiting} what="Reading the finding…"/>`;
  // Its heading is the line that was opened.
  const rest = answer.tree.filter((node, n) => n > 0 || node.e !== 'h3');
  return html`<div class="markdown">${rest.map(withMarks).map(build)}</div>`;
}

function Finding({ convoy, finding }) {
  const [opened, setOpened] = useState(false);
  const members = finding.members ?? [];
  const first = members[0];
  return html`<details class="finding" onToggle=${({ target }) => target.open && setOpened(true)}><summary>
      <span class=${`sev ${finding.severity}`}>${finding.severity}</span> <strong>${finding.title}</strong>${' '}
      <code>${places(finding)}</code>${' '}<span class="dim">${finding.id} · ${finding.reviewers.join(', ')}${first?.confidence !== undefined ? ` · confidence ${first.confidence}` : ''}${finding.category ? ` · ${finding.category}` : ''}</span>
      ${past(finding) && html` <span class=${`past ${finding.history}`}>${past(finding)}</span>`}
      ${finding.suppressed && html` <span class="dim">does not count: ${finding.suppressed}</span>`}
    </summary>
    ${opened && html`<${Shown} convoy=${convoy} finding=${finding}/>`}
    <div class="buttons"><button type="button" class="quiet" onClick=${() => copy(places(finding))}>❐ place</button> <button type="button" class="quiet" onClick=${() => copy(markdown([finding]))}>❐ finding</button></div>
    ${members.map((member, n) => html`<blockquote key=${n}><p class="dim">${member.reviewer}${members.length > 1 ? `, as it says it: ${member.title} (${member.severity})` : ''}</p><pre>${member.body.trim()}</pre></blockquote>`)}
    ${finding.mergedBecause?.length > 0 && html`<p class="dim">Merged because: ${finding.mergedBecause.map(({ reason }) => reason).join('; ')}</p>`}
    ${finding.related?.length > 0 && html`<p class="dim">Related: ${finding.related.map(({ id }) => id).join(', ')}</p>`}
  </details>`;
}
