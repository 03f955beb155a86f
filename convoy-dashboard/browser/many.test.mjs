// Many agents and long logs: found by a few letters, folded until they are wanted, read as one.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, accessible, resize, terminalText, until } from './support.mjs';

let site;
let sandbox;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('silent', 'sleep 1000');
  // Each waits for the other, so that the order of their lines is known.
  const turns = (own, other) =>
    `for n in 1 2 3; do while [ ! -e ${sandbox.dir}/${own}$n ]; do sleep 0.05; done; echo "${own} says $n"; until grep -q "says $n" "\${CONVOY_OUTPUT_FILE%.out/*}.log"; do sleep 0.05; done; sleep 1.2; touch ${sandbox.dir}/${other}$n; done; echo done > "$CONVOY_OUTPUT_FILE"`;
  fs.writeFileSync(`${sandbox.dir}/a1`, '');
  sandbox.agent('a', turns('a', 'b'));
  sandbox.agent('b', turns('b', 'a').replace(`touch ${sandbox.dir}/a$n`, `touch ${sandbox.dir}/a$((n+1))`));
  sandbox.template('turns', [
    { role: 'first', subagent: 'b' },
    { role: 'second', subagent: 'a' },
  ]);
  sandbox.template('pair', [
    { role: 'one', subagent: 'ends' },
    { role: 'two', subagent: 'ends', dependsOn: ['one'] },
  ]);
});

after(() => site?.close());
afterEach(() => site.tidy());

const ended = (template) => {
  const id = sandbox.run('convoy-start', template);
  site.wait(id);
  return id;
};

/** A convoy of so many agents, half of which waited for the others, as it would be on disk. */
function large(count) {
  const id = ended('pair');
  const files = [`${sandbox.home}/convoys/${id}.json`, `${sandbox.home}/convoys/${id}/plan.json`];
  const [state, plan] = files.map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
  const name = (n) => `agent-${n + 1}`;
  const many = ([one, two], change) =>
    Array.from({ length: count }, (_, n) => ({ ...(n < count / 2 ? one : two), role: name(n), ...change(n) }));
  state.agents = many(state.agents, (n) =>
    n === count - 2
      ? { status: 'failed', reason: 'exit-code', exitCode: 7, outputFile: undefined, evidence: undefined }
      : {},
  );
  plan.agents = many(plan.agents, (n) => (n < count / 2 ? {} : { dependsOn: [name(n - count / 2)] }));
  state.status = 'partial';
  state.revision++;
  for (const [n, value] of [state, plan].entries()) fs.writeFileSync(files[n], JSON.stringify(value));
  return id;
}

test('the log of all agents is in the order of its times, is searched, and leads to each line', async () => {
  const id = ended('turns');
  const page = await site.enter(`/c/${id}/log`);
  const lines = () => page.locator('.lines > div').allTextContents();
  await until('all lines', async () => (await lines()).length === 6);
  assert.deepEqual(
    (await lines()).map((line) =>
      line
        .match(/\d\d:\d\d:\d\d(\w+) ?([ab] says \d)/)
        ?.slice(1)
        .join(' '),
    ),
    ['second a says 1', 'first b says 1', 'second a says 2', 'first b says 2', 'second a says 3', 'first b says 3'],
  );
  await accessible(page, 'the log');
  await page.click('button:has-text("Times")');
  assert.equal(await page.locator('.lines time').count(), 0);
  await page.click('button:has-text("Times")');
  await page.click('button:has-text("Wrap")');
  await page.waitForSelector('.lines:not(.wrap)');
  await page.click('button:has-text("Wrap")');
  await page.fill('.log input[type=search]', 'SAYS 2');
  await page.waitForURL(/q=SAYS/);
  await until('those alone', async () => (await lines()).length === 2);
  await page.selectOption('.log select', 'second');
  await until('of one', async () => /a says 2/.test((await lines()).join()));
  await page.goto(`${site.origin}/c/${id}/log?agent=nobody`);
  await page.waitForSelector('.banner >> text=/no agent nobody/');
  await page.goto(`${site.origin}/c/${id}/log`);
  await page.click('.lines > div:has-text("b says 2") a');
  await page.waitForURL(/\/a\/first\?at=9&attempt=1$/);
  await until('that line', async () => /b says 2/.test(await terminalText(page)));
});

test('a search goes through the whole log, from the newest line back', async () => {
  const id = ended('pair');
  const log = `${sandbox.home}/convoys/${id}/one.1.log`;
  const line = (n) => `line ${String(n).padStart(7, '0')}${n % 5000 ? '' : ' a needle'}\n`;
  const count = 60_000;
  fs.writeFileSync(log, Array.from({ length: count }, (_, n) => line(n)).join(''));
  const page = await site.enter(`/c/${id}/a/one`);
  await until('its end', async () => (await terminalText(page)).includes(line(count - 1).trim()));
  await page.fill('.agent input[type=search]', 'NEEDLE');
  await page.click('text=In the whole log');
  await page.waitForSelector('.matches >> text=12 lines with “NEEDLE” in all of it');
  const found = await page.locator('.matches li').allTextContents();
  assert.deepEqual(
    found.map((text) => Number(text.match(/\d+/)[0])),
    Array.from({ length: 12 }, (_, n) => 55_000 - n * 5000),
  );
  await accessible(page, 'what was found');
  await page.click('.matches li:last-child a');
  await until('the line', async () => /^line 0000000 a needle/.test(await terminalText(page)));
});

test('a thousand agents are found by name and state, folded in timeline and plan', async () => {
  const id = large(1000);
  const page = await site.enter(`/c/${id}/a/agent-1`);
  await page.waitForSelector('.side >> text=1000 agents');
  const shown = () => page.locator('.agents a').count();
  await page.fill('.side input', 'agent-99');
  await until('those of this name', async () => (await shown()) === 11);
  await page.fill('.side input', 'failed');
  await until('those of this state', async () => (await shown()) === 1);
  await page.click('.agents a');
  await page.waitForURL(/agent-999$/);
  assert.equal(await page.locator('.timeline a.line').count(), 0, 'phases are folded');
  assert.match(
    await page.textContent('.timeline .group >> nth=1'),
    /500 agents.*499 completed, 1 failed|500 agents.*1 failed, 499 completed/,
  );
  await page.click('.timeline .group >> nth=1');
  await page.waitForSelector('.timeline a.line >> nth=499', { state: 'attached' });
  await page.click('.tabs >> text=Plan');
  await page.waitForSelector('svg .folded-phase');
  assert.equal(await page.locator('svg a').count(), 0);
  const width = () => page.locator('.picture svg').evaluate((svg) => svg.getBoundingClientRect().width);
  const before = await width();
  await page.click('[aria-label=Larger]');
  await until('larger', async () => (await width()) > before);
  await page.click('button:has-text("Fit")');
  await until('as before', async () => (await width()) === before);
  await page.locator('.folded-phase').first().focus();
  await page.keyboard.press('Enter');
  await until('unfolded', async () => (await page.locator('svg a').count()) === 500);
  await page.click('button:has-text("Phase 1")');
  await until('folded', async () => (await page.locator('svg a').count()) === 0);
  for (const [width, height] of [
    [390, 844],
    [1280, 720],
  ]) {
    await resize(page, { width, height, zoom: 1 });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${width} px`);
  }
});

test('a few letters lead anywhere, by the keyboard alone', async () => {
  const id = large(60);
  const page = await site.enter('/');
  await page.waitForSelector(`.list a.row[href="/c/${id}"]`);
  await page.keyboard.press('Control+k');
  await page.waitForSelector('dialog [role=combobox]');
  await accessible(page, 'the palette');
  await page.keyboard.type(id.slice(-6));
  await page.keyboard.press('Enter');
  await page.waitForURL(new RegExp(`/c/${id}$`));
  await page.waitForSelector('.agents a');
  await accessible(page, 'a list of agents');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('agent 17');
  await page.waitForSelector('[role=option][aria-selected=true] >> text="Agent agent-17"');
  await page.keyboard.press('ArrowDown');
  await page.waitForSelector('[role=option][aria-selected=true] >> text=/attempts of agent-17/');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/agent-17$/);
  await page.keyboard.press('p');
  await page.waitForSelector('svg .folded-phase');
  await accessible(page, 'a folded plan');
  await page.click('[aria-label="Go to, or do"]');
  await page.keyboard.type('nothing of the kind');
  await page.waitForSelector('dialog >> text=Nothing is called that.');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
});
