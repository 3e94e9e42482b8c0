// The upper half of the right side: lens, clock, protections, the diagram and its other forms. All on recorded runs, so that nothing
// has to be waited for, but where the world itself has to answer.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const lesson = async (page: Page, slug = 'code-flow') => {
  await page.goto('/lessons/' + slug);
  await page.locator('pg-wire li.x').first().waitFor();
};
const row = (page: Page, n: number) => page.locator(`#x${n}`);
const selected = (page: Page) => page.locator('pg-wire li[aria-current=true] .x-n');
const lens = (page: Page, name: string) => page.locator('pg-lens label', { hasText: name }).click();

// play sends the first request of a lesson in a sandbox of its own.
async function play(page: Page, slug = 'code-flow') {
  await lesson(page, slug);
  await page.locator('#next').click();
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('Done:');
}

test('what a party can’t see is hatched, and is not in the page', async ({ page }) => {
  await lesson(page);
  const before = await row(page, 9).locator('.mask').count();
  expect(before).toBe(0);
  await lens(page, 'Browser');
  await expect(page.locator('.lens-note')).toHaveText(/sees 11 of 14 exchanges\. The hatched ones never touch it\./);
  await expect(row(page, 9).locator('.x-n')).toHaveText('9');
  await expect(row(page, 9)).not.toContainText('/token');
  await expect(row(page, 9)).not.toContainText('200');
  await expect(row(page, 9).getByRole('link')).toHaveAccessibleName(/9, hidden from this party/);
  await expect(row(page, 9).locator('.arrow')).toHaveCSS('opacity', '0.28');
  await expect(row(page, 8)).toContainText('/callback');
  await expect(row(page, 3).locator('.tally i')).toHaveCount(0); // what the server checked, the browser isn't told
  await lens(page, 'Auth server');
  await expect(row(page, 3).locator('.tally i')).toHaveCount(14);
  await lens(page, 'Network');
  await expect(row(page, 9)).toContainText('auth.chirper.test');
  await expect(row(page, 9)).not.toContainText('/token');
  await lens(page, 'Everything');
  await expect(page.locator('.mask')).toHaveCount(0);
});

test('Mallory knows the addresses she has read, and no more of them', async ({ page }) => {
  await lesson(page, 'two-steps');
  await lens(page, 'Mallory');
  await expect(page.locator('.lens-note')).toContainText('2 of 23 exchanges of her own, and has read the address of 2 more');
  await expect(row(page, 8)).toContainText('/callback');
  await expect(row(page, 8).locator('.x-ans .mask')).toHaveCount(2);
  await expect(row(page, 11)).toContainText('201');
  await expect(row(page, 7)).not.toContainText('/consent');
});

test('the lens is reached and moved by keys', async ({ page }) => {
  await lesson(page);
  await page.keyboard.press('l');
  await expect(page.getByRole('radio', { name: 'Everything' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Browser' })).toBeChecked();
  await expect(page.locator('.lens-note')).toBeVisible();
});

test('a value is followed from where it was made, there and back', async ({ page }) => {
  await lesson(page);
  await row(page, 9).getByRole('link').click();
  await page.keyboard.press('f');
  const strip = page.getByRole('group', { name: 'Exchanges with code#1' });
  await expect(strip).toContainText(/made in\s+7\s*, seen in\s+8\s+9/);
  await expect(row(page, 9).locator('.carry i.on')).toHaveText('code#1');
  await strip.getByRole('button', { name: 'Earlier exchange with code#1' }).click();
  await expect(selected(page)).toHaveText('8');
  await strip.getByRole('link', { name: '7' }).click();
  await expect(selected(page)).toHaveText('7');
  await expect(strip.getByRole('button', { name: 'Earlier exchange with code#1' })).toHaveAttribute('aria-disabled', 'true');
  await strip.getByRole('button', { name: 'Stop following' }).click();
  await expect(page.locator('pg-wire .on')).toHaveCount(0);
});

test('a chain of redirects is one bracket, also around the calls made meanwhile', async ({ page }) => {
  await lesson(page);
  for (const [n, part] of [[7, 'a'], [8, 'm'], [9, 'm'], [10, 'm'], [11, 'z'], [12, 'a'], [14, 'z']] as const) await expect(row(page, n)).toHaveClass(new RegExp(`chain-${part}`));
  await expect(row(page, 9)).toHaveClass(/open-m/);
});

test('an exchange is found by path, status, value or number', async ({ page }) => {
  await lesson(page, 'two-steps');
  await page.keyboard.press('/');
  const find = page.getByRole('searchbox');
  await expect(find).toBeFocused();
  await find.fill('token 401');
  await expect(page.locator('pg-wire li.x')).toHaveCount(1);
  await expect(page.locator('.strip.bottom')).toContainText('1 of 23');
  await page.keyboard.press('Enter');
  await expect(selected(page)).toHaveText('23');
  await find.fill('11');
  await expect(page.locator('pg-wire li.x .x-name')).toHaveText('POST/posts');
  await find.fill('nowhere');
  await expect(page.locator('.strip.bottom')).toContainText('No exchange has that');
  await page.keyboard.press('Escape');
  await expect(page.locator('pg-wire li.x')).toHaveCount(23);
});

test('the same exchanges stand in a table, with the same ids', async ({ page }) => {
  await lesson(page, 'two-steps');
  const ids = () => page.locator('pg-wire [id]').evaluateAll((list) => list.map((l) => l.id));
  const before = await ids();
  await page.keyboard.press('t');
  await expect(page.getByRole('table', { name: 'Exchanges, oldest first' })).toBeVisible();
  await expect(page.getByRole('columnheader')).toHaveText(['#', 'Time', 'From', 'To', 'Request', 'Answer', 'Checks', 'Carries']);
  await expect(page.getByRole('row', { name: /^23 / })).toContainText('4 passed, refused by as.client-authentication');
  expect(await ids()).toEqual(before);
  const found = await new AxeBuilder({ page }).include('.evidence').analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.locator('pg-wire .arrow').first()).toBeVisible();
});

test('the clock jumps, and says what has run out, as far as the record knows', async ({ page }) => {
  await play(page);
  await expect(page.locator('pg-clock time')).toHaveText(/^\d\d:\d\d:\d\d$/);
  await page.getByRole('button', { name: '+10 min' }).click();
  await expect(page.locator('pg-wire li.jump')).toHaveText(/\+10 min \d\d:\d\d:\d\d to \d\d:\d\d:\d\d\.\s*$/); // nothing has been made yet that could
});

test('a protection is switched, saved, and counted', async ({ page }) => {
  await play(page, 'two-steps');
  const open = page.getByRole('button', { name: 'Protections' });
  const on = Number(/\d+/.exec((await open.textContent()) ?? '')?.[0]);
  await page.keyboard.press('p');
  await expect(open).toHaveAttribute('aria-expanded', 'true');
  const group = page.getByRole('radiogroup', { name: 'pkce-challenge-form, Authorization server' }).or(page.getByRole('radiogroup', { name: 'scope-form, Authorization server' })).first();
  await group.getByText('off', { exact: true }).click();
  await expect(page.locator('pg-policy')).toContainText('Saved.');
  await expect(open).toContainText(`${on - 1} on`);
  await expect(page.locator('pg-wire li.jump').last()).toContainText('enforce → off');
});

test('the run is saved in each format', async ({ page }) => {
  await play(page);
  for (const [name, file, text] of [['Record (NDJSON)', 'run.ndjson', '"kind":"request"'], ['Web archive (HAR)', 'run.har', '"log"'], ['Diagram (Mermaid)', 'run.mmd', 'sequenceDiagram'], ['Commands (cURL)', 'run.sh', 'curl'], ['Text (Markdown)', 'run.md', 'GET']] as const) {
    await page.locator('details.menu summary').click();
    const coming = page.waitForEvent('download');
    await page.locator('details.menu').getByRole('button', { name }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(file);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(await download.path(), 'utf8')).toContain(text);
  }
});

test('a run is drawn again, step by step where nothing may move', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await lesson(page);
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.locator('.strip', { hasText: 'Replay, 1 of 14' })).toBeVisible();
  await expect(page.locator('pg-wire li.later')).toHaveCount(13);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.locator('pg-wire li.later')).toHaveCount(12);
  await page.getByRole('button', { name: 'End replay' }).click();
  await expect(page.locator('pg-wire li.later')).toHaveCount(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('lanes become a rail, tags stand in the sentence, the lens is a list', async ({ page }) => {
    await lesson(page);
    await expect(page.locator('pg-lens .seg')).toBeHidden();
    await page.getByRole('combobox', { name: 'See as' }).selectOption('Planner');
    await expect(page.locator('.lens-note')).toContainText('Planner sees 9 of 14');
    await page.getByRole('combobox', { name: 'See as' }).selectOption('Everything');
    const place = async (part: string) => (await row(page, 9).locator(part).boundingBox())!.x;
    expect(await place('.x-lanes')).toBeLessThan(await place('.x-req'));
    await expect(page.locator('pg-wire .legend')).toContainText('Content Planner');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const) {
  test(`the wire is accessible under a lens, with protections open: ${Object.values(look)[0]}`, async ({ page }) => {
    await page.emulateMedia(look);
    await play(page);
    await page.keyboard.press('p');
    await lens(page, 'API');
    const found = await new AxeBuilder({ page }).include('.evidence').analyze();
    expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
  });
}
