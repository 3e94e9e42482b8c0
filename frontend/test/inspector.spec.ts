// The inspector: as sent, part by part, and the token view.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const row = (page: Page, name: string) => page.locator('pg-wire li.x', { has: page.locator('.x-name', { hasText: name }) });

// recorded opens a lesson with its recorded run.
async function recorded(page: Page) {
  await page.goto('/lessons/two-steps');
  await page.locator('pg-wire').waitFor();
}

test('a redirect is shown with its parameters, and a name opens what it is', async ({ page }) => {
  await recorded(page);
  await row(page, '/authorize').first().getByRole('link').click();
  const inspector = page.locator('pg-exchange');
  await expect(inspector.locator('.ln', { hasText: 'redirect_uri' }).first()).toContainText('https%3A%2F%2Fplanner.test%2Fcallback');
  const name = inspector.getByRole('button', { name: 'What state is' }).first();
  await name.focus();
  await page.keyboard.press('Enter');
  await expect(inspector.locator('.ex')).toContainText('Made by Content Planner. Checked by Content Planner.');
  await expect(inspector.locator('.ex').getByRole('link')).toHaveAttribute('href', /rfc6749#section-10\.12/);
  await expect(name).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Enter');
  await expect(inspector.locator('.ex')).toHaveCount(0);
});

test('a refused exchange says what was expected and what came, and where that is written', async ({ page }) => {
  await recorded(page);
  await page.locator('pg-wire li.refused').last().getByRole('link').click();
  const refused = page.locator('pg-exchange .trace li.no');
  await expect(refused).toContainText('as.client-authentication');
  await expect(refused.locator('.cmp')).toContainText('client_secret_basic');
  await expect(refused.getByRole('link', { name: 'RFC 6749' })).toBeVisible();
});

test('what would have been stopped is in sight, however many checks passed before it', async ({ page }) => {
  await recorded(page);
  await page.locator('pg-wire a', { hasText: '/authorize' }).first().click();
  const region = page.getByRole('region', { name: 'Exchange 5 GET /authorize', exact: true });
  await expect(region.locator('.would .name')).toHaveText('as.response-type-retired');
  await expect(region.locator('.would')).toBeInViewport({ ratio: 1 });
  await page.locator('pg-wire a', { hasText: '/connect' }).first().click();
  await expect(page.locator('#checks .pane').first()).toHaveJSProperty('scrollTop', 0);
});

test('panes have keys, and a followed value leads from exchange to exchange', async ({ page }) => {
  await recorded(page);
  await row(page, '/callback').last().getByRole('link').click();
  await expect(page.locator('pg-exchange .pane').nth(1)).toBeVisible();
  await page.keyboard.press('2');
  await expect(page.locator('pg-exchange .pane').nth(1)).toBeFocused();
  await page.keyboard.press('f');
  const here = await page.locator('pg-wire li[aria-current=true] .x-n').textContent();
  await page.keyboard.press(']');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).not.toHaveText(here!);
  await page.keyboard.press('[');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).toHaveText(here!);
});

test('a token that a party never had is not in its inspector', async ({ page }) => {
  await recorded(page);
  await row(page, '/token').first().getByRole('link').click();
  await expect(page.getByRole('button', { name: 'Open access_token' })).toBeVisible();
  await page.locator('pg-lens .seg').getByText('Browser', { exact: true }).click();
  await expect(page.locator('pg-exchange .blind')).toContainText('can’t see this exchange');
  await expect(page.locator('pg-exchange')).not.toContainText('access_token');
});

for (const theme of ['light', 'dark'] as const) {
  test(`the token view is accessible: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await recorded(page);
    await row(page, '/token').first().getByRole('link').click();
    await page.getByRole('button', { name: 'Open id_token' }).click();
    await expect(page.locator('pg-token h2')).toBeFocused();
    const found = await new AxeBuilder({ page }).include('.evidence').analyze();
    expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
  });
}
