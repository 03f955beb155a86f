// Agents that come into being while a convoy runs, and what they say of findings.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, WINDOWS, accessible, picture, resize, terminalText, until } from './support.mjs';

let site;
let sandbox;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.shop();
  sandbox.secondLook();
});

after(() => site?.close());
afterEach(async () => {
  fs.rmSync(`${sandbox.dir}/look`, { force: true });
  await site.tidy();
});

const looked = () => fs.writeFileSync(`${sandbox.dir}/look`, '');
const wideness = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** A review whose findings have been looked at again. */
function reviewed() {
  looked();
  const id = site.started('code-review', '--files', 'src');
  site.wait(id);
  return id;
}

test('agents of a stage appear where they belong as soon as they are there, with what they look at', async () => {
  const id = site.started('code-review', '--files', 'src');
  const page = await site.enter(`/c/${id}/plan`);
  const line = (role) => page.locator('.timeline a.line', { hasText: new RegExp(`\\b${role}( F\\d+)*$|${role} F1`) });
  await page.waitForSelector('.timeline a.line >> text=/verify-1 F1/');
  await until('they are in the picture, behind their stage', async () => {
    const boxOf = (name) => page.locator(`svg a:has(.name:text-matches("^\\\\S+ ${name}$"))`).boundingBox();
    const [stage, first] = [await boxOf('verify'), await boxOf('verify-1')];
    return stage && first && first.x > stage.x + stage.width;
  });
  assert.match(await page.locator('svg a:has(.name:text-matches("verify-1$")) .sub').textContent(), /· F1 /);
  assert.match(await page.textContent('.timeline a.line:has-text("verify") .note >> nth=0'), /0 of \d+ have ended/);
  assert.match(await page.locator('.timeline table').textContent(), /looks again at F1 SQL is built from values/);
  await page.goto(`${site.origin}/c/${id}/a/verify-again`);
  await page.waitForSelector('.stage-of >> text=/an agent for each item of verify with severity >=critical/');
  await page.goto(`${site.origin}/c/${id}/a/verify`);
  await page.waitForSelector('.stage-of >> text=/of \\d+ have ended/');
  const rows = page.locator('.members tbody tr');
  assert.ok((await rows.count()) > 5);
  assert.match(await rows.first().textContent(), /verify-1.*Running.*F1 SQL is built from values/s);
  await accessible(page, 'a stage at work');
  await picture(page, 'dashboard-stage');
  looked();
  await page.waitForSelector('.stage-of h2 .completed');
  await page.click('.members >> text=F2 A shell runs a command built from values');
  await page.waitForURL(/\/findings\?f=F2$/);
  site.wait(id);
  await page.goto(`${site.origin}/c/${id}/a/verify-3`);
  await page.waitForSelector('.agent header >> text=/Looks again at.*F3/s');
  assert.equal(await line('verify-1').count(), 1);
  // Of many, by what they look at.
  await page.fill('.side input', 'unsafe loader');
  await until('one of them', async () =>
    (await page.locator('.agents a').allTextContents()).join().includes('verify-3'),
  );
  assert.equal(await page.locator('.agents a').count(), 1);
  for (const window of WINDOWS) {
    await resize(page, window);
    for (const view of ['plan', 'a/verify', 'a/verify-1']) {
      await page.goto(`${site.origin}/c/${id}/${view}`);
      await page.waitForSelector(view === 'plan' ? 'svg .node' : '.agent h2');
      const wide = await wideness(page);
      assert.ok(wide <= 0, `${view} is not scrolled sideways, ${window.name}: ${wide}`);
    }
  }
});

test('who came into being while one looks is followed like any other', async () => {
  // The first stage begins when the reviewers have ended: after the page is there.
  const hold = `${sandbox.dir}/hold`;
  sandbox.agent('late', `while [ -e ${hold} ]; do sleep 0.05; done; echo done > "$CONVOY_OUTPUT_FILE"`);
  sandbox.template('late', [
    { role: 'first', subagent: 'late' },
    { role: 'each', subagent: 'talker', forEach: { from: 'list', path: 'items' } },
    { role: 'list', subagent: 'lister', dependsOn: ['first'] },
  ]);
  sandbox.agent('lister', `printf '{"items":["a","b"]}' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('talker', 'while :; do echo "here I am"; sleep 0.2; done');
  fs.writeFileSync(hold, '');
  const id = site.started('late');
  const page = await site.enter(`/c/${id}/a/first`);
  await page.waitForSelector('.agent h2 .running');
  fs.rmSync(hold);
  await page.click('.tabs .agents >> text=each-2');
  await until('its output comes', async () => (await terminalText(page)).includes('here I am'));
  await page.click('.tabs >> text=Wall');
  await until('on the wall too', async () => (await page.locator('.wall article').count()) === 2);
  await until('both', async () => (await terminalText(page, 1)).includes('here I am'));
});

test('what was refuted is folded and counted, and each verifier is heard with the code that decides', async () => {
  const id = reviewed();
  const page = await site.enter(`/c/${id}/findings`);
  await page.waitForSelector('.review >> text=/Second look: \\d confirmed, 2 refuted, 1 unsure, 1 unverified/');
  const folded = page.locator('.folded:has(summary:has-text("Refuted by a second look"))');
  assert.equal(await folded.locator('> summary .count').textContent(), '2');
  const finding = (n) => page.locator(`.finding[data-id="F${n}"]`);
  assert.equal(await finding(2).isVisible(), false, 'it is folded');
  for (const [n, words] of [
    [1, '✓ confirmed by verify-1'],
    [4, '○ unverified'],
    [5, '? unsure by verify-5'],
  ])
    assert.equal(await finding(n).locator('summary .look').textContent(), words);
  await page.click('.review >> text=2 findings do not count');
  await page.waitForURL(/look=refuted/);
  await finding(2).locator('> details > summary').click();
  assert.equal(await finding(2).locator('summary .look').textContent(), '✗ refuted by verify-2 and verify-again-1');
  const said = finding(2).locator('.looks article');
  await until('both are heard', async () => (await said.count()) === 2);
  for (const [n, role] of ['verify-2', 'verify-again-1'].entries()) {
    const text = await said.nth(n).textContent();
    assert.match(text, new RegExp(`${role} refutes it.*there before the change · would rate it low`, 's'));
    assert.match(text, /exec is what it is, see <b>there<\/b>/, 'its reason, as text');
    assert.match(await said.nth(n).locator('pre').textContent(), /exec\(`invoice-tool/, 'the code that decides');
    assert.ok(await said.nth(n).locator('pre').isVisible());
    assert.match(await said.nth(n).locator('figcaption a').getAttribute('href'), /^vscode:.*orders\.ts:23$/);
  }
  assert.doesNotMatch(await finding(2).locator('.markdown').textContent(), /Looked at by/, 'said once');
  await accessible(page, 'a refuted finding');
  await picture(page, 'dashboard-second-look');
  for (const window of WINDOWS) {
    await resize(page, window);
    const wide = await wideness(page);
    assert.ok(wide <= 0, `${window.name}: ${wide}`);
    await finding(2).locator('.looks').scrollIntoViewIfNeeded();
    assert.ok(await said.last().isVisible(), window.name);
  }
  await resize(page, { width: 1280, height: 860, zoom: 1 });
  await page.selectOption('.findings label:has-text("Second look") select', 'unsure');
  await page.waitForURL(/look=unsure/);
  await until('that one and the opened one', async () => (await page.locator('.finding:visible').count()) <= 2);
  await finding(5).locator('> details > summary').click();
  await finding(5).locator('.looks >> text=It counts: it is not refuted.').waitFor();
  await page.goto(`${site.origin}/c/${id}/findings?f=F3`);
  await until('a folded one is opened by its address', () => finding(3).locator('.looks article').isVisible());
  await page.click('.finding[data-id="F3"] .looks article a >> nth=0');
  await page.waitForURL(/\/a\/verify-3$/);
});

test('what does not count of a refutation says why', async () => {
  fs.writeFileSync(`${sandbox.dir}/without-proof`, '');
  try {
    const id = reviewed();
    const page = await site.enter(`/c/${id}/findings?f=F3`);
    const finding = page.locator('.finding[data-id="F3"]');
    await finding.locator('.looks >> text=/Not counted: it quotes no code/').waitFor();
    assert.equal(await finding.locator('summary .look').textContent(), '? unsure by verify-3');
    assert.match(await finding.locator('.looks article').textContent(), /verify-3 refutes it/);
    assert.equal(await page.locator('summary:has-text("Refuted by a second look")').count(), 0);
    await accessible(page, 'a refutation without proof');
  } finally {
    fs.rmSync(`${sandbox.dir}/without-proof`);
  }
});
