// What a learner does, for tests that look at pages from outside: the next step, an answer, a wait until a step is done. And what a
// page may never do: complain in the console, ask another origin, scroll sideways, break a rule of accessibility.
import { expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const frame = (page: Page) => page.frameLocator('pg-browser iframe');
export const row = (page: Page, name: string) => page.locator('pg-wire li.x:not(.ghost)', { has: page.locator('.x-name', { hasText: name }) });
export const title = (page: Page) => page.locator('.step.now').locator('h1, h2').first();
export const done = (page: Page) => expect(page.locator('.stepper')).toContainText('Done:');

export async function next(page: Page, to: string) {
  await page.locator('#next').click();
  await expect(title(page)).toHaveText(to);
}

export async function play(page: Page) {
  await page.locator('#play').click();
  await done(page);
}

export async function answer(page: Page, kind: 'pg-predict' | 'pg-quiz', text: string | RegExp) {
  const question = page.locator(`.step.now ${kind}`).filter({ hasText: text }).first();
  await question.locator('label.opt', { hasText: text }).click();
  await question.getByRole('button').first().click();
  await expect(question.locator('.fb').first()).toBeAttached();
  return question;
}

// complaints collects what a page complains about, and what it asks of others: there must be nothing.
export function complaints(page: Page): string[] {
  const list: string[] = [];
  let origin = '';
  page.on('pageerror', (e) => list.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && list.push(m.text()));
  page.on('request', (r) => {
    const asked = new URL(r.url()).origin;
    if (asked === 'null') return; // data: and blob: go nowhere
    origin ||= asked;
    if (asked !== origin) list.push('foreign request: ' + r.url());
  });
  return list;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// violations are the rules that a page breaks. The frame of Maya's browser has an origin of its own in which nothing can run, so what
// is in it is looked at elsewhere. All rules count, or those alone that are on, or all but those that are off.
export async function violations(page: Page, rules?: { [rule: string]: boolean }): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  return page.evaluate(async (how) => {
    const { axe } = window as unknown as { axe: { run(on: unknown, how: unknown): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }> } };
    const found = await axe.run({ exclude: ['iframe'] }, { iframes: false, resultTypes: ['violations'], ...how });
    return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ') + ' (' + (n.failureSummary ?? '').split('\n').slice(1, 2).join().trim() + ')').join(' | ')}`);
  }, rules === undefined ? {} : Object.values(rules).some((on) => on) ? { runOnly: { type: 'rule', values: Object.keys(rules) } } : { rules: Object.fromEntries(Object.keys(rules).map((id) => [id, { enabled: false }])) });
}

// sideways is how much wider than its window a page is.
export const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
