// Bad days: a slow line, no line, a server that dies and comes back, parts of the page that don't arrive. The page stays readable, says
// what happened and what still holds, and goes on by itself.
import { expect, test, type Page } from '@playwright/test';
import { OwnServer } from './own';
import { answer, complaints, done, frame, next, play, row } from './walk';

const rows = (page: Page) => page.locator('pg-wire li.x:not(.ghost)');
const note = (page: Page) => page.locator('.stepper [role=status]');

test.describe('on a slow line', () => {
  test('a lesson is read before its script has come', async ({ page }) => {
    const line = await page.context().newCDPSession(page);
    await line.send('Network.enable');
    await line.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 50_000, uploadThroughput: 20_000 });
    await page.goto('/lessons/two-steps', { waitUntil: 'commit' });
    await page.locator('pg-wire').waitFor();
    const times = await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]!.startTime,
      scripts: Math.max(...performance.getEntriesByType('resource').filter((r) => new URL(r.name).pathname.endsWith('.js')).map((r) => (r as PerformanceResourceTiming).responseEnd)),
    }));
    expect(times.paint).toBeLessThan(times.scripts);
    await next(page, 'Ask for the token at once');
    await page.locator('#play').click();
    await expect(page.locator('#play')).toHaveAttribute('aria-disabled', 'true'); // it says that something is on its way
    await done(page);
  });

  for (const width of [412, 1440]) {
    test(`nothing jumps while a page comes: ${width}`, async ({ page }) => {
      await page.setViewportSize({ width, height: 850 });
      const line = await page.context().newCDPSession(page);
      await line.send('Network.enable');
      await line.send('Network.emulateNetworkConditions', { offline: false, latency: 60, downloadThroughput: 200_000, uploadThroughput: 90_000 });
      await page.addInitScript(() => {
        const jumps: number[] = [];
        Object.assign(window, { jumps });
        new PerformanceObserver((l) => l.getEntries().forEach((e) => jumps.push((e as PerformanceEntry & { value: number }).value))).observe({ type: 'layout-shift', buffered: true });
      });
      for (const path of ['/', '/lessons/code-flow', '/workbench']) {
        await page.goto(path);
        await page.locator('body.ready').waitFor();
        await page.evaluate(() => document.fonts.ready.then(() => new Promise(requestAnimationFrame)).then(() => undefined));
        expect(await page.evaluate(() => (window as unknown as { jumps: number[] }).jumps.reduce((a, b) => a + b, 0)), path).toBeLessThan(0.05);
      }
    });
  }

  test('what can be read before the script: all steps, the recorded run, the questions', async ({ page }) => {
    await page.route('**/*.js*', () => {}); // on its way for ever
    await page.goto('/lessons/two-steps', { waitUntil: 'commit' });
    for (const step of ['Ask for the token at once', 'An extension reads addresses', 'Look back']) await expect(page.getByRole('heading', { name: step })).toBeVisible();
    await expect(page.getByRole('row', { name: /POST \/token.*401/ })).toBeVisible();
    await expect(page.locator('#how-keys')).toBeHidden(); // what can do nothing yet isn't there
  });
});

test.describe('without a line, in the middle of a step', () => {
  test('the page says what to do, loses nothing, and goes on by itself', async ({ page, context }) => {
    let cut = false;
    const sockets: { close(o: { code: number }): Promise<void> }[] = [];
    await page.routeWebSocket(/\/stream/, (ws) => {
      if (cut) return void ws.close({ code: 1001 });
      ws.connectToServer();
      sockets.push(ws);
    });
    await page.goto('/lessons/code-flow');
    await next(page, 'Maya opens Planner');
    await play(page);
    await next(page, 'Planner sends her away');
    const gate = page.locator('.step.now pg-predict');
    await gate.getByRole('textbox').fill('because it is hers');

    cut = true;
    await context.setOffline(true);
    for (const ws of sockets) await ws.close({ code: 1001 });
    await expect(page.locator('.st-bar')).toContainText('Reconnecting. Your sandbox goes on.');
    await gate.locator('label.opt', { hasText: 'Chirper’s own' }).click();
    await gate.getByRole('button').click();
    await expect(gate.getByRole('alert').or(page.getByRole('alert')).first()).toContainText(/\w+ .*\./); // a sentence to act on
    await expect(gate.getByRole('radio', { name: 'Chirper’s own' })).toBeChecked();
    await expect(gate.getByRole('textbox')).toHaveValue('because it is hers');
    await expect(rows(page)).toHaveCount(1);

    cut = false;
    await context.setOffline(false);
    await expect(page.locator('#status')).toContainText('Live, 1 exchange', { timeout: 15_000 });
    await gate.getByRole('button').click();
    await expect(gate.locator('.fb')).toContainText('Yes.');
    await play(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

  test('a step that could not be sent says so, and is sent at the second try', async ({ page, context }) => {
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await page.locator('pg-browser').getByRole('button', { name: 'Open Planner' }).click();
    await expect(frame(page).getByRole('button', { name: 'Connect Chirper' })).toBeVisible();
    await context.setOffline(true);
    await page.locator('#play').click();
    await expect(page.getByRole('alert')).toContainText(/\w+ .*\./);
    await expect(page.locator('#play')).not.toHaveAttribute('aria-disabled', 'true');
    await context.setOffline(false);
    await play(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

  test('a link that was pressed in Maya’s browser meanwhile is not the end of it', async ({ page, context }) => {
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await page.locator('pg-browser').getByRole('button', { name: 'Open Planner' }).click();
    await expect(frame(page).getByRole('button', { name: 'Connect Chirper' })).toBeVisible();
    await context.setOffline(true);
    await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
    await expect(frame(page).getByRole('button', { name: 'Connect Chirper' })).toHaveCount(0); // the browser shows that there is no line
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Ask for this address again' }).click();
    await expect(frame(page).getByRole('button', { name: 'Connect Chirper' })).toBeVisible();
    await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
    await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  });
});

test.describe('with a server that dies', () => {
  const own = new OwnServer();
  const { start, kill } = own;
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    await own.prepare(false);
  });
  test.afterAll(own.remove);
  test.beforeEach(start);
  test.afterEach(kill);

  test('the page says so, gets a new sandbox, and has the run played again to the learner’s step', async ({ page }) => {
    await page.goto(`${own.url}/lessons/code-flow`);
    await next(page, 'Maya opens Planner');
    await play(page);
    await next(page, 'Planner sends her away');
    await answer(page, 'pg-predict', 'Chirper’s own');
    await play(page);
    await next(page, 'Sign in as Maya');
    const before = await rows(page).count();
    const said = complaints(page);

    await kill();
    await expect(page.locator('.st-bar')).toContainText('Reconnecting.');
    await expect(rows(page)).toHaveCount(before); // it stays readable
    await row(page, '/authorize').getByRole('link').click();
    await expect(page.locator('pg-exchange')).toContainText('as.client-known');
    await page.locator('#play').click();
    await expect(page.getByRole('alert')).toContainText(/\w+ .*\./);

    await start();
    await expect(note(page).first()).toContainText('2 steps were played again for you', { timeout: 20_000 });
    await expect(page.locator('.step.now h2')).toHaveText('Sign in as Maya');
    await expect(rows(page)).toHaveCount(before);
    await expect(page.getByRole('alert')).toHaveCount(0); // what could not be sent isn't a problem any more
    await expect(page.locator('.st-bar')).toHaveCount(0);
    await frame(page).getByRole('button', { name: 'Sign in' }).click();
    await done(page);
    // What Chromium says of a server that is killed, maybe in the middle of an answer, and of a sandbox that is no more.
    expect(said.filter((s) => !/net::ERR_(CONNECTION_|EMPTY_RESPONSE|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED)|WebSocket|status of 40[14]/.test(s))).toEqual([]);
  });

  test('an attack and its predictions come back too', async ({ page }) => {
    await page.goto(`${own.url}/lessons/two-steps`);
    await next(page, 'Ask for the token at once');
    await play(page);
    await next(page, 'An extension reads addresses');
    await answer(page, 'pg-predict', 'In both');
    await play(page);
    const before = await rows(page).count();
    await kill();
    await start();
    await expect(note(page).first()).toContainText('2 steps were played again for you', { timeout: 20_000 });
    await expect(rows(page)).toHaveCount(before);
    await expect(page.locator('.step.now')).toContainText('The wire says otherwise');
    await next(page, 'Take the second step back');
    await play(page);
  });

  test('a tab that was closed meanwhile finds its place, and its run', async ({ page, context }) => {
    await page.goto(`${own.url}/lessons/two-steps`);
    await next(page, 'Ask for the token at once');
    await play(page);
    await next(page, 'An extension reads addresses');
    await page.close();
    await kill();
    await start();
    const again = await context.newPage();
    await again.goto(`${own.url}/lessons/two-steps`);
    await expect(note(again).first()).toContainText('1 step was played again for you', { timeout: 20_000 });
    await expect(again.locator('.step.now h2')).toHaveText('An extension reads addresses');
    await expect(rows(again).first()).toBeVisible();
  });
});

test.describe('with a durable server that dies', () => {
  const own = new OwnServer();
  const { start, kill } = own;
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    await own.prepare(true);
  });
  test.afterAll(own.remove);
  test.beforeEach(start);
  test.afterEach(kill);

  // numbers are those of the rows: each exchange is there once.
  const numbers = (page: Page) => page.locator('pg-wire li.x:not(.ghost) .x-n').allTextContents();

  test('in the middle of a flow: the page comes back to its own sandbox and goes on', async ({ page }) => {
    await page.goto(`${own.url}/lessons/code-flow`);
    await next(page, 'Maya opens Planner');
    await play(page);
    await next(page, 'Planner sends her away');
    await answer(page, 'pg-predict', 'Chirper’s own');
    await play(page);
    await next(page, 'Sign in as Maya');
    const before = await rows(page).count();
    await kill();
    await expect(page.locator('.st-bar')).toContainText('Reconnecting.');
    await start();
    await expect(page.locator('.st-bar')).toHaveCount(0, { timeout: 20_000 });
    await expect(rows(page)).toHaveCount(before);
    await expect(page.locator('.step.now h2')).toHaveText('Sign in as Maya');
    await frame(page).getByRole('button', { name: 'Sign in' }).click();
    await done(page);
    const all = await numbers(page);
    expect(new Set(all).size).toBe(all.length);
    await expect(page.getByText('played again for you')).toHaveCount(0); // it is the same run
  });

  test('in the middle of an attack: it can be run again', async ({ page }) => {
    await page.goto(`${own.url}/lessons/two-steps`);
    await next(page, 'Ask for the token at once');
    await play(page);
    await next(page, 'An extension reads addresses');
    await answer(page, 'pg-predict', 'In both');
    await page.route(
      '**/steps/steal/play',
      async (route) => {
        const asked = route.continue();
        await kill(); // while the attack runs, or right before or after it
        await asked.catch(() => undefined);
      },
      { times: 1 },
    );
    await page.locator('#play').click();
    await expect(page.locator('.st-bar')).toContainText('Reconnecting.');
    await start();
    await expect(page.locator('.st-bar')).toHaveCount(0, { timeout: 20_000 });
    await expect(async () => {
      if (!(await page.locator('.stepper').textContent())?.includes('Done:')) await page.locator('#play').click();
      await expect(page.locator('.stepper')).toContainText('Done:', { timeout: 2_000 });
    }).toPass({ timeout: 20_000 });
    await expect(page.getByText('played again for you')).toHaveCount(0);
    await next(page, 'Take the second step back');
    await play(page);
  });

  test('after an answer: it is there in a tab that is opened later', async ({ page, context }) => {
    await page.goto(`${own.url}/lessons/two-steps`);
    await next(page, 'Ask for the token at once');
    await play(page);
    await next(page, 'An extension reads addresses');
    await answer(page, 'pg-predict', 'In both');
    const before = await rows(page).count();
    await kill();
    await page.close();
    await start();
    const again = await context.newPage();
    await again.goto(`${own.url}/lessons/two-steps`);
    await expect(again.locator('.step.now h2')).toHaveText('An extension reads addresses');
    await expect(rows(again)).toHaveCount(before);
    await expect(again.locator('.step.now pg-predict')).toContainText('Your prediction is locked');
    await expect(again.getByText('played again for you')).toHaveCount(0);
  });
});

test.describe('with parts of the page missing', () => {
  test('without its script a lesson is read, and a question gets its feedback', async ({ page }) => {
    await page.route('**/*.js*', (route) => route.abort());
    await page.goto('/lessons/two-steps');
    await expect(page.getByRole('heading', { name: 'The same extension again' })).toBeVisible();
    const question = page.locator('#q-why-code');
    await question.getByText('The code is encrypted').click();
    await question.getByRole('button').click();
    await expect(page.locator('#q-why-code .fb')).toContainText('plain random string');
    await page.goto('/');
    await page.getByRole('link', { name: 'Why two steps?' }).first().click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why two steps?');
  });

  test('without its style and fonts everything still works', async ({ page }) => {
    await page.route(/\.(css|woff2)/, (route) => route.abort());
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await play(page);
    await expect(rows(page).first()).toContainText('GET');
  });

  test('without the part that looks closer the wire goes on, and a sentence says what to do', async ({ page }) => {
    await page.route(/later[-.\w]*\.js/, (route) => route.abort());
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await play(page);
    await rows(page).first().getByRole('link').click();
    await expect(page.locator('.st-bar')).toContainText(/\w+ .*\./);
    await page.locator('.st-bar').getByRole('button').click();
    await expect(page.locator('.st-bar')).toHaveCount(0);
    await page.unroute(/later[-.\w]*\.js/);
    await rows(page).nth(1).getByRole('link').click(); // the line is back: it is asked for again
    await expect(page.locator('pg-exchange')).toContainText('HTTP/1.1');
    await next(page, 'An extension reads addresses');
  });

  test('without the explanations of parameters the message is there all the same', async ({ page }) => {
    await page.route('**/explain.json*', (route) => route.abort());
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await play(page);
    await row(page, '/authorize').first().getByRole('link').click();
    await page.locator('pg-exchange').getByRole('button', { name: 'What state is' }).first().click();
    await expect(page.locator('pg-exchange')).toContainText('The explanations could not be loaded. Everything else works.');
  });
});
