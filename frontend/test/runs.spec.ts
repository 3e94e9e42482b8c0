// A run as a file: saved from a lesson, opened again by every way there is, read only, compared with another, and refused in words.
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { complaints, next, play, row, sideways, violations } from './walk';

interface File {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

// recorded is a learner's run of a lesson up to a step, as its file.
async function recorded(page: Page, lesson: string, step: string, redact = 'none'): Promise<File> {
  const made = (await (await page.request.post('/api/sandboxes', { data: { lesson } })).json()) as { id: string; key: string };
  const headers = { Authorization: 'Bearer ' + made.key };
  expect((await page.request.post(`/api/sandboxes/${made.id}/steps/${step}/replay`, { headers })).status()).toBe(200);
  const file = await page.request.get(`/api/sandboxes/${made.id}/run?redact=${redact}`, { headers });
  expect(file.status()).toBe(200);
  return { name: `${lesson}.json`, mimeType: 'application/json', buffer: await file.body() };
}

// saved is what the wire's own menu saves.
async function saved(page: Page, as: string): Promise<File> {
  const download = page.waitForEvent('download');
  await page.getByText('Save this run').click();
  await page.getByRole('button', { name: as, exact: true }).click();
  return { name: 'run.json', mimeType: 'application/json', buffer: readFileSync(await (await download).path()) };
}

const changed = (file: File, change: (run: { events: { token?: { signature?: { verified: boolean } } }[]; [name: string]: unknown }) => void): File => {
  const run = JSON.parse(file.buffer.toString()) as Parameters<typeof change>[0];
  change(run);
  return { ...file, buffer: Buffer.from(JSON.stringify(run)) };
};

const choose = async (page: Page, ...files: File[]) => page.getByLabel('Choose a file').setInputFiles(files);
const rows = (page: Page) => page.locator('pg-wire li.x');
const opened = (page: Page) => page.locator('#run-h');
const problem = (page: Page) => page.getByRole('alert');

test('a run is saved from a lesson as a file, and plays again from it', async ({ page }) => {
  const says = complaints(page);
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.getByText('Save this run').click();
  await expect(page.getByRole('button', { name: 'Run as a file' })).toHaveCount(0); // an example is no run of theirs
  await play(page);
  const values = await saved(page, 'Run as a file, values replaced by tags');
  expect(JSON.parse(values.buffer.toString())).toMatchObject({ lesson: 'code-flow', redacted: ['values', 'signatures'] });
  const made = await recorded(page, 'code-flow', 'spend');
  await page.goto('/runs');
  await expect(page.locator('#wire')).toContainText('The run of a file stands here');
  await choose(page, made);
  await expect(opened(page)).toBeFocused();
  await expect(page.locator('.steps')).toContainText('Nothing was taken out');
  await expect.poll(() => rows(page).count()).toBeGreaterThan(8);
  await expect(page.locator('p.sr[aria-live]').filter({ hasText: 'new exchange' }), 'nothing of it is news').toHaveCount(0);
  const n = await rows(page).count();
  await row(page, '/token').getByRole('link').click();
  await expect(page.locator('pg-exchange')).toContainText('as.pkce-verifier');
  await page.keyboard.press('k');
  await expect(page.locator('pg-wire li[aria-current=true]')).not.toContainText('/token');
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.getByRole('group', { name: 'Replay' })).toContainText(`of ${n}`);
  await page.getByRole('button', { name: 'End replay' }).click();
  await expect(page.getByRole('button', { name: /Protections|Play/ })).toHaveCount(0); // nothing can be done to it
  expect(JSON.parse((await saved(page, 'Run as a file')).buffer.toString())).toEqual(JSON.parse(made.buffer.toString()));
  for (const width of [1440, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `test-results/pages/runs-${width}.png` });
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(await violations(page)).toEqual([]);
  }
  expect(says).toEqual([]);
});

test('verified is what the browser computes, whatever a file says', async ({ page }) => {
  const made = await recorded(page, 'code-flow', 'spend');
  const lie = changed(made, (run) => {
    for (const e of run.events) if (e.token?.signature) e.token.signature.verified = true;
    const text = JSON.stringify(run.events).replaceAll(/(eyJ[\w-]+\.eyJ[\w-]+\.)[\w-]{6}/g, '$1AAAAAA');
    run.events = JSON.parse(text) as typeof run.events;
  });
  const look = async () => {
    await row(page, '/token').getByRole('link').click();
    await page.locator('pg-exchange').getByRole('button', { name: 'id_token#1' }).click();
    return page.locator('pg-token');
  };
  await page.goto('/runs');
  await choose(page, made);
  let token = await look();
  await expect(token).toContainText('The file says of the signature, as it was recorded: verified');
  await token.getByRole('button', { name: 'Check the signature' }).click();
  await expect(token).toContainText('The signature is valid');
  await choose(page, lie);
  token = await look();
  await token.getByRole('button', { name: 'Check the signature' }).click();
  await expect(token).toContainText('The signature does not fit');
  await choose(page, await recorded(page, 'code-flow', 'spend', 'signatures'));
  token = await look();
  await expect(token).toContainText('The signature was taken out of this file');
  await expect(token.getByRole('button', { name: 'Check the signature' })).toHaveCount(0);
});

test('two files stand side by side', async ({ page }) => {
  await page.goto('/runs');
  await choose(page, await recorded(page, 'code-flow', 'spend', 'values'));
  await page.getByLabel('Compare with another file').setInputFiles(await recorded(page, 'pkce', 'one-character'));
  await expect(page.locator('pg-diff')).toContainText(/Difference \d+ of/);
  await expect(page.locator('pg-diff thead')).toContainText('The code flow');
  await expect(page.locator('.steps')).toContainText('Beside it: The code flow');
  await page.getByRole('button', { name: 'Show the other one' }).click();
  await expect(opened(page)).toHaveText('The code flow, end to end');
  await expect(page.locator('.steps')).toContainText('values, of which the tags are left');
  expect(await violations(page)).toEqual([]);
});

test('a run comes by paste, from an address of this site, and in a link', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const made = await recorded(page, 'code-flow', 'leave', 'values');
  await page.goto('/runs');
  await page.getByText('Paste its text', { exact: true }).click();
  await page.getByLabel('Text of the file').fill(made.buffer.toString());
  await page.getByRole('button', { name: 'Open it' }).click();
  await expect(opened(page)).toHaveText('The code flow, end to end');
  await expect(rows(page)).not.toHaveCount(0);
  const n = await rows(page).count();
  await page.getByRole('button', { name: 'Copy a link that carries it' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Copied.' })).toBeVisible();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto('about:blank');
  await page.goto(link + '&at=x2');
  await expect(rows(page)).toHaveCount(n);
  await expect(page.locator('pg-wire li[aria-current=true]')).toHaveAttribute('id', 'x2');
  await page.goto('/runs?from=/api/lessons/code-flow/run#x3');
  await expect(opened(page)).toHaveText('The code flow, end to end');
  await expect(page.locator('pg-wire li[aria-current=true]')).toHaveAttribute('id', 'x3');
  for (const [from, why] of [['https://elsewhere.test/run.json', 'names another site'], ['//elsewhere.test/run.json', 'names another site'], ['/nowhere', 'There is no run at /nowhere'], ['/glossary', 'not JSON'], ['javascript:alert(1)', 'names another site']] as const) {
    await page.goto('/runs?from=' + encodeURIComponent(from));
    await expect(problem(page)).toContainText(why);
  }
  await page.goto('/runs#run=H4sIAAAA');
  await expect(problem(page)).toContainText('cut off or damaged');
});

test('what was opened last is shown, and the address says nothing else', async ({ page }) => {
  const made = await recorded(page, 'pkce', 'one-character');
  let answer = () => {};
  const answered = new Promise<void>((done) => (answer = done));
  const golden = (url: URL) => url.pathname === '/api/lessons/code-flow/run';
  await page.route(golden, async (route) => {
    await answered;
    await route.continue();
  });
  await page.goto('/runs?from=/api/lessons/code-flow/run');
  await choose(page, made); // before the address has answered
  await expect(opened(page)).toHaveText('PKCE: apps that cannot keep a secret');
  await expect(page).toHaveURL(/\/runs$/);
  const late = page.waitForResponse((r) => golden(new URL(r.url())));
  answer();
  await (await late).finished();
  await page.getByRole('button', { name: 'Replay' }).click(); // whatever came of the answer has been drawn by then
  await expect(opened(page)).toHaveText('PKCE: apps that cannot keep a secret');
  await expect(page.locator('.steps')).toContainText('Signatures can be computed anew');
  await choose(page, await recorded(page, 'code-flow', 'leave', 'values'));
  await expect(opened(page)).toHaveText('The code flow, end to end');
  await expect(page.locator('.steps')).not.toContainText('Signatures can be computed anew'); // they were taken out
});

test('a file that is no run says what is wrong with it, and what is open stays', async ({ page }) => {
  const says = complaints(page);
  const made = await recorded(page, 'code-flow', 'leave');
  await page.goto('/runs');
  await choose(page, made);
  await expect(opened(page)).toBeVisible();
  const text = (buffer: string): File => ({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(buffer) });
  for (const [file, why] of [
    [text('<html>'), 'x.json was not opened. The file is not JSON'],
    [text('{"log":{}}'), 'log: a run has no such member'],
    [changed(made, (run) => (run['version'] = 2)), 'version is 2. This playground reads version 1'],
    [changed(made, (run) => run.events.splice(2, 1)), 'events[2].seq is not 3'],
    [changed(made, (run) => (run['key'] = 'k')), 'key: a run has no such member'],
  ] as const) {
    await choose(page, file);
    await expect(problem(page)).toContainText(why);
    await expect(opened(page)).toHaveText('The code flow, end to end');
  }
  expect(await violations(page)).toEqual([]);
  expect(says).toEqual([]);
});

test('a file made to do harm does none', async ({ page }) => {
  const says = complaints(page);
  page.on('dialog', (d) => says.push('dialog: ' + d.message()));
  const html = '<img src=x onerror=alert(1)><script>alert(2)</script>{{constructor}}${alert(3)}';
  const jwt = (claims: unknown) => [{ alg: 'ES256', kid: 7 }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.AAAA';
  const odd = jwt({ iss: 'https://auth.chirper.test', exp: 1e300, iat: -1e300, nbf: 'x', sub: html, [html]: html });
  const evil = changed(await recorded(page, 'code-flow', 'spend'), (run) => {
    run['title'] = html.slice(0, 200);
    for (const e of run.events as { [member: string]: { [name: string]: unknown } | undefined }[]) {
      const message = e['request'] ?? e['response'];
      if (message) Object.assign(message, { headers: [['Content-Type', 'application/json'], ['Location', 'javascript:alert(4)'], ['Set-Cookie', html], [html, html]], body: JSON.stringify({ keys: [null, 1, 'x', { kid: 7 }, { kid: {}, alg: [] }], access_token: odd, id_token: odd, error: html, [html]: html }) });
      if (e['request']) Object.assign(e['request'], { url: `https://auth.chirper.test/${html}?code=${html}&id_token=${odd}`, method: 'GET' });
      if (e['token']) Object.assign(e['token'], { claims: { exp: 1e300, iat: -1e300, iss: html }, signature: { alg: html, verified: true, problem: html } });
      if (e['change'] && e['change']['what'] !== 'clock') Object.assign(e['change'], { from: html, to: html, actor: html });
      for (const v of (e['verdicts'] ?? []) as unknown as { [name: string]: unknown }[]) Object.assign(v, { spec: html, expected: html, actual: html });
      for (const f of (e['finds'] ?? []) as unknown as { [name: string]: unknown }[]) Object.assign(f, { name: 'id_token', in: 'body' });
    }
  });
  await page.goto('/runs');
  await choose(page, evil);
  await expect(opened(page)).toContainText('<img src=x');
  await expect.poll(() => rows(page).count()).toBeGreaterThan(8);
  const n = await rows(page).count();
  let seen = 0;
  for (let i = 0; i < n; i++) {
    await rows(page).nth(i).getByRole('link').click();
    await expect(page.locator('pg-exchange')).toContainText('<img src=x');
    const tokens = page.locator('pg-exchange').getByRole('button', { name: /(id|access)_token#\d+$/ });
    for (let t = 0; t < (await tokens.count()); t++) {
      await tokens.nth(t).click();
      await expect(page.locator('pg-token h2')).toBeVisible();
      await page.keyboard.press('Escape');
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(1);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.getByRole('button', { name: 'Mallory' }).or(page.getByText('Mallory', { exact: true })).first().click();
  expect(await page.locator('pg-runs :is(script, img)').count()).toBe(0);
  expect(await page.locator('pg-runs a[href^="javascript:" i]').count()).toBe(0);
  expect(says).toEqual([]);
});
