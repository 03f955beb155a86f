// Deleting convoys, many at once, after a question.
import { useState } from 'preact/hooks';
import { html } from './html.js';
import { post } from './session.js';
import { plural } from './format.js';
import { toast } from './store.js';
import { Dialog } from './ui.js';

/** Of one request. */
const MOST = 200;

export const canGo = (convoy) => convoy.status !== 'running' || Boolean(convoy.dashboard.legacy);

/** Asks, deletes, and says what stayed and why. */
export function Remove({ convoys, onDone, onClose }) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState([]);
  const [problem, setProblem] = useState('');
  const remove = async () => {
    setBusy(true);
    setProblem('');
    try {
      const { deleted, failed } = await post('/api/convoys/delete', {
        ids: convoys.slice(0, MOST).map(({ id }) => id),
      });
      if (deleted.length) toast(`${plural(deleted.length, 'convoy')} deleted`, 'good', 'deleted');
      onDone(deleted);
      setFailed(failed);
      if (!failed.length) onClose();
    } catch (error) {
      setProblem(error.message);
    }
    setBusy(false);
  };
  return html`<${Dialog} title=${`Delete ${plural(convoys.length, 'convoy')}?`} onClose=${onClose}>
    <ul class="chosen">${convoys.slice(0, 6).map(({ id, template, dashboard }) => html`<li key=${id}>${template || 'unreadable'} <code>${dashboard.short}</code></li>`)}${convoys.length > 6 ? html`<li>and ${convoys.length - 6} more</li>` : ''}</ul>
    <p>Their logs, prompts and findings go for good. Reports in the projects stay.${convoys.length > MOST ? ` At most ${MOST} at a time.` : ''}</p>
    ${problem && html`<p class="why" role="alert">${problem}</p>`}
    ${failed.length > 0 && html`<div class="why" role="alert"><p>${plural(failed.length, 'convoy')} not deleted:</p><ul>${failed.slice(0, 6).map(({ id, why }) => html`<li key=${id}>${id}: ${why}</li>`)}</ul></div>`}
    <div class="buttons"><button type="button" autofocus onClick=${onClose}>Keep them</button><button type="button" class="danger" disabled=${busy || !convoys.length} onClick=${remove}>${busy ? 'Deleting…' : 'Delete'}</button></div><//>`;
}
