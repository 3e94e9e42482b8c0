// The core course as a learner goes through it: each step in its order, some of it by hand, each prediction locked, each attack run as
// its lesson has it and again where it is stopped, each question answered to the last. What came of it stands in the record.
import { expect, test, type Page } from '@playwright/test';
import { complaints, done, frame, row } from './walk';

// Walk is what is particular about a lesson: what a learner does by hand in a step, and how its attacks end, in order.
interface Walk {
  slug: string;
  title: string;
  outcomes: ('succeeded' | 'failed')[];
  hands: { [step: string]: (page: Page) => Promise<void> };
}

const press = (page: Page, name: string) => frame(page).getByRole('button', { name }).click();
const openPlanner = (page: Page) => page.locator('pg-browser').getByRole('button', { name: /Open Planner|Ask for this address again/ }).first().click();

async function open(page: Page, address: string) {
  await page.locator('pg-browser').getByRole('textbox', { name: 'Address' }).click();
  await page.keyboard.type(address);
  await page.keyboard.press('Enter');
}

const walks: Walk[] = [
  {
    slug: 'password', title: 'Why not share the password?', outcomes: ['succeeded', 'failed'],
    hands: {
      give: async (page) => {
        await openPlanner(page);
        await frame(page).getByLabel('Your Chirper user name').fill('maya');
        await frame(page).getByLabel('Your Chirper password').fill('practice-only');
        await press(page, 'Give it to Planner');
        await expect(frame(page).locator('#notice')).toContainText('Planner has your password');
      },
      use: (page) => press(page, 'Publish on Chirper'),
      'take-back': async (page) => {
        for (const [i, status] of [200, 204, 401].entries()) {
          await page.locator('.step.now pg-request').nth(i).getByRole('button', { name: /^Send/ }).click();
          await expect(page.locator('.step.now pg-request').nth(i)).toContainText(`Answered ${status}`);
        }
      },
      revoke: async (page) => {
        await open(page, 'auth.chirper.test/account');
        await press(page, 'Remove');
        await expect(frame(page).locator('#removed')).toContainText('can do nothing more');
        await open(page, 'planner.test');
        await press(page, 'Publish on Chirper');
      },
    },
  },
  {
    slug: 'two-steps', title: 'Why two steps?', outcomes: ['succeeded', 'failed'],
    hands: {
      'one-step': async (page) => {
        await openPlanner(page);
        await frame(page).getByRole('button', { name: 'Connect Chirper' }).or(frame(page).getByRole('link', { name: 'Connect Chirper' })).first().click();
        await press(page, 'Sign in');
        await press(page, 'Allow');
      },
    },
  },
  { slug: 'state', title: 'state: whose answer is this?', outcomes: ['succeeded', 'succeeded', 'failed'], hands: {} },
  { slug: 'pkce', title: 'PKCE: apps that cannot keep a secret', outcomes: ['succeeded', 'succeeded', 'failed'], hands: {
    back: async (page) => {
      await press(page, 'Sign in');
      await press(page, 'Allow');
      await expect(frame(page).getByRole('heading', { name: 'The app is connected' })).toBeVisible();
    },
  } },
  { slug: 'pkce-servers', title: 'PKCE for servers, with state and nonce', outcomes: [], hands: {} },
];

// questions answers every question of the step at hand: one of choices until it is right, one of rows once.
async function questions(page: Page) {
  for (const quiz of await page.locator('.step.now > pg-quiz').all()) {
    const options = quiz.locator('label.opt');
    const button = quiz.locator('.qf button');
    if (await options.count()) {
      for (const option of await options.all()) {
        await option.click();
        await button.click();
        await expect(option.locator('.fb')).not.toBeEmpty();
        if (await quiz.locator('.opt.right').count()) break;
      }
      await expect(quiz.locator('.opt.right')).toHaveCount(1);
      continue;
    }
    for (const [i, select] of (await quiz.getByRole('combobox').all()).entries()) await select.selectOption({ index: 1 + (i % ((await select.locator('option').count()) - 1)) }); // each place once
    for (const box of (await quiz.getByRole('checkbox').all()).slice(0, 1)) await box.check();
    await button.click();
    await expect(quiz.locator('.ending .fb')).not.toBeEmpty();
    await expect(quiz.locator('[data-row]:not(:empty)')).not.toHaveCount(0);
  }
}

for (const walk of walks) {
  test(`a learner goes through “${walk.title}” to the last question`, async ({ page }) => {
    test.setTimeout(120_000);
    const said = complaints(page);
    const ended: string[] = [];
    await page.goto('/');
    await page.locator('.les').getByRole('link', { name: walk.title }).click();
    const ids = await page.locator('.step').evaluateAll((steps) => steps.map((s) => s.id));
    for (const id of ids.slice(1)) {
      await page.locator('#next').click();
      await expect(page.locator('.step.now')).toHaveId(id);
      for (const gate of await page.locator('.step.now pg-predict').all()) {
        await gate.locator('label.opt').first().click();
        await gate.locator('.qf button').click();
        await expect(gate.locator('.fb').first()).not.toBeEmpty();
      }
      if (walk.hands[id]) await walk.hands[id](page);
      else if (await page.locator('#play').count()) await page.locator('#play').click();
      if (await page.locator('.step.now[data-playable]').count()) await done(page);
      if (await page.locator('.step.now[data-attack]').count()) ended.push(/attack (succeeded|failed)/.exec((await page.locator('.outcome').textContent())!)![1]!);
      await questions(page);
    }
    if (walk.outcomes.length) expect(ended).toEqual(walk.outcomes);
    else expect(new Set(ended)).toEqual(new Set(['succeeded', 'failed']));
    await expect(row(page, '/').first()).toBeVisible();
    await page.locator('#next').click(); // all lessons
    await expect(page.locator('.les', { hasText: walk.title }).getByRole('img', { name: 'done' })).toBeVisible();
    expect(said).toEqual([]);
  });
}
