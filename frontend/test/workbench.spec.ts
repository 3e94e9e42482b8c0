// The workbench, as the owner of an app uses it. The app is played by requests over TCP.
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const rows = (page: Page) => page.locator('pg-wire li.x');
const find = (page: Page) => page.locator('#findings');

async function make(page: Page, how: RegExp = /without a page/) {
  await page.goto('/workbench');
  await expect(page.locator('#wire')).toContainText('Make a sandbox first');
  await page.getByRole('button', { name: how }).click();
  await expect(page.locator('#wire')).toContainText('Nothing has come yet');
  return configuration(page);
}

async function configuration(page: Page) {
  await page.getByText('JSON', { exact: true }).click();
  return JSON.parse((await page.getByRole('region', { name: 'Configuration' }).textContent())!) as { issuer: string; client_id: string; client_secret: string; redirect_uri: string };
}

// signIn is what an app does, with what it gets wrong.
async function signIn(page: Page, c: { issuer: string; client_id: string; client_secret: string; redirect_uri: string }, secret = c.client_secret) {
  const asked = await page.request.get(`${c.issuer}/authorize?client_id=${c.client_id}&response_type=code&scope=openid&state=abcdefgh&redirect_uri=${encodeURIComponent(c.redirect_uri)}`, { maxRedirects: 0 });
  const code = new URL(asked.headers()['location']!).searchParams.get('code')!;
  return page.request.post(`${c.issuer}/token`, { form: { grant_type: 'authorization_code', code, redirect_uri: c.redirect_uri }, headers: { Authorization: 'Basic ' + Buffer.from(`${c.client_id}:${secret}`).toString('base64') } });
}

test('an app is configured, its traffic appears, and what it does well and wrong is found in the record', async ({ page }) => {
  const c = await make(page);
  expect((await signIn(page, c)).status()).toBe(200);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator('#status')).toContainText('Listening, 2 exchanges');
  await expect(find(page)).toContainText('0 must change');
  expect((await signIn(page, c, 'wrong')).status()).toBe(401);
  const must = find(page).locator('.f.must');
  await expect(must).toHaveCount(1);
  await expect(must).toContainText('The client proves who it is');
  await must.getByRole('link', { name: '4' }).click();
  await expect(page.locator('pg-wire li[aria-current=true]')).toContainText('401');
});

test('everything on observe breaks nothing, and enforcing shows what would', async ({ page }) => {
  const c = await make(page);
  await page.getByRole('button', { name: 'Enforce everything and see what breaks' }).click(); // one check is lenient at first
  await page.getByRole('button', { name: 'Only observe' }).click();
  await expect(page.locator('.setup')).toContainText('on observe');
  expect((await signIn(page, c, 'wrong')).status()).toBe(200);
  await expect(find(page).locator('.f.should')).toContainText('as.client-authentication');
  await page.getByRole('button', { name: 'Enforce everything and see what breaks' }).click();
  await expect(page.locator('.setup')).toContainText('on enforce');
  expect((await signIn(page, c, 'wrong')).status()).toBe(401);
  await expect(find(page).locator('.f.must')).toContainText('as.client-authentication');
});

test('another redirect URI is registered, a bad one is explained, and a reload loses nothing', async ({ page }) => {
  await make(page);
  const field = page.getByLabel('Registered redirect URI');
  await field.fill('http://localhost:4000/cb#part');
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByRole('alert')).toContainText('Not registered:');
  await expect(field).toHaveValue('http://localhost:4000/cb#part');
  await field.fill('http://localhost:4000/cb');
  await page.getByRole('button', { name: 'Register' }).click();
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText('http://localhost:4000/cb');
  const before = await configuration(page);
  await page.reload();
  expect(await configuration(page)).toEqual(before);
  await expect(page.locator('.setup')).toContainText('sam');
  expect((await signIn(page, before)).status()).toBe(200);
});

test('it is made harder: the clock goes forward, codes and tokens live shortly', async ({ page }) => {
  await make(page);
  await page.locator('.setup').getByRole('button', { name: '+10 min' }).click();
  await expect(page.locator('li.jump')).toContainText('+10 min');
  await page.getByLabel('Codes live 1 s').check();
  await expect(page.locator('li.jump').last()).toContainText('1s');
  await expect(page.getByLabel('Codes live 1 s')).toBeChecked();
});

test('configuration and run can be taken along', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const c = await make(page);
  await page.getByText('.env', { exact: true }).click();
  await page.getByRole('button', { name: 'Copy: Configuration' }).click();
  await expect(page.getByText('Copied: Configuration')).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`OIDC_CLIENT_SECRET=${c.client_secret}`);
  await page.getByRole('button', { name: 'Copy: Issuer' }).click();
  await expect(page.getByText('Copied: Issuer')).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(c.issuer);
  await signIn(page, c);
  await expect(rows(page)).toHaveCount(2);
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save run' }).click();
  expect(readFileSync(await (await coming).path(), 'utf8')).toContain('"kind":"request"');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(rows(page)).toHaveCount(0);
});

test('a sandbox that has ended says so, and asks before there is another issuer', async ({ page }) => {
  await make(page);
  await page.evaluate(async () => {
    const { id, key } = JSON.parse(localStorage.getItem('sandbox workbench')!);
    await fetch(`/api/sandboxes/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${key}` } });
  });
  await expect(page.getByRole('alert')).toContainText('Your sandbox has ended');
  await page.getByRole('button', { name: 'Make a sandbox', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Configuration' })).toContainText('demo-app');
});

test('a server that is away is said to be, what came stays, and the page comes back by itself', async ({ page }) => {
  let away = false;
  let cut = () => {};
  await page.routeWebSocket(/stream/, (ws) => {
    if (away) return void ws.close({ code: 1012 });
    ws.connectToServer();
    cut = () => void ws.close({ code: 1012 });
  });
  const c = await make(page);
  await signIn(page, c);
  await expect(rows(page)).toHaveCount(2);
  away = true;
  cut();
  await expect(page.locator('#status')).toContainText('No connection');
  await expect(rows(page)).toHaveCount(2);
  away = false;
  await expect(page.locator('#status')).toContainText('Listening, 2 exchanges');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });
  test('the page says how a program gets a sandbox', async ({ page }) => {
    await page.goto('/workbench');
    await expect(page.getByRole('heading', { name: 'Point your app here' })).toBeVisible();
    await expect(page.locator('pre').first()).toContainText('POST /api/sandboxes');
  });
});

for (const theme of ['light', 'dark'] as const) {
  test(`it is accessible, and fits: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    const c = await make(page);
    await signIn(page, c);
    await signIn(page, c, 'wrong');
    await find(page).locator('.f.must a').first().click();
    expect((await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
    for (const width of [1440, 1120, 1024, 720, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), String(width)).toBeLessThanOrEqual(width);
    }
  });
}
