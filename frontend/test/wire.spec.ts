// The upper half of the right side: lens, clock, protections, the diagram and its other forms. What is drawn is tried on a recorded
// run of its own; what the world has to answer, in a sandbox.
import { readFileSync } from 'node:fs';
import { expect, test, type Page, type WebSocketRoute } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';
import { flow, record, runs, times } from './flow';

const row = (page: Page, n: number) => page.locator(`#x${n}`);
const selected = (page: Page) => page.locator('pg-wire [aria-current=true] .x-n');
const lens = (page: Page, name: string) => page.locator('pg-lens label', { hasText: name }).click();
const rows = (page: Page) => page.locator('pg-wire li.x');

async function axe(page: Page) {
  const found = await new AxeBuilder({ page }).include('.evidence').analyze();
  expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
}

// play sends the first request of a lesson in a sandbox of its own.
async function play(page: Page, slug = 'code-flow') {
  await page.goto('/lessons/' + slug);
  await page.locator('#next').click();
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('Done:');
}

// visit sends one more request, from Maya's browser.
const visit = (page: Page) => page.evaluate(() => (document.querySelector('pg-lesson') as unknown as { record: { sandbox: { open(browser: string, url: string): Promise<unknown> } } }).record.sandbox.open('browser', 'https://planner.test/').then(() => undefined));

test('what a party can’t see is hatched, and is not in the page', async ({ page }) => {
  await record(page, flow());
  await expect(page.locator('.mask')).toHaveCount(0);
  await lens(page, 'Browser');
  await expect(page.locator('.lens-note')).toHaveText(/sees 7 of 10 exchanges\. The hatched ones never touch it\./);
  await expect(row(page, 7).locator('.x-n')).toHaveText('7');
  await expect(row(page, 7)).not.toContainText('/token');
  await expect(row(page, 7)).not.toContainText('200');
  await expect(row(page, 7).getByRole('link')).toHaveAccessibleName(/7, hidden from this party/);
  await expect(row(page, 7).locator('.arrow')).toHaveCSS('opacity', '0.28');
  await expect(row(page, 6)).toContainText('/callback');
  await expect(row(page, 3).locator('.tally i')).toHaveCount(0); // what the server checked, the browser isn't told
  await lens(page, 'Auth server');
  await expect(row(page, 3).locator('.tally i')).toHaveCount(3);
  await lens(page, 'Network');
  await expect(row(page, 7)).toContainText('auth.chirper.test');
  await expect(row(page, 7)).not.toContainText('/token');
  await lens(page, 'Everything');
  await expect(page.locator('.mask')).toHaveCount(0);
});

test('Mallory knows the address she has read, and no more of it', async ({ page }) => {
  await record(page, flow());
  await lens(page, 'Mallory');
  await expect(page.locator('.lens-note')).toContainText('1 of 10 exchanges, and has read the address of 1 more');
  await expect(row(page, 6)).toContainText('/callback');
  await expect(row(page, 6).locator('.carry')).toContainText('code#1');
  await expect(row(page, 6)).not.toContainText('303');
  await expect(row(page, 10)).toContainText('401');
  await expect(row(page, 7)).not.toContainText('/token');
});

test('the lens is reached and moved by keys', async ({ page }) => {
  await record(page, flow());
  await page.keyboard.press('l');
  await expect(page.getByRole('radio', { name: 'Everything' })).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('radio', { name: 'Browser' })).toBeChecked();
  await expect(page.locator('.lens-note')).toBeVisible();
});

test('a value is followed from where it was made, there and back', async ({ page }) => {
  await record(page, flow());
  await row(page, 7).getByRole('link').click();
  await page.keyboard.press('f');
  const strip = page.getByRole('group', { name: 'Exchanges with code#1' });
  await expect(strip).toContainText('made in 5, seen in 6, 7, and 10');
  await expect(row(page, 7).locator('.carry i.on')).toHaveText('code#1');
  await strip.getByRole('button', { name: 'Earlier exchange with code#1' }).click();
  await expect(selected(page)).toHaveText('6');
  await strip.getByRole('link', { name: '5' }).click();
  await expect(selected(page)).toHaveText('5');
  await expect(strip.getByRole('button', { name: 'Earlier exchange with code#1' })).toHaveAttribute('aria-disabled', 'true');
  await strip.getByRole('button', { name: 'Stop following' }).click();
  await expect(page.locator('pg-wire .on')).toHaveCount(0);
});

test('the whole row can be pressed, and on its arrow a tag is followed', async ({ page }) => {
  await record(page, flow());
  const lanes = (await row(page, 4).locator('.x-lanes').boundingBox())!;
  await page.mouse.click(lanes.x + 5, lanes.y + lanes.height / 2);
  await expect(selected(page)).toHaveText('4');
  await row(page, 6).locator('.carry [data-tag="code#1"]').click();
  await expect(page.locator('.strip.bottom .chip')).toHaveText('code#1');
  await expect(selected(page)).toHaveText('4'); // to follow is not to leave
});

test('arrows say who sent what to whom, what stopped it, and what would have', async ({ page }) => {
  await record(page, flow());
  for (const [n, part] of [[2, 'a'], [3, 'm'], [4, 'z'], [5, 'a'], [6, 'm'], [7, 'm'], [8, 'm'], [9, 'z']] as const) await expect(row(page, n)).toHaveClass(new RegExp(`chain-${part}`));
  await expect(row(page, 7)).toHaveClass(/open-m/);
  await expect(row(page, 3).locator('.bar.would')).toHaveCount(1);
  await expect(row(page, 3).locator('.sr').last()).toHaveText('From Maya’s browser to Authorization server. Carries state#1 and code_challenge#1. 2 checks passed. as.scope-form would have stopped it. Redirects Maya’s browser.');
  await expect(row(page, 10)).toHaveClass(/attacker.*back.*refused/);
  await expect(row(page, 10)).toContainText('invalid_client');
  await expect(page.locator('li.jump').first()).toHaveText(/\+10 min 10:00:09 to 10:10:09\. access_token#1 expired\./);
  await expect(page.locator('li.jump').nth(1)).toHaveText('Mallory reads the history of Maya’s browser: code#1');
});

test('an exchange is found by path, status, value or number', async ({ page }) => {
  await record(page, flow());
  await page.keyboard.press('/');
  const find = page.getByRole('searchbox');
  await expect(find).toBeFocused();
  await find.fill('token 401');
  await expect(rows(page)).toHaveCount(1);
  await expect(page.locator('.strip.bottom')).toContainText('1 of 10');
  await page.keyboard.press('Enter');
  await expect(selected(page)).toHaveText('10');
  await find.fill('6');
  await expect(rows(page).locator('.x-name')).toHaveText('GET/callback');
  await find.fill('nowhere');
  await expect(page.locator('.strip.bottom')).toContainText('No exchange has that');
  await page.keyboard.press('Escape');
  await expect(rows(page)).toHaveCount(10);
});

test('sixty exchanges keep their thread: finished parts fold, refusals stay, what is looked for unfolds', async ({ page }) => {
  await record(page, times(6));
  expect(await rows(page).count()).toBeLessThan(25);
  await expect(page.locator('pg-wire li.refused')).toHaveCount(6);
  const fold = page.locator('li.folded').first();
  await expect(fold).toContainText(/exchanges, all accepted/);
  const id = await fold.getAttribute('id');
  const before = await rows(page).count();
  await fold.getByRole('button').click();
  await expect(fold.getByRole('button')).toHaveAttribute('aria-expanded', 'true');
  expect(await rows(page).count()).toBeGreaterThan(before);
  await page.locator(`#${id}`).getByRole('button').click();
  await expect(rows(page)).toHaveCount(before);
  await page.keyboard.press('g');
  await page.keyboard.type('17');
  await page.keyboard.press('Enter');
  await expect(selected(page)).toHaveText('17');
  await page.keyboard.press('Escape');
  await expect(row(page, 17)).toHaveCount(0); // folded again: only what is at hand is open
  await page.keyboard.press('j');
  await axe(page);
});

test('who walks by keys has the exchange in the middle third', async ({ page }) => {
  await record(page, times(6));
  await page.locator('pg-wire').focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 14; i++) await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => {
    const wire = document.querySelector('pg-wire')!.getBoundingClientRect();
    const at = document.querySelector('pg-wire [aria-current]')!.getBoundingClientRect();
    return (at.top - wire.top) / wire.height;
  })).toBeLessThan(0.7);
  await page.keyboard.press('Enter');
  await expect(page.locator('pg-exchange :focus')).toBeVisible();
});

test('the same exchanges stand in a table, with the same ids', async ({ page }) => {
  await record(page, flow());
  const ids = () => page.locator('pg-wire [id]').evaluateAll((list) => list.map((l) => l.id));
  const before = await ids();
  await page.keyboard.press('t');
  await expect(page.getByRole('table', { name: 'Exchanges, oldest first' })).toBeVisible();
  await expect(page.getByRole('columnheader')).toHaveText(['#', 'Time', 'From', 'To', 'Request', 'Answer', 'Checks', 'Carries']);
  await expect(page.getByRole('row', { name: /^10 / })).toContainText('1 passed, refused by as.client-authentication');
  expect(await ids()).toEqual(before);
  await axe(page);
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.locator('pg-wire .arrow').first()).toBeVisible();
});

test('two runs are compared: what was equal is folded, what differs is explained', async ({ page }) => {
  await record(page, runs(flow(false), flow(true)));
  await expect(page.getByRole('radio', { name: 'Run 2' })).toBeChecked();
  await expect(rows(page)).toHaveCount(10);
  await page.locator('label', { hasText: 'Run 1' }).click();
  await expect(rows(page)).toHaveCount(11);
  await page.locator('label', { hasText: 'Run 2' }).click();
  await page.keyboard.press('d');
  const table = page.getByRole('table', { name: 'Run 1 and Run 2, exchange by exchange' });
  await expect(table).toContainText('9 exchanges, the same in both');
  await expect(table.locator('tr.diff')).toHaveCount(2);
  await expect(table.locator('tr.diff').first()).toContainText(/200[^]*401/);
  await expect(table.locator('tr.diff').last()).toContainText('never sent: as.client-authentication refused 10');
  await expect(page.locator('.because')).toContainText('Difference 1 of 2, at exchange 10');
  await expect(page.locator('.because')).toContainText('1 check, as on the other side');
  await page.keyboard.press('d');
  await expect(page.locator('.because')).toContainText('Difference 2 of 2');
  await axe(page);
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(rows(page)).toHaveCount(10);
});

test('what came before and after a switch stands side by side', async ({ page }) => {
  const [before, after] = [flow(false), flow(true)];
  const last = before.at(-1)!.seq;
  const shifted = after.map((e) => ({ ...e, seq: e.seq + last + 1, ...(e.n ? { n: e.n + 11 } : {}), ...(e.of ? { of: e.of + last + 1 } : {}), ...(e.cause ? { cause: e.cause + last + 1 } : {}) }));
  await record(page, [...before, { ...before[0]!, seq: last + 1, kind: 'change', n: 0, request: null, change: { what: 'policy', actor: 'as.client-authentication', from: 'observe', to: 'enforce' } }, ...shifted]);
  await page.getByRole('button', { name: 'Compare' }).click();
  const table = page.getByRole('table', { name: 'Before and After as.client-authentication enforce, exchange by exchange' });
  await expect(table.locator('tr.diff')).toHaveCount(2);
  await expect(table.locator('tr.diff').first()).toContainText(/10, 21[^]*200[^]*401/);
});

test('a run is drawn again, step by step where nothing may move', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await record(page, flow());
  await page.getByRole('button', { name: 'Replay' }).click();
  await expect(page.locator('.strip', { hasText: 'Replay, 1 of 10' })).toBeVisible();
  await expect(page.locator('pg-wire li.later')).toHaveCount(9);
  await page.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(page.locator('pg-wire li.later')).toHaveCount(8);
  await page.getByRole('button', { name: 'End replay' }).click();
  await expect(page.locator('pg-wire li.later')).toHaveCount(0);
});

test('a replay goes on by itself, and stands while it is paused', async ({ page }) => {
  await record(page, flow());
  await page.getByRole('button', { name: 'Replay' }).click();
  await page.locator('pg-wire').focus();
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Go on' })).toBeVisible();
  await page.keyboard.press(' ');
  await expect(page.locator('.strip', { hasText: 'Replay, 10 of 10' })).toBeVisible({ timeout: 10_000 });
});

test('the clock jumps', async ({ page }) => {
  await play(page);
  await expect(page.locator('pg-clock time')).toHaveText(/^\d\d:\d\d:\d\d$/);
  await page.getByRole('button', { name: '+1 h' }).click();
  await expect(page.locator('pg-wire li.jump')).toHaveText(/\+1 h \d\d:\d\d:\d\d to \d\d:\d\d:\d\d\.\s*$/); // nothing has been made yet that could run out
});

test('a protection is switched, saved, and counted', async ({ page }) => {
  await play(page, 'two-steps');
  const open = page.getByRole('button', { name: 'Protections' });
  await page.keyboard.press('p');
  await expect(open).toHaveAttribute('aria-expanded', 'true');
  const enforced = page.locator('pg-policy label.en:has(:checked)');
  await expect(enforced).not.toHaveCount(0); // the panel comes when it is asked for
  const on = await enforced.count();
  await expect(open).toContainText(`${on} on`);
  await page.getByRole('radiogroup', { name: 'scope-form, Authorization server' }).getByText('off', { exact: true }).click();
  await expect(page.locator('pg-policy')).toContainText('Saved.');
  await expect(open).toContainText(`${on - 1} on`);
  await expect(page.locator('pg-wire li.jump').last()).toContainText('enforce → off');
});

test('a protection that could not be saved says so', async ({ page }) => {
  await play(page, 'two-steps');
  await page.keyboard.press('p');
  await page.route('**/policy', (route) => route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"No."}' }));
  const group = page.getByRole('radiogroup', { name: 'scope-form, Authorization server' });
  await group.getByText('off', { exact: true }).click();
  await expect(page.locator('pg-policy')).toContainText('Saving…');
  await page.getByRole('button', { name: '+10 min' }).click(); // the next view of the world tells
  await expect(page.locator('pg-policy')).toContainText('Not changed: it stays on enforce.');
  await expect(group.getByRole('radio', { name: 'enforce' })).toBeChecked();
});

test('what arrives while one reads further up, waits below', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 560 });
  await play(page, 'two-steps'); // more rows than fit
  const wire = page.locator('pg-wire');
  await wire.evaluate((el) => (el.scrollTop = 0));
  await page.getByRole('button', { name: '+1 h' }).focus();
  await visit(page);
  const pill = page.getByRole('button', { name: /new exchanges?$/ });
  await expect(pill).toBeVisible();
  expect(await wire.evaluate((el) => el.scrollTop)).toBe(0);
  await expect(page.locator('pg-wire :focus')).toHaveCount(0);
  await pill.click();
  await expect(pill).toHaveCount(0);
  expect(await wire.evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight)).toBeLessThan(8);
});

test('without a connection the wire stays, says so, and says later what has come', async ({ page }) => {
  let cut = false;
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/stream/, (ws) => {
    if (cut) return void ws.close({ code: 1001 });
    ws.connectToServer();
    sockets.push(ws);
  });
  await play(page, 'two-steps');
  await expect(page.locator('#status')).toContainText('Live'); // what is cut was a connection
  const before = await rows(page).count();
  cut = true;
  for (const ws of sockets) await ws.close({ code: 1001 });
  await expect(page.locator('.st-bar')).toContainText('Reconnecting. Your sandbox goes on.');
  expect(await rows(page).count()).toBeGreaterThanOrEqual(before); // it stays readable
  await visit(page);
  cut = false;
  await expect(page.locator('.st-bar')).toContainText(/Back\. \d+ exchanges? arrived while you were away\./, { timeout: 15_000 });
  await page.getByRole('button', { name: 'Show them' }).click();
  await expect(page.locator('.st-bar')).toHaveCount(0);
  await expect(page.locator('pg-wire')).toBeVisible();
});

test('an app of one’s own: what it gets can’t be seen, what goes over plain HTTP can', async ({ page }) => {
  await page.goto('/workbench');
  await page.locator('.stepper').getByRole('button', { name: /without a page/ }).click();
  const issuer = await page.locator('.kv dd').first().textContent();
  await page.request.get(`${issuer}/authorize?client_id=demo-app&response_type=code&state=abcdefgh&redirect_uri=${encodeURIComponent('http://localhost:3000/callback')}`, { maxRedirects: 0 });
  await expect(page.locator('li.jump')).toHaveText('Callback on localhost:3000 is yours: the playground cannot see it');
  await expect(rows(page)).toContainText('→ localhost:3000/callback');
  await lens(page, 'Network');
  await expect(page.locator('.lens-note')).toContainText('reads 1 of 1 exchanges, as they go over plain HTTP');
});

test('the run is saved in each format', async ({ page }) => {
  await play(page);
  for (const [name, file, text] of [['Record (NDJSON)', 'run.ndjson', '"kind":"request"'], ['Web archive (HAR)', 'run.har', '"log"'], ['Diagram (Mermaid)', 'run.mmd', 'sequenceDiagram'], ['Commands (cURL)', 'run.sh', 'curl'], ['Text (Markdown)', 'run.md', 'GET']] as const) {
    await page.locator('details.menu summary').click();
    const coming = page.waitForEvent('download');
    await page.locator('details.menu').getByRole('button', { name }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe(file);
    expect(readFileSync(await download.path(), 'utf8')).toContain(text);
  }
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test('lanes become a rail, tags stand in the sentence, the lens is a list', async ({ page }) => {
    await record(page, flow());
    await expect(page.locator('pg-lens .seg')).toBeHidden();
    await page.getByRole('combobox', { name: 'See as' }).selectOption('Planner');
    await expect(page.locator('.lens-note')).toContainText('Planner sees 6 of 10');
    await page.getByRole('combobox', { name: 'See as' }).selectOption('Everything');
    const place = async (part: string) => (await row(page, 7).locator(part).boundingBox())!.x;
    expect(await place('.x-lanes')).toBeLessThan(await place('.x-req'));
    await expect(row(page, 7).locator('.x-tags')).toHaveText('code#1');
    await expect(page.locator('pg-wire .legend')).toContainText('Content Planner');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

for (const width of [390, 720, 1024]) {
  test(`nothing scrolls sideways at ${width}: diagram, table, comparison`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    await record(page, runs(flow(false), flow(true)));
    for (const key of ['t', 't', 'd']) {
      await page.keyboard.press(key);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}

for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { forcedColors: 'active' }] as const) {
  test(`the wire is accessible under a lens, with protections open: ${Object.values(look)[0]}`, async ({ page }) => {
    await page.emulateMedia(look);
    await play(page);
    await page.keyboard.press('p');
    await lens(page, 'API');
    await axe(page);
  });
}
