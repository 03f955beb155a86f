// The look: one scale, states that are no matter of colour, nothing out of reach in any view or mode.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Site, accessible, coloursIn, resize, until } from './support.mjs';

const WEB = fileURLToPath(new URL('../web', import.meta.url));
/** Of everything the page loads, compressed. */
const MOST_BYTES = 350 << 10;

let site;
let sandbox;

before(async () => {
  site = await Site.open();
  ({ sandbox } = site);
  sandbox.shop();
  sandbox.agent('silent', 'echo one line; sleep 1000');
  sandbox.agent('ends', `printf '# Summary\\n\\nAll is well.\\n' > "$CONVOY_OUTPUT_FILE"`);
  sandbox.agent('breaks', 'echo "error: no such port" >&2; exit 3');
  sandbox.template('mixed', [
    { role: 'good', subagent: 'ends' },
    { role: 'bad', subagent: 'breaks' },
    { role: 'busy', subagent: 'silent' },
    { role: 'later', subagent: 'ends', dependsOn: ['busy'] },
  ]);
  sandbox.template('broken', [
    { role: 'good', subagent: 'ends' },
    { role: 'bad', subagent: 'breaks' },
  ]);
});

after(() => site?.close());
afterEach(() => site.tidy());

/** `{selector, property, value}` of each declaration, outside of the scale itself. */
function declarations(css) {
  const found = [];
  const plain = css.replace(/\/\*.*?\*\//gs, '');
  for (const [, selector, body] of plain.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    if (selector.trim().startsWith(':root')) continue;
    for (const [, property, value] of body.matchAll(/([\w-]+)\s*:\s*([^;]+);/g))
      found.push({ selector: selector.trim(), property, value: value.trim() });
  }
  return found;
}

test('every space, type and corner is of the one scale', () => {
  const sheets = fs.readdirSync(WEB).filter((name) => name.endsWith('.css'));
  const all = sheets.flatMap((name) => declarations(fs.readFileSync(`${WEB}/${name}`, 'utf8')));
  assert.ok(all.length > 800, `they are read: ${all.length}`);
  const ofScale = /^(padding|margin|gap|row-gap|column-gap|inset|top|right|bottom|left|font-size|border-radius)/;
  const loose = all.filter(({ selector, property, value }) => {
    // Units of a drawing, which is zoomed.
    if (selector.startsWith('svg')) return false;
    const bare = value.replaceAll(/var\(--[\w-]+\)/g, '').replaceAll(/\b1px\b/g, '');
    if (/\d+px/.test(bare)) return true;
    if (!ofScale.test(property)) return property === 'font' && /\d(rem|pt)/.test(bare);
    return /\d(rem|pt|vh|vw|ch)\b/.test(bare);
  });
  assert.deepEqual(
    loose.map(({ selector, property, value }) => `${selector} { ${property}: ${value} }`),
    [],
  );
});

test('what the page loads is small', async () => {
  const page = await site.enter('/');
  const asked = new Set();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/')) asked.add(pathname);
  });
  await page.reload();
  await page.waitForSelector('.list .filters');
  const own = fs.readdirSync(WEB).filter((name) => /\.(js|css)$/.test(name));
  assert.deepEqual(
    own.filter((name) => !asked.has(`/assets/${name}`)),
    [],
    'all of it is loaded',
  );
  const sizes = await Promise.all(
    [...asked].map(async (name) => {
      const body = await (await fetch(`${site.origin}${name}`)).arrayBuffer();
      return [name, gzipSync(Buffer.from(body)).length];
    }),
  );
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  assert.ok(total <= MOST_BYTES, `${total} bytes: ${JSON.stringify(sizes)}`);
});

/** A part of a page in black and white: where it is lighter than its own middle. */
async function shape(page, selector) {
  const picture = await page.locator(selector).first().screenshot();
  page.darkroom ??= await page.context().newPage();
  return page.darkroom.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    // Without its rounded corners.
    const { data: pixels } = context.getImageData(3, 1, width - 6, height - 2);
    const greys = Array.from(
      { length: pixels.length / 4 },
      (_, n) => pixels[n * 4] + pixels[n * 4 + 1] + pixels[n * 4 + 2],
    );
    const middle = (Math.max(...greys) + Math.min(...greys)) / 2;
    return greys.map((grey) => (grey > middle ? '#' : '.')).join('');
  }, picture.toString('base64'));
}

test('agents and days are told apart without any colour', async () => {
  const running = site.started('mixed');
  const page = await site.enter('/');
  const cell = (kind) => `.row[href="/c/${running}"] .cells i.${kind}`;
  const kinds = ['completed', 'failed', 'running', 'pending'];
  for (const kind of kinds) await page.waitForSelector(cell(kind), { state: 'attached' });
  for (const colours of [
    { colorScheme: 'light', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'none' },
    { colorScheme: 'dark', forcedColors: 'active' },
  ]) {
    await page.emulateMedia(colours);
    const shapes = await Promise.all(kinds.map((kind) => shape(page, cell(kind))));
    assert.equal(new Set(shapes).size, kinds.length, JSON.stringify({ colours, shapes }));
    const days = page.locator('.columns > div:last-child .column');
    assert.ok((await coloursIn(page, await days.boundingBox())) > 2, 'today is painted');
    const legend = page.locator('.legend i').first();
    assert.ok((await coloursIn(page, await legend.boundingBox())) > 1, 'and what it means');
  }
});

test('what is chosen keeps the look of its state', async () => {
  const [id, other] = [site.started('broken'), site.started('broken')];
  site.wait(id);
  site.wait(other);
  for (const colorScheme of ['light', 'dark']) {
    const page = await site.enter(`/c/${id}/a/bad`, (page) => page.emulateMedia({ colorScheme }));
    const colour = (selector) =>
      page
        .locator(selector)
        .first()
        .evaluate((one) => getComputedStyle(one).color);
    await page.waitForSelector('.timeline .line[aria-current] .state');
    await page.waitForSelector(`.row[href="/c/${id}"][aria-current] .state.partial`);
    await page.waitForSelector(`.row[href="/c/${other}"] .state.partial`);
    const same = await Promise.all(
      [`.row[href="/c/${id}"]`, `.row[href="/c/${other}"]`].map((row) => colour(`${row} .state`)),
    );
    assert.equal(same[0], same[1], `in the list, ${colorScheme}`);
    const good = await colour('.timeline .line:not([aria-current]) .state.completed');
    const bad = await colour('.timeline .line[aria-current] .state.failed');
    await page.click('.tabs .agents >> text=good');
    await page.waitForSelector('.timeline .line[aria-current] .state.completed');
    assert.equal(
      await colour('.timeline .line[aria-current] .state.completed'),
      good,
      `in the timeline, ${colorScheme}`,
    );
    assert.equal(await colour('.timeline .line:not([aria-current]) .state.failed'), bad);
    await page.hover('.timeline .line:not([aria-current])');
    await accessible(page, `what is chosen and pointed at, ${colorScheme}`);
  }
});

const MODES = [
  ['light', { colorScheme: 'light', forcedColors: 'none' }],
  ['dark', { colorScheme: 'dark', forcedColors: 'none' }],
  ['forced colours', { colorScheme: 'light', forcedColors: 'active' }],
  ['forced colours, dark', { colorScheme: 'dark', forcedColors: 'active' }],
];

test('every view is accessible in every mode', async () => {
  const review = sandbox.run('convoy-start', 'code-review', '--runner', 'builtin', '--files', 'src');
  site.wait(review);
  const broken = site.started('broken');
  site.wait(broken);
  const running = site.started('mixed');
  const page = await site.enter('/');
  /** Address, what shows that it is there, and what is done there. */
  const views = [
    ['/', '.tiles'],
    ['/start', '.card'],
    ['/c/%', 'main >> text=Nothing is here'],
    [`/c/${running}/a/busy`, '.xterm-rows'],
    [`/c/${running}/wall`, '.wall .xterm-rows'],
    [`/c/${running}/log`, '.lines > div'],
    [`/c/${broken}/a/bad?at=0`, '.part'],
    [`/c/${broken}/attempts/bad`, '.prompt'],
    [`/c/${review}/findings?f=F1`, '.finding .markdown'],
    [`/c/${review}/findings?f=F1`, 'dialog', () => page.click('.finding[data-id="F1"] button:has-text("Dismiss")')],
    [`/c/${review}/report`, '.markdown td'],
    [`/c/${review}/events`, '.events td'],
    [`/c/${review}/plan`, '.node'],
    [`/c/${review}/compare?with=${broken}`, '.compare td'],
    ['/', 'dialog .keys', () => page.keyboard.press('?')],
    ['/', 'dialog [role=listbox]', () => page.keyboard.press('Control+k')],
    ['/', '.fields', () => page.click('.more-filters summary')],
  ];
  for (const [address, there, act] of views) {
    await page.goto(`${site.origin}${address}`);
    await page.waitForSelector('main h1', { state: 'attached' });
    if (act) {
      await page.waitForSelector(views.find(([same]) => same === address)[1]);
      await act();
    }
    await page.waitForSelector(there);
    for (const [name, colours] of MODES) {
      await page.emulateMedia({ ...colours, reducedMotion: 'reduce' });
      await accessible(page, `${address} ${there}, ${name}`);
    }
    await resize(page, { width: 390, height: 844, zoom: 1 });
    await until('it is laid out', () => page.evaluate(() => innerWidth === 390));
    await accessible(page, `${address} ${there}, a phone`);
    await resize(page, { width: 1280, height: 860, zoom: 1 });
  }
});
