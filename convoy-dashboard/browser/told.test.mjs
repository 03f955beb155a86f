// What the page says is so: on a slow server, with answers late and out of order, with every odd state file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, accessible, terminalText, until } from './support.mjs';

let site;
let sandbox;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.agent('silent', 'sleep 1000');
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  // Prints nothing until it is told to.
  sandbox.agent(
    'waits',
    `while [ ! -e ${sandbox.dir}/go ]; do sleep 0.1; done; while :; do echo word; sleep 0.2; done`,
  );
  const roles = (...names) => names.map(([role, subagent]) => ({ role, subagent }));
  sandbox.template('quiet', roles(['only', 'silent']));
  sandbox.template('done', roles(['only', 'ends']));
  sandbox.template('talk', roles(['one', 'waits'], ['two', 'waits'], ['still', 'silent']));
});

after(() => site?.close());
afterEach(async () => {
  fs.rmSync(`${sandbox.dir}/go`, { force: true });
  await site.tidy();
});

const stateFile = (id) => `${sandbox.home}/convoys/${id}.json`;
const read = (id) => JSON.parse(fs.readFileSync(stateFile(id), 'utf8'));
/** Replaces a state as every state is: whole, by a rename. */
function replace(id, text) {
  const aside = `${sandbox.dir}/aside`;
  fs.writeFileSync(aside, typeof text === 'string' || Buffer.isBuffer(text) ? text : JSON.stringify(text));
  fs.renameSync(aside, stateFile(id));
}
const row = (id) => `.list a.row[href="/c/${id}"]`;
const sectionOf = (page, id) =>
  page.evaluate(
    (row) => document.querySelector(row)?.closest('section')?.querySelector('h2')?.firstChild.data.trim(),
    row(id),
  );
const order = (page) =>
  page.evaluate(() => [...document.querySelectorAll('.list a.row')].map((one) => one.getAttribute('href')));

/** Holds back answers to one address, and lets them go when told to. */
async function hold(page, matches, { times = 1 } = {}) {
  let open;
  const gate = new Promise((resolve) => {
    open = resolve;
  });
  const held = [];
  let left = times;
  await page.route(
    (url) => url.pathname.startsWith('/api/') && matches(url),
    async (route) => {
      if (left-- <= 0) return route.continue();
      const answer = await route.fetch();
      const body = await answer.body();
      held.push(body.toString());
      await gate;
      return route.fulfill({ response: answer, body }).catch(() => {});
    },
  );
  return { held, release: () => open() };
}

test('agents that print are not quiet, one that is is marked, and no row moves for it', async () => {
  const ids = [site.started('quiet'), site.started('talk'), site.started('quiet')];
  const id = ids[1];
  await until('all three run', () => read(id).agents.every(({ status }) => status === 'running'));
  // As ten minutes ago, for all that the files say.
  const then = new Date(Date.now() - 600_000);
  const state = read(id);
  for (const agent of state.agents) {
    agent.startedAt = then.toISOString();
    const log = `${sandbox.home}/convoys/${id}/${agent.role}.1.log`;
    await until('its log is there', () => fs.existsSync(log));
    fs.utimesSync(log, then, then);
  }
  replace(id, { ...state, revision: state.revision + 1 });
  const page = await site.enter('/');
  await page.waitForSelector(`${row(id)} .mark >> text=one, two, still quiet for`);
  assert.equal(await sectionOf(page, id), 'Running', 'it is marked where it is');
  const before = await order(page);
  const second = await site.enter(`/c/${id}/a/two`);
  await second.waitForSelector('.agent h2 .quiet');
  fs.writeFileSync(`${sandbox.dir}/go`, '');
  await page.waitForSelector(`${row(id)} .mark >> text=/^◔ still quiet for/`, { timeout: 40_000 });
  await second.waitForSelector('.agent h2 .running', { timeout: 40_000 });
  assert.deepEqual(await order(page), before, 'nothing moved');
  assert.equal(await sectionOf(page, id), 'Running');
  // Who comes later is told the same at once, by the list and by the convoy.
  await page.reload();
  await page.waitForSelector(`${row(id)} .mark`);
  assert.match(await page.textContent(`${row(id)} .mark`), /^◔ still quiet for/);
  await second.goto(`${site.origin}/c/${id}/a/one`);
  await second.waitForSelector('.agent h2');
  await until('it is said to run', () => second.isVisible('.agent h2 .running'), 20_000);
});

test('a browser whose clock is wrong calls nobody quiet', async () => {
  const id = site.started('quiet');
  const page = await site.enter('/', (page) => page.clock.install({ time: new Date(Date.now() + 3_600_000) }));
  await page.waitForSelector(row(id));
  await page.clock.runFor(5000);
  assert.equal(await page.locator(`${row(id)} .mark`).count(), 0);
  assert.doesNotMatch(await page.textContent(`${row(id)} .when`), /\dh/);
});

test('a late answer does not bring back what is over: a convoy', async () => {
  const id = site.started('quiet');
  let late;
  const page = await site.enter(`/`, async (page) => {
    late = await hold(page, ({ pathname }) => pathname === `/api/convoys/${id}`);
  });
  await page.click(row(id));
  await page.waitForSelector('.head >> text=Running');
  await until('the answer is under way', () => late.held.length);
  assert.equal(JSON.parse(late.held[0]).status, 'running');
  site.stop(id);
  await page.waitForSelector('.head h1 .stopped');
  late.release();
  await page.waitForTimeout(500);
  assert.ok(await page.isVisible('.head h1 .stopped'), 'it stays so');
  assert.equal(await page.locator('.head button:has-text("Stop")').count(), 0);
});

test('a late answer does not bring back what is over: the list', async () => {
  const [ended, gone, stays] = [site.started('quiet'), site.started('quiet'), site.started('quiet')];
  let late;
  const page = await site.enter('/start', async (page) => {
    late = await hold(page, ({ pathname, searchParams }) => pathname === '/api/convoys' && searchParams.has('limit'), {
      times: 2,
    });
  });
  await until('the answer is under way', () => late.held.some((text) => text.includes(stays)));
  site.stop(ended);
  site.stop(gone);
  sandbox.run('convoy-ctl', 'rm', gone);
  const fresh = site.started('quiet');
  await page.waitForSelector(`${row(ended)} .stopped`);
  await page.waitForSelector(row(fresh));
  late.release();
  await page.waitForSelector(`${row(stays)} .running`);
  assert.ok(await page.isVisible(`${row(ended)} .stopped`), 'what ended is ended');
  assert.equal(await page.locator(row(gone)).count(), 0, 'what is gone is gone');
  assert.ok(await page.isVisible(row(fresh)), 'what is new is there');
  await until('the counts are right', async () => {
    const running = JSON.parse(sandbox.run('convoy-ctl', 'list', '--json', '--all-projects')).filter(
      ({ status }) => status === 'running',
    );
    return (await page.textContent('.totals')).startsWith(`${running.length} running`);
  });
});

test('an answer that was asked for before an end and comes after it changes nothing', async () => {
  const id = site.started('quiet');
  let late;
  const page = await site.enter('/');
  await page.waitForSelector(`${row(id)} .running`);
  late = await hold(page, ({ pathname, searchParams }) => pathname === '/api/convoys' && searchParams.has('limit'));
  await page.click('.chips >> text=All');
  await until('the answer is under way', () => late.held.some((text) => text.includes(id)));
  site.stop(id);
  await page.waitForSelector(`${row(id)} .stopped`);
  await page.evaluate((row) => {
    globalThis.back = 0;
    new MutationObserver(() => {
      if (document.querySelector(`${row} .running`)) globalThis.back++;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }, row(id));
  late.release();
  await page.waitForTimeout(1500);
  assert.equal(await page.evaluate(() => globalThis.back), 0, 'it never ran again');
  assert.ok(await page.isVisible(`${row(id)} .stopped`));
});

test('what the stream tells late is not taken for news', async () => {
  const id = site.started('quiet');
  const kept = [];
  let isHeld = false;
  const pass = (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => (isHeld ? kept.push(() => socket.send(message)) : socket.send(message)));
  };
  const page = await site.enter('/', (page) => page.routeWebSocket(/\/api\/.*stream$/, pass));
  await page.waitForSelector(`${row(id)} .running`);
  isHeld = true;
  site.stop(id);
  await until('it was told of', () => kept.length > 1);
  // Asked now, the list and the convoy are as they are.
  await page.click('.chips >> text=All');
  await page.waitForSelector(`${row(id)} .stopped`);
  await walk(page, `/c/${id}`);
  await page.waitForSelector('.head h1 .stopped');
  await page.evaluate((row) => {
    globalThis.back = 0;
    new MutationObserver(() => {
      if (document.querySelector(`${row} .running, .head h1 .running`)) globalThis.back++;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }, row(id));
  isHeld = false;
  for (const send of kept.splice(0)) {
    send();
    await page.waitForTimeout(50);
  }
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.back), 0, 'it never ran again');
});

test('a first state that comes after a newer answer is not taken for news', async () => {
  const id = site.started('quiet');
  const kept = [];
  let isHeld = true;
  let ask;
  const isAsked = new Promise((resolve) => {
    ask = resolve;
  });
  const page = await site.enter('/', async (page) => {
    await page.routeWebSocket(`**/api/convoys/${id}/stream`, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((message) => (isHeld ? kept.push(() => socket.send(message)) : socket.send(message)));
    });
    await page.route(`**/api/convoys/${id}`, async (route) => {
      await isAsked;
      await route.continue();
    });
  });
  await page.waitForSelector(row(id));
  await walk(page, `/c/${id}`);
  await until('its first state is on its way', () => kept.length > 1);
  site.stop(id);
  ask();
  await page.waitForSelector('.head h1 .stopped');
  await page.evaluate(() => {
    globalThis.back = 0;
    new MutationObserver(() => {
      if (document.querySelector('.head h1 .running')) globalThis.back++;
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  isHeld = false;
  for (const send of kept.splice(0)) {
    send();
    await page.waitForTimeout(50);
  }
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => globalThis.back), 0, 'it never ran again');
});

test('of two filters the last one counts, in whatever order the answers come', async () => {
  const [quiet, done] = [site.started('quiet'), site.started('done')];
  site.wait(done);
  let late;
  const page = await site.enter('/', async (page) => {
    late = await hold(page, ({ searchParams }) => searchParams.get('status') === 'running');
  });
  await page.waitForSelector(row(quiet));
  await page.click('.chips >> text=Running');
  await until('the answer is under way', () => late.held.length);
  await page.click('.chips >> text=Completed');
  await page.waitForSelector(`${row(quiet)}`, { state: 'detached' });
  late.release();
  await page.waitForTimeout(400);
  assert.deepEqual([await page.locator(row(quiet)).count(), await page.locator(row(done)).count()], [0, 1]);
});

test('a slow server is waited for, and everything comes', async () => {
  const id = site.started('done');
  site.wait(id);
  const page = await site.enter('/', (page) =>
    page.route('**/api/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      await route.continue().catch(() => {});
    }),
  );
  await page.goto(`${site.origin}/c/${id}/report`);
  await page.waitForSelector('.markdown >> text=All is well');
  await page.waitForSelector(`${row(id)} .completed`);
  for (const view of ['findings', 'events', 'plan', 'a/only']) {
    await page.goto(`${site.origin}/c/${id}/${view}`);
    await until(`${view} is there`, async () => (await page.textContent('.body')).trim().length > 3);
  }
});

/** Goes to an address as a link does, without loading the page anew. */
const walk = (page, to) =>
  page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, to);

/** State files as they come when something goes wrong, or from elsewhere. */
function oddStates(whole) {
  const old = {
    id: 'x',
    template: 'review',
    startedAt: '2025-01-02T03:04:05.678Z',
    outputDir: '/o',
    context: { projectPath: '/p', files: [] },
  };
  const agent = {
    role: 'security',
    subagent: 's',
    tmuxSession: 't',
    outputFile: '/o/s.md',
    status: 'running',
    startedAt: old.startedAt,
  };
  return {
    object: '{}',
    list: '[]',
    nulls: '[null]',
    nothing: 'null',
    text: '"running"',
    number: '7',
    empty: '',
    blanks: '  \n',
    zeros: Buffer.alloc(4096),
    binary: Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
    torn: JSON.stringify(whole).slice(0, 300),
    doubled: JSON.stringify(whole) + JSON.stringify(whole),
    newer: { ...whole, schemaVersion: 99 },
    newest: { schemaVersion: 99, agents: 'none of yours' },
    version: { ...whole, schemaVersion: 'two' },
    another: whole,
    noagents: { ...old, status: 'running' },
    agentless: { ...whole, id: 'convoy-odd-agentless', agents: [] },
    byrole: { ...old, status: 'completed', agents: { security: agent, tests: { status: 'done' } } },
    nullagents: { ...old, status: 'running', agents: [null] },
    agenttext: { ...old, status: 'failed', agents: 'security' },
    oldrunning: {
      ...old,
      status: 'running',
      agents: [agent, { ...agent, role: 'tests', status: 'pending', startedAt: undefined }],
    },
    oldended: {
      ...old,
      status: 'completed',
      completedAt: '2025-01-02T03:14:05.678Z',
      agents: [{ ...agent, status: 'completed', completedAt: '2025-01-02T03:10:05.678Z' }],
    },
    oldtimes: {
      ...old,
      startedAt: 'yesterday',
      status: 'completed',
      completedAt: 5,
      agents: [{ ...agent, startedAt: {}, status: 'failed' }],
    },
    oldstatus: { ...old, status: 'exploded', agents: [{ ...agent, status: 'lost' }] },
    oldtypes: {
      id: 5,
      template: ['x'],
      status: {},
      context: 'c',
      startedAt: 3,
      agents: [{ role: 'r', status: 4, outputFile: [] }],
    },
    oldroles: {
      ...old,
      status: 'completed',
      agents: [
        { ...agent, role: 'a/b ?#%' },
        { ...agent, role: '<img src=x onerror=alert(1)>' },
        { ...agent, role: '' },
      ],
    },
    twins: { ...old, status: 'failed', agents: [agent, agent] },
    later: { ...whole, id: 'convoy-odd-later', startedAt: '9000-01-01T00:00:00Z' },
    backwards: { ...whole, id: 'convoy-odd-backwards', completedAt: '2001-01-01T00:00:00Z' },
    extra: {
      ...whole,
      id: 'convoy-odd-extra',
      dashboard: 'mine',
      extra: [null],
      context: { ...whole.context, files: null },
    },
  };
}

test('every odd state file has its row and its page, and harms no other', async () => {
  const id = site.started('done');
  site.wait(id);
  const odd = oddStates(read(id));
  const healthy = site.started('quiet');
  const page = await site.enter('/');
  // Some are there when it looks first, some come later.
  for (const [name, text] of Object.entries(odd)) replace(`convoy-odd-${name}`, text);
  fs.mkdirSync(stateFile('convoy-odd-directory'));
  const names = [...Object.keys(odd), 'directory'];
  try {
    await until('all are listed', async () => {
      const shown = await order(page);
      return names.every((name) => shown.includes(`/c/convoy-odd-${name}`)) || shown.length;
    });
    await page.reload();
    await page.waitForSelector(`${row(healthy)} .running`);
    const shown = await order(page);
    assert.deepEqual(
      names.filter((name) => !shown.includes(`/c/convoy-odd-${name}`)),
      [],
      'all of them are listed',
    );
    assert.equal(await page.locator('.list >> text=cannot be shown').count(), 0);
    assert.match(await page.textContent('.totals'), /^1 running/, 'none of them is said to run');
    await accessible(page, 'a list of odd states');
    for (const name of names) {
      for (const view of ['', '/a/security', '/wall', '/log', '/findings', '/report', '/events', '/plan']) {
        await walk(page, `/c/convoy-odd-${name}${view}`);
        const said = await until(`${name}${view} says something`, async () => {
          const main = (await page.textContent('main')).replace(/\s+/g, ' ').trim();
          return main.length > 30 && !/Reading the/.test(main) && main;
        });
        assert.doesNotMatch(said, /cannot be shown|undefined|\[object|NaN|Invalid Date|deleted/, `${name}${view}`);
        assert.ok(await page.isVisible(row(healthy)), `the list stays: ${name}${view}`);
      }
    }
    for (const [name, words] of [
      ['torn', /cannot read state|not a convoy state/],
      ['newer', /newer than this program knows/],
      ['object', /holds nothing of a convoy/],
      ['another', /of another convoy/],
    ]) {
      await page.goto(`${site.origin}/c/convoy-odd-${name}`);
      await page.waitForSelector('main .failure');
      assert.match(await page.textContent('main .failure'), words, name);
      assert.match(await page.textContent(`${row(`convoy-odd-${name}`)} .news`), words, name);
    }
  } finally {
    for (const name of names) fs.rmSync(stateFile(`convoy-odd-${name}`), { recursive: true, force: true });
  }
});

test('a convoy of the previous system is not said to run, and has no Stop', async () => {
  const id = 'convoy-old-abc234';
  const at = new Date(Date.now() - 5_000_000).toISOString();
  replace(id, {
    id,
    template: 'old',
    status: 'running',
    startedAt: at,
    context: { projectPath: '/p' },
    agents: [{ role: 'one', status: 'running', startedAt: at }],
  });
  try {
    const page = await site.enter('/');
    await page.waitForSelector(`${row(id)} .unknown`);
    assert.match(await page.textContent('.totals'), /^0 running/);
    assert.match(await page.textContent(`${row(id)} .news`), /previous system/);
    await page.goto(`${site.origin}/c/${id}`);
    await page.waitForSelector(
      '.banner >> text=Its file says “running”; whether anything of it still runs is not known',
    );
    assert.equal(await page.locator('.head button:has-text("Stop")').count(), 0);
    const before = await page.textContent('.head');
    await page.waitForTimeout(1500);
    assert.equal(await page.textContent('.head'), before, 'no clock of it runs');
    assert.equal(await page.title(), 'convoy');
    await page.keyboard.press('x');
    await page.waitForTimeout(200);
    assert.equal(await page.locator('dialog').count(), 0);
    await accessible(page, 'a convoy of the previous system');
    const answer = await page.evaluate(
      (id) =>
        fetch(`/api/convoys/${id}/stop`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${sessionStorage.getItem('convoy-token')}` },
        }).then(async (answer) => [answer.status, (await answer.json()).detail]),
      id,
    );
    assert.equal(answer[0], 409);
    assert.match(answer[1], /previous system/);
  } finally {
    fs.rmSync(stateFile(id));
  }
});

test('a row and a view that cannot be drawn say so in their place', async () => {
  const [one, other] = [site.started('quiet'), site.started('quiet')];
  const page = await site.enter('/', async (page) => {
    await page.route('**/api/convoys?**', async (route) => {
      const answer = await route.fetch();
      const list = await answer.json();
      list.convoys.find(({ id }) => id === one).agents = null;
      await route.fulfill({ response: answer, json: list });
    });
    await page.route(`**/api/convoys/${other}/events`, (route) => route.fulfill({ json: { events: [{}, null] } }));
  });
  await page.waitForSelector(`.list >> text=${one} cannot be shown`);
  await page.waitForSelector(`${row(other)} .running`);
  await page.goto(`${site.origin}/c/${other}/events`);
  await page.waitForSelector('.body >> text=This view cannot be shown');
  await page.waitForSelector('.head >> text=Running');
  await page.click('.tabs >> text=Plan');
  await page.waitForSelector('svg .node');
});

test('addresses of nothing say so', async () => {
  const id = site.started('done');
  site.wait(id);
  const page = await site.enter('/');
  for (const [path, words] of [
    ['/c/%', /Nothing is here/],
    ['/c/%E0%A4%A', /Nothing is here/],
    [`/c/${id}/a/only/more`, /Nothing is here/],
    ['/c/convoy-none-222222', /There is no convoy/],
    ['/c/NOT%20ONE', /There is no convoy/],
    ['/c/latest', /There is no convoy/],
    [`/c/${id.slice(0, -1)}`, /There is no convoy/],
    [`/c/${id}/nowhere`, /There is no view nowhere/],
    [`/c/${id}/a/nobody`, /There is no agent nobody/],
    [`/c/${id}/a/only?at=here`, /“here” is no place in a log/],
    [`/c/${id}/a/only?at=-1`, /no place in a log/],
    [`/c/${id}/a/only?at=99999999`, /There is nothing at byte 99,999,999/],
    [`/c/${id}/a/only?attempt=7`, /has no attempt “7”/],
  ]) {
    await page.goto(`${site.origin}${path}`);
    await page.waitForSelector('.list .row');
    await until(`it says so: ${path}`, async () => words.test(await page.textContent('main')));
    assert.equal(await page.locator('main h1').count(), 1, path);
    await accessible(page, path);
  }
});

test('a state that cannot be read is not called deleted, and is shown again when it can be', async () => {
  const id = site.started('quiet');
  const page = await site.enter(`/c/${id}`);
  await page.waitForSelector('.head >> text=Running');
  const whole = fs.readFileSync(stateFile(id), 'utf8');
  for (const [text, words] of [
    [whole.slice(0, whole.length / 2), /cannot read state|not a convoy state/],
    [JSON.stringify({ ...JSON.parse(whole), schemaVersion: 99 }), /newer than this program knows/],
    ['', /not a convoy state|cannot read state/],
  ]) {
    replace(id, text);
    await until('it says why', async () => words.test(await page.textContent('main .failure')));
    assert.doesNotMatch(await page.textContent('body'), /deleted/);
    await page.reload();
    await until('it says why to who comes now', async () => words.test(await page.textContent('main .failure')));
    assert.doesNotMatch(await page.textContent('body'), /deleted/);
    assert.match(await page.textContent(`${row(id)} .news`), words);
    replace(id, whole);
    await page.waitForSelector('.head >> text=Running', { timeout: 20_000 });
    await page.waitForSelector('main .failure', { state: 'detached', timeout: 20_000 });
  }
});

test('a plan that cannot be read is told of in every view, and all else is shown', async () => {
  const id = site.started('done');
  site.wait(id);
  const plan = `${sandbox.home}/convoys/${id}/plan.json`;
  const whole = fs.readFileSync(plan);
  for (const [what, text] of [
    ['torn', whole.subarray(0, 100)],
    ['empty', ''],
    ['odd', '[null]'],
  ]) {
    fs.writeFileSync(plan, text);
    const page = await site.enter(`/c/${id}/a/only`);
    await page.waitForSelector('.head .banner[role=status] >> text=/Not all of this convoy can be read: the plan of/');
    assert.ok(await page.isVisible(`${row(id)} .completed`), `the list: ${what}`);
    for (const view of ['log', 'events', 'report', 'findings', 'plan', 'attempts/only', 'a/only']) {
      await walk(page, `/c/${id}/${view}`);
      await until(`${view} is there`, async () => (await page.textContent('.body')).trim().length > 3);
      assert.ok(await page.isVisible('.head .banner[role=status]'), `${view}: ${what}`);
      assert.equal(await page.locator('main >> text=/cannot be shown|undefined|NaN/').count(), 0, `${view}: ${what}`);
    }
    if (what === 'torn') await accessible(page, 'a convoy without a plan');
    // Put back, it is read again: nothing of the state has changed.
    fs.writeFileSync(plan, whole);
    await page.reload();
    await page.waitForSelector('.agent h2');
    assert.equal(await page.locator('.head .banner').count(), 0, `${what}: whole again`);
    // A convoy that is looked at is kept: the next one is to be read from its files.
    await page.goto('about:blank');
  }
});

test('a convoy that nobody watches does not count as one that runs', async () => {
  const id = site.started('quiet', '--watch', 'none');
  const page = await site.enter('/');
  await page.waitForSelector(`${row(id)} .unwatched`, { timeout: 30_000 });
  await until('it is counted apart', async () => /^0 running · 1 not watched/.test(await page.textContent('.totals')));
  assert.equal(await sectionOf(page, id), 'Needs attention');
  await until('the title does not count it', async () => (await page.title()) === 'convoy');
  await page.click(row(id));
  await page.click('.banner button');
  await page.waitForSelector(`${row(id)} .running`, { timeout: 30_000 });
  await until('it counts', async () => /^1 running(?! · 1 not)/.test(await page.textContent('.totals')));
});

test('one stop is told once', async () => {
  const id = site.started('quiet');
  const page = await site.enter(`/c/${id}`);
  await page.evaluate(() => {
    globalThis.most = 0;
    new MutationObserver(() => {
      globalThis.most = Math.max(globalThis.most, document.querySelectorAll('.toast').length);
    }).observe(document.body, { subtree: true, childList: true });
  });
  await page.click('.head button:has-text("Stop")');
  await page.click('dialog button:has-text("Stop it")');
  await page.waitForSelector('.head h1 .stopped');
  await page.waitForSelector('.toast >> text=stopped');
  await page.waitForTimeout(1500);
  assert.equal(await page.evaluate(() => globalThis.most), 1);
});

test('a parked agent says until when', async () => {
  sandbox.agent('limited', 'echo "error: status 429, try again in 45m" >&2; exit 1');
  sandbox.template('limited', [{ role: 'only', subagent: 'limited' }]);
  const id = site.started('limited');
  await until('it is parked', () => read(id).agents[0].notBefore);
  const page = await site.enter(`/c/${id}/a/only`);
  const until_then = /rate limited until \d\d:\d\d:\d\d \(in 4\dm \d\ds\)/;
  await until('it says so', async () => until_then.test(await page.textContent('.agent header')));
  await until('its row does', async () => until_then.test(await page.textContent(`${row(id)} .news`)));
  assert.match(await page.textContent('.timeline .line'), /rate limited until \d\d:\d\d/);
});

test('a failure is told by its error, not by the frame it came from', async () => {
  const kinds = {
    node: [
      'node',
      `console.error(new TypeError('no such port').stack); process.exit(1)`,
      'js',
      /TypeError: no such port/,
    ],
    python: ['python3', `raise ValueError('no such port')`, 'py', /ValueError: no such port/],
  };
  for (const [name, [program, code, ending, words]] of Object.entries(kinds)) {
    fs.writeFileSync(`${sandbox.dir}/${name}.${ending}`, code);
    sandbox.agent(name, `exec ${program} ${sandbox.dir}/${name}.${ending}`);
    sandbox.template(name, [{ role: 'only', subagent: name }]);
    const id = site.started(name);
    site.wait(id);
    const page = await site.enter(`/c/${id}`);
    await page.waitForSelector('.why');
    assert.match(await page.textContent('.why'), words, name);
    assert.doesNotMatch(await page.textContent('.why'), /\bat |File "/, name);
  }
});

test('a finding shows its code with the lines it is about marked, and never as HTML', async () => {
  const { project } = sandbox;
  fs.mkdirSync(`${project}/src`, { recursive: true });
  const code = [
    '// <img src=x onerror=alert(1)>',
    '// before',
    'export function f(a: number) {',
    '  if (a == NaN) return 1;',
    '  return 0;',
    '}',
    '// after',
  ];
  fs.writeFileSync(`${project}/src/a.ts`, `${code.join('\n')}\n`);
  const id = site.started('code-review', '--runner', 'builtin', '--files', 'src');
  site.wait(id);
  const page = await site.enter(`/c/${id}/findings`);
  await page.waitForSelector('.review');
  await page.locator('.finding summary').first().click();
  await page.waitForSelector('.finding .markdown pre mark');
  const marked = await page.locator('.finding .markdown mark').allTextContents();
  assert.equal(marked.length, 1, marked.join());
  assert.match(marked[0], /^> *4 +if \(a == NaN\) return 1;/);
  const shown = await page.textContent('.finding .markdown pre');
  assert.match(shown, /2 +\/\/ before/);
  assert.match(shown, /7 +\/\/ after|6 +\}/);
  assert.equal(await page.locator('.finding img').count(), 0);
  await accessible(page, 'a finding with its code');
});

test('equal causes are told as one, with what they mean, what helps, and the way there', async () => {
  sandbox.agent('breaks', 'echo "error: no such port" >&2; exit 3');
  sandbox.agent('says nothing', 'true');
  sandbox.template('causes', [
    { role: 'one', subagent: 'breaks' },
    { role: 'two', subagent: 'breaks' },
    { role: 'mute', subagent: 'says nothing' },
    { role: 'after', subagent: 'ends', dependsOn: ['one'] },
  ]);
  const id = site.started('causes');
  site.wait(id);
  const page = await site.enter(`/c/${id}`);
  await page.waitForSelector('.cause');
  const causes = await page.locator('.cause summary').allTextContents();
  assert.equal(causes.length, 2, causes.join('; '));
  assert.match(causes[0], /exit code 3: error: no such port.*one, two/);
  assert.match(causes[1], /wrote no report.*mute/);
  assert.match(await page.textContent('.failures'), /1 agent that needs them did not begin/);
  await page.click('.cause >> nth=0 >> summary');
  await page.waitForSelector('.cause >> text=Its command ended with an error.');
  await accessible(page, 'what failed');
  await page.click('.cause >> text=Output of two');
  await page.waitForURL(/\/a\/two$/);
  await page.click('.cause >> nth=1 >> summary');
  await page.click('.cause >> nth=1 >> button:has-text("Retry it")');
  await until('it is run again', () => read(id).agents.find(({ role }) => role === 'mute').attempt === 2);
  site.wait(id);
});

test('a new tab is let in by one that is open, and by nobody while the dashboard is away', async () => {
  const first = await site.enter('/');
  await first.waitForSelector('.up');
  const second = await site.tab('/start');
  await second.waitForSelector('.card');
  assert.equal(await second.locator('dialog').count(), 0, 'without a question');
  assert.deepEqual(await site.chrome.context.cookies(), [], 'without cookies');
  await second.close();
  site.dashboard.child.kill('SIGKILL');
  await site.dashboard.ended;
  await first.waitForSelector('.offline');
  // Somebody else has the port now, and asks as a page of the dashboard would.
  const heard = await first.evaluate(
    () =>
      new Promise((resolve) => {
        const tabs = new BroadcastChannel('convoy-tabs');
        tabs.onmessage = ({ data }) => resolve(data);
        tabs.postMessage({ t: 'may I come in' });
        setTimeout(() => resolve(null), 800);
      }),
  );
  assert.equal(heard, null, 'the token is not given away');
  site.dashboard = await sandbox.dashboard(['--port', String(site.dashboard.port)]);
  await first.waitForSelector('.up', { timeout: 20_000 });
});

test('a log of any size is saved whole, begins at any place, and has earlier and later output', async () => {
  const id = site.started('done');
  site.wait(id);
  const log = `${sandbox.home}/convoys/${id}/only.1.log`;
  const lines = 1_200_000;
  const out = fs.openSync(log, 'w');
  for (let n = 0; n < lines; n += 10_000)
    fs.writeSync(
      out,
      Array.from({ length: 10_000 }, (_, k) => `line ${String(n + k).padStart(9, '0')} of a log\n`).join(''),
    );
  fs.closeSync(out);
  const width = 'line 000000000 of a log\n'.length;
  const size = lines * width;
  assert.ok(size > 24 << 20);
  const seenLines = async (page) => [...(await terminalText(page)).matchAll(/line (\d{9})/g)].map(([, n]) => Number(n));
  const top = (page) =>
    page.evaluate(() => {
      const { active } = document.querySelector('.xterm-box').terminal.buffer;
      return Number(
        active
          .getLine(active.viewportY)
          .translateToString(true)
          .match(/line (\d+)/)?.[1],
      );
    });
  const page = await site.enter(`/c/${id}/a/only?at=0`);
  await until('its beginning', async () => (await seenLines(page))[0] === 0);
  await page.waitForSelector(`text=/Bytes 0 to .* of ${size.toLocaleString('en-US')}/`);
  assert.ok(await page.isDisabled('button:has-text("Earlier")'));
  const middle = 600_000;
  await page.goto(`${site.origin}/c/${id}/a/only?at=${middle * width}`);
  await until('the place', async () => (await top(page)) === middle);
  const { width: wide, height: high } = page.viewportSize();
  const rows = () => page.evaluate(() => document.querySelector('.xterm-box').terminal.rows);
  for (const other of [high - 200, high + 150, high]) {
    const before = await rows();
    await page.setViewportSize({ width: wide, height: other });
    await until('another height', async () => (await rows()) !== before);
    await until(`the same line on top at ${other} px`, async () => (await top(page)) === middle, 5_000);
  }
  const [first] = await seenLines(page);
  await page.click('button:has-text("Earlier")');
  await until('what was before', async () => (await seenLines(page))[0] < first);
  const seen = await seenLines(page);
  assert.deepEqual(
    seen,
    Array.from({ length: seen.length }, (_, n) => seen[0] + n),
    'without a hole',
  );
  await page.click('button:has-text("Later")');
  await until('what comes after', async () => (await seenLines(page)).at(-1) > seen.at(-1));
  await page.goto(`${site.origin}/c/${id}/a/only?at=${size - 5 * width}`);
  await until('its end', async () => (await seenLines(page)).at(-1) === lines - 1);
  assert.ok(await page.isDisabled('button:has-text("Later")'));
  // An address that leads to the line one looks at.
  await page.goto(`${site.origin}/c/${id}/a/only?at=${middle * width}`);
  await page.evaluate(() => {
    // The page may write to the clipboard, and nobody may read it.
    navigator.clipboard.writeText = async (text) => {
      globalThis.copied = text;
    };
  });
  await until('the place', async () => (await top(page)) === middle);
  await page.evaluate(() => document.querySelector('.xterm-box').terminal.scrollLines(37));
  await page.click('button:has-text("line")');
  await page.waitForSelector('.toast >> text=Address copied');
  await page.goto(await page.evaluate(() => globalThis.copied));
  await until('the same line', async () => (await top(page)) === middle + 37);
  const download = page.waitForEvent('download');
  await page.click('button:has-text("Raw")');
  const file = await (await download).path();
  assert.ok(fs.readFileSync(file).equals(fs.readFileSync(log)), 'byte for byte');
  // The live view begins near the end, and leads back.
  await page.goto(`${site.origin}/c/${id}/a/only`);
  await page.click('text=Earlier output');
  await page.waitForURL(/at=\d+/);
  await until('what was before', async () => (await seenLines(page)).length > 1000);
});
