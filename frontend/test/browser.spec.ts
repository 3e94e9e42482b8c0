// Maya's browser, as a learner uses it.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const frame = (page: Page) => page.frameLocator('pg-browser iframe');
const browser = (page: Page) => page.locator('pg-browser');
const address = (page: Page) => page.getByRole('textbox', { name: 'Address' });
const next = (page: Page, title: string) => page.locator('#next').click().then(() => expect(page.locator('.step.now h2')).toHaveText(title));
const done = (page: Page) => expect(page.locator('.stepper')).toContainText('Done:');

async function planner(page: Page) {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: 'Open Planner' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(address(page)).toHaveText('planner.test/');
}

async function untilCallback(page: Page) {
  await planner(page);
  await done(page);
  await next(page, 'Planner sends her away');
  await page.locator('.step.now pg-predict label.opt', { hasText: 'Chirper’s own' }).click();
  await page.locator('.step.now pg-predict').getByRole('button').click();
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Sign in as Maya');
  await frame(page).getByRole('button', { name: 'Sign in' }).click();
  await done(page);
  await next(page, 'Allow it, and stop');
  await frame(page).getByRole('button', { name: 'Allow' }).click();
  await expect(browser(page).locator('.pending')).toContainText('https://planner.test/callback?code=');
}

test('its address says whose page it is, and can be reached by a key and copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await planner(page);
  await expect(address(page)).toHaveClass(/client/);
  await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
  await expect(address(page)).toContainText('auth.chirper.test');
  await expect(address(page)).toHaveClass(/\bas\b/);
  await page.keyboard.press('Escape');
  await page.locator('.step.now h2').click();
  await page.keyboard.press('b');
  await expect(address(page)).toBeFocused();
  await expect(address(page)).toHaveValue(/^https:\/\/auth\.chirper\.test\//);
  await page.getByRole('button', { name: 'Copy the address' }).click();
  await expect(browser(page).getByText('Copied')).toBeAttached();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^https:\/\/auth\.chirper\.test\//);
  expect(await page.getByRole('link', { name: 'Open this page in a tab' }).getAttribute('href')).toMatch(/^\/f\//);
});

test('an address is typed as in any browser, and what is left half typed is forgotten', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await address(page).click();
  await page.keyboard.type('planner.test');
  await page.keyboard.press('Enter');
  await expect(address(page)).toHaveText('planner.test/');
  await address(page).click();
  await expect(address(page)).toHaveValue('https://planner.test/');
  await page.keyboard.type('something else');
  await page.keyboard.press('Escape');
  await expect(address(page)).toHaveText('planner.test/');
  await address(page).click();
  await page.keyboard.type('auth.chirper.test/account');
  await page.keyboard.press('Enter');
  await expect(address(page)).toHaveText('auth.chirper.test/account');
  await expect(frame(page).getByText('Nobody is signed in')).toBeVisible();
  await address(page).click();
  await page.keyboard.type('no such host');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeVisible();
});

test('what a script of a page has put by stands among what the browser keeps', async ({ page }) => {
  await page.goto('/lessons/pkce');
  await next(page, 'The app asks for a code');
  await address(page).click();
  await page.keyboard.type('planner.test/web');
  await page.keyboard.press('Enter');
  await frame(page).getByRole('link', { name: /Connect/ }).or(frame(page).getByRole('button', { name: /Connect/ })).first().click();
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  await page.getByRole('button', { name: 'Look inside' }).click();
  await expect(page.getByRole('region', { name: 'Look inside' })).toContainText('code_verifier=');
});

test('it goes back and forward, and asks again', async ({ page }) => {
  await planner(page);
  await expect(page.getByRole('button', { name: 'Back', exact: true }).and(page.locator('pg-browser *'))).toHaveAttribute('aria-disabled', 'true');
  await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  const back = browser(page).getByRole('button', { name: 'Back' });
  await expect(back).not.toHaveAttribute('aria-disabled', 'true');
  await back.click();
  await expect(address(page)).toHaveText('planner.test/');
  await expect(frame(page).getByRole('button', { name: 'Connect Chirper' })).toBeVisible();
  await browser(page).getByRole('button', { name: 'Forward' }).click();
  await expect(address(page)).toContainText('auth.chirper.test');
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  const rows = page.locator('pg-wire li.x');
  await expect(rows, 'the page before is asked for again, and so is the next').toHaveCount(6);
  await browser(page).getByRole('button', { name: 'Ask for this address again' }).click();
  await expect(rows).toHaveCount(7);
});

test('it shows what it keeps: history, cookies, and what an extension sees', async ({ page }) => {
  await planner(page);
  await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
  await expect(address(page)).toContainText('auth.chirper.test');
  await page.getByRole('button', { name: 'Look inside' }).click();
  const inside = page.getByRole('region', { name: 'Look inside' });
  await expect(inside.locator('[aria-current=page]')).toContainText('https://auth.chirper.test/');
  await expect(inside.locator('ul li').first()).toContainText('SameSite=');
  await expect(inside).toContainText('https://planner.test/connect'); // it redirected on, and an extension saw it all the same
  await page.getByRole('button', { name: 'Look inside' }).click();
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
});

test('a request that waits can be changed a line at a time, and what was typed outlives an error', async ({ page }) => {
  await untilCallback(page);
  await page.getByRole('button', { name: 'Change it first' }).click();
  const field = browser(page).getByRole('textbox', { name: 'a parameter on each line' });
  await expect(field).toBeFocused();
  const text = await field.inputValue();
  expect(text.split('\n')[0]).toBe('GET https://planner.test/callback');
  expect(text).toContain('\n?code=');
  await field.fill(text.replace('GET https://planner.test', 'GET '));
  await page.getByRole('button', { name: 'Send it', exact: true }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(field).toHaveValue(text.replace('GET https://planner.test', 'GET '));
  await field.fill(text.replace(/state=.*/, 'state=another'));
  await page.getByRole('button', { name: 'One hop only' }).click();
  await expect(page.locator('pg-wire li.x', { hasText: '/callback' }).last()).toContainText(/4\d\d|30\d/);
  await expect(field).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`it is accessible, and fits: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await untilCallback(page);
    const clean = async () => expect((await new AxeBuilder({ page }).exclude('iframe').include('pg-browser').analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
    await page.getByRole('button', { name: 'Change it first' }).click();
    await clean();
    await page.getByRole('button', { name: 'Look inside' }).click();
    await clean();
    for (const width of [1440, 1024, 720, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}
