// Questions, predictions and requests to send, as a learner meets them.
import { expect, test, type Page } from '@playwright/test';
import AxeBuilder from '@axe-core/playwright';

const next = (page: Page, title: string) => page.locator('#next').click().then(() => expect(page.locator('.step.now h2')).toHaveText(title));

async function walkToGate(page: Page) {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('Done:');
  await next(page, 'Planner sends her away');
  return page.locator('.step.now pg-predict');
}

test('a prediction hides what happens until it is locked, and keeps the learner’s own reason', async ({ page }) => {
  const gate = await walkToGate(page);
  await expect(gate.locator('.qh')).toHaveText('Predict before you run');
  expect(await gate.evaluate((g) => g.outerHTML)).not.toContain('Yes.');
  await expect(gate.locator('.fb, .tag, .quote')).toHaveCount(0);
  await gate.getByRole('textbox', { name: 'In one line, why?' }).fill('the password belongs to Chirper');
  await page.reload();
  await expect(gate.getByRole('textbox')).toHaveValue('the password belongs to Chirper');
  await gate.getByRole('radio').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(gate.getByRole('button')).toHaveText('Your prediction is locked');
  await expect(gate.locator('.fb')).toHaveCount(1);
  await expect(gate.locator('p[role=status]')).not.toBeEmpty(); // said once
  await expect(gate.locator('.conf')).toContainText('“the password belongs to Chirper”');
  await expect(gate.getByRole('textbox')).toHaveCount(0);
});

test('once it has happened, a prediction folds into a line that holds it against the wire', async ({ page }) => {
  const gate = await walkToGate(page);
  await gate.getByRole('textbox').fill('because');
  await gate.locator('label.opt', { hasText: 'Planner’s' }).first().click();
  await gate.getByRole('button').click();
  await expect(gate.locator('.fb')).toBeVisible();
  const happened = (yes: boolean) => gate.evaluate((g, v) => void ((g as HTMLElement & { happened: boolean }).happened = v), yes);
  await happened(true);
  await expect(gate.locator('summary')).toHaveText(/^You predicted: Planner’s.*\. The wire says otherwise\.$/);
  await expect(gate.locator('summary')).toBeFocused(); // where the button was
  await expect(gate.locator('.fb')).toBeHidden();
  await page.keyboard.press('Enter');
  await expect(gate.locator('.conf')).toContainText('You wrote: “because”');
  await happened(false);
  await expect(gate.getByRole('button', { name: 'Your prediction is locked' })).toBeVisible();
});

test('an answer comes back with its feedback after a reload, and is not announced again', async ({ page }) => {
  await page.goto('/lessons/code-flow#look-back');
  const quiz = page.locator('.step.now pg-quiz').first();
  await quiz.locator('label.opt').first().click();
  await quiz.getByRole('button').click();
  await expect(quiz.locator('.fb')).toHaveCount(1);
  const said = await quiz.locator('.fb').textContent();
  await page.reload();
  await expect(quiz.getByRole('radio').first()).toBeChecked();
  await expect(quiz.locator('.fb')).toHaveText(said!);
  await expect(quiz.locator('p[role=status]')).toBeEmpty();
});

test('questions are counted, what was tried stays, and the right answer leads to the next question', async ({ page }) => {
  await page.goto('/lessons/code-flow#look-back');
  const all = page.locator('.step.now pg-quiz:not(.again *)'); // a twin comes after its question, and is not counted
  const count = await all.count();
  expect(count).toBeGreaterThan(1);
  const quiz = all.first();
  await expect(quiz.locator('.qh')).toHaveText(`Question 1 of ${count}`);
  const options = quiz.locator('label.opt');
  for (let i = 0; (await quiz.locator('.opt.right').count()) === 0; i++) {
    await options.nth(i).click();
    await quiz.getByRole('button').click();
    await expect(quiz.locator('.fb')).toHaveCount(i + 1);
  }
  await expect(quiz.locator('.opt.right .tag')).toHaveText('Correct');
  await quiz.getByRole('button', { name: 'Next question' }).click();
  await expect(all.nth(1).getByRole('radio').first()).toBeFocused();
});

test('feedback quotes the learner’s own run, and leads to the row', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await page.locator('#play').click();
  await expect(page.locator('.stepper')).toContainText('Done:');
  const quiz = page.locator('.step.now pg-quiz').first();
  await quiz.locator('label.opt', { hasText: 'The company whose script' }).click();
  await quiz.getByRole('button').click();
  const quote = quiz.locator('.quote').first();
  await expect(quote).toContainText('GET /collect/callback');
  await quote.click();
  await expect(page.locator('pg-wire li[aria-current=true]')).toContainText('/collect/callback');
});

// A lesson with a request to send: it stands in the page as the server would send it.
async function withRequest(page: Page, edit: boolean) {
  await page.route('**/lessons/code-flow*', async (route) => {
    const response = await route.fetch();
    const text = 'POST {{as}}/token?trace=1\nContent-Type: application/x-www-form-urlencoded\n\ngrant_type=authorization_code&amp;code={{code#1}}&amp;redirect_uri=https%3A%2F%2Fplanner.test%2Fcallback';
    const block = `<pg-request class="req" data-index="0" data-from="attacker"${edit ? ' data-edit' : ''}><div class="req-h"><span class="mono req-what">A request</span><span class="cap">as <span class="who attacker">Mallory</span></span></div><pre class="http pad">${text}</pre></pg-request>`;
    await route.fulfill({ response, body: (await response.text()).replace(/(<h2>Maya opens Planner<\/h2>)/, `$1${block}`) });
  });
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  return page.locator('.step.now pg-request');
}

test('a request shows its parameters, and is sent by button or Ctrl+Enter', async ({ page }) => {
  const request = await withRequest(page, false);
  await expect(request.locator('.req-h')).toContainText('POST auth.chirper.test/token');
  await expect(request.locator('dl').last()).toContainText('https://planner.test/callback');
  await expect(request.locator('.val[data-tag="code#1"]')).toHaveText('code#1');
  await expect(request.getByRole('button', { name: 'Change it first' })).toHaveCount(0);
  const plays: string[] = [];
  await page.route('**/play', (route) => {
    plays.push(route.request().postData() ?? '');
    return route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"This can’t be sent."}' });
  });
  await request.getByRole('button', { name: 'Send POST /token' }).click();
  await expect(page.getByRole('alert')).toHaveText('This can’t be sent.');
  await page.keyboard.press('Control+Enter');
  await expect.poll(() => plays.length).toBe(2);
});

test('what a request was answered stands below it, however late the record comes', async ({ page }) => {
  let late = false;
  const held: (() => void)[] = [];
  await page.routeWebSocket(/\/stream/, (ws) => {
    const server = ws.connectToServer();
    server.onMessage((m) => (late ? void held.push(() => ws.send(m)) : ws.send(m)));
  });
  await page.goto('/lessons/cast#door');
  const requests = page.locator('.step.now pg-request');
  await requests.first().getByRole('button', { name: 'Send POST /posts' }).click();
  await expect(requests.first()).toContainText('Answered 404');
  late = true;
  await requests.last().getByRole('button', { name: 'Send POST /posts' }).click();
  await expect(page.locator('.step.now[data-passed]')).toBeVisible(); // the act has ended
  await expect.poll(() => held.length).toBeGreaterThan(0);
  await expect(requests.last()).not.toContainText('Answered');
  late = false;
  for (const send of held) send();
  await expect(requests.last()).toContainText('Answered 401');
});

test('a request that stands behind a prediction can be sent once it is locked', async ({ page }) => {
  await page.goto('/lessons/codes#again');
  const gate = page.locator('.step.now pg-predict');
  await gate.getByRole('radio').first().check();
  await gate.getByRole('button').click();
  await expect(page.locator('.step.now pg-request').getByRole('button', { name: /^Send/ })).toBeVisible();
});

test('an edited request keeps what was typed after an error, and can be put back', async ({ page }) => {
  const request = await withRequest(page, true);
  const plays: string[] = [];
  await page.route('**/play', (route) => {
    plays.push(route.request().postData() ?? '');
    return route.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"detail":"This can’t be sent."}' });
  });
  await request.getByRole('button', { name: 'Change it first' }).click();
  const field = request.getByRole('textbox');
  await expect(field).toBeFocused();
  await field.fill('POST {{api}}/posts\n\nx=1');
  await expect(request.locator('.req-h')).toContainText('POST api.chirper.test/posts');
  await expect(request).toContainText('Edited');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('alert')).toBeVisible();
  expect(plays[0]).toContain('{{api}}/posts');
  await expect(field).toHaveValue('POST {{api}}/posts\n\nx=1');
  await request.getByRole('button', { name: 'As it was' }).click();
  await expect(request.locator('.req-h')).toContainText('POST auth.chirper.test/token');
  await expect(request.getByRole('textbox')).toHaveCount(0);
});

for (const theme of ['light', 'dark'] as const) {
  test(`questions are accessible: ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    const gate = await walkToGate(page);
    const clean = async () => expect((await new AxeBuilder({ page }).exclude('iframe').analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' | ')}`)).toEqual([]);
    await clean();
    await gate.locator('label.opt').last().click();
    await gate.getByRole('button').click();
    await expect(gate.locator('.fb')).toBeVisible();
    await clean();
    for (const width of [1440, 1024, 720, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}
