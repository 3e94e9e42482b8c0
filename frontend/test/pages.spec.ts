// Every page in every state, in each look and width: drawn into test-results, held against the rules of accessibility, never wider
// than its window, silent in the console, and asking nobody else. One run in one page serves a whole look, so that it stays quick;
// SHOTS=all draws and checks all widths in all looks.
import { expect, test, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { answer, complaints, done, frame, next, play, row, sideways, violations } from './walk';

const widths = [1440, 1024, 768, 390];
const all = process.env['SHOTS'] === 'all';
const ofColour = { 'color-contrast': true, 'link-in-text-block': true };

interface Look {
  name: string;
  media: NonNullable<Parameters<Page['emulateMedia']>[0]>;
  kept?: Record<string, string>; // what was chosen on the page, rather than in the system
  widths: number[];
  rules?: { [rule: string]: boolean }; // the rules that a look could break, if the page is the same in other ways
}

const looks: Look[] = [
  { name: 'light', media: { colorScheme: 'light' }, widths },
  { name: 'dark', media: { colorScheme: 'dark' }, widths: all ? widths : [1440, 390], rules: ofColour },
  { name: 'light, more contrast', media: { colorScheme: 'light' }, kept: { contrast: 'more' }, widths: all ? widths : [1440], rules: ofColour },
  { name: 'dark, the system wants more contrast', media: { colorScheme: 'dark', contrast: 'more' }, widths: all ? widths : [1440], rules: ofColour },
  { name: 'forced colours', media: { forcedColors: 'active' }, widths: all ? widths : [1440, 390], rules: { 'color-contrast': false } }, // its colours are the reader’s own; axe sees those that the page would have
];

// shooter draws what a page shows in each width of a look, and says what is wrong with it.
function shooter(page: Page, look: Look) {
  const folder = `test-results/pages/${look.name.replaceAll(/\W+/g, '-')}`;
  mkdirSync(folder, { recursive: true });
  return async (name: string) => {
    for (const width of look.widths) {
      await page.setViewportSize({ width, height: width < 640 ? 844 : 900 });
      expect.soft(await sideways(page), `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
      if (all || width !== 1024) expect.soft(await violations(page, look.rules), `${name} at ${width}`).toEqual([]); // at 1024 it has the form that it has at 768
      await page.screenshot({ path: `${folder}/${name}-${width}.png`, animations: 'disabled', fullPage: width < 1120 });
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  };
}

// lesson walks through “Why two steps?” and shows each state that a lesson can be in.
async function lesson(page: Page, shot: (name: string) => Promise<void>) {
  const browser = page.locator('pg-browser');
  await page.goto('/lessons/two-steps');
  await expect(page.locator('.evidence')).toContainText('A recorded run');
  await shot('lesson-intro');
  await next(page, 'Ask for the token at once');
  await browser.getByRole('button', { name: 'Open Planner' }).click();
  await frame(page).getByRole('button', { name: 'Connect Chirper' }).click();
  await expect(frame(page).getByRole('button', { name: 'Sign in' })).toBeVisible();
  await shot('lesson-login');
  await frame(page).getByRole('button', { name: 'Sign in' }).click();
  await expect(frame(page).getByRole('button', { name: 'Allow' })).toBeVisible();
  await shot('lesson-consent');
  await frame(page).getByRole('button', { name: 'Allow' }).click();
  await done(page);
  await row(page, '/authorize').first().getByRole('link').click();
  await expect(page.locator('pg-exchange')).toContainText('as.response-type-retired');
  await shot('lesson-observed');
  await row(page, 'POST/consent').getByRole('link').click();
  await page.locator('pg-exchange').getByRole('button', { name: /^Open access_token#1/ }).first().click();
  await expect(page.locator('pg-token')).toContainText('proves nothing');
  await shot('token-decoded');
  await page.keyboard.press('Escape');

  await next(page, 'An extension reads addresses');
  await shot('prediction-open');
  await answer(page, 'pg-predict', 'In one step only');
  await shot('prediction-locked');
  await page.locator('#play').click();
  await expect(page.locator('.outcome')).toContainText('The attack succeeded');
  await shot('attack-won');

  await next(page, 'Take the second step back');
  await play(page);
  await next(page, 'The same extension again');
  await answer(page, 'pg-predict', '401');
  await page.locator('#play').click();
  await expect(page.locator('.outcome')).toContainText('The attack failed');
  await page.locator('pg-wire li.refused').last().getByRole('link').click();
  await expect(page.locator('pg-exchange')).toContainText('as.client-authentication');
  await shot('attack-lost');

  await page.locator('pg-lens select').selectOption('browser', { force: true });
  await expect(page.locator('.lens-note')).toBeVisible();
  await shot('lens-browser');
  await page.locator('pg-lens select').selectOption('', { force: true });
  await page.getByRole('button', { name: 'Protections' }).click();
  await expect(page.locator('pg-policy')).toBeVisible();
  await shot('protections');
  await page.getByRole('button', { name: 'Protections' }).click();
  await page.getByRole('button', { name: 'Show as table' }).click();
  await expect(page.getByRole('columnheader', { name: 'Carries' })).toBeAttached();
  await shot('table');
  await page.getByRole('button', { name: 'Show as table' }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.locator('pg-diff table')).toBeVisible();
  await shot('comparison');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.locator('#how-keys').click();
  await shot('keys');
  await page.keyboard.press('Escape');

  await next(page, 'Look back');
  await answer(page, 'pg-quiz', 'The code is encrypted');
  await shot('quiz-wrong');
  await answer(page, 'pg-quiz', 'What passes through a browser can leak');
  await shot('quiz-right');
}

// attack runs “The extension that reads addresses” twice, and lets it through with what is switched.
async function attack(page: Page, shot: (name: string) => Promise<void>) {
  const run = page.getByRole('button', { name: /^Run the attack/ });
  await page.goto('/lessons/two-steps/attack');
  await expect(run).toBeVisible();
  await shot('lab-before');
  await run.click();
  const honest = page.locator('details', { hasText: 'The honest sign-in still works' });
  await expect(honest).toBeVisible();
  await expect(run).toHaveText(/again/);
  await shot('lab-stopped');
  await honest.locator('summary').click();
  await page.getByRole('radiogroup', { name: /^response-type-retired/ }).getByText('observe').click();
  await page.getByRole('button', { name: '+10 min' }).click();
  await expect(page.getByText('Mallory waits 10 min')).toBeVisible();
  await page.getByRole('button', { name: 'Let her not wait' }).click();
  await run.click();
  await expect(page.getByRole('heading', { name: 'The attack works both times.' })).toBeVisible();
  await shot('lab-through');
}

// workbench plays an app that signs in over TCP, first right and then wrong, and looks at the pages that its user would see.
async function workbench(page: Page, shot: (name: string) => Promise<void>) {
  await page.goto('/workbench');
  await expect(page.locator('#wire')).toContainText('Make a sandbox first');
  await shot('workbench-empty');
  await page.getByRole('button', { name: /without a page/ }).click();
  await expect(page.locator('#wire')).toContainText('Nothing has come yet');
  await page.getByText('JSON', { exact: true }).click();
  const c = JSON.parse((await page.getByRole('region', { name: 'Configuration' }).textContent())!) as { issuer: string; client_id: string; client_secret: string; redirect_uri: string };
  const asks = (issuer: string) => `${issuer}/authorize?client_id=${c.client_id}&response_type=code&scope=openid&state=abcdefgh&redirect_uri=${encodeURIComponent(c.redirect_uri)}`;
  for (const secret of [c.client_secret, 'wrong']) {
    const asked = await page.request.get(asks(c.issuer), { maxRedirects: 0 });
    const code = new URL(asked.headers()['location']!).searchParams.get('code')!;
    await page.request.post(`${c.issuer}/token`, { form: { grant_type: 'authorization_code', code, redirect_uri: c.redirect_uri }, headers: { Authorization: 'Basic ' + Buffer.from(`${c.client_id}:${secret}`).toString('base64') } });
  }
  await page.locator('#findings .f.must a').first().click();
  await expect(page.locator('pg-exchange')).toContainText('as.client-authentication');
  await shot('workbench-running');

  const made = await page.request.post('/api/sandboxes', { data: { kind: 'workbench', login: 'form' } });
  const { issuer } = (await made.json()) as { issuer: string };
  await page.goto(asks(issuer));
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await shot('login');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Allow' })).toBeVisible();
  await shot('consent');
  await page.goto(asks(issuer).replace(encodeURIComponent(c.redirect_uri), encodeURIComponent('https://elsewhere.test/cb')));
  await expect(page.locator('h1')).toBeVisible();
  await shot('refusal');
}

for (const look of looks) {
  test(`each page and state: ${look.name}`, async ({ browser }) => {
    test.setTimeout(all ? 600_000 : 240_000);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.emulateMedia(look.media);
    await page.addInitScript((kept) => {
      try {
        for (const [k, v] of Object.entries(kept)) localStorage.setItem(k, v);
      } catch {
        // the frame of Maya's browser keeps nothing
      }
    }, look.kept ?? {});
    const said = complaints(page);
    const shot = shooter(page, look);
    await page.goto('/');
    await shot('home');
    await lesson(page, shot);
    await attack(page, shot);
    await page.goto('/');
    await expect(page.locator('pg-review')).toBeVisible();
    await shot('home-again');
    await page.goto('/glossary');
    await shot('glossary');
    await page.goto('/runs');
    await shot('runs');
    await page.goto('/runs?from=/api/lessons/code-flow/run#x9');
    await expect(page.locator('pg-exchange')).toContainText('as.pkce-verifier');
    await shot('runs-open');
    expect(said).toEqual([]);
    await page.goto('/lessons/nothing');
    await expect(page.locator('.sorry h1')).toBeVisible();
    await shot('error');
    said.length = 0; // a page that isn't there is said in the console by the browser itself, as is an app's refusal
    await workbench(page, shot);
    expect(said.filter((line) => !/status of 40\d/.test(line))).toEqual([]);
    await context.close();
  });
}

test('at 200 % of a window of 1440 px nothing is lost', async ({ browser }) => {
  test.setTimeout(120_000);
  const look: Look = { name: 'zoom', media: {}, widths: [720] };
  const context = await browser.newContext({ viewport: { width: 720, height: 450 }, deviceScaleFactor: 2, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const folder = 'test-results/pages/zoom';
  mkdirSync(folder, { recursive: true });
  const shot = async (name: string) => {
    expect.soft(await sideways(page), `${name} scrolls sideways`).toBeLessThanOrEqual(0);
    expect.soft(await violations(page), name).toEqual([]);
    await page.screenshot({ path: `${folder}/${name}-${look.widths[0]}.png`, animations: 'disabled' });
  };
  for (const path of ['/', '/glossary', '/runs', '/workbench', '/lessons/two-steps/attack', '/lessons/code-flow']) {
    await page.goto(path);
    await shot(path.replaceAll('/', '') || 'home');
  }
  await next(page, 'Maya opens Planner');
  await play(page);
  await row(page, 'GET').getByRole('link').click();
  await expect(page.locator('pg-exchange')).toBeInViewport();
  await shot('exchange');
  for (const part of ['.stepper', '#browser', 'pg-lens', 'pg-wire', 'pg-exchange']) await expect(page.locator(part).first(), part).toBeVisible();
  await context.close();
});

test('nothing moves for who wants it so', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await page.evaluate(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    for (const kind of ['animationstart', 'transitionrun'] as const) {
      document.addEventListener(kind, (e) => {
        const t = (e.target as Element).getAnimations().map((a) => Number(a.effect?.getComputedTiming().duration)).filter((d) => d > 1);
        if (t.length) moved.push(`${kind} ${(e.target as Element).localName}.${(e.target as Element).className} ${t.join()} ms`);
      });
    }
  });
  await play(page);
  await row(page, 'GET').getByRole('link').click();
  await page.locator('pg-lens select').selectOption('browser', { force: true });
  await page.getByRole('button', { name: '+1 h' }).click();
  await expect(page.locator('li.jump')).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
});

test('on paper the whole lesson is there, and the run as a list', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await play(page);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark ink on paper, also for who reads light on dark').toBe('light');
  for (const width of [794, 1440]) {
    await page.setViewportSize({ width, height: 1000 });
    const steps = page.locator('.steps > .step');
    for (const step of await steps.all()) await expect(step, `${await step.getAttribute('id')} at ${width}`).toBeVisible();
    for (const part of ['.stepper', '#browser', '.tools', '.chrome']) await expect(page.locator(part).first(), part).toBeHidden();
    // Nothing may be cut off: what scrolls on the screen lies open on paper.
    const cut = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>('html, body, pg-lesson, .desk, .hands, .steps, .evidence, pg-wire')].filter((e) => getComputedStyle(e).overflowY !== 'visible' && e.scrollHeight > e.clientHeight + 1).map((e) => `${e.localName}.${e.className}`));
    expect.soft(cut, `cut off on paper at ${width}`).toEqual([]);
  }
  mkdirSync('test-results/pages/print', { recursive: true });
  await page.screenshot({ path: 'test-results/pages/print/lesson.png', fullPage: true });
});
