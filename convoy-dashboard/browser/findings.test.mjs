// Findings one can work with: where they are, what is decided about them, and what failed instead.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, accessible, lateFrames, until } from './support.mjs';

let site;
let sandbox;
let review;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.shop();
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('breaks', 'echo "error: no such port" >&2; exit 3');
  sandbox.template('broken', [
    { role: 'one', subagent: 'breaks' },
    { role: 'two', subagent: 'breaks' },
    { role: 'good', subagent: 'ends' },
  ]);
  sandbox.agent('slow', `sleep 2; printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.template('hasty', [{ role: 'one', subagent: 'slow', timeout: 500 }]);
  review = sandbox.run('convoy-start', 'code-review', '--runner', 'builtin', '--files', 'src');
  site.wait(review);
});

after(() => site?.close());
afterEach(() => site.tidy());

const address = (words = '') => `/c/${review}/findings${words}`;
const line = (id) => `.finding[data-id="${id}"] > details > summary`;
const decisions = () => JSON.parse(sandbox.run('convoy-ctl', 'decisions', 'list', '--all', '--json'));
const decided = () => decisions().filter(({ decision }) => decision);
const ids = (page) => page.locator('.finding').evaluateAll((all) => all.map((one) => one.dataset.id));

async function open(words) {
  const page = await site.enter(address(words));
  await page.waitForSelector('.finding');
  return page;
}

test('a finding of the address is opened, leads to the report and back, and to the editor', async () => {
  const page = await open('?f=F2');
  await page.waitForSelector('.finding[data-id="F2"] .markdown mark');
  assert.ok(await page.locator(line('F2')).evaluate((one) => one === document.activeElement));
  assert.ok(
    await page.locator('.finding[data-id="F2"] .markdown strong').first().isVisible(),
    'as Markdown, not as text',
  );
  assert.equal(
    await page
      .locator('.review')
      .textContent()
      .then((text) => /read 4 of 4 files/.test(text)),
    true,
  );
  const editor = await page.getAttribute('.places a', 'href');
  assert.match(editor, new RegExp(`^vscode://file${sandbox.project}/src/[^:]+:\\d+$`));
  await page.click('.finding[data-id="F2"] >> text=In the report');
  await page.waitForURL(/\/report\?f=F2$/);
  await until('it is there', () => page.evaluate(() => document.activeElement?.dataset.finding === 'F2'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/findings\?f=F2$/);
  await page.waitForSelector('.finding[data-id="F2"] details[open]');
  for (const [path, words] of [
    ['findings?f=F999', /There is no finding F999/],
    ['findings?f=%3Cb%3E', /There is no finding <b>/],
    ['report?f=F999', /does not name F999/],
  ]) {
    await page.goto(`${site.origin}/c/${review}/${path}`);
    await until(`it says so: ${path}`, async () => words.test(await page.textContent('main .banner')));
  }
});

test('groups and filters are in the address, and say what they hide', async () => {
  const page = await open();
  const all = (await ids(page)).length;
  assert.ok(all > 10);
  await page.selectOption('text=Group by', 'cause');
  await page.waitForURL(/by=cause/);
  const [most, next] = await page.locator('.findings section > h2 .count').allTextContents();
  assert.ok(Number(most) >= Number(next) && Number(most) > 1, 'the cause of most is the first');
  for (const by of ['file', 'reviewer', 'severity']) {
    await page.selectOption('text=Group by', by);
    await until(by, async () => new URL(page.url()).searchParams.get('by') === (by === 'severity' ? null : by));
    const heads = await page.locator('.findings section > h2').allTextContents();
    assert.match(heads.join(), { file: /src\//, reviewer: /security/, severity: /critical/ }[by]);
  }
  const colour = () => page.locator('.chips .sev.critical').evaluate((one) => getComputedStyle(one).color);
  const before = await colour();
  await page.click('.chips >> text=critical');
  await page.waitForSelector('.chips .sev.critical[aria-pressed=true]');
  assert.equal(await colour(), before, 'what is chosen keeps the look of its severity');
  await page.selectOption('text=Found by', 'security');
  await until('fewer', async () => (await ids(page)).length === 2);
  assert.match(await page.textContent('.findings [role=status]'), new RegExp(`2 findings shown, ${all - 2} hidden`));
  await page.reload();
  await page.waitForSelector('.finding');
  assert.equal((await ids(page)).length, 2, 'the address keeps it');
  await page.click('text=show all');
  await until('all', async () => (await ids(page)).length === all);
  await accessible(page, 'findings');
});

test('with the keyboard one goes through findings, chooses some, and decides about all of them', async () => {
  const page = await open();
  await page.locator(line('F1')).focus();
  await page.keyboard.press('j');
  await until('the next', () => page.evaluate(() => document.activeElement.closest('.finding')?.dataset.id === 'F2'));
  await page.keyboard.press('k');
  await page.keyboard.press('m');
  await page.keyboard.press('j');
  await page.keyboard.press('m');
  await page.waitForSelector('text=2 chosen');
  await page.keyboard.press('d');
  await page.waitForSelector('dialog >> text=Dismiss 2 findings');
  await accessible(page, 'a decision');
  await page.click('dialog button:has-text("Dismiss")');
  assert.equal(decided().length, 0, 'without a reason nothing is decided');
  await page.fill('dialog input[name=reason]', 'only <b>tests</b> do this');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog', { state: 'detached' });
  await until('it is saved', () => decided().length === 2);
  assert.ok(
    decided().every(({ decision }) => decision.reason === 'only <b>tests</b> do this' && decision.kind === 'dismissed'),
  );
  await page.waitForSelector('.folded summary:has-text("Decided 2")');
  await page.reload();
  await page.click('.folded summary:has-text("Decided 2")');
  assert.match(await page.textContent(line('F1')), /does not count: dismissed: only <b>tests<\/b> do this/);
  await page.click(line('F1'));
  await page.click('.finding[data-id="F1"] button:has-text("Reopen")');
  await page.click('dialog button.primary');
  assert.equal(decided().length, 2, 'without a reason nothing is reopened');
  await page.fill('dialog input[name=reason]', 'it is <i>one</i> after all');
  await page.click('dialog button.primary');
  await until('it is open again', () => decided().length === 1);
  await page.waitForSelector('.folded summary:has-text("Decided 1")');
  const why = /reopened: it is <i>one<\/i> after all/;
  await until('why is beside it', async () => why.test(await page.textContent(line('F1'))));
  await page.reload();
  await until('and stays there', async () => why.test(await page.textContent(line('F1'))));
  assert.equal(
    decisions().find(({ reopened }) => reopened)?.reopened.reason,
    'it is <i>one</i> after all',
    'it is of the store',
  );
  // What is decided elsewhere is shown as well.
  sandbox.run('convoy-ctl', 'decisions', 'reopen', 'F2');
  await page.reload();
  await until('what is decided is known', async () => why.test(await page.textContent(line('F1'))));
  assert.equal(await page.locator('.folded summary:has-text("Decided")').count(), 0);
});

test('a key acts on what is shown, and the next one is typed where it led, however late the next frame is', async () => {
  const page = await open();
  await page.locator(line('F1')).focus();
  await lateFrames(page);
  for (const key of ['m', 'j', 'm', 'd']) await page.keyboard.press(key);
  await page.keyboard.type('jam');
  assert.equal(await page.textContent('dialog h2'), 'Dismiss 2 findings');
  assert.equal(await page.inputValue('dialog input[name=reason]'), 'jam');
});

test('what was found is looked at again: a start as this one was, with the files of what is chosen', async () => {
  const page = await open();
  await page.check('.finding[data-id="F1"] > input');
  await page.check('.finding[data-id="F3"] > input');
  const files = await page.evaluate(() =>
    ['F1', 'F3'].map(
      (id) => document.querySelector(`.finding[data-id="${id}"] summary code`).textContent.match(/^([^:]+):/)[1],
    ),
  );
  assert.equal(new Set(files).size, 2, 'of two files');
  await page.click('text=Look at their files again');
  await page.waitForSelector('h1:has-text("Start again, with edits")');
  assert.deepEqual((await page.inputValue('input[placeholder="src/**/*.ts lib"]')).split(' ').sort(), files.sort());
  assert.ok(await page.isChecked('input[name=template][value=code-review]'));
  const asked = page.waitForRequest(/\/api\/convoys\/preview$/);
  await page.click('button:has-text("Preview")');
  const { template, context, runner } = (await asked).postDataJSON();
  assert.deepEqual([template, runner, context.files.sort()], ['code-review', 'builtin', files]);
  await page.waitForSelector('.preview pre');
});

test('a decision that somebody else made first, or of a newer build, is refused and shown as not saved', async () => {
  const page = await open('?f=F3');
  // What is asked for is being written while somebody else decides.
  const ask = async (reason) => {
    await page.click('.finding[data-id="F3"] button:has-text("Dismiss")');
    await page.fill('dialog input[name=reason]', reason);
  };
  const save = () => page.click('dialog button.primary');
  await ask('not mine');
  sandbox.run('convoy-ctl', 'decisions', 'accept', 'F3', '--reason', 'it stays');
  await save();
  await page.waitForSelector('dialog [role=alert] >> text=/Not saved.*decided already: accepted: it stays/s');
  assert.equal(decided()[0].decision.kind, 'accepted', 'what was decided first counts');
  await page.click('dialog >> text=Cancel');
  await page.waitForSelector(`.finding[data-id="F3"] summary >> text=/not saved/`, { state: 'attached' });
  await until('what counts now is shown', async () =>
    /does not count: accepted: it stays/.test(await page.textContent(line('F3'))),
  );
  sandbox.run('convoy-ctl', 'decisions', 'reopen', 'F3');
  await page.reload();
  await ask('too late');
  const projects = `${sandbox.home}/projects`;
  const file = `${projects}/${fs.readdirSync(projects).find((name) => name.endsWith('.json'))}`;
  const whole = fs.readFileSync(file);
  try {
    fs.writeFileSync(file, JSON.stringify({ version: 99 }));
    await save();
    await page.waitForSelector('dialog [role=alert] >> text=/Not saved.*of version 99/s');
    await page.click('dialog >> text=Cancel');
    await page.waitForSelector('.banner >> text=/What is decided .* not known.*version 99/');
    assert.match(await page.textContent(line('F3')), /not saved/);
  } finally {
    fs.writeFileSync(file, whole);
  }
});

test('a failure says what it means and leads to what helps: prompt, command, another runner, more time', async () => {
  const id = site.started('broken');
  site.wait(id);
  const page = await site.enter(`/c/${id}`);
  await page.waitForSelector('.cause >> text=Its command ended with an error.');
  assert.match(await page.textContent('.cause'), /A retry keeps its runner/);
  await accessible(page, 'a failure');
  await page.click('.cause >> text=Prompt and command');
  await page.waitForURL(/\/attempts\/one$/);
  await page.waitForSelector('.prompt >> text=Do it.');
  const facts = await page.textContent('.attempts .facts');
  for (const words of [
    /exit code 3: error: no such port/,
    /echo "error: no such port"/,
    /process \d+/,
    /its log, \d+ B/,
  ])
    assert.match(facts, words);
  await accessible(page, 'an attempt');
  await page.goto(`${site.origin}/c/${id}/attempts/one?attempt=9`);
  await page.waitForSelector('.banner >> text=/no attempt “9”/');
  await page.goto(`${site.origin}/c/${id}`);
  await page.click('.cause >> text=Retry all 2');
  const states = () => JSON.parse(fs.readFileSync(`${sandbox.home}/convoys/${id}.json`, 'utf8')).agents;
  await until('both run again', () => states().filter(({ attempt }) => attempt === 2).length === 2);
  site.wait(id);
  await page.goto(`${site.origin}/c/${id}/attempts/one`);
  await page.waitForSelector('.attempts option[value="1"]', { state: 'attached' });
  await page.selectOption('.attempts select', '1');
  await page.waitForURL(/attempt=1$/);
  await page.goto(`${site.origin}/c/${id}`);
  await page.click('.cause >> text=Start again with another runner');
  await page.waitForURL(/\/start\?again=/);
  await page.selectOption('text=Runner', 'builtin');
  await page.fill('text=Time for each agent', '90m');
  assert.equal(await page.inputValue('input[list=projects]'), sandbox.project);
  assert.ok(await page.isChecked('input[name=template][value=broken]'));
  const asked = page.waitForRequest(/\/api\/convoys\/preview$/);
  await page.click('button:has-text("Preview")');
  const { runner, agentTimeout, template } = (await asked).postDataJSON();
  assert.deepEqual({ runner, agentTimeout, template }, { runner: 'builtin', agentTimeout: '90m', template: 'broken' });
});

test('who was not done in time is run again with twice of it, in the same convoy', async () => {
  const id = site.started('hasty');
  site.wait(id);
  const page = await site.enter(`/c/${id}`);
  await page.waitForSelector('.cause >> text=/may take 0.5s/');
  const agent = () => JSON.parse(fs.readFileSync(`${sandbox.home}/convoys/${id}.json`, 'utf8')).agents[0];
  await page.click('.cause >> text=/Retry it with/');
  await until('it has twice the time', () => agent().timeoutMs === 1000 && agent().attempt === 2);
  site.wait(id);
  await page.waitForSelector('.cause >> text=/may take 1s/');
  await page.click('.cause >> text=/Retry it with/');
  await until('and twice of that', () => agent().timeoutMs === 2000);
  site.wait(id);
});

test('two runs are compared: what is only in one, and what is in both', async () => {
  const page = await open();
  const all = await ids(page);
  fs.rmSync(`${sandbox.project}/src/jobs`, { recursive: true });
  const second = sandbox.run('convoy-start', 'code-review', '--runner', 'builtin', '--files', 'src');
  site.wait(second);
  await page.goto(`${site.origin}/c/${second}/compare`);
  await page.waitForSelector(`.compare option[value="${review}"]`, { state: 'attached' });
  await page.selectOption('.compare select', review);
  await page.waitForURL(new RegExp(`with=${review}$`));
  await page.waitForSelector('.compare h2');
  const section = (name) => page.locator(`.compare section:has(h2:has-text("${name}")) li`).allTextContents();
  const gone = await section(`Only in ${review.slice(-6)}`);
  assert.ok(gone.length > 0 && gone.every((text) => text.includes('src/jobs/')), gone.join());
  assert.equal((await section('In both')).length + gone.length, all.length);
  assert.deepEqual(await section(`Only in ${second.slice(-6)}`), []);
  await accessible(page, 'a comparison');
  await page.goto(`${site.origin}/c/${second}/compare?with=convoy-none-222222`);
  await page.waitForSelector('.banner >> text=/no convoy convoy-none-222222/');
});
