// “Why two steps?” by keyboard alone, from the catalogue to the last answer: no pointer is used here. Wherever the focus goes it can be
// seen; it is never lost, and comes back from what was opened.
import { expect, test, type Page } from '@playwright/test';
import { complaints, done, row, title } from './walk';

// focused is what has the focus, in words, and how it can be seen. Inside the frame of Maya's browser nothing of ours can look.
const focused = (page: Page) => page.evaluate(() => {
  const e = document.activeElement as HTMLElement | null;
  if (!e || e === document.body) return { what: 'nothing', seen: false, tag: 'body' };
  const ring = (x: Element) => {
    const s = getComputedStyle(x);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2;
  };
  const box = e.getBoundingClientRect();
  const carrier = e.closest('label') ?? e; // a choice shows it on its label
  const around = e.closest('.seg');
  const text = (e.getAttribute('aria-label') ?? (e as HTMLInputElement).labels?.[0]?.textContent ?? e.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 60);
  return { what: `${e.localName} ${text}`, tag: e.localName, seen: e.localName === 'iframe' || ring(e) || ring(carrier) || (around !== null && ring(around)), inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth };
}) as Promise<{ what: string; tag: string; seen: boolean; inView?: boolean }>;

// press is a key, after which the focus has to be somewhere where it can be seen.
async function press(page: Page, key: string) {
  await page.keyboard.press(key);
  await expect.poll(async () => (await focused(page)).what, { message: `focus after ${key}` }).not.toBe('nothing');
}

// tabTo goes on with the tab key until it stands on what is looked for. Each stop on the way must be visible.
async function tabTo(page: Page, wanted: RegExp, back = false): Promise<string[]> {
  const way: string[] = [];
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const at = await focused(page);
    way.push(at.what);
    if (at.what !== 'nothing') {
      expect.soft(at.seen, `the focus can’t be seen on: ${at.what}`).toBe(true);
      expect.soft(at.inView, `the focus is out of sight on: ${at.what}`).not.toBe(false);
    }
    if (wanted.test(at.what)) return way;
  }
  throw new Error(`never came to ${wanted}: ${way.join(' › ')}`);
}

// choose goes to the options of a question, moves to the one wanted, and gives the answer.
async function choose(page: Page, wanted: string, button: RegExp) {
  await tabTo(page, /^input /);
  for (let i = 0; i < 6 && !(await focused(page)).what.includes(wanted); i++) {
    await page.keyboard.press('ArrowDown');
    expect.soft((await focused(page)).seen, `the focus can’t be seen on: ${(await focused(page)).what}`).toBe(true);
  }
  expect((await focused(page)).what).toContain(wanted);
  await page.keyboard.press('Space');
  await tabTo(page, button);
  await press(page, 'Enter');
}

// next presses N: the focus is on the heading of the step that follows.
async function next(page: Page, to: string) {
  await page.keyboard.press('n');
  await expect(title(page)).toHaveText(to);
  await expect(title(page)).toBeFocused();
}

test('a whole lesson by keyboard alone', async ({ page }) => {
  test.setTimeout(120_000);
  const said = complaints(page);
  await page.goto('/');

  // The first stop leads past the head of the page, and the lessons follow in their order.
  const first = await tabTo(page, /Skip to the content/);
  expect(first).toHaveLength(1);
  await page.keyboard.press('Enter');
  await tabTo(page, /^a Why two steps\?/);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/lessons/two-steps');
  await page.locator('pg-wire').waitFor();

  // The order is that of the eye: head, what is done, what happened.
  const way = await tabTo(page, /^pg-wire/);
  const order = [/Skip to/, /OAuth Playground/, /Keyboard|Keys/, /How the pages look/, /^button .*(Start|Begin)/, /Everything/, /^pg-wire/];
  expect(order.map((o) => way.findIndex((w) => o.test(w))), way.join(' › ')).toEqual([...order.map((o) => way.findIndex((w) => o.test(w)))].sort((a, b) => a - b));
  expect(order.filter((o) => !way.some((w) => o.test(w))).map(String), way.join(' › ')).toEqual([]);

  // Inside the wire keys walk.
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await expect(page.locator('pg-wire li.x').first()).toHaveAttribute('aria-current', 'true');

  await next(page, 'Ask for the token at once');
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: 'Open Planner' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: 'Address' })).toHaveText('planner.test/');
  await press(page, 'b'); // the address
  await tabTo(page, /^iframe/);
  const inFrame = page.frameLocator('pg-browser iframe');
  for (const [button, then] of [['Connect Chirper', 'Sign in'], ['Sign in', 'Allow'], ['Allow', 'Publish on Chirper']] as const) {
    const wanted = inFrame.getByRole('button', { name: button });
    await wanted.waitFor();
    if ((await focused(page)).tag !== 'iframe') {
      await page.keyboard.press('b');
      await tabTo(page, /^iframe/);
    }
    for (let i = 0; i < 12 && (await inFrame.locator('button:focus', { hasText: button }).count()) === 0; i++) await page.keyboard.press('Tab');
    await expect(wanted).toBeFocused();
    await expect(wanted, `the focus can be seen on “${button}”`).toHaveCSS('outline-style', /solid|auto/);
    await page.keyboard.press('Enter');
    await expect(inFrame.getByRole('button', { name: then })).toBeVisible();
  }
  await done(page);

  // Out of the frame again, to what happened: checks of a row, a value that is followed, a token, and back.
  await tabTo(page, /^pg-wire/);
  await page.keyboard.press('g');
  await page.keyboard.type((await row(page, 'POST/consent').locator('.x-n').textContent())!.trim());
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page.locator('pg-wire')).toBeFocused();
  await expect(page.locator('pg-wire [aria-current=true]')).toContainText('/consent');
  await page.keyboard.press('f');
  await expect(page.locator('.strip.bottom')).toContainText('made in');
  await page.keyboard.press('Enter');
  await expect(page.locator('pg-exchange :focus')).toBeVisible();
  const back = await tabTo(page, /^button Open access_token#1/);
  expect(back.length).toBeGreaterThan(0);
  await page.keyboard.press('Enter');
  await expect(page.locator('pg-token')).toBeVisible();
  await expect.poll(async () => (await focused(page)).what).not.toBe('nothing');
  await page.keyboard.press('Escape');
  await expect(page.locator('pg-token')).toHaveCount(0);
  await expect(page.locator('pg-exchange :focus')).toHaveCount(1); // it came back to where the token was opened

  await next(page, 'An extension reads addresses');
  await choose(page, 'In one step only', /^button Lock my prediction/);
  await expect(page.getByRole('button', { name: 'Your prediction is locked' })).toBeFocused();
  await tabTo(page, /^button Run the attack/);
  await page.keyboard.press('Enter');
  await expect(page.locator('.outcome')).toContainText('The attack succeeded');
  await expect.poll(async () => (await focused(page)).what, { message: 'the focus after the attack' }).not.toBe('nothing');

  await next(page, 'Take the second step back');
  await page.keyboard.press('r');
  await done(page);
  await next(page, 'The same extension again');
  await choose(page, '401', /^button Lock my prediction/);
  await expect(page.getByRole('button', { name: 'Your prediction is locked' })).toBeFocused();
  await page.keyboard.press('r');
  await expect(page.locator('.outcome')).toContainText('The attack failed');

  await next(page, 'Look back');
  for (const right of ['What passes through a browser', 'An address in history', 'Nothing: it names']) {
    await choose(page, right, /^button .*[Aa]nswer/);
    await expect(page.locator('.step.now pg-quiz', { hasText: right }).locator('.opt.right')).toHaveCount(1);
  }
  await page.keyboard.press('n'); // the end leads home
  await page.waitForURL((u) => u.pathname === '/');
  await expect(page.locator('.les', { hasText: 'Why two steps?' }).getByRole('img', { name: 'done' })).toBeVisible();
  expect(said).toEqual([]);
});

test('the list of keys opens, closes, and gives the focus back', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await page.locator('pg-wire').waitFor();
  await tabTo(page, /^button Keyboard|^button Keys/);
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog');
  await expect(sheet).toBeVisible();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Tab'); // it holds the focus, or lets the browser have it, and nothing below it
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement!.closest('dialog') !== null)).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(page.locator('#how-keys')).toBeFocused();

  await page.locator('pg-wire').focus();
  await page.keyboard.press('?');
  await expect(sheet).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('pg-wire')).toBeFocused();
});

test('with single keys switched off everything is still reached', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await page.locator('pg-wire').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('checkbox', { name: 'Single keys' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  for (const key of ['n', 'j', 'p', 't', 'd', 'l', 'b', 'g', '/', 'r', '?']) await page.keyboard.press(key);
  await expect(title(page)).toHaveText('Why two steps?');
  await expect(page.locator('pg-wire [aria-current]')).toHaveCount(0);
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('searchbox')).toHaveValue('');
  await tabTo(page, /^button .*(Start|Begin)/);
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText('Ask for the token at once');
  await tabTo(page, /^button Show me|^button Play/);
  await page.keyboard.press('Enter');
  await done(page);
  await tabTo(page, /^pg-wire/);
  await page.keyboard.press('ArrowDown'); // inside the wire these are not single keys
  await expect(page.locator('pg-wire [aria-current=true] .x-n')).toHaveText('1');
  await page.keyboard.press('Enter');
  await expect(page.locator('pg-exchange :focus')).toBeVisible();
});

test('the look of the pages is chosen by keyboard, and the focus comes back', async ({ page }) => {
  await page.goto('/');
  await tabTo(page, /How the pages look/);
  await page.keyboard.press('Enter');
  await expect(page.locator('#themes')).toBeVisible();
  await tabTo(page, /^input Automatic/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await tabTo(page, /^input .*More contrast/);
  await page.keyboard.press('Space');
  await expect(page.locator('html')).toHaveAttribute('data-contrast', 'more');
  await page.keyboard.press('Escape');
  await expect(page.locator('#themes')).toBeHidden();
  await expect(page.locator('#theme')).toBeFocused();
});
