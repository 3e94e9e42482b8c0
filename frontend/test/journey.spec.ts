// The journey of a learner in a real browser: from the catalogue to the last question, each arrow real.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const frame = (page: Page) => page.frameLocator('pg-browser iframe');
const row = (page: Page, name: string) => page.locator('pg-wire li.x:not(.ghost)', { has: page.locator('.x-name', { hasText: name }) });
const done = (page: Page) => expect(page.locator('.stepper')).toContainText('Done:');
const next = (page: Page, title: string) => page.locator('#next').click().then(() => expect(page.locator('.step.now h2')).toHaveText(title));

async function answer(page: Page, kind: 'pg-predict' | 'pg-quiz', text: string | RegExp) {
  const q = page.locator(`.step.now ${kind}`).filter({ hasText: text }).first();
  await q.locator('label.opt', { hasText: text }).click();
  await q.getByRole('button').click();
  return q;
}

// problems collects what a page complains about: there must be nothing.
function problems(page: Page): string[] {
  const list: string[] = [];
  page.on('pageerror', (e) => list.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && list.push(m.text()));
  page.on('request', (r) => {
    if (new URL(r.url()).host !== new URL(page.url() === 'about:blank' ? r.url() : page.url()).host) list.push('foreign request: ' + r.url());
  });
  return list;
}

test('a learner walks the code flow from the catalogue to the last question', async ({ page }) => {
  const complaints = problems(page);
  await page.goto('/');
  await page.locator('.les').getByRole('link', { name: 'The code flow, end to end' }).click();
  await expect(page.locator('.evidence')).toContainText('A recorded run');
  await next(page, 'Maya opens Planner');

  await page.locator('#play').click();
  await done(page);
  await expect(page.locator('#status')).toContainText('Live, 1 exchange');

  await next(page, 'Planner sends her away');
  await expect(page.locator('#play')).toHaveAttribute('aria-disabled', 'true'); // waits for the prediction
  const gate = await answer(page, 'pg-predict', 'Chirper’s own');
  await expect(gate.locator('.fb')).toContainText('Yes.');
  await page.locator('#play').click();
  await done(page);
  await expect(row(page, '/authorize').locator('.carry')).toContainText('state#1');

  await next(page, 'Sign in as Maya');
  await frame(page).getByRole('button', { name: 'Sign in' }).click();
  await done(page);

  await next(page, 'Allow it, and stop');
  await frame(page).getByRole('button', { name: 'Allow' }).click();
  await done(page);
  await expect(page.locator('.pending')).toContainText('https://planner.test/callback?code=');
  await expect(row(page, '/callback')).toHaveCount(0);
  await expect(page.locator('pg-wire li.ghost')).toContainText('not sent yet');

  await next(page, 'Swap the code for a token');
  await answer(page, 'pg-predict', 'Planner’s server');
  await page.getByRole('button', { name: 'Send it' }).click();
  await done(page);
  await expect(frame(page).locator('#notice')).toHaveText('Chirper is connected.');
  await row(page, '/token').getByRole('link').click();
  const inspector = page.locator('pg-exchange');
  await expect(inspector).toContainText('as.pkce-verifier');
  await expect(inspector).toContainText('as.code-single-use');
  await expect(inspector).toContainText('Direct connection, not through the browser');
  await inspector.getByRole('button', { name: 'What code_verifier is' }).click(); // each part is explained
  await expect(inspector.locator('.ex')).toContainText('Its hash must equal the challenge that went ahead');
  await inspector.getByRole('button', { name: 'Open id_token#1' }).click();
  const token = page.locator('pg-token');
  await expect(token.getByText('proves nothing', { exact: true })).toBeVisible();
  await expect(token).not.toContainText('The signature is valid'); // until it has been checked, here and now
  await token.getByRole('button', { name: 'Check the signature' }).click();
  await expect(token).toContainText('The signature is valid');
  await token.getByRole('button', { name: 'Change one letter' }).click();
  await token.getByRole('button', { name: 'Check the signature' }).click();
  await expect(token).toContainText('The signature does not fit');
  await page.keyboard.press('Escape');
  await expect(inspector).toContainText('as.pkce-verifier');

  await next(page, 'Spend the token');
  await frame(page).getByRole('button', { name: 'Publish on Chirper' }).click();
  await done(page);
  await expect(row(page, '/posts')).toContainText('201');

  // The record never shows the access token at the browser.
  const rows = await page.locator('pg-wire li.x').evaluateAll((list) => list.map((l) => `${l.className} ${l.textContent ?? ''}`));
  expect(rows.filter((r) => r.includes('to-browser') && r.includes('access_token'))).toEqual([]);

  await next(page, 'Leave one part out');
  await answer(page, 'pg-predict', 'Planner: the answer comes back without it');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Leave out where to go');
  await answer(page, 'pg-predict', 'On a page of its own');
  await page.locator('#play').click();
  await done(page);
  await expect(page.locator('pg-wire li.refused').last()).toContainText('400');

  await next(page, 'Look back');
  const wrong = await answer(page, 'pg-quiz', 'Planner’s client secret');
  await expect(wrong.locator('.fb')).toContainText('The secret appears once on your wire');
  await wrong.locator('.fb a[data-ref]').click(); // feedback points into the learner's own run
  await expect(page.locator('pg-wire li[aria-current=true]')).toContainText('/token');
  await answer(page, 'pg-quiz', 'A redirect that carries');
  const last = await answer(page, 'pg-quiz', 'content-planner');
  await expect(last.locator('.fb')).toContainText('Yes.');
  expect(complaints).toEqual([]);
});

test('the attack of “Why two steps?” succeeds, and is refused', async ({ page }) => {
  const complaints = problems(page);
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'An extension reads addresses');
  await answer(page, 'pg-predict', 'In one step only');
  await page.locator('#play').click();
  await expect(page.locator('.outcome')).toContainText('The attack succeeded');
  await next(page, 'Take the second step back');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'The same extension again');
  await answer(page, 'pg-predict', '401');
  await page.locator('#play').click();
  await expect(page.locator('.outcome')).toContainText('The attack failed');
  const refused = page.locator('pg-wire li.refused');
  await expect(refused).toContainText('401');
  await expect(refused.locator('.sr')).toContainText('Refused by as.client-authentication');
  expect(complaints).toEqual([]);
});

test('a prediction is made once, and is still there after a reload', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await page.locator('pg-wire').waitFor();
  const id = await page.locator('.step:has(pg-predict)').first().getAttribute('id');
  await page.goto(`/lessons/two-steps?again#${id}`);
  const play = page.locator('#play');
  await expect(play).toHaveAttribute('aria-disabled', 'true');
  const q = await answer(page, 'pg-predict', 'In both');
  await expect(q.locator('.fb')).toBeVisible();
  await expect(q.getByRole('button')).toHaveText('Your prediction is locked');
  await expect(q.getByRole('button')).toBeFocused();
  await expect(q.getByRole('radio').first()).toBeDisabled();
  await page.reload();
  await expect(page.locator('.step.now pg-predict').getByRole('radio', { name: 'In both' })).toBeChecked();
  await expect(play).not.toHaveAttribute('aria-disabled', 'true');
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.locator('.step.now h2')).toHaveText('Ask for the token at once');
  await expect(page.locator('pg-predict input:checked, pg-predict input:disabled')).toHaveCount(0);
});

test('while a step is being played the page asks for nothing else: a page of Maya’s browser may be gone by then', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await page.locator('#play').click();
  await done(page);
  await page.waitForLoadState('networkidle');
  const asked: string[] = [];
  page.on('request', (r) => asked.push(`${r.method()} ${new URL(r.url()).pathname.split('/').pop()}`));
  await page.route('**/play', async (route) => {
    const response = await route.fetch();
    await new Promise((later) => setTimeout(later, 400)); // the record is here long before the answer
    expect(asked).toEqual(['POST play']);
    await route.fulfill({ response });
  });
  await page.locator('#play').click();
  await expect(page.locator('#play')).toHaveAttribute('aria-disabled', 'true');
  await expect(page.locator('#play')).not.toHaveAttribute('aria-disabled', 'true');
  expect(asked.length).toBeGreaterThan(1);
});

test('a page that a form in the frame led to is loaded once, so that nothing typed in it is lost', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Planner sends her away');
  await answer(page, 'pg-predict', 'Chirper’s own');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Sign in as Maya');
  await page.waitForLoadState('networkidle');
  const loads: string[] = [];
  page.on('request', (r) => r.url().includes('/f/') && loads.push(r.method()));
  await frame(page).getByRole('button', { name: 'Sign in' }).click();
  await expect(frame(page).getByRole('button', { name: 'Allow' })).toBeVisible();
  await done(page);
  await page.waitForLoadState('networkidle');
  expect(loads).toEqual(['POST', 'GET']);
  await next(page, 'Allow it, and stop');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Swap the code for a token');
  await answer(page, 'pg-predict', 'Planner’s server');
  await page.getByRole('button', { name: 'Send it' }).click(); // what the page itself does, is given to the frame
  await expect(frame(page).locator('#notice')).toHaveText('Chirper is connected.');
  await expect.poll(() => loads.length).toBe(3);
});

test('the clock goes forward, and a protection is switched, each with its band on the wire', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Planner sends her away');
  await answer(page, 'pg-predict', 'Chirper’s own');
  await page.locator('#play').click();
  await done(page);
  await page.getByRole('button', { name: '+10 min' }).click();
  await expect(page.locator('pg-wire li.jump')).toContainText('+10 min');
  await page.getByRole('button', { name: 'Protections' }).click();
  await page.locator('pg-policy').getByRole('radiogroup').first().getByText('observe').click();
  await expect(page.locator('pg-wire li.jump').nth(1)).toContainText('enforce → observe');
});

test('it comes back by itself, with its step and its record', async ({ page, context }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.locator('#play').click();
  await done(page);
  await page.reload();
  await expect(page.locator('pg-wire li.x')).toHaveCount(1);
  await context.setOffline(true);
  await context.setOffline(false);
  await expect(page.locator('#status')).toContainText('Live, 1 exchange');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the lesson is there to read, and a question posts and gets its feedback', async ({ page }) => {
    await page.goto('/lessons/code-flow');
    await expect(page.getByRole('heading', { name: 'Swap the code for a token' })).toBeVisible();
    await expect(page.getByRole('row', { name: /POST \/token/ })).toContainText('200');
    const q = page.locator('#q-browser-gets');
    await q.getByText('Planner’s client secret, for the next step').click();
    await q.getByRole('button').click();
    await expect(page.locator('#q-browser-gets .fb')).toContainText('The secret appears once on your wire');
    await expect(page.locator('#q-safe-to-show .fb')).toHaveCount(0);
  });
});

for (const theme of ['light', 'dark'] as const) {
  for (const size of [{ width: 1440, height: 900 }, { width: 390, height: 844 }]) {
    test(`pages are accessible and fit: ${theme}, ${size.width}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme: theme, viewport: size });
      const page = await context.newPage();
      for (const path of ['/', '/lessons/code-flow', '/workbench']) {
        await page.goto(path);
        if (path.startsWith('/lessons')) {
          await next(page, 'Maya opens Planner');
          await page.locator('#play').click();
          await done(page);
          await row(page, 'GET').getByRole('link').click();
        }
        const found = await new AxeBuilder({ page }).exclude('iframe').analyze();
        expect(found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`), path).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(size.width);
      }
      await context.close();
    });
  }
}

test('the wire is walked by keyboard', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await page.locator('pg-wire').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).toHaveText('2');
  await page.keyboard.press('k');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).toHaveText('1');
  await page.locator('pg-wire').focus();
  await page.keyboard.press('End');
  await expect(page.locator('pg-wire li.x').last()).toHaveAttribute('aria-current', 'true');
  await page.keyboard.press('Home');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).toHaveText('1');
  await page.keyboard.press('n');
  await expect(page.locator('.step.now h2')).toHaveText('Maya opens Planner');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('next step');
  await page.getByRole('checkbox', { name: 'Single keys' }).uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.keyboard.press('k');
  await expect(page.locator('.step.now h2')).toHaveText('Maya opens Planner');
  await expect(page.locator('pg-wire li[aria-current=true] .x-n')).toHaveText('1');
});

test('a sandbox that has ended is replaced, and the run is played again to the learner’s step', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Planner sends her away');
  await answer(page, 'pg-predict', 'Chirper’s own');
  await page.locator('#play').click();
  await done(page);
  await next(page, 'Sign in as Maya');
  const rows = await page.locator('pg-wire li.x').count();
  await page.evaluate(async () => {
    const { id, key } = JSON.parse(localStorage.getItem('sandbox code-flow')!);
    await fetch(`/api/sandboxes/${id}`, { method: 'DELETE', headers: { Authorization: `Bearer ${key}` } });
  });
  await expect(page.locator('.stepper')).toContainText('2 steps were played again for you');
  await expect(page.locator('.step.now h2')).toHaveText('Sign in as Maya');
  await expect(page.locator('pg-wire li.x')).toHaveCount(rows);
  await frame(page).getByRole('button', { name: 'Sign in' }).click();
  await done(page);
});

test('the catalogue knows where its learner left off, and an answer comes back to be asked again', async ({ page }) => {
  await page.goto('/lessons/two-steps#look-back');
  await answer(page, 'pg-quiz', 'The code is encrypted');
  await expect(page.locator('.step.now .fb').first()).toBeVisible();
  await page.goto('/');
  await expect(page.getByRole('link', { name: 'Go on with lesson 4' })).toHaveAttribute('href', '/lessons/two-steps#look-back');
  await expect(page.locator('.les.now')).toContainText('Why two steps?');
});

test('the look of the pages is chosen once', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'How the pages look' }).click();
  await page.getByText('Dark', { exact: true }).click();
  await page.getByText('More contrast').click();
  await page.goto('/lessons/code-flow');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('html')).toHaveAttribute('data-contrast', 'more');
  expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark');
});

test('a term tells what it means where it stands, and has its place in the glossary', async ({ page }) => {
  const complaints = problems(page);
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  const term = page.locator('.step.now a.term', { hasText: 'authorization server' });
  await term.click();
  const meaning = page.getByRole('dialog', { name: 'authorization server' });
  await expect(meaning).toContainText('issues tokens');
  await expect(meaning.getByRole('link', { name: 'RFC 6749 §1.1' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(meaning).toBeHidden();
  await expect(term).toBeFocused();
  await page.goto('/glossary#pkce');
  await expect(page.getByRole('definition').filter({ hasText: 'whoever swaps the code' })).toBeInViewport();
  expect(complaints).toEqual([]);
});

test('a learner takes a part out of the waiting question by hand, and sees who refuses it', async ({ page }) => {
  const complaints = problems(page);
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  for (const title of ['Planner sends her away', 'Sign in as Maya', 'Allow it, and stop', 'Swap the code for a token', 'Spend the token', 'Leave one part out']) {
    if (await page.locator('.step.now pg-predict').count()) await answer(page, 'pg-predict', /Chirper’s own|Planner’s server/);
    await page.locator('#play').click();
    await done(page);
    await next(page, title);
  }
  await answer(page, 'pg-predict', 'Planner: the answer comes back without it');
  const still = () => page.waitForLoadState('networkidle'); // a person looks before they press
  const send = () => page.getByRole('button', { name: 'Send it' }).click().then(still);
  const drop = async (line: RegExp) => {
    await frame(page).getByRole('button', { name: 'Connect Chirper' }).waitFor();
    await still();
    await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
    await page.getByRole('button', { name: 'Change it first' }).click();
    const field = page.locator('pg-browser textarea').first();
    await field.fill((await field.inputValue()).split('\n').filter((l) => !line.test(l)).join('\n'));
    await send();
  };
  await frame(page).getByRole('button', { name: 'Disconnect Chirper' }).click();
  await send();
  await drop(/response_type=/);
  await expect(page.locator('pg-wire li.refused')).toHaveCount(2); // Chirper, and Planner, which hears of it
  await frame(page).getByRole('button', { name: 'Back to Planner' }).click();
  await drop(/[?&]?state=/);
  await frame(page).getByRole('button', { name: 'Allow' }).waitFor();
  await still();
  await frame(page).getByRole('button', { name: 'Allow' }).click();
  await send();
  await done(page);
  await expect(page.locator('pg-wire li.refused')).toHaveCount(3);
  expect(complaints).toEqual([]);
});
