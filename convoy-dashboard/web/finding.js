// One finding: what it is in a line, and opened with its code, its places and what can be done.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { link } from './route.js';
import { ask } from './session.js';
import { remembered } from './store.js';
import { SecondLook, Standing } from './looks.js';
import { build } from './report.js';
import { copy, Failure, useAnswer, Waiting } from './ui.js';

/** Editors that open `NAME://file/PATH:LINE`. */
export const EDITORS = {
  vscode: 'VS Code',
  'vscode-insiders': 'VS Code Insiders',
  cursor: 'Cursor',
  windsurf: 'Windsurf',
  zed: 'Zed',
};

/** Beside the earlier runs of the project, in words. */
const PAST = { new: 'new', known: 'known', carried: 'carried forward', fixed: 'fixed', gone: 'code is gone' };
const past = ({ history, since }) => PAST[history] && `${PAST[history]}${since ? ` since ${since}` : ''}`;

const place = ({ file, lineStart, lineEnd }) =>
  `${file}${lineStart ? `:${lineStart}` : ''}${lineEnd && lineEnd !== lineStart ? `-${lineEnd}` : ''}`;
export const places = (finding) => finding.locations.map(place).join(', ');

export const markdown = (findings) =>
  findings
    .map(
      (finding) =>
        `### ${finding.id} [${places(finding)}] ${finding.title}\n**Severity:** ${finding.severity}\n**Found by:** ${finding.reviewers.join(', ')}\n\n${finding.members?.[0]?.body.trim() ?? ''}\n`,
    )
    .join('\n');

/** What is decided about a finding now, in words; '' where it is open. */
export function decided(finding, decisions) {
  const decision = decisions?.[finding.key];
  if (decision && !decision.open)
    return `${decision.kind}: ${decision.reason}${decision.until ? ` (until ${decision.until})` : ''}`;
  // Decided when it was merged; taken back since, if what is decided now is known.
  const wasDecided = /^(accepted|dismissed|baseline): /.test(finding.suppressed ?? '');
  return finding.suppressed && !(wasDecided && decisions && finding.key) ? finding.suppressed : '';
}

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

/** Without what verifiers said of it: that has its own place. */
function withoutLooks(node) {
  if (node.e !== 'p') return [node];
  const lines = [[]];
  for (const one of node.c) {
    if (one.e === 'br') lines.push([]);
    else lines.at(-1).push(one);
  }
  const kept = lines.filter(([first]) => !(first?.e === 'strong' && textOf(first) === 'Looked at by:'));
  if (kept.length === lines.length) return [node];
  return kept.length ? [{ ...node, c: kept.flatMap((line, n) => (n ? [{ e: 'br' }, ...line] : line)) }] : [];
}

/** A finding in full, with its code as it stands now. */
function Shown({ convoy, finding }) {
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/findings/${finding.id}`),
    [convoy.id, finding.id, convoy.merge?.k],
  );
  if (problem) return html`<${Failure} text=${problem.message} onRetry=${again}/>`;
  if (!answer) return html`<${Waiting} what="Reading the finding…"/>`;
  // Its heading is the line that was opened.
  const rest = answer.tree.filter((node, n) => n > 0 || node.e !== 'h3').flatMap(withoutLooks);
  return html`<div class="markdown">${rest.map(withMarks).map(build)}</div>`;
}

/** Where an editor of this machine opens a place. */
function inEditor(convoy, { file, lineStart }) {
  const editor = remembered.get('editor', 'vscode');
  const root = convoy.context?.projectPath;
  if (!EDITORS[editor] || !root?.startsWith('/')) return null;
  const path = `${root}/${file}`.split('/').map(encodeURIComponent).join('/');
  return { href: `${editor}://file${path}${lineStart ? `:${lineStart}` : ''}`, name: EDITORS[editor] };
}

function Places({ convoy, finding }) {
  return html`<ul class="places">${finding.locations.map((one) => {
    const editor = one.placed === 'unplaced' ? null : inEditor(convoy, one);
    return html`<li key=${place(one)}><code>${place(one)}</code>${one.placed === 'unplaced' ? html` <span class="dim">unplaced${one.placedWhy ? `: ${one.placedWhy}` : ''}</span>` : ''}
      ${editor && html` <a href=${editor.href}>Open in ${editor.name}</a>`}</li>`;
  })}</ul>`;
}

function Actions({ convoy, finding, verdict, onDecide }) {
  const address = `/c/${convoy.id}`;
  const can = finding.key && !convoy.dashboard.legacy;
  return html`<div class="buttons">
    ${can && !verdict && html`<button type="button" onClick=${() => onDecide('accept', [finding])}>Accept…</button><button type="button" onClick=${() => onDecide('dismiss', [finding])}>Dismiss…</button>`}
    ${can && verdict && html`<button type="button" onClick=${() => onDecide('reopen', [finding])}>Reopen…</button>`}
    <a class="button" ...${link(`${address}/report?f=${finding.id}`)}>In the report</a>
    <button type="button" class="quiet" onClick=${() => copy(places(finding))}>❐ place</button>
    <button type="button" class="quiet" onClick=${() => copy(markdown([finding]))}>❐ finding</button>
    <button type="button" class="quiet" onClick=${() => copy(`${location.origin}${address}/findings?f=${finding.id}`, 'Address copied')}>❐ address</button></div>`;
}

/** `named`: the address leads to it. `unsaved`: why the last decision about it was not saved. */
export function Finding({ convoy, finding, decisions, reopened, marked, onMark, onDecide, onOpen, named, unsaved }) {
  const [opened, setOpened] = useState(named);
  const root = useRef();
  const members = finding.members ?? [];
  const verdict = decided(finding, decisions);
  useEffect(() => {
    // It was opened here, where it is.
    if (!named || root.current.open) return;
    // In a group that may be folded.
    for (let around = root.current; around; around = around.parentElement?.closest('details')) around.open = true;
    root.current.scrollIntoView({ block: 'center' });
    root.current.querySelector('summary').focus({ preventScroll: true });
  }, [named]);
  const toggled = ({ target }) => {
    if (target !== root.current) return;
    if (target.open) setOpened(true);
    onOpen(finding, target.open);
  };
  return html`<div class=${`finding ${marked ? 'marked' : ''}`} data-id=${finding.id}>
    <input type="checkbox" checked=${marked} onChange=${() => onMark(finding)} aria-label=${`Select ${finding.id}`}/>
    <details ref=${root} onToggle=${toggled}><summary>
      <span class=${`sev ${finding.severity}`}>${finding.severity}</span> <strong>${finding.title}</strong>${' '}
      <code>${places(finding)}</code>${' '}<span class="dim">${finding.id} · ${finding.reviewers.join(', ')}${members[0]?.confidence !== undefined ? ` · confidence ${members[0].confidence}` : ''}${finding.category ? ` · ${finding.category}` : ''}</span>
      ${finding.secondLook && html` <${Standing} look=${finding.secondLook}/>`}
      ${past(finding) && html` <span class=${`past ${finding.history}`}>${past(finding)}</span>`}
      ${verdict && html` <span class="decided">does not count: ${verdict}</span>`}
      ${!verdict && reopened && html` <span class="decided">reopened: ${reopened.reason}</span>`}
      ${unsaved && html` <span class="why">not saved: ${unsaved}</span>`}
    </summary>
    ${
      opened &&
      html`<div class="inside"><${Shown} convoy=${convoy} finding=${finding}/>
      ${finding.secondLook && html`<${SecondLook} convoy=${convoy} look=${finding.secondLook} inEditor=${(place) => inEditor(convoy, place)}/>`}
      <${Places} convoy=${convoy} finding=${finding}/>
      <${Actions} convoy=${convoy} finding=${finding} verdict=${verdict} onDecide=${onDecide}/>
      ${finding.mergedBecause?.length > 0 && html`<p class="dim">Merged because: ${finding.mergedBecause.map(({ reason }) => reason).join('; ')}</p>`}
      ${finding.related?.length > 0 && html`<p class="dim">Related: ${finding.related.map(({ id }, n) => html`${n ? ', ' : ''}<a ...${link(`/c/${convoy.id}/findings?f=${id}`)}>${id}</a>`)}</p>`}</div>`
    }
    </details></div>`;
}
