// The reports in headless Chromium: what a reader sees and can do, without a network, with hostile texts, on paper and
// by the rules of accessibility. Usage: node browser_test.mjs ASSAY SAMPLE_RUNS CHROMIUM WORK
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [assay, samples, chromium, work] = process.argv.slice(2);
const require = createRequire(path.join(work, 'package.json'));
const { chromium: browserType } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

let failures = 0, checks = 0;
function check(what, holds, seen = '') {
  ++checks;
  if (holds) return;
  ++failures;
  console.log(`FAILED: ${what}${seen === '' ? '' : ': ' + JSON.stringify(seen).slice(0, 1500)}`);
}

const run = (...args) => execFileSync(assay, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const file = (name) => path.join(work, name);
const url = (name) => 'file://' + file(name);

for (const kind of ['repair', 'hostile', 'long']) execFileSync(samples, [kind, file(kind), process.env.ASSAY_STATION]);
writeFileSync(file('case.toml'), `number = "2026-17"
technician = "Bench 3"
complaint = "Programs crash, mostly in the evening."
reproduced = "yes"
done = ["Cleaned the contacts of both modules."]
next_date = "2026-04-01"
`);
const evil = `<script>document.title='ran'</script><img src=x onerror="document.title='ran'">`;
writeFileSync(file('evil.toml'), `number = "<script>document.title='ran'</script>"\n` +
  ['technician', 'complaint'].map((key) => `${key} = '''${evil}\u202e'''\n`).join('') +
  `done = ['''${evil}''', '''${'y'.repeat(300)}''']\nadvice = ['''${evil}''']\n`);
const languages = ['en', 'nl', 'fi', 'zh-Hans'];
for (const language of languages) run('report', file('repair'), '--lang', language, '--case', file('case.toml'), '--out', file(`${language}.html`));
run('report', file('hostile'), '--case', file('evil.toml'), '--out', file('hostile.html'));
run('report', file('long'), '--out', file('long.html'));

const browser = await browserType.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

/// A page, with what it asked for and complained of.
async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  const page = await context.newPage();
  const seen = { requests: [], errors: [], dialogs: 0 };
  page.on('request', (request) => { if (!request.url().startsWith('data:')) seen.requests.push(request.url()); });
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) seen.errors.push(message.text()); });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  page.on('dialog', (dialog) => { ++seen.dialogs; dialog.dismiss(); });
  await page.goto(url(name));
  return { page, context, seen };
}

// Accessibility: WCAG 2.2 AA, light and dark, wide and narrow.
for (const language of languages)
  for (const colorScheme of ['light', 'dark']) {
    const { page, context } = await open(`${language}.html`, { colorScheme, bypassCSP: true });
    await page.addScriptTag({ content: axe });
    const result = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    check(`axe finds nothing: ${language}, ${colorScheme}`, result.violations.length === 0,
      result.violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]));
    await context.close();
  }

// What a reader sees and does.
{
  const { page, context, seen } = await open('en.html');
  check('the verdict is visible', await page.locator('.verdict.fail').isVisible());
  check('the complaint is quoted', (await page.locator('.complaint').innerText()).includes('Programs crash'));
  check('what was not tested stands on page one', (await page.locator('#page-one').innerText()).includes('Battery capacity'));
  const rows = page.locator('table.trials tbody');
  const all = await rows.count();
  await page.locator('.filter select').selectOption('fail');
  const failed = await page.locator('table.trials tbody:visible').count();
  check('the filter leaves the failed trials', failed > 0 && failed < all && failed === await page.locator('table.trials tbody.fail').count(), [failed, all]);
  await page.locator('.filter select').selectOption('');
  await page.locator('.filter input').fill('core:3');
  const words = await page.locator('table.trials tbody:visible').allInnerTexts();
  check('the filter finds words', words.length > 0 && words.every((text) => text.includes('core:3')), words.length);
  await page.locator('.filter input').fill('');
  const seconds = () => page.locator('table.trials tbody tr:first-child td:last-child').evaluateAll((cells) => cells.map((cell) => parseFloat(cell.dataset.value)));
  await page.locator('table.trials thead button').last().click();
  const up = await seconds();
  check('trials are sorted by time', up.length === all && up.every((value, i) => i === 0 || up[i - 1] <= value), up.slice(0, 5));
  await page.locator('table.trials thead button').last().click();
  const down = await seconds();
  check('and the other way round', down.every((value, i) => i === 0 || down[i - 1] >= value), down.slice(0, 5));
  const chart = page.locator('#course-chart');
  const before = await chart.getAttribute('viewBox');
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  await page.mouse.move(box.x + 300, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 500, box.y + 60);
  await page.mouse.up();
  const zoomed = await chart.getAttribute('viewBox');
  check('pulling over the chart zooms', zoomed !== before && parseFloat(zoomed.split(' ')[2]) < 300, zoomed);
  await chart.press('Escape');
  check('Escape shows the whole again', (await chart.getAttribute('viewBox')) === before);
  check('nothing but the page was asked for', seen.requests.length === 1, seen.requests);
  check('nothing breaks the page\'s policy', seen.errors.length === 0, seen.errors);
  await context.close();
}

// Without scripts all of it is there.
{
  const { page, context } = await open('en.html', { javaScriptEnabled: false });
  check('the verdict shows without scripts', await page.locator('.verdict.fail').isVisible());
  check('the trials show without scripts', await page.locator('table.trials tbody').first().isVisible());
  check('the curves show without scripts', await page.locator('#course-chart .curve').first().isVisible());
  check('what needs a script is not offered', !(await page.locator('.filter').isVisible()));
  await context.close();
}

// Narrow screens.
for (const name of ['en.html', 'fi.html', 'hostile.html']) {
  const { page, context } = await open(name, { viewport: { width: 320, height: 640 } });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  check(`${name} fits 320 pixels`, wide <= 320, wide);
  await context.close();
}

// Chinese glyphs: a font without them draws every character alike.
{
  const { page, context } = await open('zh-Hans.html');
  const alike = await page.evaluate(() => {
    const draw = (text) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 40;
      const pen = canvas.getContext('2d');
      pen.font = '32px ' + getComputedStyle(document.body).fontFamily;
      pen.fillText(text, 2, 34);
      return canvas.toDataURL();
    };
    return draw('通') === draw('过');
  });
  check('Chinese characters have glyphs', !alike);
  check('the language is said', (await page.getAttribute('html', 'lang')) === 'zh-Hans');
  check('the headline is Chinese', (await page.locator('h1').innerText()).includes('发现故障'));
  await context.close();
}

// On paper: page one is one side, the rest follows, and the text is text.
for (const language of languages) {
  const { page, context } = await open(`${language}.html`);
  await page.pdf({ path: file(`${language}.pdf`), preferCSSPageSize: true, printBackground: false });
  const text = (pages) => execFileSync('pdftotext', [...pages, '-layout', file(`${language}.pdf`), '-'], { encoding: 'utf8' });
  const first = text(['-f', '1', '-l', '1']), second = text(['-f', '2', '-l', '2']);
  const headings = { en: ['Hardware test report', 'What was not tested', 'customer', 'Findings'],
    nl: ['Hardwaretestrapport', 'Wat niet is getest', 'klant', 'Bevindingen'],
    fi: ['Laitteiston testiraportti', 'Mitä ei testattu', 'asiakas', 'Havainnot'],
    'zh-Hans': ['硬件检测报告', '未测试的项目', '客户', '检测结果'] }[language];
  for (const words of headings.slice(0, 3)) check(`page one on paper has "${words}"`, first.includes(words), first.slice(-300));
  check(`page two on paper begins with "${headings[3]}"`, second.trim().startsWith(headings[3]), second.slice(0, 200));
  check('closed details are printed', text([]).includes('EDAC MC0'));
  await context.close();
}
run('report', file('repair'), '--format', 'pdf', '--out', file('by-assay.pdf'));
check('assay prints a PDF itself', readFileSync(file('by-assay.pdf')).subarray(0, 4).toString() === '%PDF');
{
  const verified = (name) => spawnSync(assay, ['report', 'verify', file(name)], { encoding: 'utf8' });
  const whole = verified('by-assay.pdf');
  check('its PDF can be verified', whole.status === 0, whole.stdout + whole.stderr);
  const words = execFileSync('pdftotext', ['-l', '1', file('by-assay.pdf'), '-'], { encoding: 'utf8' });
  check('its PDF says how', words.includes('carries the station\'s seal'), words.slice(-400));
  const bytes = readFileSync(file('by-assay.pdf'));
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file('altered.pdf'), bytes);
  check('an altered PDF is told', verified('altered.pdf').status === 1);
  const printed = execFileSync('pdftotext', ['-l', '1', file('en.pdf'), '-'], { encoding: 'utf8' });
  check('a page that a browser printed says that it carries no seal', printed.includes('A printed page carries no seal'), printed.slice(-400));
}

// Hostile texts in every field: nothing runs, nothing is asked for, nothing hides.
{
  const { page, context, seen } = await open('hostile.html');
  await page.waitForLoadState('load');
  check('no hostile script ran', !(await page.title()).includes('ran'), await page.title());
  check('no dialog came', seen.dialogs === 0);
  check('the hostile page asks for nothing', seen.requests.length === 1, seen.requests);
  check('no policy had to step in', seen.errors.length === 0, seen.errors);
  const found = await page.evaluate(() => ({
    scripts: document.querySelectorAll('script:not([type="application/json"])').length,
    images: [...document.images].filter((image) => !image.src.startsWith('data:')).length,
    handlers: document.querySelectorAll('[onerror],[onload],[onclick]').length,
    controls: (document.documentElement.innerHTML.match(/[\u202a-\u202e\u2066-\u2069\u200b\u001b\u0007]/g) || []).length,
    shown: document.body.innerText.includes("<script>document.title='ran'</script>"),
    wide: document.documentElement.scrollWidth,
    sections: document.querySelectorAll('main > section').length,
  }));
  check('the page has its own scripts only', found.scripts === 1, found.scripts);
  check('no picture from elsewhere', found.images === 0, found.images);
  check('no handler was planted', found.handlers === 0, found.handlers);
  check('no control character is left', found.controls === 0, found.controls);
  check('the hostile text is shown as text', found.shown);
  check('the layout is unbroken', found.wide <= 1000 && found.sections >= 6, found);
  await context.close();
}

// Twelve hours.
{
  const size = statSync(file('long.html')).size;
  check('a burn-in of a million samples is under 5 MB', size < 5e6, size);
  const { page, context } = await open('long.html');
  const paint = await page.evaluate(() => performance.getEntriesByType('paint').map((entry) => [entry.name, Math.round(entry.startTime)]));
  check('every trial of it is there', (await page.locator('table.trials tbody').count()) === 5002);
  const heat = await page.locator('#course table tbody tr').first().innerText();
  check('the spike of one second is in the numbers', /10[0-9]/.test(heat), heat);
  console.log(`12 hours, 5,000 trials, 1,000,000 samples: ${(size / 1e6).toFixed(2)} MB, paint ${JSON.stringify(paint)}`);
  await context.close();
}

// A run that is followed while it goes on, on a page that only this machine can ask for.
{
  const running = spawn(assay, ['run', 'quick', '--only', 'cpu.*', '--duration', '8s', '--out', file('followed')], { stdio: 'ignore' });
  const ended = new Promise((resolve) => running.on('exit', resolve));
  while (!existsSync(file('followed/journal.jsonl'))) await new Promise((resolve) => setTimeout(resolve, 20));
  const server = spawn(assay, ['serve', file('followed'), file('hostile')]);
  const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(String(text).split('\n')[0])));
  const status = async (target, options) => (await fetch(target, options)).status;
  check('the page wants its token', await status(address.split('?')[0]) === 403);
  check('and not another', await status(address.slice(0, -1) + (address.endsWith('0') ? '1' : '0')) === 403);
  check('it only reads', await status(address, { method: 'POST' }) === 405);
  check('the address is loopback', address.startsWith('http://127.0.0.1:'), address);
  const named = await new Promise((resolve) => request(address, { headers: { Host: 'evil.example' } }, (answer) => resolve(answer.statusCode)).end());
  check('a name that somebody pointed here is refused', named === 403, named);
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(address);
  await page.waitForSelector('.live:nth-child(2) .trials tr');
  check('the hostile run is shown as text', (await page.locator('.live').nth(1).innerText()).includes('<script>') && !(await page.title()).includes('ran'));
  await page.waitForFunction(() => document.querySelector('.live .percent').textContent !== '0 %');
  await page.waitForFunction(() => document.querySelector('.live .headline').textContent === 'The run has ended.', undefined, { timeout: 120000 });
  check('the end is told without a reload', (await page.locator('.live .word').first().innerText()) === 'Passed');
  check('the page keeps its policy', errors.length === 0, errors);
  await ended;
  server.kill('SIGTERM');
  check('the server ends when it is asked to', await new Promise((resolve) => server.on('exit', resolve)) === 0);
  await context.close();
}

await browser.close();
console.log(`${checks} checks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
