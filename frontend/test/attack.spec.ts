// An attack run twice: as its lesson leaves the world, and with protections on. What differs is marked, both ends are told in words, and
// the honest flow works under all protections. The attack graph follows the switches, on this page and in the lesson.
import { expect, test, type Page } from '@playwright/test';
import { complaints, next, play, answer, sideways, violations } from './walk';

const run = (page: Page) => page.getByRole('button', { name: /^Run the attack/ });
const sum = (page: Page) => page.locator('.twin tr.sum');
const sides = (page: Page) => sum(page).locator('td[colspan]');
const graph = (page: Page) => page.locator('pg-graph');

async function attack(page: Page) {
  await run(page).click();
  await expect(run(page)).toHaveText(/again/);
  await expect(page.locator('details', { hasText: 'honest sign-in' })).toBeVisible();
}

test('the same attack works, and with everything on enforce it is stopped', async ({ page }) => {
  const bad = complaints(page);
  await page.goto('/');
  await page.getByRole('link', { name: 'The extension that reads addresses' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The extension that reads addresses');
  await expect(graph(page).getByRole('status')).toContainText('no way leads to the end');
  await attack(page);

  await expect(sides(page).first()).toContainText('The attack worked.');
  await expect(sides(page).last()).toContainText(/The attack stopped at \d+\.\s+Maya’s own sign-in still works\./);
  await expect(page.locator('.twin .runs')).toContainText('as.response-type-retired: observe');
  await expect(page.locator('.twin .runs')).toContainText('everything on enforce');

  const first = page.locator('.twin tr.diff').first();
  await expect(first).toContainText('/authorize');
  await expect(first).toHaveAttribute('aria-current', 'true');
  await expect(first.locator('.stopped')).toBeVisible();
  await expect(page.locator('.twin tr.diff', { hasText: '/posts' })).toContainText('never sent');
  const why = page.locator('.because');
  await expect(why.locator('.trace').first().locator('.would')).toContainText('as.response-type-retired');
  await expect(why.locator('.trace').last().locator('.no')).toContainText('as.response-type-retired');
  await expect(why).toContainText('as on the other side');

  const honest = page.locator('details', { hasText: 'The honest sign-in still works' });
  await honest.locator('summary').click();
  await expect(honest.locator('li.x', { hasText: '/posts' })).toContainText('201');
  expect(bad).toEqual([]);
});

test('one protection is switched, and only run B is made anew', async ({ page }) => {
  await page.goto('/lessons/two-steps/attack');
  await attack(page);
  const began = await page.locator('.twin .runs th').first().textContent();
  const retired = page.getByRole('radiogroup', { name: /^response-type-retired/ });
  await retired.getByText('observe').click();
  await expect(graph(page).getByRole('status')).toContainText('a way leads to the end: Mallory posts as Maya');
  await expect(graph(page)).toContainText('response-type-retired would cut this. It is on observe.');
  await attack(page);
  await expect(sides(page).last()).toContainText('The attack worked.');
  await expect(page.getByRole('heading', { level: 2 }).filter({ hasText: 'works both times' })).toBeVisible();
  expect(await page.locator('.twin .runs th').first().textContent(), 'run A stays').toBe(began);

  // A setting protects as well: what is asked for in two steps never stands in an address.
  await page.getByRole('combobox', { name: /planner\.response-type/ }).selectOption('code');
  await attack(page);
  await expect(sides(page).last()).toContainText('The attack stopped at');
  await expect(page.locator('.because')).toBeVisible();

  // Time is one too: Mallory waits, and what she has stolen has expired.
  await page.getByRole('combobox', { name: /planner\.response-type/ }).selectOption('token');
  await page.getByRole('button', { name: '+1 h' }).click();
  await expect(page.getByText('Mallory waits 1 h before she attacks.')).toBeVisible();
  await page.getByRole('button', { name: 'Let her not wait' }).click();
  await expect(page.getByText('Mallory waits')).toBeHidden();
  await expect(run(page), 'a button that goes gives its focus on').toBeFocused();
  await page.getByRole('button', { name: '+1 h' }).click();
  await attack(page);
  await expect(sides(page).last()).toContainText('The attack stopped at');
  await expect(page.locator('.because')).toContainText('api.');
});

test('where PKCE stops it, the hash that came stands under the challenge', async ({ page }) => {
  await page.goto('/lessons/pkce/attack');
  await page.getByRole('combobox', { name: /phone\.pkce/ }).selectOption('S256');
  await attack(page);
  await expect(sides(page).last()).toContainText('The attack stopped at');
  const hash = page.locator('.because .hash');
  const [wanted, came] = await Promise.all([hash.locator('dd').first().textContent(), hash.locator('dd .sr').textContent()]);
  expect(wanted).toMatch(/^[\w-]{43}$/);
  expect(came).toMatch(/^[\w-]{43}$/);
  const equal = await hash.locator('dd i').evaluateAll((letters) => letters.map((i) => i.className === 'eq'));
  expect(equal).toEqual([...came!].map((c, i) => c === wanted![i]));
  await expect(page.locator('details', { hasText: 'honest sign-in' })).toContainText('The honest sign-in still works');
});

test('by keys alone, and said aloud', async ({ page }) => {
  await page.goto('/lessons/two-steps/attack');
  await page.locator('#run').waitFor();
  await page.keyboard.press('r');
  await expect(run(page)).toHaveText(/again/);
  await expect(page.locator('pg-attack > p[aria-live]')).toHaveText(/Run A: The attack worked\. Run B: The attack stopped at \d+\./);
  await page.getByRole('button', { name: 'Show them' }).first().press('Enter');
  await expect(page.getByRole('region', { name: 'Compare' })).toBeFocused();
  await page.keyboard.press('d');
  await expect(page.locator('.twin tr.diff').nth(1)).toHaveAttribute('aria-current', 'true');
  await page.locator('.twin tr.diff a').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.twin tr.diff').first()).toHaveAttribute('aria-current', 'true');
  await run(page).focus();
  await page.keyboard.press('Enter');
  await expect(run(page)).toHaveText(/again/);
  await expect(run(page), 'the focus stays where it was').toBeFocused();
});

test('a visit later the runs are still there; without their sandbox they are made anew', async ({ page }) => {
  await page.goto('/lessons/two-steps/attack');
  await attack(page);
  await page.reload();
  await expect(sides(page).first()).toContainText('The attack worked.');
  await page.evaluate(async () => {
    const name = Object.keys(localStorage).find((k) => k.startsWith('sandbox attack'))!;
    const { id, key } = JSON.parse(localStorage.getItem(name)!) as { id: string; key: string };
    await fetch(`/api/sandboxes/${id}`, { method: 'DELETE', headers: { Authorization: 'Bearer ' + key } });
  });
  await run(page).click();
  await expect(page.getByText('these runs were made in a new one')).toBeVisible();
  await expect(sides(page).last()).toContainText('The attack stopped at');
});

test('a server that is away for a moment costs nobody their runs', async ({ page }) => {
  await page.goto('/lessons/two-steps/attack');
  await attack(page);
  await page.route('**/trace?*', (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('alert')).toBeVisible();
  await page.unroute('**/trace?*');
  await page.reload();
  await expect(sides(page).first()).toContainText('The attack worked.');
  await expect(page.getByRole('alert')).toBeHidden();
});

test('what goes wrong is said, and what was there stays', async ({ page }) => {
  await page.goto('/lessons/two-steps/attack');
  await attack(page);
  await page.route('**/attacks/**', (route) => route.abort());
  await run(page).click();
  await expect(page.getByRole('alert')).toContainText('The server could not be reached.');
  await expect(sides(page).first()).toContainText('The attack worked.');
  await page.unroute('**/attacks/**');
  let full = true; // the record takes no more: it is made empty, and both runs are made again
  await page.route('**/attacks/**', (route) => {
    if (!full) return route.continue();
    full = false;
    return route.fulfill({ status: 507, contentType: 'application/problem+json', body: '{"detail":"The record is full."}' });
  });
  const began = await page.locator('.twin .runs th').first().textContent();
  await page.waitForTimeout(1000); // another second on the clock
  await run(page).click();
  await expect(page.getByRole('alert')).toBeHidden();
  await expect(page.getByText('The record was full')).toBeVisible();
  await expect(page.locator('.twin .runs th').first()).not.toHaveText(began!);
  await expect(sides(page).last()).toContainText('The attack stopped at');
});

test('the lesson leads here, and its own graph follows its own switches', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await play(page);
  await next(page, 'An extension reads addresses');
  await answer(page, 'pg-predict', 'In one step only');
  await expect(page.locator('.step.now').getByRole('link', { name: 'Compare with protections on' })).toHaveAttribute('href', '/lessons/two-steps/attack?step=steal');
  await play(page);
  await next(page, 'Take the second step back');
  await play(page);
  await next(page, 'The same extension again');
  await answer(page, 'pg-predict', '401');
  await expect(graph(page).getByRole('status')).toContainText('no way leads to the end');
  await expect(graph(page)).toContainText('Cut by response-type-retired, on enforce.');
  await page.keyboard.press('p');
  await page.getByRole('radiogroup', { name: /^response-type-retired/ }).getByText('observe').click();
  await expect(graph(page).getByRole('status')).toContainText('a way leads to the end');
});

test('without script the page says what the attack does, what can stop it, and where it is told', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto('/lessons/two-steps/attack');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('The extension that reads addresses');
  await expect(page.locator('main')).toContainText('as.response-type-retired');
  await expect(page.locator('main')).toContainText('in the lesson: observe');
  await expect(page.locator('main')).toContainText('planner.response-type');
  await expect(graph(page).locator('.ag-n')).toHaveCount(7);
  await expect(graph(page)).toContainText('response-type-retired would cut this. It is on observe.');
  await expect(graph(page)).toContainText('With everything on enforce, the end is out of reach.');
  await expect(page.getByRole('link', { name: /Back to the lesson/ }).first()).toHaveAttribute('href', '/lessons/two-steps#steal');
  await context.close();
});

test('an attack that is not there is said in words', async ({ page }) => {
  for (const path of ['/lessons/nothing/attack', '/lessons/code-flow/attack', '/lessons/two-steps/attack?step=nothing']) {
    expect((await page.goto(path))?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
});

test('on a phone nothing but the table scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/lessons/two-steps/attack');
  await attack(page);
  expect(await sideways(page)).toBeLessThanOrEqual(0);
  expect(await violations(page)).toEqual([]);
  const wide = await page.locator('.twin-wrap').evaluate((e) => e.scrollWidth - e.clientWidth);
  expect(wide).toBeGreaterThan(0);
});

test('each attack of each lesson works, is stopped, and leaves the honest sign-in as it was', async ({ page }) => {
  test.setTimeout(180_000);
  const bad = complaints(page);
  const { lessons } = (await (await page.request.get('/api/lessons')).json()) as { lessons: { slug: string; attack?: string }[] };
  for (const { slug } of lessons.filter((l) => l.attack)) {
    await page.goto(`/lessons/${slug}/attack`);
    const others = await page.locator('.side nav a').evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).href));
    for (const address of others.length ? others : [page.url()]) {
      await page.goto(address);
      await attack(page);
      await expect.soft(sides(page).first(), address).toContainText('The attack worked.');
      await expect.soft(sides(page).last(), address).toContainText(/The attack stopped at \d+\.\s+Maya’s own sign-in still works\./);
      await expect.soft(page.locator('.twin tr.diff').first(), address).toBeVisible();
      await expect.soft(graph(page).getByRole('status'), address).toContainText('no way leads to the end');
      expect.soft(await violations(page), address).toEqual([]);
    }
  }
  expect(bad).toEqual([]);
});
