// Figures of the page: from an append to the paint, beside a bare terminal that is fed the
// same bytes; how long until the first of very many convoys are on the screen; what a wall
// costs; what the server keeps. `make bench-web`. Everything is a ratio or has its other
// half in the same run: the machine may have other work.
import fs from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Sandbox, browser, open, until } from './support.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 4);
const SECONDS = Number(process.env.SECONDS ?? 5);
const [FEW, MANY] = [100, Number(process.env.CONVOYS ?? 10_000)];
const LOADS = 9;
const TILES = 24;
const FRAME_MS = 1000 / 60;
const WEB = fileURLToPath(new URL('../web', import.meta.url));

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
const row = (name, value, goal) => console.log(`${name.padEnd(46)} ${value.padStart(44)}   goal ${goal}`);
const now = () => performance.timeOrigin + performance.now();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const memory = (pid) => Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

/** In a page: notes how long each mark took from being written to the frame that shows it. */
function watchMarks() {
  const { terminal } = document.querySelector('.xterm-box');
  globalThis.waits = [];
  let parsed = [];
  terminal.parser.registerOscHandler(7777, (written) => {
    parsed.push(Number(written));
    return true;
  });
  terminal.onRender(() => {
    const drawn = parsed;
    parsed = [];
    // Drawn is what the next frame shows.
    requestAnimationFrame(() => {
      const now = performance.timeOrigin + performance.now();
      for (const written of drawn) globalThis.waits.push(now - written);
    });
  });
}

/** A page that has a terminal, as large as the other one, and nothing else: what comes is written. */
const BARE = `<!doctype html><meta charset=utf-8><link rel=stylesheet href=/xterm.css>
<script type=importmap>{"imports":{"@xterm/xterm":"/xterm.mjs"}}</script>
<style>body{margin:0}.xterm-box{height:100vh;overflow:auto}</style><div class=xterm-box></div>
<script type=module>
import { Terminal } from '@xterm/xterm';
const box = document.querySelector('.xterm-box');
const { cols, rows } = Object.fromEntries(new URLSearchParams(location.search));
const terminal = new Terminal({ cols: Number(cols), rows: Number(rows), convertEol: true, disableStdin: true, scrollback: 20000, fontSize: 11, allowProposedApi: true });
terminal.open(box);
box.terminal = terminal;
const reader = (await fetch('/feed')).body.getReader();
for (let part = await reader.read(); !part.done; part = await reader.read()) terminal.write(part.value);
</script>`;

async function bare() {
  let feed;
  const server = http.createServer((request, response) => {
    const name = new URL(request.url, 'http://x').pathname;
    if (name === '/feed') {
      feed = response;
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' });
      return response.flushHeaders();
    }
    const type = name.endsWith('.mjs') ? 'text/javascript' : name.endsWith('.css') ? 'text/css' : 'text/html';
    response.writeHead(200, { 'Content-Type': type });
    return response.end(name.startsWith('/xterm.') ? fs.readFileSync(`${WEB}/vendor${name}`) : BARE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    write: (bytes) => feed.write(bytes),
    close: () => {
      feed?.end();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Writes for a while: so many bytes in each part, each with a mark at its end. */
async function feed(write, { bytes, every }) {
  const line = 'some words of an agent that tells what it does, and how far it has come\r\n';
  const end = now() + SECONDS * 1000;
  for (let next = now(); next < end; next += every) {
    await pause(Math.max(0, next - now()));
    write(`${line.repeat(Math.ceil(bytes / line.length))}\x1b]7777;${now().toFixed(3)}\x07`);
  }
}

async function paint(sandbox, dashboard, context) {
  sandbox.agent('stays', 'exec sleep 10000');
  sandbox.template('stay', [{ role: 'one', subagent: 'stays' }]);
  const id = sandbox.run('convoy-start', 'stay');
  const page = await open(context, dashboard.url);
  await page.waitForSelector(`a[href="/c/${id}"]`);
  await page.goto(`${dashboard.origin}/c/${id}/a/one`);
  await page.waitForFunction(() => document.querySelector('.xterm-box')?.terminal);
  const { cols, rows } = await page.evaluate(() => {
    const { cols, rows } = document.querySelector('.xterm-box').terminal;
    return { cols, rows };
  });
  const other = await bare();
  const plain = await open(context, `${other.url}?cols=${cols}&rows=${rows}`);
  await plain.waitForFunction(() => document.querySelector('.xterm-box')?.terminal);
  const log = `${sandbox.home}/convoys/${id}/one.1.log`;
  await until('it is there', () => fs.existsSync(log));
  const sides = [
    [page, (text) => fs.appendFileSync(log, text)],
    [plain, other.write],
  ];
  for (const [side] of sides) await side.evaluate(watchMarks);
  for (const [what, rate] of [
    ['1 MB/s', { bytes: 20_000, every: 20 }],
    ['27 lines/s', { bytes: 70, every: 37 }],
  ]) {
    const waits = [[], []];
    for (let round = 0; round < ROUNDS * 2; round++) {
      const n = round % 2;
      const [side, write] = sides[n];
      await side.bringToFront();
      await side.evaluate(() => (globalThis.waits = []));
      await feed(write, rate);
      await pause(500);
      waits[n].push(...(await side.evaluate(() => globalThis.waits)));
    }
    const [own, floor] = waits.map((all) => all.sort((a, b) => a - b));
    const more = (part) => `${((at(own, part) - at(floor, part)) / FRAME_MS).toFixed(1)} frames more`;
    const told = (all) => `p50 ${at(all, 0.5).toFixed(1)} p99 ${at(all, 0.99).toFixed(1)} ms`;
    row(`append → paint, ${what}, ${own.length} marks`, told(own), '-');
    row('  a bare terminal, the same bytes', `${told(floor)}, ${floor.length} marks`, '-');
    row('  of it', `p50 ${more(0.5)}, p99 ${more(0.99)}`, 'p50 2, p99 4 frames');
  }
  await page.close();
  await plain.close();
  other.close();
  sandbox.run('convoy-ctl', 'stop', id);
}

/** The processor time of the browser, in ms, with all of its processes. */
function spent(profile) {
  let ticks = 0;
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile)) continue;
      const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended.
    }
  }
  return ticks * 10;
}

async function wall(sandbox, dashboard, chrome) {
  sandbox.agent('says', 'i=0; while :; do echo "row $i of some words"; i=$((i+1)); sleep 0.2; done');
  sandbox.template(
    'wall',
    Array.from({ length: TILES }, (_, n) => ({ role: `agent-${n}`, subagent: 'says' })),
  );
  const id = sandbox.run('convoy-start', 'wall');
  const page = await open(chrome.context, sandbox.run('convoy-dashboard', 'url', '--port', String(dashboard.port)));
  await page.setViewportSize({ width: 2560, height: 1440 });
  await page.waitForSelector(`a[href="/c/${id}"]`);
  await page.goto(`${dashboard.origin}/c/${id}/wall`);
  await until('all are there', async () => (await page.locator('.wall article').count()) === TILES, 60_000);
  await pause(3000);
  const [before, begin] = [spent(chrome.profile), now()];
  await pause(SECONDS * 2000);
  const part = (spent(chrome.profile) - before) / (now() - begin);
  row(`a wall of ${TILES} that print 5 lines/s`, `${(part * 100).toFixed(0)} % of a core`, '-');
  await page.close();
  sandbox.run('convoy-ctl', 'stop', id);
}

/** Copies of a real convoy that has ended, under other names. */
function multiply(sandbox, count) {
  sandbox.agent('ends', 'echo "# Done" > "$CONVOY_OUTPUT_FILE"');
  sandbox.template(
    'end',
    ['a', 'b', 'c', 'd'].map((role) => ({ role, subagent: 'ends' })),
  );
  const id = sandbox.run('convoy-start', 'end', '--wait').split('\n')[0];
  const state = JSON.parse(fs.readFileSync(`${sandbox.home}/convoys/${id}.json`, 'utf8'));
  const start = new Date(state.startedAt).getTime();
  for (let n = 0; n < count; n++) {
    const copy = {
      ...state,
      id: `convoy-end-${n.toString(36).padStart(6, '2')}`,
      startedAt: new Date(start - n * 600_000).toISOString(),
    };
    fs.writeFileSync(`${sandbox.home}/convoys/${copy.id}.json`, JSON.stringify(copy));
  }
}

/** Loads the list; in ms until its first rows are painted. */
async function firstRows(context, { dashboard, token }, asked = null) {
  const page = await open(context, 'about:blank');
  await page.addInitScript((token) => {
    if (location.protocol === 'http:') sessionStorage.setItem('convoy-token', token);
    new MutationObserver((_, observer) => {
      if (!document.querySelector('.list .row')) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.painted = performance.now())));
    }).observe(document, { childList: true, subtree: true });
  }, token);
  await page.goto(`${dashboard.origin}/`);
  await page.waitForFunction(() => globalThis.painted);
  const took = await page.evaluate(() => globalThis.painted);
  if (asked) {
    page.on('request', (request) => asked.push(request.url()));
    await pause(12_000);
  }
  await page.close();
  return took;
}

async function list(context) {
  const sites = [];
  for (const count of [FEW, MANY]) {
    const sandbox = new Sandbox();
    multiply(sandbox, count);
    const dashboard = await sandbox.dashboard();
    const { token } = JSON.parse(fs.readFileSync(`${sandbox.home}/run/dashboard-${dashboard.port}.json`, 'utf8'));
    sites.push({ count, sandbox, dashboard, token, times: [] });
  }
  try {
    // Not the first one of each: it reads the states.
    for (let n = -1; n < LOADS; n++)
      for (const site of sites) {
        const took = await firstRows(context, site);
        if (n >= 0) site.times.push(took);
      }
    const [few, many] = sites.map(({ times }) =>
      at(
        times.sort((a, b) => a - b),
        0.5,
      ),
    );
    row(`first rows of ${FEW} convoys, ${LOADS} loads`, `median ${few.toFixed(0)} ms`, '-');
    row(`first rows of ${MANY} convoys, in turns`, `median ${many.toFixed(0)} ms`, '-');
    row('  of those of few', `× ${(many / few).toFixed(2)}`, '× 1.5');
    const asked = [];
    await firstRows(context, sites[1], asked);
    row('  requests in the 12 s after', String(asked.length), '0 (no polling)');
    row(`  RSS with ${MANY} convoys, idle`, `${memory(sites[1].dashboard.child.pid).toFixed(1)} MB`, '-');
  } finally {
    for (const { dashboard, sandbox } of sites) {
      dashboard.child.kill();
      await dashboard.ended;
      await sandbox.remove();
    }
  }
}

const sandbox = new Sandbox();
const dashboard = await sandbox.dashboard();
const chrome = await browser();
try {
  await paint(sandbox, dashboard, chrome.context);
  await wall(sandbox, dashboard, chrome);
  await pause(10_000);
  row('RSS of the server, idle after all that', `${memory(dashboard.child.pid).toFixed(1)} MB`, '12 MB');
} finally {
  dashboard.child.kill();
  await dashboard.ended;
  await sandbox.remove();
}
try {
  await list(chrome.context);
} finally {
  await chrome.close();
}
