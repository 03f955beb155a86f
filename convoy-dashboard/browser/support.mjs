// A sandbox with real programs, real convoys and a real browser; what it began
// is gone at its end.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const BIN = process.env.CONVOY_BIN_DIR;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  fs.existsSync(file),
);

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Looks until there is something to see; fails with what was seen last. */
export async function until(what, probe, limit = 30_000) {
  const end = Date.now() + limit;
  let last;
  while (Date.now() < end) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain until ${what}; last: ${last}`);
}

export class Sandbox {
  constructor({ launcher = 'process' } = {}) {
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'cvb'));
    this.home = path.join(this.dir, 'h');
    this.project = path.join(this.dir, 'shop');
    for (const dir of [this.home, this.project, `${this.home}/agents`, `${this.home}/convoy-templates`])
      fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    fs.writeFileSync(`${this.home}/config.toml`, `launcher = "${launcher}"\ngrace = "500ms"\n`);
  }

  env() {
    return { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: this.dir, PANOPTICON_HOME: this.home, LANG: 'C.UTF-8' };
  }

  /** Runs one of the programs to its end. */
  run(program, ...words) {
    const out = spawnSync(path.join(BIN, program), words, { env: this.env(), cwd: this.project, encoding: 'utf8' });
    if (out.status !== 0) throw new Error(`${program} ${words.join(' ')}: ${out.status} ${out.stderr}`);
    return out.stdout.trim();
  }

  /** An agent whose command is this script. */
  agent(name, script) {
    fs.writeFileSync(
      `${this.home}/agents/${name}.md`,
      `---\nname: ${name}\ndescription: to order\nrunner: command\ncommand: [sh, -c, ${JSON.stringify(script)}]\n---\nDo it.\n`,
    );
  }

  template(name, agents, config = {}) {
    fs.writeFileSync(
      `${this.home}/convoy-templates/${name}.json`,
      JSON.stringify({ name, description: `The ${name} of a test`, agents, config }),
    );
  }

  /** Real code for the rules to find fault with. */
  shop() {
    const from = fileURLToPath(new URL('../../examples/shop', import.meta.url));
    fs.cpSync(from, this.project, { recursive: true, filter: (file) => !file.includes('/.claude') });
  }

  /**
   * A review whose findings are looked at again by agents of stages, once there is the file
   * `look`: they confirm, refute, are not sure, or fail, by their number. With the file
   * `without-proof` they quote nothing.
   */
  secondLook() {
    const script = `
import fs from 'node:fs';
const { PANOPTICON_CONVOY_ROLE: role, CONVOY_PROMPT_FILE: asked, CONVOY_FINDINGS_FILE: answer } = process.env;
while (!fs.existsSync('${this.dir}/look')) await new Promise((resolve) => setTimeout(resolve, 50));
const n = Number(role.match(/\\d+$/)[0]);
if (n === 4) process.exit(3);
const prompt = fs.readFileSync(asked, 'utf8');
const [, file] = prompt.match(/"file": "([^"]+)"/);
const line = Number(prompt.match(/"lineStart": (\\d+)/)[1]);
const code = fs.readFileSync('${this.project}/' + file, 'utf8').split('\\n')[line - 1];
const word = code.match(/[A-Za-z]{4,}/)[0];
const verdict = role.startsWith('verify-again') ? 'refuted' : { 2: 'refuted', 3: 'refuted', 5: 'unsure' }[n] ?? 'confirmed';
const quote = fs.existsSync('${this.dir}/without-proof') ? null : code;
console.log('looking at ' + file);
const reason = 'The ' + word + ' is what it is, see <b>there</b>.';
const look = { finding: 1, verdict, origin: 'pre-existing', file, line, quote, reason, severity: 'low' };
fs.writeFileSync(answer, JSON.stringify({ looks: [look], total: 1 }));
`;
    fs.writeFileSync(`${this.dir}/look.mjs`, script);
    this.agent('looker', `exec ${process.execPath} ${this.dir}/look.mjs`);
    const stage = (role, forEach) => ({ role, subagent: 'looker', report: 'verification', require: 'any', forEach });
    this.template('code-review', [
      { role: 'security', subagent: 'code-review-security', report: 'findings', runner: 'builtin' },
      { role: 'correctness', subagent: 'code-review-correctness', report: 'findings', runner: 'builtin' },
      stage('verify', { from: 'merge', where: { severity: '>=high' } }),
      stage('verify-again', { from: 'verify', path: 'looks', where: { verdict: 'refuted', severity: '>=critical' } }),
      {
        role: 'synthesis',
        subagent: 'code-review-synthesis',
        dependsOn: ['security', 'correctness', 'verify', 'verify-again'],
        report: 'synthesis',
        runner: 'builtin',
      },
    ]);
  }

  async dashboard(words = ['--port', '0']) {
    const child = spawn(path.join(BIN, 'convoy-dashboard'), words, {
      env: this.env(),
      cwd: this.project,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [line] = await once(child.stdout, 'data');
    const url = String(line).trim();
    return { child, url, origin: url.split('/#')[0], port: Number(new URL(url).port), ended: once(child, 'exit') };
  }

  processes() {
    const own = [];
    for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
      try {
        if (fs.readFileSync(`/proc/${pid}/environ`).includes(this.dir)) own.push(Number(pid));
      } catch {
        // It ended, or is another user's.
      }
    }
    return own;
  }

  async remove() {
    await until('nothing is left', () => {
      const left = this.processes();
      for (const pid of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended.
        }
      }
      return left.length === 0;
    });
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function browser(options = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'cvp'));
  const context = await chromium.launchPersistentContext(profile, {
    headless: true,
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(options.args ?? []),
    ],
    viewport: { width: 1280, height: 860 },
    ...options.context,
  });
  return {
    context,
    profile,
    close: async () => {
      await context.close();
      fs.rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** A page that notes everything that should not happen. */
export async function open(context, url) {
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    page.problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', (message) => {
    // Answers that are no success are part of some tests.
    if (message.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(message.text()))
      page.problems.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
      globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  await page.goto(url);
  return page;
}

/** What a terminal shows, without colours. */
export const terminalText = (page, nth = 0) =>
  page.evaluate((nth) => {
    const term = document.querySelectorAll('.xterm-box')[nth]?.terminal;
    if (!term) return '';
    const { active } = term.buffer;
    return Array.from({ length: active.length }, (_, y) => active.getLine(y)?.translateToString(true) ?? '').join('\n');
  }, nth);

/** Nothing of the page as it is now is out of reach of who cannot see it, or has no mouse. */
export async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  assert.deepEqual(
    violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`,
    ),
    [],
    `${what} is accessible`,
  );
}

/** A picture for the documentation, when those are asked for. */
export async function picture(page, name) {
  if (!process.env.CONVOY_PICTURES) return;
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${process.env.CONVOY_PICTURES}/${name}.png` });
}

/** From here on frames, and what waits for one, come late: as on a machine with far too much to do. */
export const lateFrames = (page, ms = 3000) =>
  page.evaluate((ms) => {
    const { setTimeout } = globalThis;
    globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), ms);
    // Who waits for a frame no longer than that.
    globalThis.setTimeout = (act, pause, ...words) => setTimeout(act, pause < 100 ? ms : pause, ...words);
  }, ms);

/** Windows that people have; at 200 % zoom a page has half of the pixels. */
export const WINDOWS = [
  [390, 844],
  [768, 1024],
  [1280, 720],
  [1440, 900],
  [2560, 1440],
].flatMap(([width, height]) => [
  { name: `${width}×${height}`, width, height, zoom: 1 },
  { name: `${width}×${height} at 200 %`, width: Math.round(width / 2), height: Math.round(height / 2), zoom: 2 },
]);

/** Gives a page a window of this size and zoom. */
export async function resize(page, { width, height, zoom }) {
  page.devtools ??= await page.context().newCDPSession(page);
  await page.setViewportSize({ width, height });
  const metrics = { width, height, deviceScaleFactor: zoom, mobile: false };
  await page.devtools.send('Emulation.setDeviceMetricsOverride', metrics);
}

/** How many colours are painted in a part of a page. */
export async function coloursIn(page, { x, y, width, height }) {
  const clip = { x: Math.max(0, x), y: Math.max(0, y), width: Math.max(1, width), height: Math.max(1, height) };
  const picture = await page.screenshot({ clip });
  page.darkroom ??= await page.context().newPage();
  return page.darkroom.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return new Set(new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
  }, picture.toString('base64'));
}

/** A dashboard with a browser, and what tests do with both. */
export class Site {
  static async open(options) {
    const site = new Site();
    site.sandbox = new Sandbox(options);
    site.dashboard = await site.sandbox.dashboard();
    site.chrome = await browser();
    return site;
  }

  pages = [];
  begun = [];

  get origin() {
    return this.dashboard.origin;
  }

  /** A page that is let in. */
  async enter(to = '/', prepare = async () => {}) {
    const page = await open(this.chrome.context, 'about:blank');
    this.pages.push(page);
    await prepare(page);
    await page.goto(this.sandbox.run('convoy-dashboard', 'url', '--port', String(this.dashboard.port)));
    await page.waitForSelector('.list');
    assert.equal(await page.evaluate(() => location.hash), '', 'the ticket is out of the address');
    if (to !== '/') await page.goto(`${this.origin}${to}`);
    return page;
  }

  /** Another tab, opened without a ticket. */
  async tab(to) {
    const page = await open(this.chrome.context, `${this.origin}${to}`);
    this.pages.push(page);
    return page;
  }

  started(template, ...words) {
    const id = this.sandbox.run('convoy-start', template, ...words);
    this.begun.push(id);
    return id;
  }

  stop(id) {
    this.sandbox.run('convoy-ctl', 'stop', id);
  }

  /** Waits for the end; its exit code says how that was. */
  wait(id) {
    try {
      this.sandbox.run('convoy-ctl', 'wait', id);
    } catch {
      // It failed, or was stopped.
    }
  }

  /** After a test: nothing is left to the next, and nothing went wrong in its pages. */
  async tidy() {
    for (const id of this.begun.splice(0)) {
      try {
        this.stop(id);
      } catch {
        // It ended, or is deleted.
      }
    }
    for (const page of this.pages.splice(0)) {
      const violations = await page.evaluate(() => globalThis.violations ?? []).catch(() => []);
      await page.darkroom?.close();
      await page.close();
      assert.deepEqual(violations, [], 'the policy was kept');
      assert.deepEqual(page.problems, [], 'no errors');
    }
  }

  async close() {
    await this.chrome.close();
    this.dashboard.child.kill();
    await this.dashboard.ended;
    await this.sandbox.remove();
  }
}
