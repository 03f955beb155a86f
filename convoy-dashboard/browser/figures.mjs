// Figures of the page: how long from an append to the paint, and how long until
// a thousand convoys are on the screen. `make bench-web`.
import fs from 'node:fs';
import { Sandbox, browser, open, terminalText, until } from './support.mjs';

const LINES = Number(process.env.LINES ?? 500);
const CONVOYS = Number(process.env.CONVOYS ?? 1000);

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const row = (name, value, goal) => console.log(`${name.padEnd(52)} ${value.padStart(34)}   goal ${goal}`);
const now = () => performance.timeOrigin + performance.now();

async function paint(sandbox, dashboard, context) {
  sandbox.agent('stays', 'exec sleep 10000');
  sandbox.template('stay', [{ role: 'one', subagent: 'stays' }]);
  const id = sandbox.run('convoy-start', 'stay');
  const page = await open(context, dashboard.url);
  await page.waitForSelector(`a[href="/c/${id}"]`);
  await page.goto(`${dashboard.origin}/c/${id}/a/one`);
  await page.waitForFunction(() => document.querySelector('.xterm-box')?.terminal);
  await page.evaluate(() => {
    const term = document.querySelector('.xterm-box').terminal;
    globalThis.waits = new Map();
    // Drawn is what the next frame shows.
    term.onRender(() =>
      requestAnimationFrame(() => {
        const now = performance.timeOrigin + performance.now();
        const { active } = term.buffer;
        for (let y = active.length - 1; y >= 0 && y > active.length - 60; y--) {
          const found = /^T(\d+) (\d+\.\d+)/.exec(active.getLine(y)?.translateToString(true) ?? '');
          if (found && !globalThis.waits.has(found[1])) globalThis.waits.set(found[1], now - Number(found[2]));
        }
      }),
    );
  });
  const log = `${sandbox.home}/convoys/${id}/one.1.log`;
  for (let n = 0; n < LINES; n++) {
    fs.appendFileSync(log, `T${n} ${now().toFixed(3)} some words of an agent\n`);
    await new Promise((resolve) => setTimeout(resolve, 37));
  }
  await until('all is drawn', async () => (await terminalText(page)).includes(`T${LINES - 1} `));
  const waits = await page.evaluate(() => [...globalThis.waits.values()]);
  const sorted = waits.sort((a, b) => a - b);
  row(
    `append → paint, ${sorted.length} lines`,
    `p50 ${at(sorted, 0.5).toFixed(1)} p95 ${at(sorted, 0.95).toFixed(1)} p99 ${at(sorted, 0.99).toFixed(1)} ms`,
    'p50 30 ms, p99 100 ms',
  );
  await page.close();
  sandbox.run('convoy-ctl', 'stop', id);
}

/** Copies of a real convoy that has ended, under other names. */
function multiply(sandbox) {
  sandbox.agent('ends', 'echo "# Done" > "$CONVOY_OUTPUT_FILE"');
  sandbox.template(
    'end',
    ['a', 'b', 'c', 'd'].map((role) => ({ role, subagent: 'ends' })),
  );
  const id = sandbox.run('convoy-start', 'end', '--wait').split('\n')[0];
  const state = JSON.parse(fs.readFileSync(`${sandbox.home}/convoys/${id}.json`, 'utf8'));
  const start = new Date(state.startedAt).getTime();
  for (let n = 0; n < CONVOYS; n++) {
    const copy = {
      ...state,
      id: `convoy-end-${n.toString(36).padStart(6, '2')}`,
      startedAt: new Date(start - n * 600_000).toISOString(),
    };
    fs.writeFileSync(`${sandbox.home}/convoys/${copy.id}.json`, JSON.stringify(copy));
  }
}

async function list(dashboard, context) {
  const times = [];
  const asked = [];
  for (let round = 0; round < 7; round++) {
    const page = await open(context, dashboard.url.replace(/#.*/, ''));
    if (round === 0) {
      await page.waitForSelector('dialog');
      await page.fill('input[name=way]', dashboard.url);
      await page.click('button >> text=Sign in');
      await page.waitForSelector('.row');
    }
    const token = await page.evaluate(() => sessionStorage.getItem('convoy-token'));
    if (round > 0) await page.evaluate((token) => sessionStorage.setItem('convoy-token', token), list.token);
    else list.token = token;
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('.list .row')) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.painted = performance.now())));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.reload();
    await page.waitForFunction(() => globalThis.painted);
    times.push(await page.evaluate(() => globalThis.painted));
    if (round === 6) {
      page.on('request', (request) => asked.push(request.url()));
      await new Promise((resolve) => setTimeout(resolve, 12_000));
    }
    await page.close();
  }
  times.sort((a, b) => a - b);
  row(
    `${CONVOYS} convoys: first rows painted, ${times.length} loads`,
    `median ${at(times, 0.5).toFixed(0)} max ${times.at(-1).toFixed(0)} ms`,
    '1 s',
  );
  row('requests in the 12 s after', String(asked.length), '0 (no polling)');
}

const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const sandbox = new Sandbox();
let dashboard = await sandbox.dashboard();
const chrome = await browser();
try {
  await paint(sandbox, dashboard, chrome.context);
  dashboard.child.kill();
  await dashboard.ended;
  multiply(sandbox);
  dashboard = await sandbox.dashboard();
  await list(dashboard, chrome.context);
  row(`RSS with ${CONVOYS} convoys, after that`, `${memory(dashboard.child.pid).toFixed(1)} MB`, '-');
} finally {
  await chrome.close();
  dashboard.child.kill();
  await dashboard.ended;
  await sandbox.remove();
}
