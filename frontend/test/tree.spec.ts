// What somebody hears who doesn't see the page. The accessibility tree of a lesson after a fixed step stands in golden/*.txt, with what
// changes from run to run replaced: read it from top to bottom, it must tell what happened in which order. Then what is said aloud
// while things happen: a sentence for an exchange, a sum for many. GOLDEN=update writes the files anew.
import { expect, test, type Page } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { answer, done, frame, next, play, row } from './walk';

// steady replaces what is new in each run: times, random values, the name of the frame.
const steady = (tree: string) =>
  tree
    .replace(/\b\d\d:\d\d:\d\d\b/g, 'hh:mm:ss')
    .replace(/\/f\/[\w/-]+/g, '/f/…')
    .replace(/ey[\w-]{10,}\.[\w-]+\.[\w-]+/g, '(token)')
    .replace(/(?<![\w-])(?=[\w-]*[A-Z0-9_-])[\w-]{20,}(?![\w-])/g, (v) => (/^(?=.*\d)(?=.*[A-Z])/.test(v) ? '(random)' : v))
    .replace(/\b\d+(\.\d+)? (ms|s)\b/g, 'n $2')
    .replace(/127\.0\.0\.1:\d+|localhost:\d+/g, 'host:port');

async function golden(page: Page, part: string, name: string) {
  const tree = steady(await page.locator(part).ariaSnapshot()) + '\n';
  const file = `test/golden/${name}.txt`;
  if (process.env['GOLDEN'] === 'update') {
    mkdirSync('test/golden', { recursive: true });
    writeFileSync(file, tree);
  }
  expect(tree).toBe(readFileSync(file, 'utf8'));
  return tree;
}

test('the tree of a lesson tells who sent what to whom, in order, and what became of it', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  await play(page);
  await next(page, 'An extension reads addresses');
  await answer(page, 'pg-predict', 'In one step only');
  await play(page);
  await next(page, 'Take the second step back');
  await play(page);
  await next(page, 'The same extension again');
  await answer(page, 'pg-predict', '401');
  await play(page);
  await page.locator('pg-wire li.refused').last().getByRole('link').click();
  await expect(page.locator('pg-exchange')).toContainText('as.client-authentication');
  const tree = await golden(page, 'body', 'two-steps');

  // The story, as it must be heard: each of these lines after the one before it.
  const lines = tree.replace(/\n\s+- (\/url|text):/g, ' ').split('\n');
  const story = [
    /heading "Why two steps\?" \[level=1\]/,
    /heading "The same extension again" \[level=2\]/,
    /The attack failed/,
    /GET \/authorize.*From Maya’s browser to Authorization server\..*as\.response-type-retired would have stopped it/,
    /Mallory reads the history of Maya’s browser: access_token#1/,
    /POST \/posts.*201.*From Mallory to Chirper API\. Carries access_token#1/,
    /as\.response-type-retired: observe → enforce/,
    /GET \/callback.*From Maya’s browser to Content Planner\. Carries code#1/,
    /POST \/token.*200.*From Content Planner to Authorization server\. Carries code#1 and code_verifier#1/,
    /Mallory reads the history of Maya’s browser: code#1/,
    /POST \/token.*401 invalid_client.*From Mallory to Authorization server\..*Refused by as\.client-authentication/,
    /heading "28 POST \/token"/,
    /img "refused".*as\.client-authentication/,
    /"invalid_client/,
  ];
  let at = 0;
  for (const part of story) {
    const found = lines.findIndex((l, i) => i >= at && part.test(l));
    expect(found, `${part} is not told, or not in its place`).toBeGreaterThanOrEqual(0);
    at = found;
  }
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });
  test('the tree has the same story, all steps of it', async ({ page }) => {
    await page.goto('/lessons/two-steps');
    await golden(page, 'body', 'two-steps-without-script');
  });
});

// listen collects what is said in live regions, as often as it changes.
async function listen(page: Page) {
  await page.evaluate(() => {
    const said: string[] = [];
    const live = ':is([aria-live], [role=status], [role=alert], output):not([aria-live=off])';
    Object.assign(window, { said });
    const region = (n: Node | null) => (n instanceof Element ? n : n?.parentElement)?.closest(live);
    let waiting = new Set<Element>();
    new MutationObserver((list) => {
      for (const m of list) {
        const places: (Node | null)[] = [m.target, ...m.addedNodes];
        for (const node of places) {
          const r = region(node);
          if (r) waiting.add(r);
          if (node instanceof Element) for (const inner of node.querySelectorAll(live)) waiting.add(inner);
        }
      }
      const now = waiting;
      waiting = new Set();
      for (const r of now) {
        const text = (r.textContent ?? '').replace(/\s+/g, ' ').trim();
        if (text && r.isConnected && text !== (r as Element & { was?: string }).was) said.push(text);
        (r as Element & { was?: string }).was = text;
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { said: string[] }).said);
}

test('a new exchange is said in one sentence, many at once in a sum, and nothing twice', async ({ page }) => {
  await page.goto('/lessons/two-steps');
  await next(page, 'Ask for the token at once');
  const heard = await listen(page);
  await page.locator('pg-browser').getByRole('button', { name: 'Open Planner' }).click();
  await frame(page).getByRole('button', { name: 'Connect Chirper' }).waitFor();
  await expect(row(page, '/collect/')).toBeVisible();
  await expect.poll(async () => (await heard()).filter((s) => /^(Exchange|\d+ new exchanges)/.test(s)).join(' ')).toMatch(/Exchange \d+|3 new exchanges/);

  await page.locator('#play').click();
  await done(page);
  const all = await heard();
  const exchanges = all.filter((s) => /Exchange|new exchanges/.test(s));
  expect(exchanges.some((s) => /^\d+ new exchanges$/.test(s)), all.join(' | ')).toBe(true); // a burst is summed
  expect(exchanges.filter((s) => (s.match(/Exchange/g) ?? []).length > 3), all.join(' | ')).toEqual([]);
  expect(exchanges.length, all.join(' | ')).toBeLessThan(8);
  expect(all.filter((s) => s.startsWith('Done:')), all.join(' | ')).toHaveLength(1);
  const once = all.filter((s) => !/new exchanges/.test(s));
  expect(new Set(once).size, once.join(' | ')).toBe(once.length);
});

test('a refusal is said with the check that refused, and under a lens nothing is said that the party can’t see', async ({ page }) => {
  await page.goto('/lessons/code-flow');
  await next(page, 'Maya opens Planner');
  await play(page);
  await page.locator('pg-lens select').selectOption('api', { force: true });
  const heard = await listen(page);
  await page.getByRole('button', { name: 'Ask for this address again' }).click();
  await expect.poll(async () => (await heard()).join(' | ')).toContain('Exchange 2');
  expect((await heard()).join(' | ')).not.toMatch(/Exchange 2[^|]*GET/);
});
