// Lessons in pages of somebody else, in Firefox: what differs between browsers where a frame of another site is concerned. Everything else
// of embeds is in ../embed.spec.ts. Playwright runs these; Firefox as it is shipped speaks WebDriver BiDi, which Puppeteer does.
import { expect, test } from '@playwright/test';
import { launch } from 'puppeteer-core';
import { Host } from '../embed-host';

const host = new Host();
let browser;

// open starts a Firefox with what network.cookie.cookieBehavior says of frames of others: 5, as it is shipped, keeps their storage
// apart for each site around; 1 forbids it, and cookies.
const open = (cookies) =>
  launch({
    browser: 'firefox',
    executablePath: process.env['FIREFOX'] ?? '/usr/bin/firefox-esr',
    acceptInsecureCerts: true,
    defaultViewport: { width: 1000, height: 800 },
    extraPrefsFirefox: {
      'network.dns.localDomains': 'play.example,docs.example',
      'browser.contentblocking.category': 'custom', // or else what a standard category says counts
      'network.cookie.cookieBehavior': cookies,
    },
  });

test.beforeAll(async () => {
  test.setTimeout(90_000); // the server may have to be built
  await host.start();
  browser = await open(5);
});
test.afterAll(async () => {
  await browser?.close();
  await host.stop();
});

const script = () => `<script type="module" src="${host.play('/embed.js')}"></script>
  <script>window.heard = []; for (const t of ['ready', 'step', 'answer', 'complete', 'error']) addEventListener(t, (e) => e.detail && heard.push([t, e.detail]), true);</script>`;

// visit opens a page of a site, and collects what it and its frames complain about.
async function visit(of, url) {
  const context = await of.createBrowserContext();
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (e) => complaints.push(String(e)));
  page.on('console', (m) => m.type() === 'error' && complaints.push(m.text()));
  await page.goto(url);
  return { page, context, complaints };
}

const heard = (page, type) => page.evaluate((t) => window.heard.filter(([of]) => of === t).map(([, detail]) => detail), type);

// frame is that of the n-th element; inside that of an element which is in a frame.
async function frame(page, n = 0) {
  const el = await page.evaluateHandle((i) => document.querySelectorAll('oauth-lesson')[i].shadowRoot.querySelector('iframe'), n);
  return el.contentFrame();
}
const inside = async (f, selector) => (await f.waitForSelector(selector)).contentFrame();

const button = (f, name) => f.locator(`::-p-aria([name="${name}"][role="button"])`).click();
const choose = (f, text) => f.locator(`::-p-text(${text})`).click();
// A page that goes while it is asked has nothing to say.
const ask = (f, fn, ...args) => f.evaluate(fn, ...args).catch(() => undefined);
const shows = (f, text) => expect.poll(() => ask(f, () => document.body.innerText), { message: `shows “${text}”`, timeout: 10_000 }).toContain(text);
const wire = (f, name) => expect.poll(() => ask(f, () => [...document.querySelectorAll('pg-wire li.x:not(.ghost) .x-name')].map((el) => el.textContent).join('\n')), { message: `has “${name}” on the wire`, timeout: 10_000 }).toContain(name);

for (const [cookies, storage] of [[5, '0'], [1, 'SecurityError']]) {
  test(`a step is run to its end and a question is answered, without a cookie: storage of frames ${cookies === 5 ? 'is kept apart' : 'is forbidden'}`, async () => {
    test.setTimeout(90_000);
    host.sockets.length = 0;
    const own = cookies === 5 ? browser : await open(cookies);
    const { page, context, complaints } = await visit(own, host.page('/guide', `<h1>A guide</h1>
      <oauth-lesson lesson="code-flow" step="swap"><a href="${host.play('/lessons/code-flow')}">The lesson</a></oauth-lesson>
      <oauth-lesson lesson="code-flow" quiz="browser-gets"></oauth-lesson>${script()}`));
    const f = await frame(page);
    await shows(f, 'Swap the code for a token');
    expect(await f.evaluate(() => { try { return String(localStorage.length); } catch (e) { return e.name; } })).toBe(storage);
    expect(await page.$eval('oauth-lesson a', (a) => a.checkVisibility())).toBe(false);
    expect(host.sockets).toEqual([]);

    await f.locator('#start').click();
    await wire(f, '/consent'); // what came before was played
    await choose(f, 'Planner’s server, on its own connection');
    await button(f, 'Lock my prediction');
    await button(f, 'Play this step');
    await shows(f, 'Done: what this step is about');
    await wire(f, '/token');
    await expect.poll(() => ask(f, () => document.querySelector('.live')?.textContent)).toContain('Live');
    expect(host.sockets).toHaveLength(1);
    await f.locator('#next').click();
    await shows(f, 'That was all of it.');

    const q = await frame(page, 1);
    await choose(q, 'The access token, in the answer');
    await button(q, 'Check my answer');
    await expect.poll(() => heard(page, 'answer')).toEqual([{ lesson: 'code-flow', question: 'who-swaps', correct: true }, { lesson: 'code-flow', question: 'browser-gets', correct: false }]);
    expect(await heard(page, 'ready')).toContainEqual({ grain: 'step', lesson: 'code-flow', started: true });
    expect(await heard(page, 'step')).toEqual([{ lesson: 'code-flow', step: 'swap' }]);
    await expect.poll(() => heard(page, 'complete')).toEqual([{ lesson: 'code-flow' }]);
    expect(await heard(page, 'error')).toEqual([]);
    expect(await context.cookies()).toEqual([]);
    expect(complaints).toEqual([]);
    await (own === browser ? context : own).close();
  });
}

test('Maya signs in and allows, in a plain frame', async () => {
  test.setTimeout(60_000);
  const { page, context, complaints } = await visit(browser, host.page('/plain', `<iframe src="${host.play('/embed/v1/step/code-flow/sign-in..allow')}" title="Sign in" width="100%" height="640"></iframe>`));
  const f = await inside(page, 'iframe');
  await f.locator('#start').click();
  const maya = await inside(f, 'pg-browser iframe');
  await button(maya, 'Sign in');
  await shows(f, 'Done: what this step is about');
  await f.locator('#next').click();
  await button(await inside(f, 'pg-browser iframe'), 'Allow');
  await wire(f, 'POST/consent');
  await shows(f, 'Done: what this step is about');
  expect(await context.cookies()).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

test('a frame is as high as what is in it', async () => {
  const { page, context } = await visit(browser, host.page('/height', `<oauth-lesson lesson="code-flow" run></oauth-lesson>${script()}`));
  const f = await frame(page);
  const height = () => page.$eval('oauth-lesson', (el) => el.getBoundingClientRect().height);
  const fits = () => expect.poll(async () => (await height()) - (await ask(f, () => Math.ceil(document.body.getBoundingClientRect().height)))).toBe(0);
  await shows(f, 'Open the run');
  await fits();
  const poster = await height();
  expect(poster).toBeGreaterThan(150);
  expect(poster).toBeLessThan(500);
  await choose(f, 'Text version');
  await expect.poll(height).toBeGreaterThan(poster + 300);
  await fits();
  await choose(f, 'Text version');
  await expect.poll(height).toBe(poster);
  await f.locator('#start').click();
  await wire(f, '/token');
  await fits();
  expect(await height()).toBeGreaterThan(poster);
  await page.setViewport({ width: 390, height: 800 });
  await fits();
  expect(await f.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await context.close();
});

test('the theme follows the page, and its element', async () => {
  const { page, context } = await visit(browser, host.page('/theme', `<oauth-lesson lesson="code-flow"></oauth-lesson><oauth-lesson lesson="code-flow" diagram theme="light"></oauth-lesson>${script()}`, 'data-theme="dark"'));
  const scheme = async (n) => {
    const f = await frame(page, n);
    return expect.poll(() => ask(f, () => getComputedStyle(document.documentElement).colorScheme), { timeout: 10_000 });
  };
  await (await scheme(0)).toBe('dark');
  await (await scheme(1)).toBe('light');
  await page.evaluate(() => (document.documentElement.dataset.theme = 'light'));
  await (await scheme(0)).toBe('light');
  await page.evaluate(() => (document.documentElement.dataset.theme = 'dark'));
  await (await scheme(0)).toBe('dark');
  await (await scheme(1)).toBe('light');
  await page.evaluate(() => document.querySelectorAll('oauth-lesson')[1].setAttribute('theme', 'dark'));
  await (await scheme(1)).toBe('dark');
  const f = await frame(page);
  await f.locator('#start').click(); // a page that comes into the frame later has it too
  await f.waitForSelector('pg-lesson .step.now');
  await (await scheme(0)).toBe('dark');
  await context.close();
});

test('out of sight the line is let go, and in sight it goes on where it was', async () => {
  host.sockets.length = 0;
  const { page, context } = await visit(browser, host.page('/far', `<oauth-lesson lesson="code-flow" step="swap"></oauth-lesson><div style="height: 5000px"></div>${script()}`));
  const f = await frame(page);
  await f.locator('#start').click();
  await wire(f, '/consent');
  await expect.poll(() => host.open).toBe(1);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await expect.poll(() => host.open).toBe(0);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => host.open).toBe(1);
  expect(Number(new URL(host.play(host.sockets.at(-1))).searchParams.get('since'))).toBeGreaterThan(0);
  await context.close();
});

for (const [sandbox, lacks] of [['allow-scripts', 'allow-same-origin allow-forms'], ['allow-scripts allow-same-origin', 'allow-forms'], ['allow-scripts allow-forms', 'allow-same-origin']]) {
  test(`a frame with sandbox="${sandbox}" says what it lacks`, async () => {
    const { page, context } = await visit(browser, host.page('/sandbox', `<iframe sandbox="${sandbox}" src="${host.play('/embed/v1/step/code-flow/swap')}" width="100%" height="500"></iframe>`));
    const f = await inside(page, 'iframe');
    await shows(f, `It lacks ${lacks}.`);
    expect(await f.$eval('#start', (a) => a.checkVisibility())).toBe(false);
    await context.close();
  });
}

test('pages of ours that aren’t made for it stand in no frame', async () => {
  const { page, context } = await visit(browser, host.page('/framed', `<iframe src="${host.play('/lessons/code-flow')}" width="600" height="400"></iframe><iframe src="${host.play('/embed/v1/lesson/code-flow')}" width="600" height="400"></iframe>`));
  const [refused, shown] = await page.$$('iframe');
  await shows(await shown.contentFrame(), 'Start the lesson');
  expect(await ask(await refused.contentFrame(), () => document.querySelector('main h1')?.textContent)).toBeFalsy();
  await context.close();
});
