// The page in a real browser: what a person does with it, and what it must not do.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, afterEach, before, test } from 'node:test';
import { Sandbox, accessible, browser, open, picture, terminalText, until } from './support.mjs';

let sandbox;
let dashboard;
let chrome;
const pages = [];

before(async () => {
  sandbox = new Sandbox({ launcher: 'tmux' });
  sandbox.shop();
  const counting = (pause) =>
    `i=0; while :; do printf '\\033[32mline %d\\033[0m: reading \\033[1;34msrc/file%d.ts\\033[0m\\n' $i $((i % 40)); i=$((i+1)); sleep ${pause}; done`;
  sandbox.agent('talks', counting('0.02'));
  sandbox.agent('slow', counting('0.4'));
  sandbox.agent('fails', 'echo trying; echo "cannot find the tests" >&2; exit 3');
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.template('watch', [
    { role: 'alpha', subagent: 'talks' },
    { role: 'beta', subagent: 'slow' },
    { role: 'quick', subagent: 'ends' },
    { role: 'broken', subagent: 'fails' },
    { role: 'summary', subagent: 'ends', dependsOn: ['alpha', 'beta'], require: 'any' },
  ]);
  sandbox.template('fail', [
    { role: 'good', subagent: 'ends' },
    { role: 'broken', subagent: 'fails' },
  ]);
  sandbox.template(
    'many',
    Array.from({ length: 20 }, (_, n) => ({ role: `agent-${n + 1}`, subagent: 'slow' })),
  );
  sandbox.template('quiet', [{ role: 'only', subagent: 'silent' }]);
  sandbox.agent('silent', 'sleep 1000');
  dashboard = await sandbox.dashboard();
  chrome = await browser();
});

after(async () => {
  await chrome?.close();
  dashboard?.child.kill();
  await dashboard?.ended;
  await sandbox?.remove();
});

afterEach(async () => {
  // A test that failed leaves nothing to the next.
  for (const id of begun.splice(0)) {
    try {
      stop(id);
    } catch {
      // It ended, or is deleted.
    }
  }
  for (const page of pages.splice(0)) {
    const violations = await page.evaluate(() => globalThis.violations ?? []).catch(() => []);
    await page.close();
    assert.deepEqual(violations, [], 'the policy was kept');
    assert.deepEqual(page.problems, [], 'no errors');
  }
});

/** A page that is let in. */
async function enter(to = '/', context = chrome.context) {
  const url = sandbox.run('convoy-dashboard', 'url', '--port', String(dashboard.port));
  const page = await open(context, url);
  pages.push(page);
  await page.waitForSelector('.list');
  assert.equal(await page.evaluate(() => location.hash), '', 'the ticket is out of the address');
  if (to !== '/') await page.goto(`${dashboard.origin}${to}`);
  return page;
}

const begun = [];
function started(template, ...words) {
  const id = sandbox.run('convoy-start', template, ...words);
  begun.push(id);
  return id;
}
const stop = (id) => sandbox.run('convoy-ctl', 'stop', id);
const status = (id) => JSON.parse(sandbox.run('convoy-ctl', 'status', '--json', id)).status;

test('with no convoy it says how to start one', async () => {
  const page = await enter();
  await page.waitForSelector('text=No convoy has been started here yet');
  await accessible(page, 'the empty list');
});

test('a convoy is previewed and started from the page, and its report and findings are read', async () => {
  const page = await enter('/start');
  await page.waitForSelector('.card');
  await page.fill('input[placeholder^="src/"]', 'src');
  await page.selectOption('text=Runner', 'builtin');
  await page.click('button:has-text("Preview")');
  await page.waitForSelector('.preview pre');
  assert.match(await page.textContent('.preview pre'), /correctness[\s\S]*nothing was created/);
  await accessible(page, 'the start form');
  await picture(page, 'dashboard-start');
  // Twice, as people do.
  await page.dblclick('button[type=submit]');
  await page.waitForURL(/\/c\/convoy-code-review-/);
  const id = page.url().split('/').at(-1);
  await page.waitForSelector('.head >> text=Completed', { timeout: 60_000 });
  assert.equal(
    JSON.parse(sandbox.run('convoy-ctl', 'list', '--json', '--template', 'code-review')).length,
    1,
    'one convoy',
  );
  await page.click('.tabs >> text=Report');
  await page.waitForSelector('.markdown >> text=Executive Summary');
  await accessible(page, 'the report');
  await picture(page, 'dashboard-report');
  await page.click('.tabs >> text=Findings');
  await page.waitForSelector('.finding');
  const all = await page.locator('.finding').count();
  assert.ok(all > 10, `${all} findings`);
  await page.click('.sev.high');
  await until('some are hidden', async () => !/ 0 hidden/.test(await page.textContent('.findings [role=status]')));
  const some = await page.locator('.finding').count();
  const [, shown, hidden] = (await page.textContent('.findings [role=status]')).match(
    /(\d+) findings? shown, (\d+) hidden/,
  );
  assert.deepEqual([Number(shown), Number(shown) + Number(hidden)], [some, all]);
  assert.match(page.url(), /findings\?sev=high/);
  await page.reload();
  await page.waitForSelector('.finding');
  assert.equal(await page.locator('.finding').count(), some, 'the filter is in the address');
  await page.locator('.finding summary').first().click();
  await accessible(page, 'the findings');
  await picture(page, 'dashboard-findings');
  await page.click('text=show all');
  await until('all are shown', async () => (await page.locator('.finding').count()) === all);
  await page.click('.tabs >> text=Plan');
  await page.waitForSelector('svg .node.completed');
  await accessible(page, 'the plan');
  assert.equal(status(id), 'completed');
});

test('a review says its verdict and why, what was read, and what became of each finding', async (t) => {
  // A project of its own: what was found in another is not carried into it.
  const shop = sandbox.project;
  t.after(() => (sandbox.project = shop));
  sandbox.project = `${sandbox.dir}/other`;
  const faulty = (code) => {
    fs.mkdirSync(`${sandbox.project}/odd names`, { recursive: true });
    fs.writeFileSync(`${sandbox.project}/odd names/a #1.ts`, code);
    fs.writeFileSync(`${sandbox.project}/odd names/NOTES.md`, '# Notes\n');
  };
  const fault = 'export function f(a: number) {\n  if (a == NaN) return 1;\n  return 0;\n}\n';
  const review = () => {
    const id = started('code-review', '--runner', 'builtin', '--files', 'odd names');
    spawnWait(id);
    return id;
  };
  faulty(fault);
  const first = review();
  const page = await enter(`/c/${first}/findings`);
  await page.waitForSelector('.review.CHANGES_REQUESTED >> text=1 finding is open at or above the gate (high)');
  await page.waitForSelector('.review >> text=read 1 of 2 files');
  await page.click('.review summary');
  await page.waitForSelector('.review >> text=odd names/NOTES.md');
  assert.match(await page.textContent('.finding'), /F1/);
  assert.equal(await page.textContent('.finding .past'), 'new');
  assert.match(await page.textContent('.finding code'), /odd names\/a #1\.ts:2/);
  await accessible(page, 'a verdict');
  await picture(page, 'dashboard-verdict');
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `nothing is wider than the window: ${wide}`);
  await accessible(page, 'a verdict on a phone');
  await picture(page, 'dashboard-verdict-phone');
  await page.setViewportSize({ width: 1280, height: 860 });
  sandbox.run('convoy-ctl', 'decisions', 'dismiss', 'F1', '--reason', 'it is meant so');
  await page.goto(`${dashboard.origin}/c/${review()}/findings`);
  await page.waitForSelector('.review.APPROVED');
  const decided = page.locator('.folded:has-text("Decided")');
  assert.equal(await decided.locator('.finding').isVisible(), false, 'it is folded');
  await decided.locator('> summary').click();
  await decided.locator('.finding >> text=it is meant so').waitFor();
  await accessible(page, 'a decided finding');
  sandbox.run('convoy-ctl', 'decisions', 'reopen', 'F1');
  faulty(fault.replace('a == NaN', 'Number.isNaN(a)'));
  await page.goto(`${dashboard.origin}/c/${review()}/findings`);
  await page.locator('.folded:has-text("Fixed or gone") .past').waitFor({ state: 'attached' });
  assert.match(await page.textContent('.folded .past'), /^fixed/);
});

test('terminals fill live, are followed until one scrolls, searched, and read as text', async () => {
  const id = started('watch');
  const page = await enter(`/c/${id}/a/alpha`);
  await until('output comes', async () => (await terminalText(page)).includes('line 60'));
  await page.waitForSelector('.timeline .line >> text=waits for alpha, beta');
  await accessible(page, 'a running convoy');
  const bottom = () =>
    page.evaluate(() => {
      const { active } = document.querySelector('.xterm-box').terminal.buffer;
      return active.viewportY - active.baseY;
    });
  assert.equal(await bottom(), 0);
  const box = await page.locator('.xterm-box').boundingBox();
  await page.mouse.move(box.x + 50, box.y + 50);
  await page.mouse.wheel(0, -400);
  await page.waitForSelector('.pill');
  const before = await page.evaluate(() => document.querySelector('.xterm-box').terminal.buffer.active.viewportY);
  await until('more lines came', async () => /[1-9]\d* new line/.test(await page.textContent('.pill')));
  assert.equal(
    await page.evaluate(() => document.querySelector('.xterm-box').terminal.buffer.active.viewportY),
    before,
    'it stays where one reads',
  );
  await page.keyboard.press('f');
  await until('it follows again', async () => (await bottom()) === 0);
  await page.keyboard.press('/');
  await page.keyboard.type('line 42:');
  await until('it is found', async () => (await page.textContent('.found')) === '1/1');
  const place = () => page.evaluate(() => document.querySelector('.xterm-box').terminal.buffer.active.viewportY);
  const found = await place();
  await page.click('button:has-text("Text")');
  await until('as text', async () => (await page.textContent('pre.text')).includes('line 5'));
  await accessible(page, 'the text view');
  await page.click('button:has-text("Text")');
  const download = page.waitForEvent('download');
  await page.click('button:has-text("Raw")');
  assert.match((await download).suggestedFilename(), /alpha\.log$/);
  assert.equal(await place(), found, 'it is where it was');
  await page.fill('.agent input[type=search]', '');
  await page.click('button:has-text("Follow")');
  await until('it follows', async () => (await bottom()) === 0);
  await picture(page, 'dashboard-running');
  await page.click('.tabs >> text=Wall');
  await until(
    'two terminals',
    async () =>
      /line \d+:.*\n.*line \d+:/.test(await terminalText(page, 0)) && (await terminalText(page, 1)).includes('line'),
  );
  await accessible(page, 'the wall');
  await page.click('.tabs >> text=Events');
  await page.waitForSelector('.events >> text=agent running');
  await accessible(page, 'the events');
  stop(id);
});

test('a stop is asked for, carried out, and said only when it is so', async () => {
  const id = started('quiet');
  const page = await enter(`/c/${id}`);
  await page.waitForSelector('.head >> text=Running');
  await page.keyboard.press('x');
  await page.waitForSelector('dialog >> text=1 agent runs');
  await accessible(page, 'the question');
  await page.keyboard.press('Escape');
  assert.equal(status(id), 'running', 'no is no');
  await page.click('.head button:has-text("Stop")');
  await page.click('dialog button:has-text("Stop it")');
  await page.waitForSelector('.head h1 .stopped', { timeout: 30_000 });
  assert.equal(status(id), 'failed');
  assert.deepEqual(
    sandbox.processes().filter((pid) => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep\0')),
    [],
  );
});

test('a failure opens by itself, is said why, and is run again', async () => {
  const id = started('fail');
  spawnWait(id);
  const page = await enter(`/c/${id}`);
  await page.waitForSelector('.agent h2:has-text("broken")');
  await page.waitForSelector('.why >> text=exit code 3');
  await until('its last words', async () => (await terminalText(page)).includes('cannot find the tests'));
  await page.waitForSelector('.list section:has-text("Earlier") .row[aria-current]', { timeout: 15_000 });
  await picture(page, 'dashboard-failed');
  await accessible(page, 'a failure');
  await page.click('button:has-text("Retry broken")');
  await until('the second attempt', async () => /attempt 2/.test(await terminalText(page)));
  spawnWait(id);
});

function spawnWait(id) {
  try {
    sandbox.run('convoy-ctl', 'wait', id);
  } catch {
    // Its exit code says how the convoy ended.
  }
}

test('the server goes and comes back: offline, then exactly what was missed', async () => {
  const id = started('watch');
  const page = await enter(`/c/${id}/a/alpha`);
  await until('output comes', async () => (await terminalText(page)).includes('line 30'));
  dashboard.child.kill('SIGKILL');
  await dashboard.ended;
  await page.waitForSelector('.offline');
  await accessible(page, 'being offline');
  await picture(page, 'dashboard-offline');
  const log = `${sandbox.home}/convoys/${id}/alpha.1.log`;
  const lines = () => fs.readFileSync(log, 'utf8').trimEnd().split('\n').length;
  const missed = lines() + 40;
  await until('more was printed meanwhile', () => lines() > missed);
  dashboard = await sandbox.dashboard(['--port', String(dashboard.port)]);
  await page.waitForSelector('.up', { timeout: 20_000 });
  stop(id);
  const [, last] = fs.readFileSync(log, 'utf8').match(/line (\d+)[^\n]*\n(?!.*line \d)/s);
  await until('all is there', async () => (await terminalText(page)).includes(`line ${last}:`));
  const seen = [...(await terminalText(page)).matchAll(/line (\d+):/g)].map(([, n]) => Number(n));
  assert.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, n) => n),
    'every line, once, in order',
  );
});

test('a dashboard started anew after a proper end lets old pages in only with a new address', async () => {
  const page = await enter();
  dashboard.child.kill('SIGTERM');
  await dashboard.ended;
  await page.waitForSelector('.offline');
  dashboard = await sandbox.dashboard(['--port', String(dashboard.port)]);
  await page.waitForSelector('dialog >> text=pan dashboard url', { timeout: 20_000 });
  await accessible(page, 'being shut out');
  await picture(page, 'dashboard-shut-out');
  await page.fill('input[name=way]', dashboard.url);
  await page.click('button >> text=Sign in');
  await page.waitForSelector('.up');
  await page.waitForSelector('.list .row');
});

test('two tabs see the same, and a third is let in by them', async () => {
  const id = started('quiet');
  const [one, two] = [await enter('/'), await enter(`/c/${id}`)];
  await one.waitForSelector(`a[href="/c/${id}"] .running`);
  await two.waitForSelector('.head >> text=Running');
  stop(id);
  await one.waitForSelector(`a[href="/c/${id}"] .stopped`);
  await two.waitForSelector('.head h1 .stopped');
  const third = await open(chrome.context, `${dashboard.origin}/`);
  pages.push(third);
  await third.waitForSelector('.list .row');
  assert.deepEqual(await chrome.context.cookies(), [], 'no cookies');
});

test('twenty agents at once', async () => {
  const id = started('many');
  const page = await enter(`/c/${id}/wall`);
  // What is out of sight is not drawn, and fills when it is looked at.
  for (let n = 0; n < 20; n++) {
    await page.locator('.wall article').nth(n).scrollIntoViewIfNeeded();
    await until(`terminal ${n} fills`, () =>
      page.evaluate((n) => {
        const term = document.querySelectorAll('.wall article')[n].querySelector('.xterm-box')?.terminal;
        const lines = Array.from({ length: term?.rows ?? 0 }, (_, y) => term.buffer.active.getLine(y));
        return lines.some((line) => line.translateToString().includes('line 3'));
      }, n),
    );
  }
  const drawn = await page.locator('.wall .xterm-box').count();
  assert.ok(drawn < 20, `${drawn} are drawn at once`);
  await page.locator('.wall article').first().scrollIntoViewIfNeeded();
  await accessible(page, 'a wall of twenty');
  await picture(page, 'dashboard-wall');
  stop(id);
});

test('keys alone are enough', async () => {
  const id = started('watch');
  const page = await enter('/');
  await page.waitForSelector(`a[href="/c/${id}"]`);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/c\//);
  await page.goto(`${dashboard.origin}/c/${id}`);
  await page.waitForSelector('.tabs');
  await page.keyboard.press('2');
  await page.waitForURL(/\/a\/beta$/);
  for (const [key, view] of [
    ['i', 'findings'],
    ['r', 'report'],
    ['e', 'events'],
    ['p', 'plan'],
    ['w', 'wall'],
  ]) {
    await page.keyboard.press(key);
    await page.waitForURL(new RegExp(`/${view}$`));
  }
  await page.keyboard.press('?');
  await page.waitForSelector('dialog >> text=Keys and settings');
  await accessible(page, 'the keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY');
  await page.keyboard.press('s');
  await page.waitForURL(/\/start$/);
  await page.locator('input[list=projects]').focus();
  await page.keyboard.type('sx?');
  assert.match(page.url(), /\/start$/, 'letters in a field are letters');
  stop(id);
});

test('a narrow window and the dark', async () => {
  const id = started('watch');
  const page = await enter(`/c/${id}/a/alpha`);
  await page.setViewportSize({ width: 390, height: 844 });
  await until('output comes', async () => (await terminalText(page)).includes('line 10'));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `nothing is wider than the window: ${wide}`);
  await accessible(page, 'a phone');
  await picture(page, 'dashboard-phone');
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.click('button[aria-label="Colours: system"]');
  await page.click('button[aria-label="Colours: light"]');
  await until('dark', () => page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
  await page.waitForSelector('.timeline .line');
  await accessible(page, 'the dark');
  await picture(page, 'dashboard-dark');
  await page.click('button[aria-label="Colours: dark"]');
  stop(id);
});

test('a convoy nobody watches is said to be so, and taken up again', async () => {
  const id = started('watch', '--watch', 'none');
  const page = await enter(`/c/${id}`);
  await page.waitForSelector('.banner >> text=No watcher is running');
  await accessible(page, 'a convoy nobody watches');
  await page.click('.banner button');
  await page.waitForSelector('.banner', { state: 'detached' });
  stop(id);
});

test('a stop that takes its time says Stopping until it is so', async () => {
  sandbox.agent('stubborn', "trap '' TERM; while :; do sleep 0.2; done");
  sandbox.template('stubborn', [{ role: 'only', subagent: 'stubborn' }]);
  const id = started('stubborn');
  const page = await enter(`/c/${id}`);
  await page.waitForSelector('.head h1 .running');
  await page.evaluate(() => {
    globalThis.kinds = [];
    new MutationObserver(() => {
      const kind = document.querySelector('.head h1 .state')?.className;
      if (kind !== globalThis.kinds.at(-1)) globalThis.kinds.push(kind);
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.click('.head button:has-text("Stop")');
  await page.click('dialog button:has-text("Stop it")');
  await page.waitForSelector('.head h1 .stopped');
  assert.equal(status(id), 'failed', 'it is so');
  assert.deepEqual(
    (await page.evaluate(() => globalThis.kinds)).filter((kind) => kind !== 'state running'),
    ['state stopping', 'state stopped'],
  );
});

test('long logs begin near their end, are whole under Raw, and a deep link leads into them', async () => {
  sandbox.agent(
    'much',
    `i=0; while [ $i -lt 9000 ]; do echo "row $i of a long log with some words in it"; i=$((i+1)); done; echo '# Done' > "$CONVOY_OUTPUT_FILE"`,
  );
  sandbox.template('much', [{ role: 'one', subagent: 'much' }]);
  const id = started('much');
  spawnWait(id);
  const page = await enter(`/c/${id}/a/one`);
  await until('its end', async () => (await terminalText(page)).includes('row 8999 '));
  await page.waitForSelector('p.gap');
  assert.ok(!(await terminalText(page)).includes('row 10 '));
  const download = page.waitForEvent('download');
  await page.click('button:has-text("Raw")');
  const file = await (await download).path();
  assert.equal(fs.readFileSync(file, 'utf8'), fs.readFileSync(`${sandbox.home}/convoys/${id}/one.1.log`, 'utf8'));
  await page.goto(`${dashboard.origin}/c/${id}/a/one?at=0`);
  await until('its beginning', async () => (await terminalText(page)).startsWith('row 0 '));
});

test('lines for a terminal are copied, and an end is notified of', async () => {
  const id = started('quiet');
  await chrome.context.grantPermissions(['clipboard-read', 'clipboard-write', 'notifications'], {
    origin: dashboard.origin,
  });
  const page = await enter(`/c/${id}/a/only`);
  await page.click('.agent button:has-text("attach")');
  await page.waitForSelector('.toast >> text=Copied');
  await page.keyboard.press('?');
  await page.evaluate(() => {
    globalThis.notes = [];
    globalThis.Notification = class {
      constructor(text) {
        globalThis.notes.push(text);
      }
      static permission = 'granted';
      static requestPermission = async () => 'granted';
    };
  });
  await page.click('text=Notify me');
  await page.keyboard.press('Escape');
  stop(id);
  await until('the note', () => page.evaluate(() => globalThis.notes.some((text) => /^quiet \w+ stopped$/.test(text))));
  await page.evaluate(() => localStorage.removeItem('convoy-notify'));
});

test('what agents print and write is only ever shown', async () => {
  const payloads = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '<svg onload=alert(1)>',
    '![p](http://127.0.0.1:9/pixel.png)',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<a href="javascript:alert(1)">y</a>',
    '<style>body{display:none}</style>',
    '<form action=http://127.0.0.1:9><button>z</button></form>',
  ].join('\n\n');
  fs.writeFileSync(`${sandbox.project}/hostile.md`, `# Hostile\n\n${payloads}\n`);
  sandbox.agent(
    'hostile',
    `printf '\\033]0;owned\\007\\033]52;c;b3duZWQ=\\007\\033]8;;http://127.0.0.1:9/x\\007link\\033]8;;\\007\\033]1337;File=:x\\007\\033]9;note\\007\\033[21t\\033[c\\033[6n<script>alert(2)</script>\\nend\\n'; cp ${sandbox.project}/hostile.md "$CONVOY_OUTPUT_FILE"`,
  );
  sandbox.template('hostile', [{ role: 'one', subagent: 'hostile' }]);
  const id = started('hostile');
  spawnWait(id);
  const page = await enter(`/c/${id}/report`);
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.waitForSelector('.markdown h2:has-text("Hostile")');
  assert.equal(await page.locator('.markdown :is(script, img, svg, iframe, style, form, a)').count(), 0);
  assert.ok(await page.isVisible('.markdown >> text=<script>alert(1)</script>'), 'it is shown as text');
  await page.click('.tabs >> text=one');
  await until('the log', async () => (await terminalText(page)).includes('end'));
  await page.click('.xterm-box >> text=link', { timeout: 2000, force: true }).catch(() => {});
  assert.match(await page.title(), /^(\(\d+\) )?convoy$/);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(dashboard.origin)),
    [],
    'nobody else is asked',
  );
});

test('pages of other ports get nothing', async () => {
  const page = await enter();
  const token = await page.evaluate(() => sessionStorage.getItem('convoy-token'));
  const seen = [];
  const attacker = http.createServer((request, response) => {
    seen.push(request.headers.cookie ?? '');
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>evil</title>');
  });
  await new Promise((resolve) => attacker.listen(0, '127.0.0.1', resolve));
  const evil = await chrome.context.newPage();
  await evil.goto(`http://127.0.0.1:${attacker.address().port}/`);
  const got = await evil.evaluate(
    async ({ origin, token }) => {
      const tries = {
        fetch: () => fetch(`${origin}/api/convoys`, { headers: { Authorization: `Bearer ${token}` } }),
        health: () => fetch(`${origin}/api/health`),
        post: () =>
          fetch(`${origin}/api/convoys/start`, { method: 'POST', mode: 'no-cors', body: '{}' }).then(({ type }) => {
            if (type !== 'opaque') throw new Error(type);
            return Promise.reject(new Error('opaque'));
          }),
        socket: () =>
          new Promise((resolve, reject) => {
            const s = new WebSocket(`${origin.replace('http', 'ws')}/api/stream`, ['convoy.v1', `bearer.${token}`]);
            s.onopen = resolve;
            s.onerror = () => reject(new Error('refused'));
          }),
        script: () =>
          new Promise((resolve, reject) => {
            const s = document.createElement('script');
            s.src = `${origin}/assets/app.js`;
            s.onload = resolve;
            s.onerror = () => reject(new Error('refused'));
            document.head.append(s);
          }),
        import: () => import(`${origin}/assets/app.js`),
        frame: () =>
          new Promise((resolve, reject) => {
            const f = document.createElement('iframe');
            f.src = origin;
            f.onload = () => {
              try {
                resolve(f.contentDocument?.querySelector('#app') ?? Promise.reject(new Error('shut')));
              } catch {
                reject(new Error('shut'));
              }
            };
            document.body.append(f);
          }),
      };
      const results = {};
      for (const [name, go] of Object.entries(tries))
        results[name] = await go().then(
          () => 'got in',
          (error) => `refused: ${error.message}`,
        );
      const opened = window.open(origin);
      await new Promise((resolve) => setTimeout(resolve, 500));
      try {
        results.open = opened?.document?.title ? 'got in' : 'refused';
      } catch {
        results.open = 'refused';
      }
      return results;
    },
    { origin: dashboard.origin, token },
  );
  for (const [name, result] of Object.entries(got)) assert.match(result, /^refused/, name);
  assert.ok(
    seen.every((cookie) => cookie === ''),
    'no cookie reaches another port',
  );
  await Promise.all(
    chrome.context
      .pages()
      .filter((one) => one !== page && !pages.includes(one) && chrome.context.pages().length > 2)
      .map((one) => one.close()),
  );
  attacker.close();
});

test('a name that leads here is not served', async () => {
  const rebound = await browser({ args: ['--host-resolver-rules=MAP evil.test 127.0.0.1'] });
  try {
    const page = await rebound.context.newPage();
    const answer = await page.goto(`http://evil.test:${dashboard.port}/`);
    assert.equal(answer.status(), 421);
  } finally {
    await rebound.close();
  }
});
