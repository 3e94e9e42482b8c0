// A class in a room: its instructor, three learners and the wall, each in a browser of their own. The learners act over the API, as
// their pages do, and keep every message that reaches them: what is not told yet must not be in one.
import { expect, test, type Browser, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { OwnServer } from './own';
import { Class } from './room';
import { complaints, sideways, violations } from './walk';

interface Message {
  type: string;
  brought?: number;
  lesson?: string;
  step?: string;
  locked?: boolean;
  hint?: { text: string } | null;
  vote?: { ask: string; phase?: string; round?: number; results?: unknown; right?: number[] | null; feedback?: unknown; correct?: boolean } | null;
}

// Pupil is a learner with a seat.
class Pupil {
  id = '';
  key = '';
  constructor(readonly page: Page, readonly code: string, readonly name: string) {}

  static async sit(browser: Browser, code: string, name: string) {
    const p = new Pupil(await (await browser.newContext()).newPage(), code, name);
    await p.page.goto('/glossary');
    const seat = await p.call<{ learner: { id: string }; key: string }>('POST', '/api/rooms/join', { code, name });
    p.id = seat.learner.id;
    p.key = seat.key;
    await p.page.evaluate(([code, key]) => {
      const w = window as unknown as { heard: string[] };
      w.heard = [];
      new WebSocket(`ws://${location.host}/api/rooms/${code}/stream`, ['playground.v1', 'key.' + key]).onmessage = (m) => w.heard.push(m.data as string);
    }, [code, p.key]);
    await expect.poll(() => p.last('room')).toBeTruthy();
    return p;
  }

  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.page.evaluate(async ([method, path, key, body]) => {
      const res = await fetch(path!, { method, headers: { 'Content-Type': 'application/json', ...(key ? { Authorization: 'Bearer ' + key } : {}) }, ...(body ? { body } : {}) });
      const text = await res.text();
      if (!res.ok) throw new Error(`${res.status} ${text}`);
      return (text ? JSON.parse(text) : undefined) as T;
    }, [method, path, this.key, body === undefined ? '' : JSON.stringify(body)]);
  }

  heard = () => this.page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  last = async (type: string) => (await this.heard()).map((h) => JSON.parse(h) as Message).findLast((m) => m.type === type);
  vote = async (answer: number[]) => {
    const v = (await this.last('room'))!.vote!;
    return this.call<{ counted: boolean }>('POST', `/api/rooms/${this.code}/votes`, { ask: v.ask, round: v.round, answer });
  };
  hand = (up: boolean) => this.call('POST', `/api/rooms/${this.code}/hand`, { up });

  // work begins a lesson in a sandbox of the seat, and plays its first steps. Who goes astray asks for another redirect URI then, and is refused.
  async work(lesson: string, steps: string[], astray = false) {
    const made = await this.call<{ id: string; key: string }>('POST', `/api/rooms/${this.code}/sandboxes`, { lesson });
    const seat = this.key;
    this.key = made.key;
    for (const step of steps) {
      await this.call('POST', `/api/sandboxes/${made.id}/steps/${step}/begin`, {});
      await this.call('POST', `/api/sandboxes/${made.id}/steps/${step}/play`, { edits: {} });
    }
    if (astray) await this.call('POST', `/api/sandboxes/${made.id}/browsers/browser/open`, { url: 'https://auth.chirper.test/authorize?response_type=code&client_id=content-planner&redirect_uri=https://planner.test/elsewhere' });
    this.key = seat;
  }
}

const table = (page: Page) => page.getByRole('table', { name: 'Learners' });
const learner = (page: Page, name: string) => table(page).getByRole('row').filter({ has: page.getByRole('button', { name, exact: true }) });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const bar = (page: Page) => page.locator('pg-pace');
const says = (page: Page) => page.locator('main > [role=status]').first();
const codeOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1)!;
const keyOf = (page: Page) => page.evaluate(() => (JSON.parse(localStorage.getItem('rooms')!) as { key: string }[])[0]!.key);

// start opens a room in two clicks.
async function start(page: Page, lesson = 'pkce') {
  await page.goto('/');
  await page.getByRole('link', { name: 'Teach' }).click();
  await page.getByRole('combobox', { name: 'Lesson' }).selectOption(lesson);
  await page.getByRole('button', { name: 'Start the room' }).click();
  await expect(page).toHaveURL(/\/teach\/[2-9A-Z]{6}$/);
  await expect(bar(page)).toContainText('Bring everyone to 8.1');
  return codeOf(page);
}

async function wall(browser: Browser, code: string) {
  const page = await (await browser.newContext()).newPage();
  const heard: string[] = [];
  page.on('websocket', (ws) => ws.on('framereceived', (f) => heard.push(String(f.payload))));
  await page.goto('/projector/' + code);
  await expect(page.locator('#status')).toContainText('here');
  return { page, heard };
}

const trio = (browser: Browser, code: string) => Promise.all(['Heron', 'Wren', 'Kestrel'].map((n) => Pupil.sit(browser, code, n)));

const phase = (page: Page) => panel(page, 'Vote').locator('[aria-current=step]');

// onDisk is a test with a server of its own, which keeps what happens in files.
const onDisk = test.extend<object, { server: OwnServer }>({
  server: [async ({}, use) => {
    const own = new OwnServer();
    await own.prepare(true);
    await own.start();
    await use(own);
    await own.kill();
    own.remove();
  }, { scope: 'worker' }],
  baseURL: ({ server }, use) => use(server.url),
});

const way = 'alone, hidden, talk, again, reveal, explain, and the twin';
test(`a whole vote: ${way}`, ({ page, browser }) => wholeVote(page, browser));
onDisk(`a whole vote that is kept on disk: ${way}`, ({ page, browser }) => wholeVote(page, browser));

onDisk('a server that dies in the middle of a vote: the board and the wall come back to it, and no vote is lost', async ({ page, browser, server }) => {
  test.slow();
  const code = await start(page);
  const [a, b, c] = (await trio(browser, code)) as [Pupil, Pupil, Pupil];
  const screen = (await wall(browser, code)).page;
  const vote = panel(page, 'Vote');
  await vote.getByRole('button', { name: 'Ask the room' }).click();
  for (const p of [a, b, c]) await expect.poll(async () => (await p.last('room'))?.vote?.phase).toBe('vote');
  await a.vote([1]);
  await b.vote([2]);
  await server.kill();
  await expect(page.locator('main')).toContainText('No connection to the room');
  await expect(screen.locator('#status')).toContainText('No connection');
  await server.start();
  await expect(page.locator('main')).not.toContainText('No connection', { timeout: 15_000 });
  await expect(vote).toContainText('2 of 3 have voted.');
  await expect(learner(page, 'Heron')).toBeVisible();
  await c.vote([1]);
  await expect(vote).toContainText('3 of 3 have voted.');
  await expect(screen.locator('.vf')).toContainText('3 of 3 votes', { timeout: 15_000 });
  await vote.getByRole('button', { name: 'Close the vote' }).click();
  await expect(screen.locator('.vf')).toContainText('Its result is hidden');
});

async function wholeVote(page: Page, browser: Browser) {
  test.slow();
  const said = complaints(page);
  const code = await start(page);
  const [a, b, c] = (await trio(browser, code)) as [Pupil, Pupil, Pupil];
  const screen = await wall(browser, code);
  await expect(page.locator('#status')).toContainText('3 of 3 here');

  const lesson = (await (await page.request.get('/api/lessons/pkce')).json()) as { questions: { id: string; kind: string; twin_of?: string; choices: string[] }[] };
  const twin = lesson.questions.find((q) => q.twin_of && q.kind === 'choice')!;
  const question = lesson.questions.find((q) => q.id === twin.twin_of)!;
  const vote = panel(page, 'Vote');
  await vote.getByRole('combobox', { name: 'Question' }).selectOption(question.id);
  await vote.getByRole('button', { name: 'Ask the room' }).press('Enter');
  await expect(phase(page)).toHaveText('Vote');
  await expect(vote.getByRole('button', { name: 'Close the vote' }), 'the keyboard goes on where it was').toBeFocused();
  const { right } = (await (await page.request.get(`/api/rooms/${code}/peek`, { headers: { Authorization: 'Bearer ' + (await keyOf(page)) } })).json()) as { right: number[] };
  const wrong = [1, 2].find((n) => n !== right[0])!;

  // Alone: the wall asks, and knows no more than the learners.
  await expect(screen.page.locator('.vo li')).toHaveCount(question.choices.length);
  await expect(screen.page.locator('.vf')).toContainText('Choose alone');
  for (const p of [a, b, c]) await expect.poll(async () => (await p.last('room'))?.vote?.phase).toBe('vote');
  await a.vote(right);
  await b.vote([wrong]);
  await c.vote([wrong]);
  await expect(vote).toContainText('3 of 3 have voted.');
  await expect(screen.page.locator('.vf')).toContainText('3 of 3 votes');

  // The board may be on the wall as well: it shows no count and nothing that is right, unless its instructor wants to look.
  const told = vote.locator('.vb, .vn, .right, .said-v').or(vote.getByText('right', { exact: true }));
  const heat = panel(page, 'Misconceptions').locator('tbody td.h').filter({ hasText: 'percent' });
  await expect(vote.locator('.votes li')).toHaveCount(question.choices.length);
  await expect(told).toHaveCount(0);
  await expect(heat).toHaveCount(0);
  await vote.getByRole('button', { name: 'Look at the result' }).click();
  await expect(vote.locator('.votes li').nth(right[0]! - 1)).toContainText('right');
  await expect(vote.locator('.votes li').nth(wrong - 1).locator('.vn')).toHaveText('2');
  await vote.getByRole('button', { name: 'Hide the result' }).click();
  await expect(told).toHaveCount(0);

  // Hidden: only the instructor knows how it came out, and is told what that suggests. A key that is held goes one phase on: there is no way back.
  await page.keyboard.down('v');
  await expect(phase(page)).toHaveText('Hidden');
  await page.keyboard.down('v');
  await page.keyboard.up('v');
  await expect(vote).toContainText('33 % are right: let them discuss, then vote again.');
  await expect(told).toHaveCount(0);
  await expect(screen.page.locator('.vf')).toContainText('Its result is hidden');
  await expect(a.vote(right)).rejects.toThrow('409');
  await page.locator('body').press('v');
  await expect(phase(page)).toHaveText('Discuss');
  await vote.getByRole('button', { name: 'Look at the result' }).click();
  await vote.getByRole('button', { name: 'Vote again' }).dblclick(); // once is meant
  await expect(phase(page)).toHaveText('Revote');
  await expect(told, 'a new round is hidden again').toHaveCount(0);
  for (const p of [a, b, c]) await expect.poll(async () => (await p.last('room'))?.vote?.round).toBe(2);
  await a.vote(right);
  await b.vote(right);
  await c.vote([wrong]);
  await expect(vote).toContainText('3 of 3 have voted.');
  const early = [...screen.heard, ...(await Promise.all([a, b, c].map((p) => p.heard()))).flat()].map((h) => JSON.parse(h) as Message);
  expect(early.filter((m) => m.type === 'room' && m.vote).length).toBeGreaterThan(8);
  for (const m of early) {
    expect(m.vote?.results ?? null, 'a result before the reveal').toBeNull();
    expect(m.vote?.right ?? null, 'what is right before the reveal').toBeNull();
    expect(m.vote?.feedback ?? null, 'why before the reveal').toBeNull();
    expect(m.vote?.correct, 'whether one is right before the reveal').toBeUndefined();
  }
  await expect(screen.page.locator('.bars, .right, .fb')).toHaveCount(0);

  // Reveal: both rounds side by side, and what is right. Why comes with the explanation.
  await vote.getByRole('button', { name: 'Reveal' }).click();
  await expect(phase(page)).toHaveText('Reveal');
  await expect(vote).toContainText('33 % right at first, so you let them talk. 67 % now.');
  await expect(vote.locator('.votes li').nth(right[0]! - 1).locator('.vn')).toHaveText('1 then 2');
  await expect(page.locator('.bar-at .problem')).toHaveCount(0);
  const correct = screen.page.locator('.vo li').nth(right[0]! - 1);
  await expect(correct).toContainText('Correct');
  await expect(correct.locator('.ns')).toHaveText(/1.*2/);
  await expect(screen.page.locator('.bars')).toHaveCount(question.choices.length);
  await expect(screen.page.locator('.vf')).toContainText('33 % right, then 67 %.');
  await expect(screen.page.locator('.fb')).toHaveCount(0);
  await expect.poll(async () => (await b.last('you'))?.vote?.correct).toBe(true);
  await page.locator('body').press('v');
  await expect(phase(page)).toHaveText('Explain');
  await expect(correct.locator('.fb')).not.toBeEmpty();

  // The twin is another question, and nothing of the first is left.
  await vote.getByRole('button', { name: 'Ask the twin' }).click();
  await expect(phase(page)).toHaveText('Vote');
  await expect(screen.page.locator('.vo li')).toHaveCount(twin.choices.length);
  await expect(screen.page.locator('.bars, .right, .fb')).toHaveCount(0);
  await vote.getByRole('button', { name: 'End the vote' }).press('Enter');
  await expect(vote.getByRole('button', { name: 'Ask the room' })).toBeFocused();
  await expect(screen.page.locator('.cw, .leg').first()).toBeVisible();

  // What the class believes is on the heat map, and everything can be kept.
  await expect(panel(page, 'Misconceptions').getByRole('row')).not.toHaveCount(0);
  await expect(panel(page, 'Misconceptions').locator('tbody tr').first()).toContainText(/M\d+/);
  await expect(panel(page, 'Misconceptions').locator('tbody td.h').filter({ hasText: '67' }).first()).toContainText('percent, 2 of 3');
  const [csv] = await Promise.all([page.waitForEvent('download'), page.locator('#status').getByRole('button', { name: 'CSV' }).click()]);
  expect(csv.suggestedFilename()).toBe(`room-${code}-votes.csv`);
  const votes = readFileSync(await csv.path(), 'utf8');
  for (const name of ['Heron', 'Wren', 'Kestrel']) expect(votes).toContain(name);
  const [json] = await Promise.all([page.waitForEvent('download'), panel(page, 'This room').getByRole('button', { name: 'All (JSON)' }).click()]);
  expect(JSON.parse(readFileSync(await json.path(), 'utf8'))).toBeTruthy();
  expect(said).toEqual([]);
}

test('the pace: everyone is brought to a step, answers are locked, a timer runs, the wall goes along', async ({ page, browser }) => {
  const code = await start(page);
  const p = await Pupil.sit(browser, code, 'Heron');
  const screen = await wall(browser, code);
  await expect(screen.page.getByRole('heading', { name: 'Join in' })).toBeVisible();
  await expect(screen.page.getByRole('img', { name: `/join/${code}` })).toBeVisible();
  await expect(bar(page).locator('.big')).toHaveText(`${code.slice(0, 3)}-${code.slice(3)}`);

  await bar(page).getByLabel('Choose a lesson and a step').click();
  await bar(page).getByRole('combobox', { name: 'Step' }).selectOption({ index: 3 });
  await expect(bar(page)).toContainText('Bring everyone to 8.4');
  await page.keyboard.press('Escape');
  expect((await p.last('room'))?.brought).toBe(0);
  await bar(page).getByRole('button', { name: /^Bring everyone to 8\.4/ }).click();
  await expect.poll(() => p.last('room')).toMatchObject({ brought: 1, lesson: 'pkce' });
  await expect(says(page)).toContainText('Everyone is at 8.4');
  await expect(screen.page.locator('pg-projector')).toHaveAttribute('data-show', 'wire'); // how to join is small now
  for (const show of ['join', 'wire']) {
    await screen.page.getByRole('button', { name: 'Room code' }).press('Enter');
    await expect(screen.page.locator('pg-projector')).toHaveAttribute('data-show', show);
  }

  const late = await Pupil.sit(browser, code, 'Wren'); // and stays so, whoever comes and goes
  await expect(screen.page.locator('#status')).toContainText('2 here');
  await late.page.context().close();
  await expect(screen.page.locator('#status')).toContainText('1 here');
  await expect(screen.page.locator('pg-projector')).toHaveAttribute('data-show', 'wire');

  await bar(page).getByText('Follow me').click();
  await bar(page).getByRole('button', { name: /^A step on: 8\.5/ }).click();
  await expect.poll(() => p.last('room')).toMatchObject({ pace: 'follow' });
  await expect(bar(page)).toContainText('Bring everyone to 8.5');

  // What fails is said, and what was chosen shows how the room is.
  await page.route('**/lead', (r) => r.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail":"The room can’t be written now."}' }));
  await bar(page).getByText('Free roam').click();
  await expect(page.getByRole('alert')).toContainText('can’t be written');
  await expect(bar(page).getByRole('radio', { name: 'Follow me' })).toBeChecked();
  await page.unroute('**/lead');

  await bar(page).getByRole('button', { name: 'Lock answers' }).click();
  await expect(screen.page.locator('#status')).toContainText('Answers are locked');
  await expect.poll(async () => (await p.last('room'))?.locked).toBe(true);
  await bar(page).getByRole('button', { name: 'Unlock answers' }).click();
  await expect(screen.page.locator('#status')).not.toContainText('locked');

  await bar(page).locator('.timer summary').click();
  await bar(page).getByRole('button', { name: '2 min' }).click();
  await expect(screen.page.getByRole('timer')).toHaveText(/^[12]:\d\d$/);
  await expect(bar(page).locator('.timer summary')).toContainText(/[12]:\d\d/);
  await bar(page).locator('.timer summary').click();
  await bar(page).getByRole('button', { name: 'End the timer' }).click();
  await expect(screen.page.getByRole('timer')).toHaveCount(0);
});

test('one learner: help is asked for and given, their wire is read, their sandbox reset, their seat taken', async ({ page, browser }) => {
  test.slow();
  const said = complaints(page);
  const code = await start(page);
  const [a, b] = (await trio(browser, code)) as [Pupil, Pupil, Pupil];
  await expect(table(page).locator('tbody tr')).toHaveCount(3);
  const steps = ((await (await page.request.get('/api/lessons/pkce')).json()) as { steps: { id: string }[] }).steps.map((s) => s.id);
  await a.work('pkce', steps.slice(0, 2), true);
  await expect(learner(page, 'Heron')).toContainText(/exchange \d+: 400, as\.redirect-uri-exact/);
  await b.hand(true);
  await expect(learner(page, 'Wren').getByRole('img', { name: 'asks for help' })).toBeVisible();
  await expect(says(page)).toContainText('Wren: asks for help.');
  await page.getByRole('radiogroup', { name: 'Which learners are shown' }).getByText('Ask for help').click();
  await expect(table(page).locator('tbody tr')).toHaveCount(1);
  await page.getByRole('radiogroup', { name: 'Which learners are shown' }).getByText('All').click();
  await page.getByLabel('Find a learner').fill('redirect-uri');
  await expect(table(page).locator('tbody tr')).toHaveCount(1);
  await page.getByLabel('Find a learner').fill('');

  await table(page).getByRole('button', { name: 'Name', exact: true }).click();
  await expect(table(page).locator('tbody tr').first()).toContainText('Heron');
  await table(page).getByRole('button', { name: 'Heron' }).click();
  await page.keyboard.press('ArrowDown');
  await expect(table(page).getByRole('button', { name: 'Kestrel' })).toBeFocused();
  await page.keyboard.press('Home');
  const one = page.locator('pg-learner');
  await expect(one).toContainText(/Heron, exchange \d+/);
  await expect(one.locator('.trace .no')).toContainText('as.redirect-uri-exact');

  await one.getByRole('button', { name: 'Send a hint' }).click();
  await one.getByLabel('A hint for Heron').fill('Compare the last letter.');
  await one.getByRole('button', { name: 'Send the hint' }).click();
  await expect.poll(async () => (await a.last('you'))?.hint?.text).toBe('Compare the last letter.');
  expect((await b.last('you'))?.hint ?? null).toBeNull();

  await one.getByRole('button', { name: 'Open their wire' }).click();
  const wire = panel(page, 'Heron’s wire, read only');
  await expect(wire.locator('pg-wire li.x').first()).toBeVisible();
  await expect(wire).toContainText('See as');
  await expect(wire.getByRole('button', { name: /Protections|\+10 min/ })).toHaveCount(0);
  await wire.locator('pg-wire li.x.refused .x-name').last().click();
  await expect(wire.locator('pg-exchange')).toContainText('as.redirect-uri-exact');
  await page.keyboard.press('Escape');
  await expect(wire).toBeHidden();

  await one.getByRole('button', { name: 'Reset their sandbox' }).click();
  await expect(one).toContainText('what they have sent is gone');
  await one.getByRole('button', { name: 'Reset Heron’s sandbox' }).click();
  await expect(learner(page, 'Heron').locator('.err')).toBeEmpty();

  await one.getByRole('button', { name: 'Remove' }).click();
  await one.getByRole('button', { name: 'Leave it as it is' }).click();
  await expect(one.getByRole('button', { name: 'Remove' })).toBeFocused();
  await one.getByRole('button', { name: 'Remove' }).click();
  await one.getByRole('button', { name: 'Remove Heron' }).press('Enter');
  await expect(one.getByRole('heading', { name: 'One learner' }), 'the keyboard is where they were').toBeFocused();
  await expect(table(page).locator('tbody tr')).toHaveCount(2);
  await b.page.context().close();
  await expect(learner(page, 'Wren')).toContainText('reconnecting');
  await expect(page.locator('#status')).toContainText('1 of 2 here, 1 reconnecting');
  expect(said).toEqual([]);
});

test('who is stuck stands out, and is told of once', async ({ page, browser }) => {
  let stuck = false;
  let push = () => {};
  await page.routeWebSocket(/\/api\/rooms\/.*\/stream/, (ws) => {
    const server = ws.connectToServer();
    let rows: { rows: object[] } | undefined;
    server.onMessage((m) => {
      const message = JSON.parse(String(m)) as { type: string; rows: object[] };
      if (message.type === 'rows' && message.rows.length) rows = message;
      ws.send(JSON.stringify(message.type === 'rows' && stuck ? { ...message, rows: message.rows.map((r) => ({ ...r, stuck })) } : message));
    });
    push = () => ws.send(JSON.stringify({ ...rows, rows: rows!.rows.map((r) => ({ ...r, stuck })) })); // five minutes have passed
  });
  const code = await start(page);
  await Pupil.sit(browser, code, 'Heron');
  await expect(learner(page, 'Heron')).toBeVisible();
  await expect(learner(page, 'Heron')).not.toHaveClass(/stuck/);
  stuck = true;
  push();
  await expect(learner(page, 'Heron')).toHaveClass(/stuck/);
  await expect(learner(page, 'Heron').getByText('stuck', { exact: true })).toBeAttached();
  await expect(says(page)).toContainText('Heron: stuck.');
  await expect(page.getByRole('radiogroup', { name: 'Which learners are shown' })).toContainText('Stuck 1');
});

test('a room is led from elsewhere with its key, and a key that does not fit is none', async ({ page, browser }) => {
  const code = await start(page);
  const key = await keyOf(page);
  expect(page.url()).not.toContain(key);
  const other = await (await browser.newContext()).newPage();
  await other.goto('/teach/' + code);
  await expect(other.locator('main')).toContainText('This browser does not lead this room');
  await other.getByLabel('Key', { exact: true }).fill('wrong');
  await other.getByRole('button', { name: 'Open the room' }).click();
  await expect(other.getByRole('alert')).toBeVisible();
  await expect(other.getByRole('button', { name: 'Open the room' }), 'the keyboard stays').toBeFocused();
  await other.goto('/teach');
  await other.getByLabel('Code of the room').fill(`${code.slice(0, 3).toLowerCase()}-${code.slice(3)}`);
  await other.getByLabel('Key', { exact: true }).fill(key);
  await other.getByRole('button', { name: 'Open the room' }).click();
  await expect(other).toHaveURL(new RegExp(`/teach/${code}$`));
  await expect(other.locator('#status')).toContainText('0 of 0 here');

  // A pass is taken out of the address, whatever it is worth.
  await other.goto(`/teach/${code}#pass=used-already`);
  await expect(other).toHaveURL(new RegExp(`/teach/${code}$`));
  await expect(other.getByRole('alert')).toContainText('This pass was used before');
  await page.goto('/teach');
  await page.locator('#held').getByRole('link', { name: `${code.slice(0, 3)}-${code.slice(3)}` }).click();

  // What is lost with a key is told before it is forgotten.
  await other.goto('/teach');
  await other.getByRole('button', { name: 'Forget' }).press('Enter');
  await expect(other.locator('#held')).toContainText('Without it nobody can lead the room');
  await other.getByRole('button', { name: 'Leave it as it is' }).press('Enter');
  await expect(other.getByRole('button', { name: 'Forget' })).toBeFocused();
  await other.getByRole('link', { name: code.slice(3) }).click();
  await expect(other.locator('#status')).toContainText('0 of 0 here');

  // Where copying is forbidden, as on plain http, the key is on no screen that may be projected.
  await other.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  await other.getByRole('button', { name: 'Copy the key' }).click();
  await expect(other.locator('pg-keep')).toContainText('This browser copies nothing');
  await expect(other.getByText(key)).toBeHidden();
  await other.getByText('Show the key').click();
  await expect(other.getByText(key)).toBeVisible();

  // Delete all: asked in words first, and then gone for everyone.
  const screen = await wall(browser, code);
  const keep = panel(page, 'This room');
  await keep.getByRole('button', { name: 'Delete all' }).click();
  await expect(keep).toContainText('Votes, answers, progress and all sandboxes in it are deleted');
  await keep.getByRole('button', { name: 'Leave it as it is' }).click();
  await expect(bar(page)).toBeVisible();
  await keep.getByRole('button', { name: 'Delete all' }).click();
  await keep.getByRole('button', { name: 'Delete the room' }).click();
  await expect(page.locator('main')).toContainText('This room has ended');
  await expect(other.locator('main')).toContainText('This room has ended');
  await expect(screen.page.locator('main')).toContainText('This room has ended');
  await page.goto('/teach');
  await expect(page.locator('#held')).toBeHidden();
});

test('the wall shows where the class is on the wire, and no name', async ({ browser, page }) => {
  test.slow();
  const code = await start(page, 'pkce');
  const pupils = await trio(browser, code);
  const screen = await wall(browser, code);
  const steps = ((await (await page.request.get('/api/lessons/pkce')).json()) as { steps: { id: string }[] }).steps.map((s) => s.id);
  await Promise.all(pupils.map((p, i) => p.work('pkce', steps.slice(0, i + 2))));
  await expect(screen.page.locator('.cw .cnt b').first()).toHaveText('3');
  await expect(screen.page.locator('.jr')).toContainText('lesson 8, right now');
  await expect(screen.page.locator('.jr')).toContainText('1 refused');
  await expect(bar(page).getByRole('group', { name: 'Where the room is' })).toContainText('Lesson 8.');
  const all = (await screen.page.content()) + screen.heard.join();
  for (const p of pupils) expect(all).not.toContain(p.name);
});

test('a question of rows on the wall: what belongs to each, and how many knew it, once it is revealed', async ({ browser, request }) => {
  const room = await new Class(request).open();
  const screen = (await wall(browser, room.code)).page;
  const pupil = await Pupil.sit(browser, room.code, 'Heron');
  const { questions } = (await (await request.get('/api/lessons/two-steps')).json()) as { questions: { id: string; kind: string }[] };
  const vote = await room.ask('two-steps', questions.find((q) => q.kind === 'matrix')!.id);
  await expect(screen.locator('.vo li').first()).toBeVisible();
  await expect(screen.locator('.vo small, .vo .bars')).toHaveCount(0);
  await expect.poll(async () => (await pupil.last('room'))?.vote?.ask).toBe(vote.ask);
  await pupil.vote([1, 2]); // one row as it is, the others not
  await room.phase(vote.ask, 'reveal');
  await expect(screen.getByText('How many have each row right')).toBeVisible();
  await expect(screen.locator('.vo li').first().locator('small')).toContainText('The token, in one step·The code, in two');
  await expect(screen.locator('.vo li .ns')).toHaveText(['1', '0', '0']);
  await expect(screen.locator('.vf')).toContainText('0 % right. 1 of 1 votes');
});

test('a rehearsal fills the room, and leaves nothing behind', async ({ page }) => {
  await start(page);
  const room = panel(page, 'This room');
  await room.getByLabel('Rehearse with').fill('5');
  await room.getByRole('button', { name: 'Fill the room' }).click();
  await expect(table(page).locator('tbody tr')).toHaveCount(5);
  await expect(table(page).locator('tbody tr').first()).toContainText('simulated');
  await expect(says(page)).toContainText(/5 (simulated learners )?come? in/);
  await expect(table(page).locator('tbody .prog').first()).toBeVisible(); // they work
  await panel(page, 'Vote').getByRole('button', { name: 'Ask the room' }).click();
  await expect(panel(page, 'Vote')).toContainText('5 of 5 have voted.', { timeout: 20_000 });
  await room.getByRole('button', { name: 'Take the 5 out' }).click();
  await expect(table(page).locator('tbody tr')).toHaveCount(0);
  await expect(page.locator('pg-learners')).toContainText('Nobody is here yet');
  await expect(panel(page, 'Vote')).toContainText('0 of 0 have voted.');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });
  test('the pages say what they need; a handout needs nothing', async ({ page }) => {
    for (const path of ['/teach', '/teach/K7P4MX']) {
      await page.goto(path);
      await expect(page.locator('main .problem')).toHaveText(/Leading a room needs JavaScript/);
    }
    await page.goto('/projector/K7P4MX');
    await expect(page.locator('main .problem')).toHaveText(/This screen needs JavaScript/);
    await expect(page.getByRole('img', { name: '/join/K7P4MX' })).toBeVisible();
    await page.goto('/lessons/pkce/handout');
    await expect(page.getByRole('heading', { name: 'Key' })).toBeVisible();
  });
});

test('a handout is no wider than its paper', async ({ page }) => {
  await page.emulateMedia({ media: 'print' });
  await page.setViewportSize({ width: 680, height: 1009 }); // A4 within its margins
  const { lessons } = (await (await page.request.get('/api/lessons')).json()) as { lessons: { slug: string }[] };
  for (const { slug } of lessons) {
    await page.goto(`/lessons/${slug}/handout`);
    await expect.poll(() => sideways(page), slug).toBeLessThanOrEqual(0);
  }
});

test('each page in light and dark, wide and narrow: no rule broken, nothing wider than its window', async ({ page, browser }) => {
  test.setTimeout(240_000);
  const code = await start(page);
  const [a, b, c] = (await trio(browser, code)) as [Pupil, Pupil, Pupil];
  const steps = ((await (await page.request.get('/api/lessons/pkce')).json()) as { steps: { id: string }[] }).steps.map((s) => s.id);
  await a.work('pkce', steps.slice(0, 4), true);
  await b.hand(true);
  const look = async (name: string, p: Page) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await p.emulateMedia({ colorScheme, reducedMotion: 'reduce' }); // no colour is looked at on its way to another
      for (const [width, height] of [[1440, 900], [390, 844]] as const) {
        await p.setViewportSize({ width, height });
        await p.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))); // in the colours that it has now
        expect.soft(await sideways(p), `${name}, ${colorScheme}, ${width}`).toBeLessThanOrEqual(0);
        if (width === 1440 || colorScheme === 'light') expect.soft(await violations(p), `${name}, ${colorScheme}, ${width}`).toEqual([]);
        await p.screenshot({ path: `test-results/rooms/${name}-${colorScheme}-${width}.png`, fullPage: width < 1000, animations: 'disabled' });
      }
    }
    await p.setViewportSize({ width: 1440, height: 900 });
  };
  await expect(learner(page, 'Heron')).toContainText('redirect-uri-exact');
  await table(page).getByRole('button', { name: 'Heron' }).click();
  const screen = (await wall(browser, code)).page;
  await expect(screen.locator('.cw')).toBeVisible();
  await look('wall-join', screen);
  await panel(page, 'Vote').getByRole('button', { name: 'Ask the room' }).click();
  await expect(screen.locator('.vo')).toBeVisible();
  await Promise.all([a, b, c].map((p) => expect.poll(async () => (await p.last('room'))?.vote?.phase).toBe('vote')));
  for (const p of [a, b, c]) await p.vote([1]);
  await look('wall-vote', screen);
  await page.getByRole('button', { name: 'Close the vote' }).click();
  await panel(page, 'Vote').getByRole('button', { name: 'Reveal' }).click();
  await expect(screen.locator('.bars').first()).toBeVisible();
  await page.locator('body').press('v');
  await look('wall-explain', screen);
  await look('board', page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => table(page).locator('td:has(.prog)').evaluateAll((cells) => cells.filter((c) => c.scrollWidth > c.clientWidth).length), 'progress that is cut off').toBe(0);
  await page.goto('/teach');
  await look('teach', page);
  await page.goto('/lessons/pkce/handout');
  await look('handout', page);
});
