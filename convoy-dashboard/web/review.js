// What a review has come to: the verdict with its reason, and what was read for it.
import { html } from './html.js';
import { plural } from './format.js';
import { LooksOfAll } from './looks.js';

const MARK = { APPROVED: '✓', CHANGES_REQUESTED: '✗', COMMENTED: '?' };
const BASIS = { opened: 'opened by a program', toolCalls: 'seen in its tool calls', claimed: 'as it says itself' };

export function Review({ convoy, review }) {
  const odd = review.reviewers.filter(({ missing, notRead, denied }) => missing || notRead.length || denied.length);
  const old = review.old
    ? ` ${review.old} at or above it ${review.old === 1 ? 'was' : 'were'} there before this change.`
    : '';
  const found =
    review.verdict === 'COMMENTED' && review.blocking
      ? ` ${plural(review.blocking, 'finding')} at or above the gate (${review.gate}) all the same.`
      : '';
  return html`<section class="review ${review.verdict}" aria-label="Verdict">
    <p><span aria-hidden="true">${MARK[review.verdict] ?? '?'}</span> <strong>${review.line}.</strong>${found}${old}</p>
    <p class="dim">${scope(review)}</p>
    ${review.secondLook && html`<${LooksOfAll} convoy=${convoy} counts=${review.secondLook}/>`}
    ${review.obstacles.length > 1 && html`<ul>${review.obstacles.slice(1).map((why) => html`<li key=${why}>${why}</li>`)}</ul>`}
    ${
      odd.length > 0 &&
      html`<details><summary>What was not read, or is missing <span class="count">${odd.length} of ${plural(review.reviewers.length, 'reviewer')}</span></summary>
      <dl class="facts">${odd.map((one) => html`<dt key=${one.role}>${one.role}</dt><dd><${Reviewer} one=${one}/></dd>`)}</dl></details>`
    }
  </section>`;
}

const scope = ({ read, given }) =>
  read === null ? `what was read of ${plural(given, 'file')} is not known` : `read ${read} of ${plural(given, 'file')}`;

function Reviewer({ one }) {
  const files =
    one.given === null ? null : `read ${one.read} of ${plural(one.given, 'file')}, ${BASIS[one.basis] ?? one.basis}`;
  return html`<div>${[one.missing && `missing: ${one.missing}`, files].filter(Boolean).join('; ')}</div>
    ${one.denied.map((what) => html`<div key=${what}>was denied <code>${what}</code></div>`)}
    ${one.notRead.map(({ file, why }) => html`<div key=${file}><code>${file}</code>: ${why}</div>`)}
    ${one.notReadMore > 0 && html`<div>and ${one.notReadMore} more</div>`}`;
}
