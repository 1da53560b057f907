// Opens the sample pages in a real Chromium: browser.mjs SAMPLES_PROGRAM FOLDER. Screenshots stay in FOLDER.
// Every page is watched: any request beside the page itself, any script error, policy violation or trace of a hostile
// string that came alive fails the test.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [samples, folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: browser.mjs SAMPLES_PROGRAM FOLDER');
const chromiumPath = process.env.CHROMIUM || '/usr/bin/chromium';
if (!existsSync(chromiumPath)) throw new Error(`${chromiumPath} is missing: run ci/install-deps.sh test, or set CHROMIUM`);
const { chromium } = await import('playwright-core').catch(() => {
  throw new Error('playwright-core is missing: run `npm ci` in reports/test, or ci/install-deps.sh test');
});

execFileSync(samples, [folder]);
const profile = mkdtempSync(join(tmpdir(), 'wsspec-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: chromiumPath, headless: true, viewport: { width: 1360, height: 900 },
  permissions: ['clipboard-read', 'clipboard-write'],
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const address = (name, hash = '') => pathToFileURL(join(folder, name)).href + hash;

// A new page on `name`; finished() closes it after the checks that hold for every page.
async function open(name, { hash = '', ...size } = {}) {
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push('script: ' + error.message));
  page.on('console', (message) => { if (message.type() === 'error') faults.push('console: ' + message.text()); });
  page.on('dialog', (dialog) => { faults.push('dialog: ' + dialog.message()); dialog.dismiss(); });
  page.on('request', (request) => { if (request.url().split('#')[0] !== address(name)) faults.push('request: ' + request.url()); });
  page.on('framenavigated', (frame) => { if (frame.url().split('#')[0] !== address(name)) faults.push('went to: ' + frame.url()); });
  if (size.width) await page.setViewportSize({ width: size.width, height: size.height });
  if (size.colorScheme) await page.emulateMedia({ colorScheme: size.colorScheme });
  await page.goto(address(name, hash));
  page.finished = async () => {
    assert.equal(await page.evaluate(() => window.owned), undefined, 'a hostile string came alive');
    await becomes(() => page.locator('img, iframe, object, embed, b b').count(), 0, 'foreign elements');
    assert.deepEqual(faults, []);
    await page.close();
  };
  return page;
}

const shot = (page, name, fullPage = false) => page.screenshot({ path: join(folder, name + '.png'), fullPage });
const noSideways = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page scrolls sideways');
// Waits until read() gives `wanted`: the page reacts to its address and keys a moment later.
async function becomes(read, wanted, why = '') {
  const end = performance.now() + 10000;
  let now = await read();
  while (now !== wanted && performance.now() < end) {
    await new Promise((done) => setTimeout(done, 20));
    now = await read();
  }
  assert.equal(now, wanted, why || undefined);
}
const titled = (page) => page.locator('.detail .id').innerText();
const tests = {};

tests['the overview tells what came out'] = async () => {
  const page = await open('report.html');
  assert.match(await page.locator('h1').innerText(), /^The target died in 1 case; 3 of 168 judged cases break the protocol beside 1 that the baseline knows, 5 causes$/);
  await becomes(() => page.locator('section:has(h2:text("Red verdicts")) .red-list > li').count(), 5);
  assert.match(await page.locator('.red-list > li').first().innerText(), /signal 11[^]*#0 inflate_window src\/deflate\.c:212/, 'the death comes first, with its place');
  assert.match(await page.locator('main').innerText(), /1 case skipped: needs origins/);
  assert.match(await page.locator('main').innerText(), /170 planned = 168 judged \+ 1 skipped \+ 1 not run/);
  assert.match(await page.locator('aside').innerText(), /echo-x\/2\.4/);
  await becomes(() => page.locator('.topic .cells a').count(), 170);
  await shot(page, 'overview-light');
  await page.locator('.tally a', { hasText: 'weak' }).click();
  await becomes(() => page.locator('#list a').count(), 1);
  await page.finished();
};

tests['what a baseline knows is no success'] = async () => {
  const page = await open('known.html');
  assert.match(await page.locator('h1').innerText(), /^No new failure; 2 of \d+ judged cases break the protocol as the baseline knows$/);
  assert.equal(await page.locator('.gate .badge').getAttribute('data-v'), 'weak', 'not green');
  assert.match(await page.locator('main').innerText(), /Known[^]*upstream issue 12, fixed in 2\.5\s+ping\.order/i);
  await shot(page, 'known-light');
  await page.finished();
};

tests['one cause is one entry'] = async () => {
  const page = await open('large.html');
  await becomes(() => page.locator('section:has(h2:text("Red verdicts")) .red-list > li').count(), 6);
  const folded = page.locator('.red-list > li', { hasText: 'something else came' });
  assert.match(await folded.innerText(), /108 cases of one cause/);
  await becomes(() => folded.locator('a').count(), 108);
  await page.goto(address('large.html', '#/cases'));
  await becomes(() => page.locator('#list > ol').first().locator('> li > a').count(), 6, 'the list, too');
  await page.locator('#list summary').click();
  await page.locator('#list details a').nth(3).click();
  await becomes(() => page.locator('.chip', { hasText: 'one of 108 of its cause' }).count(), 1);
  await page.finished();
};

tests['a crash shows its log and wire above the requirements'] = async () => {
  const page = await open('report.html', { hash: '#deflate.window.too-far' });
  const heads = await page.locator('.detail section h2').allInnerTexts();
  assert.deepEqual(heads.slice(0, 3), ['The target printed', 'On the wire', '1 requirement']);
  assert.ok(!(await page.locator('.detail .clause').first().isVisible()), 'folded');
  await page.locator('.detail .fold summary').click();
  assert.ok(await page.locator('.detail .clause').first().isVisible());
  await shot(page, 'crash-light', true);
  await page.finished();
};

tests['the cases open on red'] = async () => {
  const page = await open('report.html', { hash: '#/cases' });
  await becomes(() => titled(page), 'deflate.window.too-far');
  assert.deepEqual((await page.locator('#list h3').allInnerTexts()).slice(0, 2).map((t) => t.toLowerCase()), ['red', 'close']);
  await shot(page, 'cases-light');
  await page.finished();
};

// A section is read where the report says; the page knows no publisher.
const links = async (page, where, words, url) => {
  assert.equal(await page.locator(where).getByRole('link', { name: words, exact: true }).first().getAttribute('href'), url);
};

tests['a case shows clause, script, exchange and verdict'] = async () => {
  const page = await open('report.html', { hash: '#frame.rsv.set%5B4%5D' });
  const text = await page.locator('.detail').innerText();
  for (const words of ['A reserved bit without an extension', 'the message with RSV1 set was echoed', 'RFC 6455 section 5.2', 'MUST',
    'A reserved bit that no negotiated extension defines', '< fail 1002', 'RSV 100', 'GET /chat HTTP/1.1', 'frame.wire:10'])
    assert.ok(text.includes(words), `"${words}" is missing`);
  assert.match(await page.locator('.script .hit').innerText(), /^ +< fail 1002\s+\(this line was not met\)$/);
  await becomes(() => page.locator('.event.sent').count(), 2);
  await becomes(() => page.locator('.event.received').count(), 2);
  await becomes(() => page.locator('.event.failing').count(), 1);
  await links(page, '.detail .clause', 'RFC 6455 section 5.2', 'https://www.rfc-editor.org/rfc/rfc6455#section-5.2');
  await shot(page, 'case-light', true);
  await page.finished();
};

tests['the buttons copy what replays'] = async () => {
  const page = await open('report.html', { hash: '#frame.rsv.set%5B4%5D' });
  await page.locator('#copy-wire').click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^wire 1\n[^]*> text rsv=4/);
  await page.locator('#copy-replay').click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "wsspec run ws://127.0.0.1:9001/chat --filter 'frame.rsv.set[4]' --seed 7");
  await page.finished();
};

tests['the keyboard walks, searches and helps'] = async () => {
  const page = await open('report.html');
  await page.keyboard.press('j');
  await becomes(() => titled(page), 'deflate.window.too-far');
  await page.keyboard.press('j');
  await becomes(() => titled(page), 'frame.rsv.set[4]');
  await page.keyboard.press('k');
  await becomes(() => titled(page), 'deflate.window.too-far');
  await page.keyboard.press('k');
  await becomes(() => titled(page), 'deflate.window.too-far', 'the first has none before it');
  await page.keyboard.press('?');
  assert.ok(await page.locator('#keys').isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!(await page.locator('#keys').isVisible()));
  await page.keyboard.press('/');
  await page.keyboard.type('heap-buffer');
  await becomes(() => page.locator('#list a').count(), 1, 'the search reads logs too');
  await page.keyboard.press('Enter');
  await becomes(() => titled(page), 'deflate.window.too-far');
  await page.keyboard.press('Escape');
  await becomes(() => page.locator('#list a').count(), 170, 'Escape clears the search');
  await page.finished();
};

tests['filters combine and can be cleared'] = async () => {
  const page = await open('report.html', { hash: '#/cases' });
  const count = () => page.locator('#list a').count();
  await becomes(count, 170);
  await page.locator('.toggles button', { hasText: 'fail' }).click();
  await becomes(count, 5);
  await page.locator('.toggles button', { hasText: 'weak' }).click();
  await becomes(count, 6);
  await page.getByLabel('Level', { exact: true }).selectOption('SHOULD');
  await becomes(count, 1);
  await page.locator('#clear').click();
  await becomes(count, 170);
  await page.getByLabel('Tag', { exact: true }).selectOption('security');
  await becomes(count, 2);
  await page.getByLabel('Tag', { exact: true }).selectOption('');
  await page.getByLabel('Topic', { exact: true }).selectOption('utf8');
  await becomes(count, 1);
  await page.locator('#search').fill('no such thing');
  assert.match(await page.locator('#list').innerText(), /No case matches/);
  assert.match(await page.locator('#count').innerText(), /^0 of 170 cases$/);
  await page.finished();
};

tests['requirements lead to their cases'] = async () => {
  const page = await open('report.html', { hash: '#/requirements', colorScheme: 'dark' });
  assert.match(await page.locator('main').innerText(), /10 of 11 MUST, 0 of 1 SHOULD/);
  await links(page, 'td.section', 'RFC 6455 section 5.2', 'https://www.rfc-editor.org/rfc/rfc6455#section-5.2');
  await links(page, 'td.section', 'STOMP 1.2 section Heart-beating', 'https://stomp.github.io/stomp-specification-1.2.html#Heart-beating');
  await shot(page, 'requirements-dark');
  await page.locator('[id="requirement-rfc6455-5.2-3"] .cells a').first().click();
  await becomes(() => titled(page), 'frame.rsv.set[4]');
  await page.finished();
};

tests['limits are drawn from sizes that were served'] = async () => {
  const page = await open('report.html', { hash: '#/limits' });
  await becomes(() => page.locator('.chart polyline').count(), 2);
  await becomes(() => page.locator('.chart circle').count(), 14);
  await becomes(() => page.locator('tbody tr').count(), 15);
  await shot(page, 'limits-light');
  await page.finished();
};

tests['colours follow the system and the button'] = async () => {
  const page = await open('report.html', { colorScheme: 'dark' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await shot(page, 'overview-dark');
  await page.locator('#theme').click();
  assert.notEqual(await paper(), dark, 'light was chosen');
  await page.reload();
  assert.notEqual(await paper(), dark, 'and is kept');
  await page.locator('#theme').click();
  await page.locator('#theme').click();
  assert.equal(await paper(), dark, 'back to the system');
  await page.finished();
};

tests['a phone shows one thing at a time'] = async () => {
  const phone = { width: 390, height: 844 };
  const page = await open('report.html', phone);
  await noSideways(page);
  await shot(page, 'phone-overview', true);
  await page.goto(address('report.html', '#/cases'));
  assert.ok(await page.locator('#list').isVisible());
  assert.ok(!(await page.locator('.detail').isVisible()));
  await page.locator('#list a').first().click();
  assert.ok(await page.locator('.detail').isVisible());
  assert.ok(!(await page.locator('#list').isVisible()));
  await noSideways(page);
  await shot(page, 'phone-case', true);
  await page.locator('.back').click();
  assert.ok(await page.locator('#list').isVisible());
  for (const view of ['#/requirements', '#/limits']) {
    await page.goto(address('report.html', view));
    await noSideways(page);
  }
  await page.finished();
};

tests['hostile strings stay strings'] = async () => {
  const page = await open('hostile.html');
  await noSideways(page);
  await shot(page, 'hostile-overview');
  for (const view of ['#/cases', '#/requirements', '#/limits', '#/%E0%A4%A', '#javascript:window.owned=9', '#<svg onload=window.owned=9>']) {
    await page.goto(address('hostile.html', view));
    await noSideways(page);
  }
  await page.goto(address('hostile.html', '#/'));
  const shown = [];
  for (let i = 0; i < 14; i++) {
    await page.keyboard.press('j');
    shown.push(await page.locator('.detail').innerText());
    await noSideways(page);
    await becomes(() => page.locator('.detail a[href^="javascript"]').count(), 0);
  }
  assert.ok(shown[0].includes('<script>window.owned=1</script>'), 'markup is shown as text');
  assert.ok(shown.some((text) => text.includes('\\u{202e}gnp.exe')), 'a bidirectional override is spelled out');
  assert.ok(!/[\u202a-\u202e\u2066-\u2069]/.test(shown.join('')), 'no bidirectional control reaches the page');
  await page.locator('#search').fill('<img src=x onerror');
  assert.ok((await page.locator('#list a').count()) > 10);
  await page.keyboard.press('Escape');
  await page.goto(address('hostile.html', '#' + encodeURIComponent('utf8.invalid[surrogate]')));
  assert.ok((await page.locator('.detail').innerText()).length < 40000, 'a huge line is cut');
  await page.getByRole('button', { name: /Show all 300,/ }).click();
  assert.ok((await page.locator('.detail').innerText()).length > 300000, 'and shown when asked for');
  await noSideways(page);
  await shot(page, 'hostile-case');
  await page.finished();
};

tests['two thousand cases stay fast'] = async () => {
  const began = performance.now();
  const page = await open('large.html', { hash: '#/cases' });
  await becomes(() => page.locator('#list a').count(), 2000);
  const loaded = performance.now() - began;
  const work = await page.evaluate(() => {
    const start = performance.now();
    W.filter.text = 'close 1002';
    W.updateCases();
    W.filter.text = '';
    W.updateCases();
    for (let i = 0; i < 20; i++) W.step(1);
    return performance.now() - start;
  });
  await shot(page, 'large-cases');
  // Generous, for busy machines; usually 0.5 s and 0.1 s.
  assert.ok(loaded < 15000, `loading took ${loaded} ms`);
  assert.ok(work < 8000, `searching took ${work} ms`);
  await page.goto(address('large.html', '#/'));
  await becomes(() => page.locator('.topic .cells a').count(), 2000);
  await page.finished();
};

tests['an empty run is no success'] = async () => {
  const page = await open('empty.html');
  assert.equal(await page.locator('h1').innerText(), 'Nothing was judged');
  assert.match(await page.locator('main').innerText(), /exit 4/);
  for (const view of ['#/cases', '#/requirements']) await page.goto(address('empty.html', view));
  await page.finished();
};

tests['everything has a name for those who cannot see it'] = async () => {
  const page = await open('report.html');
  for (const view of ['#/', '#/cases', '#/requirements', '#/limits', '#frame.rsv.set%5B4%5D']) {
    await page.goto(address('report.html', view));
    const unnamed = await page.evaluate(() => [...document.querySelectorAll('a, button, input, select')]
      .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent.trim())).map((e) => e.outerHTML));
    assert.deepEqual(unnamed, []);
    await becomes(() => page.locator('h1').count(), 1, view);
    const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((e) => e.id));
    assert.equal(new Set(ids).size, ids.length, 'ids are unique');
  }
  await page.finished();
};

tests['text stands out from its ground in both colours'] = async () => {
  const views = [['report.html', '#frame.rsv.set%5B4%5D'], ['report.html', '#/'], ['report.html', '#/cases'], ['matrix.html', ''], ['campaign.html', '']];
  for (const [colorScheme, [name, hash]] of ['light', 'dark'].flatMap((scheme) => views.map((view) => [scheme, view]))) {
    const page = await open(name, { hash, colorScheme });
    const weak = await page.evaluate(() => {
      const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
      const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = (e) => {
        for (; e; e = e.parentElement) {
          const colour = parse(getComputedStyle(e).backgroundColor);
          if (colour.length === 3 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
      };
      const out = [];
      for (const e of document.querySelectorAll('main *, header *')) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        if ((a + 0.05) / (b + 0.05) < 4.5) out.push(`${((a + 0.05) / (b + 0.05)).toFixed(2)} ${e.className} ${e.textContent.slice(0, 30)}`);
      }
      return [...new Set(out)];
    });
    assert.deepEqual(weak, [], `weak contrast in ${colorScheme} of ${name}${hash}`);
    await page.finished();
  }
};

tests['the matrix shows totals by topic first'] = async () => {
  const page = await open('matrix.html');
  assert.match(await page.locator('h1').innerText(), /^1 of 25 targets ended early, \d+ died of a case$/);
  await becomes(() => page.locator('#sums tr').count(), 25);
  assert.match(await page.locator('#sums tr').last().innerText(), /^juniper\s+ended early: the target died: signal 6/, 'the dead one last, and why');
  assert.match(await page.locator('#sums tr', { hasText: 'echo-x' }).first().innerText(), /died in 1 case: .*inflate_window src\/deflate\.c:212/);
  const shares = async (topic) => (await page.locator(`#sums tr:not(.gone) td[data-topic="${topic}"]`).allInnerTexts()).map(Number);
  const all = await shares('all topics');
  assert.deepEqual(all, [...all].sort((a, b) => b - a), 'the best first');
  await page.locator('#totals thead button', { hasText: /^utf8$/ }).click();
  const utf8 = await shares('utf8');
  assert.deepEqual(utf8, [...utf8].sort((a, b) => a - b), 'a heading sorts, the worst first');
  assert.ok(utf8[0] < utf8.at(-1));
  await page.locator('#totals thead button', { hasText: /^all$/ }).click();
  await page.locator('#totals thead button', { hasText: /^all$/ }).click();
  await noSideways(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.ok(await page.evaluate(() => document.querySelector('.wide').scrollWidth <= document.querySelector('.wide').clientWidth), 'all topics are in sight');
  await shot(page, 'matrix-light');
  // From a number to its cases, the worst of that target first.
  const cell = page.locator('#sums tr', { hasText: 'basalt' }).locator('td[data-topic="frame"] button');
  const [, passed, judged] = (await cell.getAttribute('title')).match(/(\d+) of (\d+) pass/).map(Number);
  await cell.click();
  await becomes(() => page.locator('#rows tr').count(), await page.evaluate(() => W.data.cases.filter((row) => row.topic === 'frame').length));
  await becomes(() => page.locator('#rows td.chosen [data-v="pass"]:not(.dot)').count(), passed);
  assert.ok(judged >= passed);
  assert.ok(await page.locator('#cases h2').isVisible());
  await shot(page, 'matrix-cases-light');
  await page.finished();
};

tests['the matrix of cases shows differences first'] = async () => {
  const page = await open('matrix.html');
  const rows = () => page.locator('#rows tr').count();
  const differing = await rows();
  assert.ok(differing > 5);
  await becomes(() => page.locator('#grid thead th').count(), 26);
  assert.ok((await page.locator('.odd').count()) > 0, 'the odd one out is named');
  await noSideways(page);
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.ok(await page.evaluate(() => document.querySelector('.scroll').scrollWidth <= document.querySelector('.scroll').clientWidth + 20), 'all targets are in sight');
  await page.getByRole('button', { name: /^All/ }).click();
  assert.ok((await rows()) > differing);
  await page.keyboard.press('/');
  await page.keyboard.type('frame.rsv');
  assert.ok((await rows()) >= 1 && (await rows()) < 5);
  await page.locator('#rows td button').first().click();
  assert.match(await page.locator('#cell').innerText(), /the message with RSV1 set was echoed/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('#grid thead button').nth(3).click();
  assert.match(await page.locator('#rows tr').first().locator('td').nth(3).locator('button').getAttribute('data-v'), /fail|error/);
  assert.ok(!/[\u202a-\u202e]/.test(await page.locator('body').innerText()));
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot(page, 'matrix-dark');
  await page.setViewportSize({ width: 390, height: 844 });
  await noSideways(page);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('#sums tr')].every((row) => row.getBoundingClientRect().right <= innerWidth)), 'each target fits a phone');
  await shot(page, 'phone-matrix');
  await page.finished();
};

tests['a campaign shows findings by clause and its course'] = async () => {
  const page = await open('campaign.html');
  assert.equal(await page.locator('h1').innerText(), 'The target died or hung in 2 ways; 1 finding breaks the protocol');
  assert.deepEqual(await page.locator('.finding').locator('xpath=..').locator('h2').allInnerTexts(), ['The target died', 'The target hung', 'RFC 6455 section 5.5', 'RFC 6455 section 7.4.1']);
  assert.match(await page.locator('.charts figure').first().innerText(), /median\s+4,1\d\d/, 'the usual speed');
  assert.ok((await page.locator('.charts text').allInnerTexts()).every((text) => text !== '0 ms'));
  await becomes(() => page.locator('.finding').count(), 4);
  await becomes(() => page.locator('.charts figure').count(), 2);
  await becomes(() => page.locator('.charts .found').count(), 8);
  await page.getByRole('button', { name: 'Copy reproducer' }).first().click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^wire 1\n/);
  await noSideways(page);
  await shot(page, 'campaign-light', true);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await noSideways(page);
  await shot(page, 'phone-campaign', true);
  await page.finished();
};

let failed = 0;
const only = process.env.ONLY || '';
for (const [name, test] of Object.entries(tests).filter(([name]) => name.includes(only))) {
  try {
    await test();
    console.log('ok   ' + name);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${error.stack}`);
  }
}
await context.close();
rmSync(profile, { recursive: true, force: true });
console.log(failed ? `${failed} failed` : `all ${Object.keys(tests).length} passed`);
process.exit(failed ? 1 : 0);
