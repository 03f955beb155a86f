// Decisions about findings: asking for the reason, saving, and saying when nothing was saved.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { ask, post } from './session.js';
import { plural } from './format.js';
import { toast } from './store.js';
import { Dialog, useAnswer } from './ui.js';

const WORDS = { accept: 'Accept', dismiss: 'Dismiss', reopen: 'Reopen' };
const MEANING = {
  accept: 'It is a defect and is left as it is: it no longer stands in the way.',
  dismiss: 'It is no defect: it no longer stands in the way.',
  reopen: 'The decision is taken back: it counts again from the next review on.',
};

/**
 * Decisions of the project, and deciding: `{decisions, reopened, problem, wanted, decide, save, unsaved}`.
 * `unsaved` has the reason of each finding whose last decision was refused.
 */
export function useDecisions(convoy, merged) {
  const [answer, problem, again] = useAnswer(
    () =>
      convoy.dashboard.legacy
        ? Promise.resolve({ decisions: {}, reopened: {} })
        : ask(`/api/convoys/${convoy.id}/decisions`),
    [convoy.id, merged],
  );
  const [saved, setSaved] = useState(null);
  const [wanted, setWanted] = useState(null);
  const [unsaved, setUnsaved] = useState({});
  const { decisions: newest, reopened } = (saved?.of === answer && saved) || answer || {};
  const save = async (what, findings, reason, until) => {
    const body = { decision: what, findings: findings.map(({ id, key }) => ({ id, seen: newest?.[key]?.at ?? null })) };
    if (reason) body.reason = reason;
    if (until) body.until = until;
    const ids = findings.map(({ id }) => id);
    const without = Object.fromEntries(Object.entries(unsaved).filter(([id]) => !ids.includes(id)));
    try {
      const { decisions, reopened } = await post(`/api/convoys/${convoy.id}/decide`, body);
      setSaved({ of: answer, decisions, reopened });
      setUnsaved(without);
      setWanted(null);
      toast(`${plural(findings.length, 'finding')}: saved`, 'good', 'decision');
      return '';
    } catch (error) {
      setUnsaved({ ...without, ...Object.fromEntries(ids.map((id) => [id, error.message.split('\n')[0]])) });
      // What is so now may be another decision than was shown.
      setSaved(null);
      again();
      return error.message;
    }
  };
  return {
    decisions: newest,
    reopened,
    problem,
    wanted,
    decide: (what, findings) => setWanted({ what, findings }),
    close: () => setWanted(null),
    save,
    unsaved,
  };
}

/** Asks why, and until when. */
export function Decide({ wanted: { what, findings }, save, onClose }) {
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const given = new FormData(event.target);
    setBusy(true);
    setFailure(await save(what, findings, String(given.get('reason') ?? '').trim(), given.get('until')));
    setBusy(false);
  };
  return html`<${Dialog} title=${`${WORDS[what]} ${findings.length === 1 ? findings[0].id : plural(findings.length, 'finding')}`} onClose=${onClose}>
    <ul class="chosen">${findings.slice(0, 5).map(({ id, title }) => html`<li key=${id}>${id} ${title}</li>`)}${findings.length > 5 ? html`<li>and ${findings.length - 5} more</li>` : ''}</ul>
    <p>${MEANING[what]}</p>
    <form class="asks" onSubmit=${submit}>
      <label class="field">Why<input name="reason" required maxlength="1000" autofocus autocomplete="off"/></label>
      ${what !== 'reopen' && html`<label class="field">Until (the last day it holds; empty: for good)<input name="until" type="date"/></label>`}
      ${failure && html`<p class="why" role="alert"><strong>Not saved.</strong> ${failure}</p>`}
      <div class="buttons"><button type="button" onClick=${onClose}>Cancel</button><button class="primary" disabled=${busy}>${busy ? 'Saving…' : WORDS[what]}</button></div>
    </form><//>`;
}
