// Reports. They are hostile text: elements are built from a tree of names that
// are listed here, and from nothing else.
import { html } from './html.js';
import { h } from 'preact';
import { ask } from './session.js';
import { go } from './route.js';
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
  if (typeof node === 'string') return node;
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

export function Report({ convoy, query }) {
  const agent = query.get('agent') || '';
  const version = convoy.agents.map(({ status, attempt }) => `${status}${attempt}`).join() + (convoy.merge?.k ?? '');
  const words = agent ? `?agent=${encodeURIComponent(agent)}` : '';
  const [answer, problem, again] = useAnswer(
    () => ask(`/api/convoys/${convoy.id}/report${words}`),
    [convoy.id, agent, version],
  );
  const writers = convoy.agents.filter(({ outputFile }) => outputFile);
  return html`<section class="report" aria-label="Report">
    <div class="bar">
      <label>Report <select value=${agent} onChange=${(event) => go(`/c/${convoy.id}/report${event.target.value ? `?agent=${event.target.value}` : ''}`)}>
        <option value="">final report</option>${writers.map(({ role }) => html`<option value=${role}>${role}</option>`)}</select></label>
      ${
        answer &&
        html`<button type="button" class="quiet" onClick=${() => copy(answer.markdown)}>❐ copy</button>
        <${Download} label="Markdown" name=${`${convoy.dashboard.short}-${agent || 'report'}.md`} load=${() => ask(`/api/convoys/${convoy.id}/report.md${words}`, { as: 'blob' })}/>`
      }
    </div>
    ${problem && (problem.status === 404 ? html`<p class="empty">${convoy.status === 'running' ? 'There is no report yet.' : problem.message}</p>` : html`<${Failure} text=${problem.message} onRetry=${again}/>`)}
    ${!answer && !problem && html`<${Waiting} what="Reading the report…"/>`}
    ${answer && !problem && html`<article class="markdown">${answer.tree.map(build)}</article>`}
  </section>`;
}
