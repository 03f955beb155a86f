// What there is in all: the overview, filters in the address, many convoys deleted at once.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, WINDOWS, accessible, lateFrames, resize, until } from './support.mjs';

let site;
let sandbox;
let done;
let failed;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.agent('silent', 'sleep 1000');
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('breaks', 'echo "error: no such port" >&2; exit 3');
  for (const name of ['silent', 'ends', 'breaks']) sandbox.template(`t-${name}`, [{ role: 'only', subagent: name }]);
  const ended = (template) => {
    const id = sandbox.run('convoy-start', template);
    site.wait(id);
    return id;
  };
  done = [ended('t-ends'), ended('t-ends')];
  failed = ended('t-breaks');
});

after(() => site?.close());
afterEach(() => site.tidy());

const row = (id) => `.list a.row[href="/c/${id}"]`;
const rows = (page) =>
  page.locator('.list a.row').evaluateAll((all) => all.map((one) => one.getAttribute('href').slice(3)).sort());
// By its whole label: a random name in an option may hold a word as short as “To”.
const day = (page, name) => page.locator('.fields').getByLabel(name, { exact: true });
const choice = (page, name) => page.locator('.fields').getByRole('combobox', { name, exact: true });
const tile = (page, name) => page.locator(`.tiles > div:has(dt:text-is("${name}")) strong`).textContent();

test('the overview says what runs, what needs a person, and what it cost, at every size', async () => {
  const running = site.started('t-silent');
  const page = await site.enter('/');
  await page.waitForSelector('.tiles');
  await until('it runs', async () => (await tile(page, 'Running')) === '1');
  assert.equal(await tile(page, 'Needs attention'), '1');
  assert.equal(await tile(page, 'Started today'), '4');
  assert.equal(await tile(page, 'Cost today'), 'not reported', 'a cost that nobody told is no zero');
  // The list is another answer than the tiles.
  await until('it says what needs a person', async () =>
    /t-breaks.*exit code 3: error: no such port/s.test(await page.textContent('.some:has(h2:text("Needs attention"))')),
  );
  const today = await page.textContent('.trend tbody tr:last-child');
  assert.match(today, /4 started: 2 completed, 1 running, 1 failed/);
  await accessible(page, 'the overview');
  for (const window of WINDOWS) {
    await resize(page, window);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${window.name} is not scrolled sideways: ${wide}`);
  }
  await resize(page, WINDOWS[4]);
  site.stop(running);
  await until('it runs no more', async () => (await tile(page, 'Running')) === '0');
  await page.click(`.some a[href="/c/${failed}"]`);
  await page.waitForURL(`${site.origin}/c/${failed}`);
});

test('filters are in the address, and the words of a failure are searched', async () => {
  const page = await site.enter('/?q=no+such+port');
  await until('what failed so', async () => (await rows(page)).join() === failed);
  assert.equal(await page.inputValue('#filter'), 'no such port');
  await page.fill('#filter', '');
  await until('all', async () => (await rows(page)).length >= 3);
  await page.click('.more-filters summary');
  await choice(page, 'Template').selectOption('t-ends');
  await until('of a template', async () => (await rows(page)).join() === [...done].sort().join());
  await page.waitForURL(/\?template=t-ends$/);
  await choice(page, 'Project').selectOption(sandbox.project);
  await page.waitForURL(/project=/);
  const date = (offset) => {
    const at = new Date(Date.now() + offset * 86_400_000);
    return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
  };
  await day(page, 'To').fill(date(-1));
  await page.waitForSelector('.list >> text=No convoy is like that.');
  await day(page, 'To').fill(date(1));
  await day(page, 'From').fill(date(-1));
  await until('of these days', async () => (await rows(page)).length === 2);
  await accessible(page, 'filters');
  const before = page.url();
  await page.reload();
  await until('the address keeps them', async () => (await rows(page)).join() === [...done].sort().join());
  await page.click(row(done[0]));
  await page.waitForSelector('.head h1');
  assert.equal((await rows(page)).length, 2, 'while one is looked at they stay');
  await page.goBack();
  await until('back', async () => page.url() === before && (await rows(page)).length === 2);
  await page.goto(`${site.origin}/?since=never&status=odd`);
  await until('what is no filter filters nothing', async () => (await rows(page)).length >= 3);
});

test('what is asked for at once is asked for together, however late the page is painted', async () => {
  const page = await site.enter('/');
  await until('all', async () => (await rows(page)).length >= 3);
  await page.click('.more-filters summary');
  await page.waitForSelector('.fields');
  await lateFrames(page);
  await page.keyboard.press('/');
  await page.locator('#filter').pressSequentially('t-e', { delay: 20 });
  await choice(page, 'Template').selectOption('t-ends');
  await day(page, 'From').fill('2020-01-01');
  await day(page, 'To').fill('2040-01-01');
  assert.equal(new URL(page.url()).search, '?template=t-ends&since=2020-01-01&until=2040-01-01&q=t-e');
  assert.equal(await page.inputValue('#filter'), 't-e', 'no letter is lost');
  await until('those', async () => (await rows(page)).join() === [...done].sort().join());
});

test('many are deleted after a question, and what could not be is told', async () => {
  const some = ['t-ends', 't-ends', 't-breaks'].map((template) => {
    const id = sandbox.run('convoy-start', template);
    site.wait(id);
    return id;
  });
  const running = site.started('t-silent');
  const page = await site.enter('/');
  await page.waitForSelector(row(some[2]));
  await page.click('.more-filters summary');
  await page.click('text=Choose some to delete');
  assert.ok(await page.isDisabled(`input[aria-label="Select ${running}"]`), 'what runs is not deleted');
  for (const id of some) await page.check(`input[aria-label="Select ${id}"]`);
  await accessible(page, 'a choice');
  await page.click('.choosing button:has-text("Delete 3")');
  await page.click('dialog button:has-text("Keep them")');
  const file = (id) => `${sandbox.home}/convoys/${id}.json`;
  assert.ok(
    some.every((id) => fs.existsSync(file(id))),
    'nothing was deleted',
  );
  for (const id of some) await page.check(`input[aria-label="Select ${id}"]`);
  await page.click('.choosing button:has-text("Delete 3")');
  await accessible(page, 'a question');
  // Gone before it is deleted here.
  fs.rmSync(file(some[0]));
  await page.click('dialog button.danger');
  await page.waitForSelector(`dialog [role=alert] >> text=/1 convoy not deleted.*${some[0]}/s`);
  await until('they are gone', () => some.every((id) => !fs.existsSync(file(id))));
  await page.click('dialog >> text=Keep them');
  await page.waitForSelector(row(some[1]), { state: 'detached' });
  assert.ok(fs.existsSync(file(running)));
});
