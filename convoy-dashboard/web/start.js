// Starting a convoy: template, project, what to work on, and what would happen.
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { go } from './route.js';
import { ask, post } from './session.js';
import { remembered } from './store.js';
import { Failure, useAnswer, Waiting } from './ui.js';

export function Start() {
  const [answer, problem, again] = useAnswer(() => ask('/api/templates'), []);
  return html`<main class="start" id="main"><h1>Start a convoy</h1>
    ${problem && html`<${Failure} text=${problem.message} onRetry=${again}/>`}
    ${!answer && !problem && html`<${Waiting} what="Reading the templates…"/>`}
    ${answer && html`<${Form} ...${answer}/>`}</main>`;
}

function Form({ templates, projects, roots }) {
  const last = remembered.get('start', {});
  const [value, setValue] = useState({
    template: templates.some(({ name }) => name === last.template) ? last.template : 'code-review',
    project: last.project || projects[0] || roots[0] || '',
    work: last.work || 'files',
    files: last.files || '',
    base: '',
    issue: '',
    pr: '',
    rules: false,
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
    return { template: value.template, context, ...(value.rules ? { runner: 'builtin' } : {}) };
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
        ${one.agents.length > 0 && html`<span class="dim">${one.agents.map(({ role, dependsOn }) => (dependsOn.length ? `→ ${role}` : role)).join(' ')}</span>`}
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
    <label class="check"><input type="checkbox" checked=${value.rules} onChange=${(event) => change({ rules: event.target.checked })}/> Static rules only, no AI</label>
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
