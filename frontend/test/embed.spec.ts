// Lessons in pages of somebody else: another site, over TLS, where frames of others have no cookies and, in one of the two browsers, no
// storage either.
import { expect, test, type Browser, type FrameLocator, type Page, type Route } from '@playwright/test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host, real, strict, visit } from './embed-host';
import { sideways, violations } from './walk';

const host = new Host();
let browser: Browser;

test.beforeAll(async () => {
  test.setTimeout(90_000); // the server may have to be built
  await host.start();
  browser = await strict();
});
test.afterAll(async () => {
  await browser?.close();
  await host.stop();
});

const script = () => `<script type="module" src="${host.play('/embed.js')}"></script>
  <script>window.heard = []; for (const t of ['ready', 'step', 'answer', 'complete', 'error']) addEventListener(t, (e) => e.detail && heard.push([t, e.detail]), true);</script>`;
const frame = (page: Page, n = 0): FrameLocator => page.locator('oauth-lesson').nth(n).frameLocator('iframe');
const heard = (page: Page, type: string) => page.evaluate((t) => (window as unknown as { heard: [string, unknown][] }).heard.filter(([of]) => of === t).map(([, detail]) => detail), type);
const height = async (page: Page, n = 0) => (await page.locator('oauth-lesson').nth(n).boundingBox())!.height;
const row = (f: FrameLocator, name: string) => f.locator('pg-wire li.x:not(.ghost)', { has: f.locator('.x-name', { hasText: name }) });

// swap runs the step “Swap the code for a token” to its end.
async function swap(f: FrameLocator) {
  await f.getByText('Planner’s server, on its own connection').click();
  await f.getByRole('button', { name: 'Lock my prediction' }).click();
  await f.getByRole('button', { name: 'Play this step' }).click();
  await expect(f.getByText('Done: what this step is about')).toBeVisible();
  await expect(row(f, '/token')).toBeVisible();
}

test('a docs page with three embeds, one of them run to its end, without cookies and without storage', async () => {
  host.sockets.length = 0;
  const { page, context, complaints } = await visit(browser, host.page('/guide', `<h1>A guide</h1>
    <oauth-lesson lesson="code-flow" step="swap"><a href="${host.play('/lessons/code-flow')}">The lesson</a></oauth-lesson>
    <oauth-lesson lesson="code-flow" quiz="browser-gets"></oauth-lesson><oauth-lesson lesson="pkce" attack></oauth-lesson>${script()}`));
  const f = frame(page);
  await expect(f.getByRole('heading', { name: 'Swap the code for a token' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'The lesson' })).toBeHidden();
  const storage = await page.frames().find((x) => x.url().includes('/step/'))!.evaluate(() => {
    try {
      return String(localStorage.length);
    } catch (e) {
      return (e as Error).name;
    }
  });
  expect(storage).toBe('SecurityError');
  expect(host.sockets).toEqual([]);

  await f.getByText('Start', { exact: true }).click();
  await expect(row(f, '/consent').first()).toBeVisible(); // what came before was played
  await swap(f);
  await expect(f.locator('.live')).toContainText('Live');
  expect(host.sockets).toHaveLength(1);
  await row(f, '/token').getByRole('link').click();
  await expect(f.locator('pg-exchange')).toContainText('as.pkce-verifier');
  await f.getByRole('button', { name: 'Done' }).click();
  await expect(f.getByText('That was all of it.')).toBeVisible();

  const q = frame(page, 1);
  await q.getByText('The access token, in the answer').click();
  await q.getByRole('button', { name: 'Check my answer' }).click();
  await expect(q.locator('.fb')).toBeVisible();

  // What is told comes after what is seen.
  await expect.poll(() => heard(page, 'answer')).toEqual([{ lesson: 'code-flow', question: 'who-swaps', correct: true }, { lesson: 'code-flow', question: 'browser-gets', correct: false }]);
  await expect.poll(() => heard(page, 'complete')).toEqual([{ lesson: 'code-flow' }]);
  expect(await heard(page, 'ready')).toContainEqual({ grain: 'step', lesson: 'code-flow', started: true });
  expect(await heard(page, 'step')).toEqual([{ lesson: 'code-flow', step: 'swap' }]);
  expect(await heard(page, 'error')).toEqual([]);
  expect(await context.cookies()).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a sign-in in a plain frame, in a browser as it comes: third-party cookies are blocked', async () => {
  const other = await real();
  const { page, context, complaints } = await visit(other, host.page('/plain', `<iframe src="${host.play('/embed/v1/step/code-flow/sign-in..allow?theme=dark')}" title="Sign in" width="100%" height="640"></iframe>`));
  const f = page.frameLocator('iframe');
  await f.getByText('Start', { exact: true }).click();
  const maya = f.frameLocator('pg-browser iframe');
  await maya.getByRole('button', { name: 'Sign in' }).click();
  await expect(f.getByText('Done: what this step is about')).toBeVisible();
  await f.getByRole('button', { name: /^Next: Allow it/ }).click();
  await maya.getByRole('button', { name: 'Allow' }).click();
  await expect(f.getByText('Done: what this step is about')).toBeVisible();
  const inside = page.frames().find((x) => x.url().includes('/embed/'))!;
  expect(await inside.evaluate(() => ((document.cookie = 'a=b; SameSite=None; Secure'), document.cookie))).toBe(''); // they are blocked indeed
  expect(await inside.evaluate(() => Object.keys(localStorage))).toEqual([]);
  expect(await context.cookies()).toEqual([]);
  expect(complaints).toEqual([]);
  await other.close();
});

test('a frame is as high as what is in it', async () => {
  const { page, context } = await visit(browser, host.page('/height', `<oauth-lesson lesson="code-flow" run></oauth-lesson>${script()}`));
  const f = frame(page);
  const inside = () => f.locator('body').evaluate((b) => Math.ceil(b.getBoundingClientRect().height));
  const fits = () => expect.poll(async () => (await height(page)) - (await inside())).toBe(0);
  await expect(f.getByText('Open the run')).toBeVisible();
  await fits();
  const poster = await height(page);
  expect(poster).toBeGreaterThan(150);
  expect(poster).toBeLessThan(500);
  await f.getByText('Text version').click();
  await fits();
  const text = await height(page);
  expect(text).toBeGreaterThan(poster + 300);
  await f.getByText('Text version').click();
  await fits();
  expect(await height(page)).toBe(poster);
  await f.getByText('Open the run').click();
  await expect(row(f, '/token')).toBeVisible();
  await fits();
  expect(await height(page)).toBeGreaterThan(poster);
  await page.setViewportSize({ width: 390, height: 800 });
  await fits();
  expect(await f.locator('html').evaluate((h) => h.scrollWidth - h.clientWidth)).toBe(0);
  await context.close();
});

test('the theme follows the page, its element, and the reader', async () => {
  const { page, context } = await visit(browser, host.page('/theme', `<oauth-lesson lesson="code-flow"></oauth-lesson><oauth-lesson lesson="code-flow" diagram theme="light"></oauth-lesson>${script()}`, 'data-theme="dark"'), { colorScheme: 'light' });
  const scheme = (n: number) => expect.poll(() => frame(page, n).locator('html').evaluate((h) => getComputedStyle(h).colorScheme));
  await scheme(0).toBe('dark');
  await scheme(1).toBe('light');
  await page.evaluate(() => (document.documentElement.dataset['theme'] = 'light'));
  await scheme(0).toBe('light');
  await page.evaluate(() => {
    delete document.documentElement.dataset['theme'];
    document.documentElement.style.colorScheme = 'light dark'; // it has both, and leaves it to the reader
  });
  await page.emulateMedia({ colorScheme: 'dark' });
  await scheme(0).toBe('dark');
  await scheme(1).toBe('light');
  await page.locator('oauth-lesson').nth(1).evaluate((el) => el.setAttribute('theme', 'dark'));
  await scheme(1).toBe('dark');
  await frame(page).getByText('Start the lesson').click(); // a page that comes into the frame later has it too
  await expect(frame(page).locator('pg-lesson .step.now')).toBeVisible();
  await scheme(0).toBe('dark');
  await context.close();
});

test('without a word from the page its looks count, and not what its reader likes', async () => {
  const { page, context } = await visit(browser, host.page('/looks', `<style>.night { background: oklch(0.2 0.03 250); }</style><oauth-lesson lesson="code-flow"></oauth-lesson><div class="night"><oauth-lesson lesson="code-flow"></oauth-lesson></div>${script()}`), { colorScheme: 'dark' });
  const scheme = (n: number) => expect.poll(() => frame(page, n).locator('html').evaluate((h) => getComputedStyle(h).colorScheme));
  // A frame whose colour scheme isn't that of what is in it stands in a box of its own colour.
  const around = (n: number) => expect.poll(() => page.locator('oauth-lesson').nth(n).locator('iframe').evaluate((f) => getComputedStyle(f).colorScheme));
  await scheme(0).toBe('light');
  await around(0).toBe('light');
  await scheme(1).toBe('dark');
  await around(1).toBe('dark');
  await page.evaluate(() => (document.body.className = 'night'));
  await scheme(0).toBe('dark');
  await around(0).toBe('dark');
  await page.evaluate(() => (document.body.className = ''));
  await scheme(0).toBe('light');
  await context.close();
});

test('ten posters open no socket and load no script', async () => {
  host.sockets.length = 0;
  const parts = ['code-flow" step="swap', 'code-flow" step="allow..spend', 'pkce" attack="caught', 'pkce" quiz="crosses', 'two-steps" run="', 'two-steps', 'code-flow" token="id_token#1', 'code-flow" diagram="', 'state', 'codes'];
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1000, height: 6000 } })).newPage();
  const asked: string[] = [];
  page.on('request', (r) => asked.push(`${r.resourceType()} ${new URL(r.url()).pathname}`));
  await page.goto(host.page('/ten', parts.map((p) => `<oauth-lesson lesson="${p}"></oauth-lesson>`).join('') + script()));
  await expect.poll(async () => (await heard(page, 'ready')).length).toBe(10);
  const of = (type: string) => asked.filter((a) => a.startsWith(type + ' '));
  expect(of('document').filter((a) => a.includes('/embed/v1/'))).toHaveLength(10);
  expect(of('script')).toEqual(['script /embed.js']);
  expect(asked.filter((a) => !/^(document|stylesheet|script) |favicon/.test(a))).toEqual([]);
  expect(host.sockets).toEqual([]);
  await page.context().close();
});

test('out of sight the line is let go, and in sight it goes on where it was', async () => {
  host.sockets.length = 0;
  const { page, context } = await visit(browser, host.page('/far', `<oauth-lesson lesson="code-flow" step="swap"></oauth-lesson><div style="height: 5000px"></div><p id="end">The end</p>${script()}`));
  const open = new Set<unknown>();
  page.on('websocket', (w) => {
    open.add(w);
    w.on('close', () => open.delete(w));
  });
  const f = frame(page);
  await f.getByText('Start', { exact: true }).click();
  await expect(row(f, '/consent').first()).toBeVisible();
  await expect.poll(() => open.size).toBe(1);
  await page.locator('#end').scrollIntoViewIfNeeded();
  await expect.poll(() => open.size).toBe(0);
  await page.locator('oauth-lesson').evaluate((el) => (el as HTMLElement & { goTo(s: string): void }).goTo('swap')); // nothing wakes it but a reader
  expect(open.size).toBe(0);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => open.size).toBe(1);
  expect(Number(new URL(host.play(host.sockets.at(-1))).searchParams.get('since'))).toBeGreaterThan(0);
  await swap(f);
  const numbers = await f.locator('pg-wire li.x:not(.ghost) .x-n').allTextContents();
  expect(numbers).toEqual([...new Set(numbers)]);
  await context.close();
});

test('the page around shows another step and begins anew', async () => {
  const { page, context } = await visit(browser, host.page('/methods', `<oauth-lesson lesson="code-flow" start="leave"></oauth-lesson>${script()}`));
  const f = frame(page);
  const call = (method: 'goTo' | 'reset', ...args: string[]) => page.locator('oauth-lesson').evaluate((el, [m, a]) => (el as unknown as Record<string, (...list: string[]) => void>)[m]!(...a), [method, args] as const);
  await expect(f.getByText('The step before it is played for you.')).toBeVisible();
  let held: Route | undefined; // what is started has nobody to ask before its script has come
  await page.route('**/assets/embed-lesson.js*', (route) => void (held = route));
  await call('goTo', 'sign-in'); // starts it
  await expect.poll(() => held !== undefined).toBe(true);
  await call('goTo', 'nothing');
  await held!.continue();
  await expect(f.locator('.step.now h2')).toHaveText('Sign in as Maya');
  await expect.poll(() => heard(page, 'error')).toEqual([{ message: 'There is no step “nothing” here.' }]);
  await expect(row(f, '/').first()).toBeVisible();
  await call('reset');
  await expect(f.locator('.step.now h2')).toHaveText('Planner sends her away');
  expect((await heard(page, 'step')).map((d) => (d as { step: string }).step)).toContain('sign-in');
  await page.locator('oauth-lesson').evaluate((el) => el.setAttribute('lesson', 'pkce'));
  await expect.poll(() => heard(page, 'error')).toContainEqual({ message: expect.stringContaining('has no step “leave”') });
  await context.close();
});

for (const [sandbox, lacks] of [['allow-scripts', 'allow-same-origin allow-forms'], ['allow-scripts allow-same-origin', 'allow-forms'], ['allow-scripts allow-forms', 'allow-same-origin']] as const) {
  test(`a frame with sandbox="${sandbox}" says what it lacks`, async () => {
    const { page, context } = await visit(browser, host.page('/sandbox', `<iframe sandbox="${sandbox}" src="${host.play('/embed/v1/step/code-flow/swap')}" width="100%" height="500"></iframe><iframe sandbox="${sandbox}" src="${host.play('/embed/v1/quiz/code-flow/browser-gets')}" width="100%" height="500"></iframe>`));
    const [step, quiz] = [page.frameLocator('iframe >> nth=0'), page.frameLocator('iframe >> nth=1')];
    await expect(step.locator('#lack')).toContainText(`It lacks ${lacks}.`);
    await expect(step.locator('#lack').getByRole('link')).toHaveText(host.play('/lessons/code-flow#swap'));
    await expect(step.locator('#start')).toBeHidden();
    if (lacks.includes('forms')) await expect(quiz.locator('#lack')).toContainText('It lacks allow-forms.'); // a question needs no more
    await context.close();
  });
}

test('a question is answered in a frame whose origin is nobody’s', async () => {
  const { page, context } = await visit(browser, host.page('/opaque', `<iframe sandbox="allow-scripts allow-forms" src="${host.play('/embed/v1/quiz/code-flow/browser-gets')}" width="100%" height="500"></iframe>`));
  const f = page.frameLocator('iframe');
  await expect(f.locator('#lack')).toBeHidden();
  await f.getByText('A redirect that carries').click();
  await f.getByRole('button', { name: 'Check my answer' }).click();
  await expect(f.locator('.fb')).toBeVisible();
  await context.close();
});

test('without scripts a frame says so, and has the text', async () => {
  const { page, context } = await visit(browser, host.page('/no-scripts', `<iframe sandbox="" src="${host.play('/embed/v1/step/code-flow/swap')}" width="100%" height="700"></iframe>`));
  const f = page.frameLocator('iframe');
  await expect(f.locator('noscript p')).toBeVisible();
  await expect(f.locator('#start')).toBeHidden();
  await f.getByText('Text version').click();
  await expect(f.getByText('from Content Planner to Authorization server').first()).toBeVisible();
  await context.close();
});

test('what isn’t said by the page around, or in another version, is not heard', async () => {
  const { page, context } = await visit(browser, host.page('/strange', `<iframe id="e" src="${host.play('/embed/v1/lesson/code-flow?theme=light')}" width="100%" height="500"></iframe><iframe id="o" srcdoc="<p>other</p>"></iframe>`));
  const f = page.frameLocator('#e');
  await expect(f.getByText('Start the lesson')).toBeVisible();
  const answers = await page.evaluate(async () => {
    const to = (document.querySelector('#e') as HTMLIFrameElement).contentWindow!;
    const ask = (from: Window & typeof globalThis, message: unknown) => {
      const c = new MessageChannel();
      const answer = new Promise<boolean>((r) => (c.port1.onmessage = () => r(true)));
      const post = new (from as unknown as { Function: new (...a: string[]) => (to: Window, m: unknown, p: Transferable[]) => void }).Function('to', 'm', 'p', "to.postMessage(m, '*', p)");
      post(to, message, [c.port2]);
      return answer;
    };
    const other = (document.querySelector('#o') as HTMLIFrameElement).contentWindow as Window & typeof globalThis;
    const silent = [ask(window, { oauthLesson: 2 }), ask(window, {}), ask(other, { oauthLesson: 1 })];
    const right = ask(window, { oauthLesson: 1 }); // comes last: who is answered before it was heard
    const first = await Promise.race([...silent.map((s, i) => s.then(() => `silent ${i}`)), right.then(() => 'right')]);
    return first;
  });
  expect(answers).toBe('right');
  await context.close();
});

test('a page that was opened as a file is one as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'));
  writeFileSync(join(folder, 'guide.html'), `<!doctype html><meta charset="utf-8"><title>A guide</title><oauth-lesson lesson="code-flow" run="true"></oauth-lesson>${script()}`);
  const { page, context } = await visit(browser, 'file://' + join(folder, 'guide.html'));
  await expect.poll(() => heard(page, 'ready')).toEqual([{ grain: 'run', lesson: 'code-flow', started: false }]);
  await context.close();
  rmSync(folder, { recursive: true });
});

test('a frame that doesn’t answer leaves the link', async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.clock.install();
  await page.route('**/embed/v1/**', (route) => route.fulfill({ contentType: 'text/html', body: 'Something else' }));
  await page.goto(host.page('/away', `<oauth-lesson lesson="code-flow"><a href="${host.play('/lessons/code-flow')}">The lesson</a></oauth-lesson>${script()}`));
  await expect(frame(page).getByText('Something else')).toBeVisible();
  const link = page.getByRole('link', { name: 'The lesson' });
  await expect(link).toBeHidden();
  await page.clock.fastForward(10_000);
  await expect(link).toBeVisible();
  expect(await heard(page, 'error')).toEqual([{ message: expect.stringContaining('has not answered') }]);
  await page.unroute('**/embed/v1/**');
  await page.locator('oauth-lesson').evaluate((el) => el.setAttribute('lesson', 'pkce'));
  await expect(frame(page).getByText('Start the lesson')).toBeVisible();
  await page.clock.fastForward(10_000);
  await expect(link).toBeHidden();
  await context.close();
});

test('pages of ours that aren’t made for it stand in no frame', async () => {
  const { page, context } = await visit(browser, host.page('/framed', `<iframe src="${host.play('/lessons/code-flow')}" width="600" height="400"></iframe>`));
  await expect.poll(() => page.frames()[1]?.url()).toContain('chrome-error');
  await context.close();
});

test('what the page of examples gives to paste works where it is pasted', async () => {
  const { page, context, complaints } = await visit(browser, host.play('/embed?lesson=code-flow'));
  await expect(page.locator('oauth-lesson').first().frameLocator('iframe').getByText('Start the lesson')).toBeVisible();
  const outputs = await page.locator('[data-output]').allTextContents();
  const forms = await page.locator('#forms figure').evaluateAll((list) => Object.fromEntries(list.map((f) => [f.querySelector('.cap')!.textContent, f.querySelector('pre')!.textContent!])));
  const each = await page.locator('main > section[id]:not(#forms) figure:first-of-type pre').allTextContents();
  expect(await violations(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
  expect(outputs).toHaveLength(4);

  // Each generator's page in the end, each in a page of its own.
  for (const [i, html] of outputs.entries()) {
    const { page, context } = await visit(browser, host.page(`/recipe${i}`, html));
    await expect(frame(page).getByText('Start', { exact: true })).toBeVisible();
    await context.close();
  }
  // The forms that end as a frame: what JSX, AsciiDoc and reStructuredText make of them.
  const jsx = forms['MDX']!.replace(/=\{(\d+)\}/, '="$1"').replace('style={{ border: 0 }}', 'style="border:0"').replace(' />', '></iframe>');
  const frames = [forms['Frame: HTML, no script needed']!, jsx, forms['AsciiDoc']!.replaceAll('++++', ''), forms['reStructuredText']!.replace('.. raw:: html', ''), ...each.filter((code) => code.startsWith('<iframe'))];
  expect(frames.length).toBeGreaterThan(8);
  const all = await visit(browser, host.page('/forms', frames.join('\n')), { viewport: { width: 1000, height: 9000 } });
  for (const [i] of frames.entries()) await expect(all.page.locator('iframe').nth(i).contentFrame().locator('.em')).toBeVisible();
  await all.context.close();
  // Markdown is a picture that leads here.
  const [, picture, link] = /^\[!\[[^\]]+\]\(([^)]+)\)\]\(([^)]+)\)$/.exec(forms['Markdown: a picture that leads here']!)!;
  const md = await visit(browser, host.page('/markdown', `<a href="${link}"><img src="${picture}" alt=""></a>`));
  await expect.poll(() => md.page.locator('img').evaluate((i: HTMLImageElement) => i.naturalWidth)).toBe(1200);
  await md.page.locator('a').click();
  await expect(md.page.locator('.step.now h2')).toHaveText('Sign in as Maya');
  await md.context.close();
});

test('a learner shares the step at hand, the lesson, an attack', async () => {
  const { page, context, complaints } = await visit(browser, host.play('/lessons/code-flow#swap'), { permissions: ['clipboard-read', 'clipboard-write'] });
  const dialog = page.getByRole('dialog', { name: 'Share' });
  const code = (name: string) => dialog.locator('figure', { hasText: name }).locator('pre');
  await page.getByRole('link', { name: 'Share' }).click();
  await expect(code('Link')).toHaveText(host.play('/lessons/code-flow?step=swap#swap'));
  expect(await violations(page)).toEqual([]);
  await dialog.locator('figure', { hasText: 'Element' }).getByRole('button').click();
  await expect(dialog.locator('figure', { hasText: 'Element' }).getByRole('button')).toHaveText(/^Copied/);
  const copy = await page.evaluate(() => navigator.clipboard.readText());
  expect(copy).toBe(await code('Element').textContent());
  await dialog.getByText('The whole lesson').click();
  await expect(code('Link')).toHaveText(host.play('/lessons/code-flow'));
  let late: Route | undefined; // what was asked for first and comes last
  await page.route('**/share?step=swap', (route) => void (late = route));
  await dialog.getByText('This step').click();
  await expect.poll(() => late !== undefined).toBe(true);
  await dialog.getByText('The whole lesson').click();
  await expect(code('Link')).toHaveText(host.play('/lessons/code-flow'));
  const came = page.waitForResponse('**/share?step=swap');
  await late!.continue();
  await (await came).finished();
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await expect(code('Link')).toHaveText(host.play('/lessons/code-flow'));
  await page.unroute('**/share?step=swap');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.locator('#next').click(); // the button shares what is at hand
  await page.getByRole('link', { name: 'Share' }).click();
  await expect(code('Link')).toHaveText(host.play('/lessons/code-flow?step=spend#spend'));
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await sideways(page)).toBeLessThanOrEqual(0);

  await page.goto(host.play('/lessons/pkce/attack?step=caught'));
  await page.getByRole('link', { name: 'Share' }).click();
  await expect(code('Frame: HTML')).toContainText('/embed/v1/attack/pkce/caught"');
  expect(complaints).toEqual([]);

  const shown = await visit(browser, host.page('/pasted', copy)); // what was copied, pasted
  await expect(frame(shown.page).getByRole('heading', { level: 1 })).toHaveText('Swap the code for a token');
  await shown.context.close();
  await context.close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`posters and what they start are accessible and fit: ${colorScheme}`, async () => {
    test.setTimeout(90_000);
    const { page, context, complaints } = await visit(browser, host.play('/embed/v1/lesson/code-flow'), { colorScheme });
    for (const path of ['lesson/code-flow', 'step/code-flow/swap', 'attack/pkce/caught', 'quiz/code-flow/browser-gets', 'quiz/code-flow/safe-to-show', 'run/two-steps', 'token/code-flow/id_token', 'diagram/code-flow', 'lesson/code-flow?them=dark']) {
      await page.goto(host.play('/embed/v1/' + path));
      for (const width of [320, 720]) {
        await page.setViewportSize({ width, height: 900 });
        expect.soft(await sideways(page), `${path} at ${width}`).toBeLessThanOrEqual(0);
        expect.soft(await violations(page), `${path} at ${width}`).toEqual([]);
      }
      const start = page.locator('#start');
      if (!(await start.count())) continue;
      await start.click();
      await expect(page).toHaveURL(/live=1/);
      await expect(page.locator('pg-lesson .step.now, pg-attack .verdict, pg-wire li.x, pg-token').first()).toBeVisible();
      for (const width of [320, 720, 1300]) {
        await page.setViewportSize({ width, height: 900 });
        expect.soft(await sideways(page), `${path}, started, at ${width}`).toBeLessThanOrEqual(0);
        expect.soft(await violations(page), `${path}, started, at ${width}`).toEqual([]);
      }
    }
    expect(complaints.filter((c) => !c.includes('400 (Bad Request)'))).toEqual([]);
    await context.close();
  });
}

test('on paper there is the link, and in a frame of its own the text', async () => {
  const { page, context } = await visit(browser, host.page('/paper', `<oauth-lesson lesson="code-flow" step="swap"><a href="${host.play('/lessons/code-flow')}">The lesson</a></oauth-lesson>${script()}`));
  await expect(frame(page).getByText('Start', { exact: true })).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByRole('link', { name: 'The lesson' })).toBeVisible();
  await expect(page.locator('oauth-lesson iframe')).toBeHidden();
  await page.goto(host.play('/embed/v1/step/code-flow/swap'));
  await expect(page.getByText('from Content Planner to Authorization server').first()).toBeVisible();
  await expect(page.locator('#start')).toBeHidden();
  await context.close();
});

test('a run that is a file of who embeds it plays: beside the page, on this server, and in the address', async () => {
  const asked = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await asked.goto(host.play('/glossary'));
  const text = await asked.evaluate(async () => (await fetch('/api/lessons/two-steps/run')).text());
  const packed = await asked.evaluate(async (run) => {
    const zip = new Uint8Array(await new Response(new Blob([run]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
    return btoa(String.fromCharCode(...zip)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  }, text);
  await asked.context().close();
  host.file('/runs/mine.json', text.replace(/"title":"[^"]*"/, '"title":"<b>Mine</b>"'));
  const { page, context, complaints } = await visit(browser, host.page('/runs/guide', `<oauth-lesson run="mine.json"><a href="mine.json">My run</a></oauth-lesson>
    <oauth-lesson run="${host.play('/runs')}#run=${packed}"></oauth-lesson><oauth-lesson run="${host.play('/api/lessons/two-steps/run')}"></oauth-lesson>${script()}`), { viewport: { width: 1000, height: 4000 } });
  for (const [n, name, full] of [[0, '<b>Mine</b>', host.docs('/runs/mine.json')], [1, 'Why the code is swapped', `${host.play('/runs')}#run=${packed}`], [2, '', host.play('/runs?from=%2Fapi%2Flessons%2Ftwo-steps%2Frun')]] as const) {
    const f = frame(page, n);
    await expect(f.locator('.em-f .end')).toHaveJSProperty('href', full);
    await f.getByText('Open the run').click();
    await expect(f.locator('pg-wire li.x').first()).toBeVisible();
    if (n === 0) await expect(f.locator('#name')).toHaveText(name);
    else await expect(f.locator('#name')).not.toBeEmpty();
  }
  expect(await heard(page, 'error')).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a run that can’t be had, or is none, is told in a sentence', async () => {
  host.file('/shut.json', '{}', false);
  host.file('/none.json', '{"format":"oauth-playground-run","version":1,"title":"","made":"now"}');
  host.file('/large.json', ' '.repeat((16 << 20) + 1));
  const shown = async (address: string, sentence: string) => {
    const { page, context } = await visit(browser, host.page('/broken', `<oauth-lesson run="${address}"></oauth-lesson>${script()}`));
    await frame(page).getByText('Open the run').click();
    await expect(frame(page).getByRole('alert')).toContainText(sentence);
    await expect.poll(() => heard(page, 'error')).toEqual([{ message: expect.stringContaining(sentence) }]);
    await context.close();
  };
  await shown('/shut.json', 'can’t be fetched from ' + host.docs('/shut.json'));
  await shown('/nothing.json', 'can’t be fetched from');
  await shown('/none.json', 'made is not');
  await shown('/large.json', 'larger than 16 MiB');
  await shown('#run=H4sIAAAAAAAA', 'cut off or damaged');
  await shown('#runs=', 'There is no run here');
});

test('where the server says who may, others may not, and a browser in an embed is framed as well', async () => {
  test.setTimeout(60_000);
  const closed = new Host();
  await closed.start(() => ['-embed-origins', closed.docs()]);
  const at = closed.page('/guide', `<iframe src="${closed.play('/embed/v1/step/code-flow/sign-in')}" width="100%" height="640"></iframe>`);
  const listed = await visit(browser, at);
  const f = listed.page.frameLocator('iframe');
  await f.getByText('Start', { exact: true }).click();
  await expect(f.frameLocator('pg-browser iframe').getByRole('button', { name: 'Sign in' })).toBeVisible();
  await listed.context.close();
  const other = await visit(browser, at.replace('docs.', 'other.'));
  await expect.poll(() => other.page.frames()[1]?.url()).toContain('chrome-error');
  await other.context.close();
  // Nor does a run come from elsewhere.
  const far = await visit(browser, closed.page('/far', `<oauth-lesson run="${closed.file('/run.json', '{}').replace('docs.', 'other.')}"></oauth-lesson><script type="module" src="${closed.play('/embed.js')}"></script>`));
  await frame(far.page).getByText('Open the run').click();
  await expect(frame(far.page).getByRole('alert')).toContainText('can’t be fetched');
  await far.context.close();
  const near = await visit(browser, closed.page('/near', `<oauth-lesson run="/run.json"></oauth-lesson><script type="module" src="${closed.play('/embed.js')}"></script>`));
  await frame(near.page).getByText('Open the run').click();
  await expect(frame(near.page).getByRole('alert')).toContainText('format is missing');
  await near.context.close();
  await closed.stop();
});
