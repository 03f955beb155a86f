// What happened, in order.
import { html } from './html.js';
import { clock, span } from './format.js';

const words = (event) => (event || '').replaceAll('-', ' ');

/** Why, in words; a detail may begin with the reason. */
function detail({ reason, detail = '' }) {
  const why = words(reason);
  return detail.startsWith(why) ? detail : [why, detail].filter(Boolean).join(': ');
}

export function Events({ convoy, events }) {
  if (!events.length) return html`<p class="empty">Nothing has happened yet.</p>`;
  const begin = Date.parse(convoy.startedAt);
  return html`<section class="events" aria-label="Events" tabindex="0" role="region"><table>
    <thead><tr><th scope="col">Time</th><th scope="col">After</th><th scope="col">Event</th><th scope="col">Agent</th><th scope="col">Detail</th></tr></thead>
    <tbody>${events.map(
      (
        one,
        n,
      ) => html`<tr key=${n} class=${one.event}><td><time datetime=${one.at}>${clock(one.at)}</time></td><td>${span(Date.parse(one.at) - begin)}</td><td>${words(one.event)}</td>
      <td>${one.role ? `${one.role}${one.attempt > 1 ? ` (attempt ${one.attempt})` : ''}` : ''}</td><td>${detail(one)}</td></tr>`,
    )}</tbody>
  </table></section>`;
}
