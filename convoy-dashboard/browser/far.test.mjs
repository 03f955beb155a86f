// What is placed elsewhere: who places it, where it is, why it waits, and what to do when nobody can tell.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, WINDOWS, accessible, picture, resize, until } from './support.mjs';

let site;
let sandbox;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  // An engine with a queue that is a file, and no way to ask where something ran.
  fs.mkdirSync(`${sandbox.home}/executors`, { recursive: true });
  const begins = `until [ -e ${sandbox.dir}/go ]; do sleep 0.05; done; exec "$@"`;
  fs.writeFileSync(
    `${sandbox.home}/executors/queue.toml`,
    `description = "a queue of a test"
program = "sh"
proof = "record"
list = ["cat", "${sandbox.dir}/queue"]
waiting = ["PENDING"]
ask = ["false"]
cancel = ["true"]
[[place]]
words = ["-c", ${JSON.stringify(begins)}, "sh"]
`,
  );
  sandbox.agent('stays', 'echo begun; sleep 1000');
  sandbox.agent('breaks', 'echo "error: no such port" >&2; exit 3');
  sandbox.template('far', [{ role: 'one', subagent: 'stays' }]);
  sandbox.template('broken', [
    { role: 'here', subagent: 'breaks', executor: 'local' },
    { role: 'there', subagent: 'breaks', executor: 'queue' },
  ]);
});

after(() => site?.close());
afterEach(async () => {
  fs.rmSync(`${sandbox.dir}/go`, { force: true });
  await site.tidy();
});

const row = (id) => `.list a.row[href="/c/${id}"]`;
const queue = (text) => fs.writeFileSync(`${sandbox.dir}/queue`, text);
const go = () => fs.writeFileSync(`${sandbox.dir}/go`, '');
const far = (id) => `${sandbox.home}/convoys/${id}/one.1.far`;
/** What is known of where it is. */
const place = (id) => JSON.parse(fs.readFileSync(`${far(id)}/place.json`, 'utf8'));

test('an agent in a queue, on a node, and lost is shown so, with what to do', async () => {
  queue('');
  const id = site.started('far', '--executor', 'queue');
  queue(`cv-${id}-one-1|PENDING|Resources|\n`);
  const page = await site.enter(`/c/${id}/a/one`);
  // It is asked for every three seconds, and no state tells of it.
  await page.waitForSelector('.agent h2 .queued');
  await page.waitForSelector('.agent header >> text=In the queue of queue: Resources', { timeout: 40_000 });
  assert.match(await page.textContent('.agent header .dim'), /placed by queue/);
  await page.waitForSelector(`${row(id)} .news >> text=/one in the queue \\(Resources\\)/`);
  assert.match(await page.textContent('.timeline .line .note'), /in the queue \(Resources\)/);
  await accessible(page, 'a queue');
  queue(`cv-${id}-one-1|RUNNING|None|n1\n`);
  go();
  await page.waitForSelector('.agent h2 .running', { timeout: 40_000 });
  await until('it says where', async () =>
    /placed by queue · on \w/.test(await page.textContent('.agent header .dim')),
  );
  // Its end leaves no record, and who could be asked does not answer.
  const { process: shim } = JSON.parse(fs.readFileSync(`${far(id)}/1.begun`, 'utf8'));
  queue('');
  process.kill(shim.pid, 'SIGKILL');
  await until('it is lost', () => place(id).is === 'lost');
  await page.waitForSelector('.agent h2 .lost', { timeout: 40_000 });
  const card = page.locator('.cause.lost');
  assert.match(await card.textContent(), /Nobody can tell whether it still runs.*does not answer/s);
  const line = `pan convoy fence ${id.slice(-6)} one`;
  assert.ok((await card.textContent()).includes(line), 'what to do');
  await page.waitForSelector(`.list section:has(h2:has-text("Needs attention")) ${row(id).slice(6)}`);
  assert.match(await page.textContent(`${row(id)} .news`), /^one: lost: .* does not answer/);
  await accessible(page, 'a lost agent');
  await picture(page, 'dashboard-lost');
  for (const window of WINDOWS) {
    await resize(page, window);
    await card.scrollIntoViewIfNeeded();
    assert.ok(await card.isVisible(), window.name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${window.name} is not scrolled sideways: ${wide}`);
  }
  await resize(page, { width: 1280, height: 860, zoom: 1 });
  await page.goto(`${site.origin}/c/${id}/plan`);
  await page.waitForSelector('svg .node.lost');
  await page.goto(`${site.origin}/c/${id}/attempts/one`);
  await page.waitForSelector('.attempts .facts >> text=/lost: .* its task may still run; its supervisor on/');
  assert.match(await page.textContent('.attempts .facts'), /State.*running.*Executor.*queue/s);
  // As the line says. The engine knows of the next attempt.
  queue(`cv-${id}-one-2|RUNNING|None|n1\n`);
  sandbox.run('convoy-ctl', ...line.split(' ').slice(2));
  await page.waitForSelector('.attempts option[value="2"]', { state: 'attached', timeout: 40_000 });
  await page.selectOption('.attempts select', '1');
  await page.waitForSelector('.attempts .facts >> text=/by .* at \\d\\d:\\d\\d:\\d\\d \\(fenced\\)/');
  assert.doesNotMatch(await page.textContent('.attempts .facts'), /may still run/);
  await accessible(page, 'an attempt that was fenced');
  await page.waitForSelector('.cause.lost', { state: 'detached' });
});

test('the failure card says who placed each attempt, and leads to all of them', async () => {
  queue('');
  go();
  const id = site.started('broken');
  site.wait(id);
  const page = await site.enter(`/c/${id}`);
  const made = page.locator('.cause .made li');
  await until('both are told of', async () => (await made.count()) === 2);
  assert.match(await made.nth(0).textContent(), /here, attempt 1.*command · on this machine · took/);
  assert.match(await made.nth(1).textContent(), /there, attempt 1.*command · placed by queue(, on \S+)? · took/);
  await made.nth(1).locator('a').click();
  await page.waitForURL(/\/attempts\/there$/);
  await page.waitForSelector('.attempts .facts >> text=/on .*; its supervisor on/');
  await page.goto(`${site.origin}/c/${id}/attempts/here`);
  await page.waitForSelector('.attempts .facts >> text=local: on this machine, as it is');
  await accessible(page, 'an attempt on this machine');
});
