// What is painted, at every size of window: boxes and pixels, not what the page holds in memory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { Site, WINDOWS, accessible, coloursIn, resize, terminalText, until } from './support.mjs';

let site;

before(async () => {
  site = await Site.open({ launcher: 'tmux' });
  const { sandbox } = site;
  const counting = (words, pause) => `i=0; while :; do echo "row $i ${words}"; i=$((i+1)); sleep ${pause}; done`;
  sandbox.agent('short', counting('of some words', '0.05'));
  sandbox.agent('wide', counting(`${'x'.repeat(140)} end`, '0.05'));
  // A program that draws its whole screen, with the newest row in the middle of it.
  sandbox.agent(
    'draws',
    `printf '\\033[?1049h'; i=0; while :; do printf '\\033[H\\033[2Jtop of it\\033[20;5Hrow %d\\033[48;1Hbottom of it' $i; i=$((i+1)); sleep 0.1; done`,
  );
  sandbox.template('kinds', [
    { role: 'short', subagent: 'short' },
    { role: 'wide', subagent: 'wide' },
    { role: 'draws', subagent: 'draws' },
  ]);
  sandbox.agent('slow', counting('of one of many', '0.7'));
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('fails', 'echo "error: it broke" >&2; exit 3');
  const many = Array.from({ length: 61 }, (_, n) => `agent-with-a-long-name-${n + 1}`);
  sandbox.template(
    'many',
    many.map((role) => ({ role, subagent: 'slow' })),
  );
  sandbox.agent('mute', 'exit 3');
  sandbox.template('partly', [
    { role: 'short', subagent: 'short' },
    ...Array.from({ length: 4 }, (_, n) => ({ role: `other-${n}`, subagent: 'slow' })),
    { role: 'bad', subagent: 'fails' },
  ]);
  sandbox.template('ended', [
    ...Array.from({ length: 30 }, (_, n) => ({ role: `good-${n}`, subagent: 'ends' })),
    { role: 'bad', subagent: 'mute' },
  ]);
  sandbox.template('mixed', [
    { role: 'good', subagent: 'ends' },
    { role: 'bad', subagent: 'fails' },
    { role: 'after', subagent: 'ends', dependsOn: ['bad'] },
  ]);
});

after(() => site?.close());
afterEach(() => site.tidy());

/**
 * The row of a terminal that was written last, as it is painted: its text and box, the
 * box it is to be seen in, and whether it lies on top there.
 */
const newestRow = (page, nth = 0) =>
  page.evaluate((nth) => {
    const box = document.querySelectorAll('.xterm-box')[nth];
    const rows = [...box.querySelectorAll('.xterm-rows > div')].filter((row) => /row \d+/.test(row.textContent));
    const last = rows.at(-1);
    if (!last) return null;
    const range = document.createRange();
    range.selectNodeContents(last);
    const of = ({ left, top, right, bottom }) => ({ left, top, right, bottom });
    const text = of(range.getBoundingClientRect());
    const { active } = box.terminal.buffer;
    let newest = '';
    for (let y = active.length - 1; y >= 0 && !newest; y--)
      newest =
        active
          .getLine(y)
          .translateToString(true)
          .match(/row \d+/)?.[0] ?? '';
    const hit = document.elementFromPoint(text.left + 3, (text.top + text.bottom) / 2);
    return {
      painted: last.textContent.match(/row (\d+)/)[1],
      newest: newest.slice(4),
      text,
      box: of(box.getBoundingClientRect()),
      window: { right: innerWidth, bottom: innerHeight },
      isOnTop: Boolean(hit && box.contains(hit)),
    };
  }, nth);

function assertInSight(seen, what, { whole = false } = {}) {
  const { text, box, window } = seen;
  const told = `${what}: ${JSON.stringify(seen)}`;
  assert.ok(Number(seen.newest) - Number(seen.painted) <= 40, `the newest row is painted, ${told}`);
  assert.ok(text.top >= box.top - 1 && text.bottom <= box.bottom + 1, `it is in its box, ${told}`);
  assert.ok(text.top >= 0 && text.bottom <= window.bottom + 1, `it is in the window, ${told}`);
  assert.ok(text.left >= box.left - 1 && text.left >= 0, `it begins in the box, ${told}`);
  if (whole) assert.ok(text.right <= box.right + 1, `all of it is in its box, ${told}`);
  assert.ok(seen.isOnTop, `nothing covers it, ${told}`);
}

/** Waits until the newest row is in sight; fails with what was seen last. */
async function inSight(page, what, options = {}) {
  const look = async () => {
    const seen = await newestRow(page, options.nth);
    if (seen) assertInSight(seen, what, options);
    return seen;
  };
  // The last look tells what is wrong.
  await until(`the newest row is in sight: ${what}`, look, 8000).catch(look);
  return newestRow(page, options.nth);
}

for (const role of ['short', 'wide', 'draws']) {
  test(`the newest row is in sight while it is followed, in every window: ${role}`, async () => {
    const id = site.started('kinds');
    const page = await site.enter(`/c/${id}/a/${role}`);
    await until('there is more than a screen', async () => Number((await newestRow(page))?.newest) > 60);
    for (const window of WINDOWS) {
      await resize(page, window);
      const whole = role !== 'wide' || window.width >= 900;
      await inSight(page, window.name, { whole });
      const isPainted = async () => {
        const { left, top, right, bottom } = (await inSight(page, window.name, { whole })).text;
        const clip = { x: left, y: top, width: Math.min(right, window.width) - left, height: bottom - top };
        return (await coloursIn(page, clip)) > 1;
      };
      await until(`something is painted there: ${window.name}`, isPainted);
      const rows = await page.evaluate(() => {
        const box = document.querySelector('.xterm-box').getBoundingClientRect();
        return [...document.querySelectorAll('.xterm-rows > div')].filter((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return top >= box.top - 1 && bottom <= box.bottom + 1;
        }).length;
      });
      assert.ok(rows >= 5, `some rows before it as well: ${rows}, ${window.name}`);
    }
  });
}

test('the newest row is in sight where no window has room for all rows', async () => {
  const id = site.started('kinds');
  const file = `${site.sandbox.home}/convoys/${id}.json`;
  const state = await until('all run', () => {
    const state = JSON.parse(fs.readFileSync(file, 'utf8'));
    return state.agents.every(({ status, rows }) => status === 'running' && rows) && state;
  });
  // Of a pane with more rows than any of them shows.
  for (const agent of state.agents) agent.rows = 140;
  fs.writeFileSync(`${file}.aside`, JSON.stringify({ ...state, revision: state.revision + 1 }));
  fs.renameSync(`${file}.aside`, file);
  const page = await site.enter(`/c/${id}/a/short`);
  await until('there is more than a screen', async () => Number((await newestRow(page))?.newest) > 160);
  assert.equal(await page.evaluate(() => document.querySelector('.xterm-box').terminal.rows), 140);
  for (const window of WINDOWS) {
    await resize(page, window);
    await inSight(page, window.name);
  }
});

/** Low windows that are not narrow. */
const LOW = [
  [1366, 768],
  [1024, 600],
  [1024, 480],
  [900, 360],
].map(([width, height]) => ({ name: `${width}×${height}`, width, height, zoom: 1 }));

test('the newest row is in sight with what failed above it, in low windows as well', async () => {
  const id = site.started('partly');
  const page = await site.enter(`/c/${id}/a/short`);
  await page.waitForSelector('.cause');
  await until('there is more than a screen', async () => Number((await newestRow(page))?.newest) > 60);
  for (const window of [...WINDOWS, ...LOW]) {
    await resize(page, window);
    await inSight(page, window.name);
    await page.reload();
    await until('there are rows', () => newestRow(page));
    await inSight(page, `${window.name}, loaded in it`);
    const views = await pressesTo(page, '.tabs .views a');
    assert.ok(views <= 10, `${views} presses of Tab to the views, ${window.name}`);
  }
});

test('opened, a convoy begins with its head, and what is asked for is in the window', async () => {
  const id = site.started('ended');
  site.wait(id);
  const page = await site.enter(`/c/${id}`);
  for (const window of [...WINDOWS, ...LOW].filter(({ width, height }) => width > 800 && height > 500)) {
    await resize(page, window);
    await page.goto(`${site.origin}/c/${id}`);
    await page.waitForSelector('.agents a[aria-current] >> text=bad');
    await page.waitForSelector('.screen >> text=Nothing was printed.');
    await until('the chosen one is in sight of its list', () =>
      page.evaluate(() => {
        const [list, one] = ['.agents', '.agents [aria-current]'].map((selector) =>
          document.querySelector(selector).getBoundingClientRect(),
        );
        return one.top >= list.top - 1 && one.bottom <= list.bottom + 1;
      }),
    );
    assert.equal(await page.evaluate(() => document.querySelector('main').scrollTop), 0, window.name);
    for (const view of ['findings', 'report', 'plan', 'events', 'attempts/bad']) {
      await page.goto(`${site.origin}/c/${id}/${view}`);
      await page.waitForSelector('.body > *');
      const { y } = await page.locator('.body').boundingBox();
      assert.ok(y < window.height * 0.62, `${view} begins at ${y} of ${window.height}, ${window.name}`);
    }
  }
});

test('what is scrolled back to stays, in every window, and following leads to the newest row again', async () => {
  const id = site.started('kinds');
  const page = await site.enter(`/c/${id}/a/short`);
  await until('there is more than a screen', async () => Number((await newestRow(page))?.newest) > 120);
  for (const window of WINDOWS) {
    await resize(page, window);
    await inSight(page, window.name);
    const box = await page.locator('.xterm-box').boundingBox();
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.wheel(0, -300);
    await page.waitForSelector('.pill');
    const seen = () =>
      page.evaluate(() => {
        const box = document.querySelector('.xterm-box').getBoundingClientRect();
        const row = [...document.querySelectorAll('.xterm-rows > div')].find(
          (one) => one.getBoundingClientRect().top >= box.top - 1,
        );
        return row.textContent;
      });
    const before = await until('a row is at the top', seen);
    await until('more came', async () => /[1-9]\d* new line/.test(await page.textContent('.pill')));
    assert.equal(await seen(), before, `it stays where one reads: ${window.name}`);
    await page.click('.pill');
    await page.waitForSelector('.pill', { state: 'detached' });
    await inSight(page, `${window.name}, followed again`);
  }
});

test('every tile of the wall shows its newest row and whole lines, in every window', async () => {
  const id = site.started('kinds');
  const page = await site.enter(`/c/${id}/wall`);
  await page.waitForSelector('.wall .xterm-box');
  await page.waitForTimeout(4000);
  for (const window of WINDOWS) {
    await resize(page, window);
    for (let n = 0; n < 3; n++) {
      await page.locator('.wall article').nth(n).scrollIntoViewIfNeeded();
      await page.waitForFunction((n) => document.querySelectorAll('.wall article')[n].querySelector('.xterm-rows'), n);
      const nth = await page.evaluate((n) => {
        const box = document.querySelectorAll('.wall article')[n].querySelector('.xterm-box');
        return [...document.querySelectorAll('.xterm-box')].indexOf(box);
      }, n);
      await inSight(page, `tile ${n}, ${window.name}`, { nth, whole: true });
    }
  }
});

test('a wall of many is paged, says so, and draws what is seen', async () => {
  const id = site.started('many');
  const page = await site.enter(`/c/${id}/wall`);
  await page.waitForSelector('text=Agents 1 to 24 of 61 that run', { timeout: 60_000 });
  const names = () => page.locator('.wall article header a').allTextContents();
  const all = await names();
  for (const words of ['25 to 48', '49 to 61']) {
    await page.click('button:has-text("Next")');
    await page.waitForSelector(`text=Agents ${words} of 61`);
    all.push(...(await names()));
  }
  assert.equal(new Set(all).size, 61, 'each of them once');
  assert.ok(await page.isDisabled('button:has-text("Next")'));
  assert.ok((await page.locator('.wall .xterm-box').count()) <= 13);
  await accessible(page, 'the last page of a wall');
  // With as many agents the terminal is in sight as well, and the views are near.
  for (const window of WINDOWS) {
    await resize(page, window);
    await page.goto(`${site.origin}/c/${id}/a/agent-with-a-long-name-40`);
    await page.waitForSelector('.xterm-rows');
    await inSight(page, `one of 61, ${window.name}`);
    await inWidth(page, `one of 61, ${window.name}`);
    const views = await pressesTo(page, '.tabs .views a');
    assert.ok(views <= 10, `${views} presses of Tab to the views, ${window.name}`);
  }
});

/** Presses of the Tab key until something like this has the focus. */
async function pressesTo(page, selector) {
  await page.evaluate(() => document.activeElement?.blur());
  for (let n = 1; n <= 150; n++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return n;
  }
  return Number.POSITIVE_INFINITY;
}

/** Nothing is wider than the window; what is, scrolls in a box of its own. */
async function inWidth(page, what) {
  const { wide, most } = await page.evaluate(() => {
    scrollTo(0, 0);
    for (const one of [document.scrollingElement, document.querySelector('main')]) {
      if (!one) continue;
      one.scrollLeft = 10_000;
    }
    const most = Math.max(document.scrollingElement.scrollLeft, document.querySelector('main')?.scrollLeft ?? 0);
    return { wide: document.documentElement.scrollWidth - innerWidth, most };
  });
  assert.ok(wide <= 0 && most <= 0, `nothing is wider than the window: ${wide}, ${most}, ${what}`);
}

test('arrow keys move within a group, Tab leaves it', async () => {
  const id = site.started('kinds');
  const page = await site.enter(`/c/${id}/a/short`);
  await page.waitForSelector('.tabs .agents a[aria-current]');
  await pressesTo(page, '.tabs .views a');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/findings$/);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/wide$/);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/draws$/);
});

test('no view is wider than any window, and words of tables stay whole', async () => {
  const { sandbox } = site;
  const word = 'internationalisation';
  const table = `| ${'column | '.repeat(7)}\n|${'---|'.repeat(7)}\n| ${`${word} of things | `.repeat(7)}\n`;
  const path = `/srv/${'a-rather-long-directory-name/'.repeat(6)}`;
  sandbox.agent(
    'reports',
    `printf '%s' '# Summary\n\n${table}\n\n${path}\n\n    ${'code '.repeat(80)}\n' | sed 's/\\\\n/\\n/g' > "$CONVOY_OUTPUT_FILE"`,
  );
  sandbox.template('a-template-with-quite-a-long-name-for-a-phone', [
    { role: 'a-role-with-quite-a-long-name-for-a-phone', subagent: 'reports' },
  ]);
  const id = site.started('a-template-with-quite-a-long-name-for-a-phone');
  site.wait(id);
  const page = await site.enter('/');
  for (const window of WINDOWS) {
    await resize(page, window);
    for (const to of [
      '/',
      '/start',
      ...['report', 'findings', 'events', 'plan', 'wall', 'a/a-role-with-quite-a-long-name-for-a-phone'].map(
        (view) => `/c/${id}/${view}`,
      ),
    ]) {
      await page.goto(`${site.origin}${to}`);
      await page.waitForSelector('main h1', { state: 'attached' });
      if (to.endsWith('report')) {
        await page.waitForSelector('.markdown td');
        const broken = await page.evaluate((word) => {
          const texts = document.createTreeWalker(document.querySelector('.markdown table'), NodeFilter.SHOW_TEXT);
          let broken = 0;
          while (texts.nextNode()) {
            const at = texts.currentNode.data.indexOf(word);
            if (at < 0) continue;
            const range = document.createRange();
            range.setStart(texts.currentNode, at);
            range.setEnd(texts.currentNode, at + word.length);
            if (range.getClientRects().length > 1) broken++;
          }
          return broken;
        }, word);
        assert.equal(broken, 0, `words of the table are whole: ${window.name}`);
      }
      await inWidth(page, `${to}, ${window.name}`);
    }
  }
});

test('wide and joined characters take the cells that programs count for them', async () => {
  const { sandbox } = site;
  const odd = [
    '\u{1F680}',
    '\u{1F468}\u200D\u{1F469}\u200D\u{1F467}',
    '\u{1F1E9}\u{1F1EA}',
    '\u2705',
    '漢',
    '\u2764\uFE0F',
  ];
  sandbox.agent('odd', `printf '${odd.map((text) => `${text}|\\n`).join('')}'; sleep 1000`);
  sandbox.template('odd', [{ role: 'only', subagent: 'odd' }]);
  const id = site.started('odd');
  const page = await site.enter(`/c/${id}/a/only`);
  await until('all are there', async () => (await terminalText(page)).split('|').length > odd.length);
  const cells = await page.evaluate((lines) => {
    const { active } = document.querySelector('.xterm-box').terminal.buffer;
    const line = (y) => active.getLine(y);
    return Array.from({ length: lines }, (_, y) =>
      Array.from({ length: 8 }, (_, x) => line(y).getCell(x).getChars()).indexOf('|'),
    );
  }, odd.length);
  assert.deepEqual(
    cells,
    odd.map(() => 2),
  );
  // As painted: what follows does not lie on them.
  const overlaps = await page.evaluate((lines) => {
    const rows = [...document.querySelectorAll('.xterm-rows > div')].slice(0, lines);
    return rows.filter((row) => {
      const spans = [...row.querySelectorAll('span')].filter((span) => span.textContent.trim());
      const bar = spans.find((span) => span.textContent.includes('|'));
      const wide = spans[0];
      return bar !== wide && bar.getBoundingClientRect().left < wide.getBoundingClientRect().right - 1;
    }).length;
  }, odd.length);
  assert.equal(overlaps, 0);
});

for (const colours of [
  { colorScheme: 'light', forcedColors: 'none' },
  { colorScheme: 'dark', forcedColors: 'none' },
  { colorScheme: 'light', forcedColors: 'active' },
  { colorScheme: 'dark', forcedColors: 'active' },
]) {
  const name = `${colours.colorScheme}${colours.forcedColors === 'active' ? ', forced colours' : ''}`;
  test(`states, bars and what is selected can be told apart: ${name}`, async () => {
    const id = site.started('mixed');
    site.wait(id);
    const page = await site.enter('/', (page) => page.emulateMedia(colours));
    await page.goto(`${site.origin}/c/${id}/a/bad`);
    await page.waitForSelector('.cells i.completed');
    for (const window of WINDOWS.filter(({ width, zoom }) => zoom === 1 && [390, 1440].includes(width))) {
      await resize(page, window);
      const pictures = {};
      const take = async (what, selector) => {
        const one = page.locator(selector).first();
        if (!(await one.isVisible())) return;
        await one.scrollIntoViewIfNeeded();
        pictures[what] = await one.screenshot();
      };
      if (window.width > 800) {
        await take('a completed cell', '.cells i.completed');
        await take('a failed cell', '.cells i.failed');
        await take('a skipped cell', '.cells i.skipped');
        const cells = Object.values(pictures).map((picture) => picture.toString('base64'));
        assert.equal(new Set(cells).size, 3, `cells differ: ${window.name}`);
      }
      const box = async (selector) => page.locator(selector).first().boundingBox();
      const bar = await box('.track b.completed');
      if (bar) {
        await page.locator('.track b.completed').first().scrollIntoViewIfNeeded();
        const { x, y, width, height } = await box('.track:has(b.completed)');
        assert.ok((await coloursIn(page, { x, y, width, height })) > 1, `bars are painted: ${window.name}`);
      }
      // The chosen one is framed, filled, or both: its edge is not the edge of the others.
      const edge = async (selector) => {
        await page.locator(selector).first().scrollIntoViewIfNeeded();
        const { x, y, width } = await box(selector);
        return page.screenshot({ clip: { x: x + width / 2, y, width: 3, height: 4 } });
      };
      const [chosen, other] = [
        await edge('.tabs .agents a[aria-current]'),
        await edge('.tabs .agents a:not([aria-current])'),
      ];
      assert.ok(!chosen.equals(other), `the chosen tab is seen: ${window.name}`);
    }
    await accessible(page, name);
    await resize(page, { width: 390, height: 844, zoom: 1 });
    await page.goto(`${site.origin}/`);
    await page.waitForSelector('.list .row');
    await accessible(page, `the list of a phone, ${name}`);
    assert.equal(await page.locator('main h1').count(), 1);
  });
}
