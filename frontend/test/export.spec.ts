// A copy without a server: written by the command, served by a server that knows nothing but files, from a folder below its root, and
// opened as files. What it says it can, it does; what it can't is not there.
import { expect, test, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { grade, keysIn } from '../src/static-grade';
import type { Graded } from '../src/wire.gen';
import { complaints, next, row, sideways, title, violations } from './walk';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
const site = join(folder, 'docs', 'oauth'); // what is served is two folders above it
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
let server: Server;
let base = '';
const missing: string[] = [];

test.beforeAll(async () => {
  execFileSync(process.env['PLAYGROUND_BIN'] ?? 'go', [...(process.env['PLAYGROUND_BIN'] ? [] : ['run', '../cmd/playground']), 'export', site]);
  server = createServer((req, res) => {
    const name = join(folder, decodeURIComponent(new URL(req.url!, 'http://x').pathname));
    if (req.method !== 'GET' || !existsSync(name) || !statSync(name).isFile()) {
      missing.push(`${req.method} ${req.url}`);
      res.writeHead(404).end();
      return;
    }
    res.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'text/plain' });
    createReadStream(name).pipe(res);
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/docs/oauth`;
});

test.afterAll(async () => {
  server.closeAllConnections();
  await new Promise((down) => server.close(down));
  rmSync(folder, { recursive: true, force: true });
});

test.beforeEach(() => void missing.splice(0));
test.afterEach(() => expect(missing).toEqual([]));

const wire = (page: Page) => page.locator('pg-wire li.x');

test('a lesson is walked through: what was recorded plays, predictions wait, questions are graded with their feedback', async ({ page }) => {
  const says = complaints(page);
  await page.goto(`${base}/index.html`);
  await expect(page.locator('.copy')).toContainText('a copy without a server');
  await expect(page.locator('pg-demo pg-wire')).toBeVisible();
  await expect(page.getByRole('link', { name: /Workbench|Join|Teach/ })).toHaveCount(0);
  await page.locator('.les a b', { hasText: 'Why two steps?' }).click();
  await expect(page).toHaveURL(/lessons\/two-steps\.html$/);
  await expect(page.locator('#wire')).toContainText('As it was recorded');
  await expect(row(page, '/token').last()).toBeVisible();
  await next(page, 'Ask for the token at once');
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('stands on the wire');
  await expect.poll(() => wire(page).count()).toBeGreaterThan(3);
  const first = await wire(page).count();
  await expect(row(page, '/token')).toHaveCount(0); // that comes later
  await row(page, '/authorize').first().getByRole('link').click();
  await expect(page.locator('pg-exchange')).toContainText('as.response-type-retired');
  await page.getByRole('button', { name: 'Explains response_type' }).or(page.locator('pg-exchange button.k').first()).first().click();
  await expect(page.locator('#explained')).not.toBeEmpty();
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.getByRole('group', { name: 'Replay' })).toContainText(`of ${first}`);
  await page.getByRole('button', { name: 'End replay' }).click();

  await next(page, 'An extension reads addresses');
  await expect(page.locator('#play')).toHaveAttribute('aria-disabled', 'true');
  const predict = page.locator('.step.now pg-predict').first();
  await predict.locator('label.opt').first().click();
  await predict.getByRole('button').first().click();
  await expect(predict.locator('.fb').first()).not.toBeEmpty();
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('stands on the wire');

  const quiz = page.locator('pg-quiz').first();
  const step = (await quiz.locator('xpath=ancestor::article').getAttribute('id'))!;
  await page.goto(`${base}/lessons/two-steps.html#${step}`);
  await page.reload();
  await expect(page.locator('.step.now')).toHaveAttribute('id', step);
  const asked = page.locator('.step.now pg-quiz').first();
  const key = keysIn((await page.locator('#answers').textContent())!)[(await asked.getAttribute('data-question'))!]!.choices!;
  const plain = (html: string) => html.replace(/<[^>]*>/g, '').trim().slice(0, 30);
  for (const right of [false, true]) {
    const i = key.findIndex((c) => c.correct === right);
    await asked.locator('label.opt').nth(i).click();
    await asked.getByRole('button').first().click();
    await expect(asked.locator('.opt').nth(i)).toContainText(right ? 'Correct' : 'Your answer');
    expect((await asked.locator('.opt').nth(i).locator('.fb').textContent())!.trim().length).toBeGreaterThan(plain(key[i]!.feedback).length - 5);
  }
  await page.goto(`${base}/index.html`);
  await expect(page.locator('#go')).toHaveAttribute('href', /^lessons\/two-steps\.html#/);
  expect(says).toEqual([]);
});

test('every kind of page reads well, leads somewhere and keeps to itself', async ({ page }) => {
  const says = complaints(page);
  const pages = ['index.html', 'glossary.html', 'runs.html', 'lessons/code-flow.html', 'lessons/pkce/attack.html', 'embed/v1/run/code-flow.html', 'embed/v1/diagram/code-flow.html', 'embed/v1/token/code-flow/id_token-1.html', `embed/v1/quiz/two-steps/${readdirSync(join(site, 'embed/v1/quiz/two-steps'))[0]}`];
  test.setTimeout(120_000);
  for (const name of pages) {
    await page.goto(`${base}/${name}`);
    await expect(page.locator('main')).toBeVisible();
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect.soft(await sideways(page), `${name} at ${width}`).toBeLessThanOrEqual(0);
      expect.soft(await violations(page, name.startsWith('embed/') ? { 'page-has-heading-one': false } : undefined), `${name} at ${width}`).toEqual([]);
      await page.screenshot({ path: `test-results/pages/export-${name.replaceAll('/', '-')}-${width}.png` });
    }
  }
  expect(says).toEqual([]);
});

test('on a phone no step of a lesson is wider than the screen, and none is called as something else in the page', async ({ page }) => {
  test.setTimeout(120_000);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const lesson of readdirSync(join(site, 'lessons')).filter((name) => name.endsWith('.html'))) {
    await page.goto(`${base}/lessons/${lesson}`);
    const steps = await page.locator('.step').evaluateAll((list) => list.map((s) => s.id).filter(Boolean));
    expect(steps.length).toBeGreaterThan(2);
    for (const step of steps) {
      await page.evaluate((id) => (location.hash = id), step);
      await expect(page.locator('.step.now')).toHaveAttribute('id', step);
      expect.soft(await sideways(page), `${lesson}, ${step}`).toBeLessThanOrEqual(0);
    }
    const twice = await page.locator('[id]').evaluateAll((list) => list.map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i));
    expect.soft(twice, lesson).toEqual([]);
  }
});

test('an attack is there as it was recorded, and its graph follows what is switched', async ({ page }) => {
  const says = complaints(page);
  await page.goto(`${base}/lessons/pkce/attack.html`);
  await expect(page.locator('#wire')).toContainText('As it was recorded');
  await expect.poll(() => wire(page).count()).toBeGreaterThan(2);
  await expect(page.getByRole('button', { name: /Run/ })).toHaveCount(0);
  const end = page.locator('.ag-end');
  const before = await end.textContent();
  for (const group of await page.locator('.pol .seg').all()) if (await group.getByText('enforce', { exact: true }).count()) await group.getByText('enforce', { exact: true }).click();
  await expect(end).not.toHaveText(before!);
  expect(says).toEqual([]);
});

test('a question in a page of others is graded, and a run plays', async ({ page }) => {
  const says = complaints(page);
  for (const name of readdirSync(join(site, 'embed/v1/quiz/code-flow'))) {
    await page.goto(`${base}/embed/v1/quiz/code-flow/${name}`);
    const q = page.locator('pg-quiz');
    if (await q.locator('select').count()) for (const [i, s] of (await q.locator('select').all()).entries()) await s.selectOption({ index: i + 1 }).catch(() => s.selectOption({ index: 1 }));
    else await q.locator('input:not([type=hidden])').first().check();
    await q.getByRole('button', { name: 'Answer' }).click();
    await expect(q.locator('.fb').first(), name).not.toBeEmpty();
    for (const a of await q.locator('.fb a[data-ref]').all()) await expect(a, name).toHaveAttribute('href', /lessons\/code-flow\.html/); // there is no wire here
  }
  await page.goto(`${base}/embed/v1/run/code-flow.html`);
  const beside = page.waitForEvent('popup');
  await page.getByRole('link', { name: 'Open the full lesson' }).click(); // and not in the frame of somebody's page
  await expect(await beside).toHaveURL(/lessons\/code-flow\.html/);
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.getByRole('group', { name: 'Replay' })).toBeVisible();
  expect(says).toEqual([]);
});

test('a run opens from a file, and from the copy itself', async ({ page }) => {
  const says = complaints(page);
  await page.goto(`${base}/runs.html`);
  await page.getByLabel('Choose a file').setInputFiles(join(site, 'runs/pkce.json'));
  await expect(page.locator('#run-h')).toBeFocused();
  await expect.poll(() => wire(page).count()).toBeGreaterThan(5);
  await page.goto(`${base}/runs.html`);
  await page.getByRole('link', { name: 'The code flow, end to end' }).click();
  await expect(page.locator('#run-h')).toHaveText('The code flow, end to end');
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.getByRole('button', { name: 'Copy a link that carries it' })).toBeInViewport(); // above the list that it was chosen from
  await page.getByRole('link', { name: 'Its lesson' }).click();
  await expect(page).toHaveURL(/lessons\/code-flow\.html$/);
  expect(says).toEqual([]);
});

test('a word is explained where it stands', async ({ page }) => {
  const says = complaints(page);
  await page.goto(`${base}/lessons/cast.html`);
  const step = await page.locator('article:has(a.term)').first().getAttribute('id');
  await page.goto(`${base}/lessons/cast.html#${step}`);
  await page.locator('.step.now a.term').first().click();
  await expect(page.locator('.meaning')).toBeVisible();
  await expect(page.locator('.meaning')).not.toBeEmpty();
  expect(says).toEqual([]);
});

test('opened as files, lessons are walked through and questions graded', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (e) => errors.push(String(e)));
  await page.goto('file://' + join(site, 'index.html'));
  await page.locator('.les a b', { hasText: 'Why two steps?' }).click();
  await next(page, 'Ask for the token at once');
  await page.locator('#play').click();
  await expect.poll(() => wire(page).count()).toBeGreaterThan(3);
  await next(page, 'An extension reads addresses');
  const predict = page.locator('.step.now pg-predict').first();
  await predict.locator('label.opt').first().click();
  await predict.getByRole('button').first().click();
  await expect(predict.locator('.fb').first()).not.toBeEmpty();
  await page.goto('file://' + join(site, 'runs.html'));
  await page.getByLabel('Choose a file').setInputFiles(join(site, 'runs/pkce.json'));
  await expect(page.locator('#run-h')).toBeVisible();
  await page.goto('file://' + join(site, 'runs.html') + '?from=runs/pkce.json');
  await expect(page.getByRole('alert')).toContainText('A page that was opened as a file can’t load another');
  expect(errors).toEqual([]);
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });
  test('all can be read, and nothing is there that would do nothing', async ({ page }) => {
    await page.goto(`${base}/lessons/two-steps.html`);
    await expect(page.locator('.copy noscript p')).toBeVisible();
    await expect(page.locator('.step')).not.toHaveCount(1);
    await expect(page.getByRole('table').first()).toBeVisible();
    expect(await page.locator('button:visible').count()).toBe(0);
    await expect(title(page)).toHaveCount(0);
    for (const name of ['run/pkce', 'quiz/pkce/caught-code']) {
      await page.goto(`${base}/embed/v1/${name}.html`);
      await expect(page.getByText(/^Scripts are off/)).toBeVisible();
    }
  });
});

test('the page grades as the server does', async ({ request }) => {
  let asked = 0;
  for (const file of readdirSync(join(site, 'lessons')).filter((f) => f.endsWith('.html'))) {
    const slug = file.replace('.html', '');
    const keys = keysIn(/id="answers">(.*?)<\/script>/.exec(readFileSync(join(site, 'lessons', file), 'utf8'))![1]!);
    for (const [question, key] of Object.entries(keys)) {
      const places = key.rows?.map((_, i) => i + 1) ?? [];
      const answers = key.choices ? [key.choices.map((_, i) => i + 1).slice(0, 1)] : key.kind === 'matrix' ? [[1], places, []] : [places, [...places].reverse().map((n) => Math.min(n, key.columns!.length)), places.map(() => 1)];
      for (const answer of answers) {
        const res = await request.post(`/api/lessons/${slug}/answers`, { data: { question, answer } });
        let here: Graded | undefined;
        try {
          here = grade(key, answer);
        } catch {
          // as the server refuses it
        }
        if (res.ok()) expect(here, `${slug}, ${question}, ${answer}`).toEqual(await res.json());
        else expect(here, `${slug}, ${question}, ${answer}`).toBeUndefined();
        asked++;
      }
    }
  }
  expect(asked).toBeGreaterThan(100);
});

test('no page names another host to load from, and every link leads to a file', () => {
  const files = new Set(readdirSync(site, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name)));
  for (const file of files) {
    if (extname(file) !== '.html') continue;
    const text = readFileSync(file, 'utf8');
    expect(text.includes('http-equiv="Content-Security-Policy"'), `${file} has a policy`).toBe(true);
    expect(/copy\.invalid| nonce="/.exec(text)?.[0], file).toBeUndefined();
    for (const [, attribute, to] of text.matchAll(/<(?:link|script|img|iframe)[^>]*\s(src|href)="([^"]+)"/g)) expect(to, `${file} ${attribute}`).not.toMatch(/^(https?:)?\//);
    for (const [, to] of text.matchAll(/\s(?:href|src)="([^"#?]+)[^"]*"/g)) {
      if (/^[a-z]+:/.test(to!)) continue;
      expect(files.has(join(file, '..', to!)), `${file} leads to ${to}`).toBe(true);
    }
  }
});
