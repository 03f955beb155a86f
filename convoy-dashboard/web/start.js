// Starting a convoy: template, project, what to work on, and what would happen.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { go, link } from './route.js';
import { ask, post } from './session.js';
import { remembered } from './store.js';
import { Failure, useAnswer, Waiting } from './ui.js';

/** `again`, `files`, `time`, `choose` of the address: as that convoy was started, with edits. */
export function Start({ query }) {
  const from = query.get('again');
  const [answer, problem, again] = useAnswer(
    () =>
      Promise.all([ask('/api/templates'), from ? ask(`/api/convoys/${encodeURIComponent(from)}`) : null]).then(
        ([templates, before]) => ({ ...templates, before }),
      ),
    [from],
  );
  return html`<main class="start" id="main"><h1>${from ? 'Start again, with edits' : 'Start a convoy'}</h1>
    ${answer?.before && html`<p class="dim">As <a ...${link(`/c/${from}`)}>${answer.before.template} ${answer.before.dashboard.short}</a> was started.</p>`}
    ${problem && html`<${Failure} text=${problem.message} onRetry=${again}/>`}
    ${!answer && !problem && html`<${Waiting} what="Reading the templates…"/>`}
    ${answer && html`<${Form} key=${from} ...${answer} query=${query}/>`}</main>`;
}

/** What a start is to be, from an earlier one. */
function as(convoy, query) {
  const { inputs = {} } = convoy.dashboard.plan ?? {};
  const files = query.get('files') ?? (inputs.filePatterns ?? []).join(' ');
  const isDiff = inputs.diffBase !== undefined && query.get('files') === null;
  return {
    template: convoy.template,
    project: convoy.context?.projectPath,
    work: isDiff ? 'diff' : files ? 'files' : '',
    files: isDiff ? '' : files,
    base: isDiff ? inputs.diffBase : '',
    issue: inputs.issues?.[0] ?? convoy.context?.issueId ?? '',
    pr: inputs.prUrl ?? convoy.context?.prUrl ?? '',
    runner: convoy.dashboard.plan?.staticOnly ? 'builtin' : '',
  };
}

const RUNNERS = [
  ['', 'As the template says'],
  ['claude', 'Claude Code'],
  ['codex', 'Codex'],
  ['gemini', 'Gemini CLI'],
  ['opencode', 'opencode'],
  ['builtin', 'Static rules only, no AI'],
];

/** Agents of a template named on its card. */
const NAMED = 8;

const agentsOf = ({ agents }) =>
  `${agents
    .slice(0, NAMED)
    .map(({ role, dependsOn }) => (dependsOn.length ? `→ ${role}` : role))
    .join(' ')}${agents.length > NAMED ? ` … ${agents.length} in all` : ''}`;

function Form({ templates, projects, roots, before, query }) {
  const last = before ? as(before, query) : remembered.get('start', {});
  const [value, setValue] = useState({
    template: templates.some(({ name }) => name === last.template) ? last.template : 'code-review',
    project: last.project || projects[0] || roots[0] || '',
    work: last.work ?? 'files',
    files: last.files || '',
    base: last.base || '',
    issue: last.issue || '',
    pr: last.pr || '',
    runner: last.runner || '',
    time: query.get('time') || '',
    params: {},
  });
  const [preview, setPreview] = useState(null);
  const [failure, setFailure] = useState('');
  const [busy, setBusy] = useState('');
  const key = useRef(crypto.randomUUID());
  const result = useRef();
  const change = (patch) => {
    setValue((value) => ({ ...value, ...patch }));
    setPreview(null);
    // Another start than the one before.
    key.current = crypto.randomUUID();
  };
  const template = templates.find(({ name }) => name === value.template);
  useEffect(() => {
    if (preview || failure) result.current?.scrollIntoView?.({ block: 'nearest' });
  }, [preview, failure]);

  const body = () => {
    const context = { projectPath: value.project };
    if (value.work === 'files') context.files = value.files.split(/\s+/).filter(Boolean);
    if (value.work === 'diff') context.diff = value.base || true;
    if (value.issue) context.issueId = value.issue;
    if (value.pr) context.prUrl = value.pr;
    const params = Object.entries(value.params).filter(
      ([name, given]) => given !== '' && template?.params.some((one) => one.name === name),
    );
    if (params.length) context.params = Object.fromEntries(params);
    return {
      template: value.template,
      context,
      ...(value.runner && { runner: value.runner }),
      ...(value.time && { agentTimeout: value.time }),
    };
  };
  const run = async (what) => {
    setBusy(what);
    setFailure('');
    try {
      if (what === 'preview') {
        setPreview(await post('/api/convoys/preview', body()));
      } else {
        const convoy = await post('/api/convoys/start', body(), { 'Idempotency-Key': key.current });
        remembered.set('start', {
          template: value.template,
          project: value.project,
          work: value.work,
          files: value.files,
        });
        return go(`/c/${convoy.id}`);
      }
    } catch (error) {
      setFailure(error.message);
    }
    setBusy('');
    return undefined;
  };
  const field = (name) => ({ value: value[name], onInput: (event) => change({ [name]: event.target.value }) });
  return html`<form onSubmit=${(event) => {
    event.preventDefault();
    run('start');
  }}>
    <fieldset class="cards"><legend>Template</legend>
      ${templates.map(
        (one) => html`<label class=${`card ${one.problems.length ? 'broken' : ''}`} key=${one.name}>
        <input type="radio" name="template" value=${one.name} checked=${value.template === one.name} disabled=${one.problems.length > 0} onChange=${() => change({ template: one.name, params: {} })}/>
        <strong>${one.name}</strong>${one.origin === 'user' ? ' (yours)' : ''}
        <span>${one.problems.length ? `cannot be started: ${one.problems[0]}` : one.description}</span>
        ${one.agents.length > 0 && html`<span class="dim">${agentsOf(one)}</span>`}
      </label>`,
      )}
    </fieldset>
    <label class="field">Project
      <input required list="projects" spellcheck="false" autocomplete="off" ...${field('project')}/>
      <datalist id="projects">${[...new Set([...projects, ...roots])].map((path) => html`<option value=${path}/>`)}</datalist>
      <span class="dim">an absolute path below ${roots.length === 1 ? roots[0] : 'one of the projects known here'}</span></label>
    <fieldset class="work"><legend>What to work on</legend>
      ${[
        ['files', 'Files'],
        ['diff', 'What changed'],
        ['', 'As the template says'],
      ].map(
        ([work, word]) =>
          html`<label key=${work}><input type="radio" name="work" checked=${value.work === work} onChange=${() => change({ work })}/> ${word}</label>`,
      )}
      ${value.work === 'files' && html`<label class="field">Patterns, with spaces between<input spellcheck="false" placeholder="src/**/*.ts lib" ...${field('files')}/></label>`}
      ${value.work === 'diff' && html`<label class="field">Since<input spellcheck="false" placeholder="the default branch" ...${field('base')}/></label>`}
    </fieldset>
    <div class="pair"><label class="field">Issue<input ...${field('issue')}/></label><label class="field">Pull request<input type="url" placeholder="https://…" ...${field('pr')}/></label></div>
    ${
      template?.params.length > 0 &&
      html`<fieldset><legend>Inputs of ${template.name}</legend>${template.params.map(
        (param) => html`<label class="field" key=${param.name}>${param.name}${param.required ? ' (needed)' : ''}
      <input required=${param.required} placeholder=${param.default ?? ''} value=${value.params[param.name] ?? ''} onInput=${(event) => change({ params: { ...value.params, [param.name]: event.target.value } })}/>
      <span class="dim">${param.description ?? ''} (${param.kind})</span></label>`,
      )}</fieldset>`
    }
    <div class="pair"><label class="field">Runner<select autofocus=${query.get('choose') === 'runner'} value=${value.runner} onChange=${(event) => change({ runner: event.target.value })}>
      ${RUNNERS.map(([name, word]) => html`<option key=${name} value=${name}>${word}</option>`)}</select></label>
      <label class="field">Time for each agent<input pattern="[0-9]+(ms|s|m|h|d)" placeholder="as the template says: 30m, 2h" ...${field('time')}/></label></div>
    <div class="buttons">
      <button type="button" disabled=${busy !== ''} onClick=${() => run('preview')}>${busy === 'preview' ? 'Looking…' : 'Preview'}</button>
      <button type="submit" class="primary" disabled=${busy !== ''}>${busy === 'start' ? 'Starting…' : 'Start'}</button>
    </div>
    <div ref=${result}>
      ${failure && html`<${Failure} text=${failure}/>`}
      ${preview && html`<section class="preview" aria-label="Preview"><h2>What would happen</h2><pre tabindex="0">${preview.text}</pre></section>`}
    </div>
  </form>`;
}
