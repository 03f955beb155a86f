// The second look at a finding: what verifiers said of it, the code that decides, and what counts.
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { plural } from './format.js';

/** Glyph and word of what has become of a finding; the colour only repeats them. */
const STANDINGS = {
  confirmed: ['✓', 'confirmed'],
  refuted: ['✗', 'refuted'],
  unsure: ['?', 'unsure'],
  unverified: ['○', 'unverified'],
};
const SAYS = { confirmed: 'confirms it', refuted: 'refutes it', unsure: 'is not sure' };
const ORIGIN = { introduced: 'of this change', 'pre-existing': 'there before the change' };
/** Why it counts, or does not. */
const MEANING = {
  confirmed: 'It counts.',
  refuted: 'It does not count: all who looked refute it, with code that stands there.',
  unsure: 'It counts: it is not refuted.',
  unverified: 'It counts: nobody has looked who can be relied on.',
};

/** The standings that findings have, for a filter. */
export const standingsOf = (findings) =>
  Object.keys(STANDINGS).filter((name) => findings.some(({ secondLook }) => secondLook?.verdict === name));

export const isRefuted = ({ secondLook }) => secondLook?.verdict === 'refuted';

const namesOf = (looks = []) => looks.map(({ by }) => by).join(' and ');

/** What has become of it, and by whom, in a few words. */
export function Standing({ look }) {
  const [glyph, word] = STANDINGS[look.verdict] ?? ['?', look.verdict];
  const by = namesOf(look.looks);
  return html`<span class=${`look ${look.verdict}`}><span aria-hidden="true">${glyph}</span> ${word}${by ? ` by ${by}` : ''}</span>`;
}

/** Counts of all findings by standing: `3 confirmed, 2 refuted`. */
export function looksWords(counts) {
  const told = Object.keys(STANDINGS).filter((name) => counts[name]);
  return told.map((name) => `${counts[name]} ${name}`).join(', ');
}

/** `inEditor`: where an editor opens a place, if it does. */
export function SecondLook({ convoy, look, inEditor }) {
  return html`<section class="looks" aria-label="Second look"><p><strong>Second look:</strong> <${Standing} look=${look}/></p>
    <p class="dim">${MEANING[look.verdict] ?? ''}${look.why ? ` ${look.why}.` : ''}</p>
    ${(look.looks ?? []).map((one) => html`<${Look} key=${one.by} convoy=${convoy} one=${one} inEditor=${inEditor}/>`)}</section>`;
}

function Look({ convoy, one, inEditor }) {
  const verdict = one.doubt ? 'refuted' : one.verdict;
  const [glyph] = STANDINGS[verdict] ?? ['?'];
  const facts = [
    [one.runner, one.model].filter(Boolean).join(' '),
    ORIGIN[one.origin],
    one.rates && one.rates !== one.severity && `would rate it ${one.rates}`,
  ];
  const place = one.file && `${one.file}${one.line ? `:${one.line}` : ''}`;
  const editor = one.file && inEditor({ file: one.file, lineStart: one.line });
  return html`<article class=${`said ${one.verdict}`}>
    <p><span aria-hidden="true">${glyph}</span> <strong><a ...${link(agentAddress(convoy.id, one.by))}>${one.by}</a> ${SAYS[verdict] ?? verdict}</strong> <span class="dim">${facts.filter(Boolean).join(' · ')}</span></p>
    ${one.doubt && html`<p class="why">Not counted: ${one.doubt}.</p>`}
    <p>${one.reason}</p>
    ${one.quote && html`<figure><figcaption class="dim">The code that decides${place ? html`, <code>${place}</code>` : ''}${editor ? html` <a href=${editor.href}>Open in ${editor.name}</a>` : ''}</figcaption><pre tabindex="0">${one.quote}</pre></figure>`}
  </article>`;
}

/** What a second look came to in all, above the tabs. */
export function LooksOfAll({ convoy, counts }) {
  const refuted = counts.refuted || 0;
  const away = plural(refuted, 'finding does', 'findings do');
  return html`<p class="dim">Second look: ${looksWords(counts)}${refuted ? html`. <a ...${link(`/c/${convoy.id}/findings?look=refuted`)}>${away} not count</a>` : ''}</p>`;
}
