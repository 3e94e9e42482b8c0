// An author has a lesson open and saves its file: the page shows the new text, and the learner's step stays.
import { expect, test } from '@playwright/test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnServer } from './own';
import { complaints, next, play, title, violations } from './walk';

const own = new OwnServer();
const folder = mkdtempSync(join(tmpdir(), 'lessons-'));
const file = join(folder, 'mine', '01-first.md');

// lesson is a lesson whose second step says a text.
const lesson = (text: string) => `---
title: A lesson of mine
question: What is here?
minutes: 1
spec: ["RFC 6749 §4.1"]
---

The beginning.

## Maya connects Planner {#connect}

\`\`\`browser
open https://planner.test/connect
fill username maya
fill password practice-only
submit login
submit allow
\`\`\`

\`\`\`expect
client -> as POST /token 200
\`\`\`

## What came of it {#after}

${text}

> [!QUIZ] Who has the token?
> - [x] Planner
>   Yes.
> - [ ] Nobody {M04}
>   No.
> - [ ] Mallory {M04}
>   No.
`;

test.beforeAll(async () => {
  mkdirSync(join(folder, 'mine'));
  writeFileSync(file, lesson('The first text.'));
  await own.prepare(false, '-lessons', folder);
  await own.start();
});

test.afterAll(async () => {
  await own.kill();
  own.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('what an author saves is shown on the open page, which stays at its step', async ({ page }) => {
  const grievances = complaints(page);
  await page.goto(own.url + '/');
  await page.locator('.les').getByRole('link', { name: 'A lesson of mine' }).click();
  await next(page, 'Maya connects Planner');
  await play(page);
  await next(page, 'What came of it');
  await expect(page.getByText('The first text.')).toBeVisible();

  await page.getByRole('radio', { name: 'Nobody' }).check(); // and not sent

  const stays = async (text: string) => {
    await expect(page.getByText(text)).toBeVisible({ timeout: 15_000 });
    await expect(title(page)).toHaveText('What came of it');
    await expect(page.getByRole('radio', { name: 'Nobody' })).toBeChecked();
    await expect(page.getByRole('link', { name: 'POST /token' })).toBeVisible(); // the run is the same, too
  };
  writeFileSync(file, lesson('The second text.'));
  await stays('The second text.');

  // A mistake: the page says where it is, and the text stays.
  writeFileSync(file, lesson('The third text.\n\n```polizy\n```'));
  const box = page.getByRole('complementary', { name: 'For the author' });
  await expect(box).toContainText('mine/01-first.md:28', { timeout: 15_000 });
  await stays('The second text.');
  // It takes no more room than it needs: what is left is the text's.
  await expect.poll(() => page.locator('.steps > .note').evaluate((note) => note.getBoundingClientRect().bottom - note.lastElementChild!.getBoundingClientRect().bottom)).toBeLessThan(24);
  expect(await violations(page)).toEqual([]);

  writeFileSync(file, lesson('The fourth text.'));
  await stays('The fourth text.');
  await expect(box).toBeHidden();

  // The file is away, as for an author who changes to another branch: the page stays, and goes on when it is back.
  rmSync(file);
  await expect.poll(async () => (await page.request.get(own.url + '/lessons/first')).status(), { timeout: 15_000 }).toBe(404);
  await page.waitForResponse((answer) => answer.url().endsWith('/edition') && answer.status() === 204);
  await stays('The fourth text.');
  writeFileSync(file, lesson('The fifth text.'));
  await stays('The fifth text.');
  expect(grievances).toEqual([]);
});

test('a course file gives the course another title, look and names, also in what the page says later', async ({ page }) => {
  const grievances = complaints(page);
  await page.goto(own.url + '/lessons/first');
  writeFileSync(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#0b6e4f"/></svg>');
  writeFileSync(join(folder, 'course.yaml'), 'title: OAuth at Acme\naccent: "#0b6e4f"\nlogo: logo.svg\nhide: [cast]\nnames:\n  maya: Zoë\n  planner: Acme Planner\n');
  await expect(page.locator('.brand')).toContainText('OAuth at Acme', { timeout: 15_000 });
  await expect(page.locator('.brand img')).toHaveJSProperty('naturalWidth', 9);

  await next(page, 'Zoë connects Acme Planner');
  await expect(page.locator('#play')).toHaveCSS('background-color', 'rgb(11, 110, 79)');
  await play(page);
  await expect(page.locator('pg-wire')).toContainText('From Zoë’s browser to Acme Planner');
  await expect(page.locator('body')).not.toContainText('Maya');
  expect(await violations(page)).toEqual([]);

  await page.goto(own.url + '/');
  await expect(page).toHaveTitle('OAuth at Acme');
  await expect(page.locator('.les[data-slug="cast"]')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  expect(grievances).toEqual([]);
});
