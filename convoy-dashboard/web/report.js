// Reports. They are hostile text: elements are built from a tree of names that
// are listed here, and from nothing else.
import { html } from './html.js';
import { h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from './session.js';
import { go, link } from './route.js';
import { copy, Download, Failure, useAnswer, Waiting } from './ui.js';

const NAMES = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'blockquote',
  'pre',
  'ol',
  'ul',
  'li',
  'table',
  'tr',
  'td',
  'th',
  'em',
  'strong',
  'del',
  'a',
  'span',
  'div',
  'code',
  'br',
  'hr',
  'mark',
]);
// The page has a heading of its own above these.
const LOWER = { h1: 'h2', h2: 'h3', h3: 'h4', h4: 'h5' };

/** An element of a report. */
export function build(node, key) {
  // A text, or an element that was made already.
  if (typeof node === 'string' || Array.isArray(node) || !node.e) return node;
  if (node.e === 'check')
    return h('input', {
      key,
      type: 'checkbox',
      checked: node.checked,
      disabled: true,
      'aria-label': node.checked ? 'done' : 'to do',
    });
  if (!NAMES.has(node.e)) return null;
  const props = { key };
  if (node.e === 'a' && /^(https?:\/\/|mailto:)/.test(node.href || ''))
    Object.assign(props, { href: node.href, rel: 'noopener noreferrer nofollow', target: '_blank', title: node.href });
  if (node.start !== undefined) props.start = node.start;
  if (node.align) props.class = node.align;
  if (node.e === 'pre') props.tabindex = 0;
  const children = (node.c || []).map(build);
  if (node.e === 'table')
    return h(
      'div',
      { key, class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Table' },
      h('table', null, h('tbody', null, children)),
    );
  return h(LOWER[node.e] || node.e, props, children);
}

/** `F3` in a text leads to that finding; in code it does not. */
function withFindings(node, id) {
  if (typeof node === 'string') {
    return node
      .split(/\b(F[1-9]\d{0,5})\b/)
      .map((word, n) =>
        n % 2 ? h('a', { ...link(`/c/${id}/findings?f=${word}`), 'data-finding': word }, word) : word,
      );
  }
  if (['code', 'pre', 'a'].includes(node.e)) return build(node);
  return build({ ...node, c: (node.c ?? []).map((child) => withFindings(child, id)) });
}

/** What leads to a finding from `f` of the address. */
function useNamed(named, answer) {
  const article = useRef();
  useEffect(() => {
    const found = named && article.current?.querySelector(`a[data-finding="${CSS.escape(named)}"]`);
    if (!found) return;
    found.scrollIntoView({ block: 'center' });
    found.focus({ preventScroll: true });
  }, [named, answer]);
  const isNamed = (nodes) =>
    nodes.some((node) => (typeof node === 'string' ? new RegExp(`\\b${named}\\b`).test(node) : isNamed(node.c ?? [])));
  const missing = Boolean(named && answer) && !(/^F\d+$/.test(named) && isNamed(answer.tree));
  return { article, missing };
}

export function Report({ convoy, query }) {
  const agent = query.get('agent') || '';
  const version = convoy.agents.map(({ status, attempt }) => `${status}${attempt}`).join() + (convoy.merge?.k ?? '');
  const words = agent ? `?agent=${encodeURIComponent(agent)}` : '';
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/report${words}`),
    [convoy.id, agent, version],
  );
  const named = query.get('f') || '';
  const { article, missing } = useNamed(named, problem ? null : answer);
  const writers = convoy.agents.filter(({ outputFile }) => outputFile);
  return html`<section class="report" aria-label="Report">
    <div class="bar">
      <label>Report <select value=${agent} onChange=${(event) => go(`/c/${convoy.id}/report${event.target.value ? `?agent=${encodeURIComponent(event.target.value)}` : ''}`)}>
        <option value="">final report</option>${writers.map(({ role }) => html`<option value=${role}>${role}</option>`)}</select></label>
      ${
        answer &&
        html`<button type="button" class="quiet" onClick=${() => copy(answer.markdown)}>❐ copy</button>
        <${Download} label="Markdown" name=${`${convoy.dashboard.short}-${agent || 'report'}.md`} load=${() => ask(`/api/convoys/${convoy.id}/report.md${words}`, { as: 'blob' })}/>`
      }
    </div>
    ${problem && (problem.status === 404 ? html`<p class="empty">${convoy.status === 'running' ? 'There is no report yet.' : problem.message}</p>` : html`<${Failure} text=${problem.message} onRetry=${again}/>`)}
    ${!answer && !problem && html`<${Waiting} what="Reading the report…"/>`}
    ${missing && html`<p class="banner" role="alert">This report does not name <code>${named}</code>. <a ...${link(`/c/${convoy.id}/findings?f=${encodeURIComponent(named)}`)}>The finding</a></p>`}
    ${answer && !problem && html`<article class="markdown" ref=${article}>${answer.tree.map((node) => withFindings(node, convoy.id))}</article>`}
  </section>`;
}
