// Search in a terminal, and in the whole of its log, from the newest line back.
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { agentAddress, link } from './route.js';
import { ask } from './session.js';
import { plural } from './format.js';
import { Failure } from './ui.js';

export const MARKS = {
  matchBackground: '#5b4a00',
  matchOverviewRuler: '#c09000',
  activeMatchBackground: '#a05a00',
  activeMatchColorOverviewRuler: '#ff9a3c',
};

/** In what the terminal holds; `onWhole`: what is wanted is to be found in the whole log. */
export function Search({ api, onWhole }) {
  const [found, setFound] = useState(null);
  const [wanted, setWanted] = useState('');
  useEffect(() => api?.search.onDidChangeResults(setFound)?.dispose, [api]);
  const find = (text, back = true) => {
    setWanted(text);
    if (!text) {
      api?.search.clearDecorations();
      return setFound(null);
    }
    // The newest one first.
    return api?.search[back ? 'findPrevious' : 'findNext'](text, {
      decorations: MARKS,
      incremental: !back && text !== wanted,
    });
  };
  const count = found && wanted ? `${found.resultCount ? found.resultIndex + 1 : 0}/${found.resultCount}` : '';
  return html`<label class="search"><span class="hidden">Search in the output</span>
    <input type="search" placeholder="search" onInput=${(event) => find(event.target.value)}
      onKeyDown=${(event) => event.key === 'Enter' && find(event.target.value, !event.shiftKey)}/></label>
    <span class="dim found" role="status" hidden=${!wanted}>${count}</span>
    ${
      wanted &&
      html`<button type="button" aria-label="Previous match" onClick=${() => find(wanted, true)}>↑</button>
      <button type="button" aria-label="Next match" onClick=${() => find(wanted, false)}>↓</button>
      <button type="button" onClick=${() => onWhole(wanted)}>In the whole log</button>`
    }`;
}

/** Lines of the whole log, the newest first; each leads to its place. */
export function Matches({ convoy, agent, attempt, wanted, onClose }) {
  const [found, setFound] = useState({ lines: [], next: undefined });
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const log = `/api/convoys/${convoy.id}/logs/${encodeURIComponent(agent.role)}/search`;
  const read = async (before, lines) => {
    setBusy(true);
    try {
      const { matches, next } = await ask(
        `${log}?${new URLSearchParams({ q: wanted, attempt, ...(before && { before }) })}`,
      );
      setFound({ lines: [...lines, ...matches], next });
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  useEffect(() => {
    read(undefined, []);
  }, [log, attempt, wanted]);
  const { lines, next } = found;
  return html`<section class="matches" aria-label="Lines of the whole log">
    <div class="bar"><span role="status">${busy ? 'Searching…' : `${plural(lines.length, 'line')} with “${wanted}”${next === null ? ' in all of it' : ', the newest'}`}</span>
      ${next > 0 && html`<button type="button" disabled=${busy} onClick=${() => read(next, lines)}>Earlier ones</button>`}
      <button type="button" onClick=${onClose}>Close</button></div>
    ${problem && html`<${Failure} text=${problem.message} onRetry=${() => read(next, lines)}/>`}
    <ol>${lines.map(({ at, line }) => html`<li key=${at}><a ...${link(`${agentAddress(convoy.id, agent.role)}?at=${at}&attempt=${attempt}`)}>${line || '(empty)'}</a></li>`)}</ol></section>`;
}
