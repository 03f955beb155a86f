// A sandbox with real programs, real convoys and a real browser; what it began
// is gone at its end.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const BIN = process.env.CONVOY_BIN_DIR;
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  fs.existsSync(file),
);

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
