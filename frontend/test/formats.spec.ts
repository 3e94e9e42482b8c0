// Questions of each kind, answered by keyboard and without script. Which lessons have them, the course itself tells.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { sideways, violations } from './walk';

interface Asked {
  slug: string;
  step: string;
  id: string;
  kind: string;
  rows?: string[];
  columns?: string[];
}

// asked is the first question of a kind in the course that stands in a step of its own lesson.
async function asked(request: APIRequestContext, fits: (q: { id: string; kind: string; twin_of?: string; html: string; choices: string[] }) => boolean): Promise<Asked> {
  const { lessons } = (await (await request.get('/api/lessons')).json()) as { lessons: { slug: string }[] };
  for (const { slug } of lessons) {
    const lesson = (await (await request.get(`/api/lessons/${slug}`)).json()) as { questions: (Asked & { twin_of?: string; html: string; choices: string[]; predict: boolean })[] };
    const page = await (await request.get(`/lessons/${slug}`)).text();
    for (const q of lesson.questions.filter((q) => !q.predict && fits(q))) {
      const step = [...page.slice(0, page.indexOf(`id="q-${q.id}"`)).matchAll(/class="step" id="([^"]+)"/g)].at(-1)![1]!;
      const before = page.slice(page.indexOf(`class="step" id="${step}"`), page.indexOf(`id="q-${q.id}"`));
      if (!before.includes('<pg-predict')) return { ...q, slug, step };
    }
  }
  throw new Error('no lesson has such a question');
}

// right finds the right answer as a learner could: by trying, since each row says whether it is right.
async function right(request: APIRequestContext, q: Asked): Promise<number[]> {
  const rows = q.rows!.length, columns = q.columns!.length;
  const found: number[][] = [];
  const tries = q.kind === 'matrix' ? 1 << columns : columns;
  for (let t = 0; t < tries; t++) {
    const cells = Array.from({ length: columns }, (_, c) => c).filter((c) => t & (1 << c));
    const each = (row: number) => (q.kind === 'matrix' ? cells.map((c) => row * columns + c + 1) : [q.kind === 'order' ? ((row + t) % rows) + 1 : t + 1]);
    const answer = Array.from({ length: rows }, (_, row) => each(row)).flat();
    const res = await request.post(`/api/lessons/${q.slug}/answers`, { data: { question: q.id, answer } });
    if (!res.ok()) continue; // nothing marked
    ((await res.json()) as { rows: boolean[] }).rows.forEach((ok, row) => ok && (found[row] = each(row)));
  }
  return Array.from({ length: rows }, (_, row) => found[row] ?? []).flat();
}

// byKeyboard gives an answer with keys alone: a select by its text, a box by space.
async function byKeyboard(page: Page, q: Asked, answer: number[]) {
  const question = page.locator(`#q-${q.id}`);
  if (q.kind === 'matrix') {
    for (const box of await question.getByRole('checkbox').all()) {
      await box.focus();
      if ((await box.isChecked()) !== answer.includes(Number(await box.getAttribute('value')))) await page.keyboard.press('Space');
    }
  } else {
    for (const [i, select] of (await question.getByRole('combobox').all()).entries()) {
      await select.focus();
      await page.keyboard.press('Home');
      for (let n = 0; n < answer[i]!; n++) await page.keyboard.press('ArrowDown');
      await expect(select).toHaveValue(String(answer[i]));
    }
  }
  await page.keyboard.press('Tab'); // to the next field or the button
  await question.getByRole('button').focus();
  await page.keyboard.press('Enter');
}

for (const kind of ['order', 'match', 'matrix']) {
  test(`a question to ${kind} is answered by keyboard, says what of it is right, and may be tried again`, async ({ page, request }) => {
    const q = await asked(request, (q) => q.kind === kind);
    const answer = await right(request, q);
    const wrong = kind === 'matrix' ? (answer.includes(1) ? answer.filter((n) => n !== 1).concat(2).filter((n, i, all) => all.indexOf(n) === i) : [...answer, 1]) : kind === 'order' ? [...answer.slice(1), answer[0]!] : answer.map((n) => (n % q.columns!.length) + 1);
    await page.goto(`/lessons/${q.slug}#${q.step}`);
    const question = page.locator(`#q-${q.id}`);
    const ending = question.locator('.ending');
    await expect(question.locator('[data-row]:not(:empty)')).toHaveCount(0);
    await expect(ending).toBeHidden();
    await byKeyboard(page, q, wrong);
    await expect(ending.locator('.tag')).toHaveText('Your answer');
    await expect(ending.locator('.mis')).toContainText('“');
    await expect(question.locator('[data-row]').filter({ hasText: 'Not right' })).not.toHaveCount(0);
    await expect(question.locator('p[role=status]')).toContainText('Your answer. ');
    expect(await violations(page)).toEqual([]);
    await byKeyboard(page, q, answer);
    await expect(ending.locator('.tag')).toHaveText('Correct');
    await expect(question.locator('[data-row]')).toHaveText(q.rows!.map(() => 'Right'));
    await expect(ending.locator('.mis')).toHaveCount(0);
    expect(await violations(page)).toEqual([]);

    // The first answer counts, and is what comes back.
    await page.reload();
    await expect(ending.locator('.tag')).toHaveText('Your answer');
    await expect(question.locator('[data-row]').filter({ hasText: 'Not right' })).not.toHaveCount(0);
    for (const width of [1440, 720, 390]) {
      await page.setViewportSize({ width, height: 844 });
      expect(await sideways(page)).toBeLessThanOrEqual(0);
    }
  });
}

test('every kind of question is answered without script', async ({ browser, request }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const kind of ['order', 'match', 'matrix']) {
    const q = await asked(request, (q) => q.kind === kind);
    const answer = await right(request, q);
    await page.goto(`/lessons/${q.slug}`);
    const question = page.locator(`#q-${q.id}`);
    await expect(question.locator('.ending')).toBeHidden();
    for (const [i, select] of (await question.getByRole('combobox').all()).entries()) await select.selectOption(String(answer[i]));
    for (const n of kind === 'matrix' ? answer : []) await question.locator(`[value="${n}"]`).check();
    await question.getByRole('button').click();
    await expect(page).toHaveURL(`/lessons/${q.slug}#q-${q.id}`);
    await expect(question.locator('.ending .tag')).toHaveText('Correct');
    await expect(question.locator('[data-row]')).toHaveText(q.rows!.map(() => 'Right'));
  }
  const q = await asked(request, (q) => q.twin_of !== undefined);
  const first = q.id.replace(/-twin$/, '');
  await page.goto(`/lessons/${q.slug}`);
  await expect(page.locator(`#q-${q.id}`)).toBeHidden();
  await page.locator(`#q-${first}`).getByRole('radio').first().check();
  await page.locator(`#q-${first}`).getByRole('button').click();
  await page.getByText('A second question on the same idea').and(page.locator(`#q-${first} + .again > summary`)).click();
  await page.locator(`#q-${q.id}`).getByRole('radio').first().check();
  await page.locator(`#q-${q.id}`).getByRole('button').click();
  await expect(page.locator(`#q-${q.id} .fb`)).toBeVisible();
  await context.close();
});

test('a twin is offered once its question is answered', async ({ page, request }) => {
  const q = await asked(request, (q) => q.twin_of !== undefined);
  const first = page.locator(`#q-${q.id.replace(/-twin$/, '')}`);
  const twin = page.locator(`#q-${q.id}`);
  await page.goto(`/lessons/${q.slug}#${q.step}`);
  const summary = page.locator(`.again:has(#q-${q.id}) > summary`);
  await expect(summary).toBeHidden();
  await first.getByRole('radio').first().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(summary).toBeVisible();
  await summary.focus();
  await page.keyboard.press('Enter');
  await twin.getByRole('radio').last().focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(twin.locator('.fb')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await expect(twin.locator('.fb')).toBeAttached(); // it comes back with what was said
});

test('a question names the learner’s own values: their tags before the run, the values after it', async ({ page, request }) => {
  const q = await asked(request, (q) => q.twin_of === undefined && (q.html + q.choices.join()).includes('data-value="code'));
  await page.goto(`/lessons/${q.slug}`);
  const step = page.locator(`#${q.step}`);
  const own = page.locator(`#q-${q.id} [data-value]`);
  const tag = (await own.first().getAttribute('data-value'))!;
  await expect(own.first()).toHaveText(tag);
  for (let there = false; !there; ) {
    there = await step.evaluate((s) => s.classList.contains('now'));
    const now = await page.locator('.step.now').getAttribute('id');
    for (const gate of await page.locator('.step.now pg-predict').all()) {
      await gate.getByRole('radio').first().check();
      await gate.getByRole('button').click();
      await expect(gate.locator('.fb').first()).toBeAttached();
    }
    if (await page.locator('#play').count()) {
      await page.locator('#play').click();
      await expect(page.locator('.stepper')).toContainText('Done:');
    }
    if (there) break;
    await page.locator('#next').click();
    await expect(page.locator('.step.now')).not.toHaveAttribute('id', now!);
  }
  await expect(own.first()).not.toHaveText(tag);
  const value = await own.first().textContent();
  expect(value!.length).toBeGreaterThan(10);
  await expect(own.first()).toHaveAttribute('title', value!);
  await page.keyboard.press('Shift+Tab');
  await own.first().focus(); // by keyboard
  await expect.poll(() => own.first().evaluate((e) => e.scrollWidth - e.clientWidth)).toBeLessThanOrEqual(1); // all of it
});

test('what was answered wrong comes back on the first page, as its twin', async ({ page, request }) => {
  const twin = await asked(request, (q) => q.twin_of !== undefined);
  const first = twin.id.replace(/-twin$/, '');
  const correct = async (question: string) => {
    for (const choice of [1, 2, 3, 4]) if (((await (await request.post(`/api/lessons/${twin.slug}/answers`, { data: { question, choice } })).json()) as { correct: boolean }).correct) return choice;
    throw new Error('no choice is right');
  };
  await page.goto(`/lessons/${twin.slug}#${twin.step}`);
  const question = page.locator(`#q-${first}`);
  await question.locator(`[value="${((await correct(first)) % 3) + 1}"]`).check();
  await question.getByRole('button').click();
  await expect(question.locator('.mis')).toBeVisible();
  await page.goto('/');
  const deck = page.locator('pg-review');
  await expect(deck).toContainText('1 due today');
  await expect(page.locator('#again li')).toHaveCount(1); // the belief
  await expect(deck.getByRole('radio')).not.toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  await deck.locator(`input[value="${await correct(twin.id)}"]`).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(deck.getByRole('status')).toContainText('Correct.');
  await expect(deck.getByRole('status').locator('a[href="#wire"]')).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await sideways(page)).toBeLessThanOrEqual(0);
  }
  await deck.getByRole('button', { name: 'Go on' }).click();
  await expect(deck).toContainText('Nothing is due.');
  await page.reload();
  await expect(page.locator('#again li')).toHaveCount(0);
});

test('a lesson as it is sent, before any script, breaks no rule of accessibility', async ({ page, request }) => {
  test.slow();
  await page.route('**/assets/*.js*', (route) => route.abort());
  const { lessons } = (await (await request.get('/api/lessons')).json()) as { lessons: { slug: string }[] };
  for (const { slug } of lessons) {
    await page.goto(`/lessons/${slug}`);
    expect.soft(await violations(page), slug).toEqual([]);
    expect.soft(await page.locator('.run-table tbody th[scope=row]').count(), slug).toBeGreaterThan(5);
    expect.soft(await sideways(page), slug).toBeLessThanOrEqual(0);
  }
});
