// A learner's seat in a room: taken with a code and a name, kept over reloads and crashes, and taken along by the class without losing
// what was typed.
import { expect, test, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { OwnServer } from './own';
import { ballot, Class, idOf, seatBar } from './room';
import { answer, complaints, done, next, play, sideways, title, violations } from './walk';

const at = (page: Page, lesson: string, step: string) => expect(page).toHaveURL(new RegExp(`/lessons/${lesson}#${step}$`));
const hand = (page: Page) => seatBar(page).getByRole('button', { name: 'Ask for help' });

test.describe('a seat is taken', () => {
  test('with the code as it was heard and a name that is offered, and is the same one after a reload', async ({ page, request }) => {
    const room = await new Class(request).open();
    const said = complaints(page);
    await page.goto('/join');
    await page.getByLabel('Code').fill(`${room.code.slice(0, 3).toLowerCase()} ${room.code.slice(3).toLowerCase()}`);
    await expect(page.getByText('Thursday workshop: 0 are here.')).toBeVisible();
    const name = await page.getByLabel('Your name').inputValue();
    expect(name).toMatch(/^[A-Z][a-z]+/);
    await page.getByLabel('Your name').press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Thursday workshop');
    await expect(page.getByText(`You are ${name} in this room.`)).toBeVisible();
    await expect(seatBar(page)).toContainText('In the room');
    const id = await idOf(page);
    await page.getByRole('link', { name: /The code flow, end to end/ }).click();
    await expect(seatBar(page).getByRole('button', { name })).toBeVisible();
    await page.reload();
    await expect(seatBar(page)).toContainText('In the room');
    expect(await idOf(page)).toBe(id);
    await expect.poll(() => room.lead({}), 'one learner, not two').toMatchObject({ learners: 1, here: 1 });
    expect(said).toEqual([]);
  });

  test('a code of no room, a code that is too short: what is wrong, and what to do', async ({ page }) => {
    await page.goto('/join/222222');
    await expect(page.locator('#join-room')).toContainText('There is no room with this code');
    await page.getByLabel('Your name').fill('Heron');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('There is no room with this code');
    await page.getByLabel('Code').fill('k7p');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('A code has six letters and digits');
    await expect(page.getByLabel('Your name')).toHaveValue('Heron');
  });

  test('two learners with one name are told apart, and each browser keeps its own', async ({ page, browser, request }) => {
    const room = await new Class(request).open();
    const first = await room.seat(page, 'Heron');
    const other = await browser.newContext();
    const second = await other.newPage();
    expect(await room.seat(second, 'Heron')).not.toBe(first);
    await expect(seatBar(second).getByRole('button', { name: 'Heron 2' })).toBeVisible();
    await page.reload();
    await expect(seatBar(page).getByRole('button', { name: 'Heron', exact: true })).toBeVisible();
    await other.close();
  });

  test('who comes late lands where the class is', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.bring('two-steps', 'steal');
    await room.seat(page);
    await at(page, 'two-steps', 'steal');
    await expect(title(page)).toHaveText('An extension reads addresses');
  });

  test('it can be left, and another one taken: the room has no row of who is gone, and the lesson goes on', async ({ page, request }) => {
    const room = await new Class(request).open();
    const id = await room.seat(page, 'Heron');
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await play(page);
    const name = seatBar(page).getByRole('button', { name: 'Heron' });
    const leave = page.getByRole('button', { name: 'Leave the room' });
    await page.route('**/api/rooms/*/seat', (r) => r.abort());
    await name.click();
    await leave.click();
    await expect(seatBar(page).getByRole('alert')).toContainText('could not be reached');
    await expect(leave).toBeHidden();
    await expect.poll(() => room.lead({})).toMatchObject({ learners: 1, here: 1 });
    await page.unroute('**/api/rooms/*/seat');
    await name.click();
    await leave.click();
    await expect(seatBar(page)).toContainText('You have left the room.');
    await expect(seatBar(page).getByRole('button', { name: 'Put away' })).toBeFocused();
    expect(await room.lead({})).toMatchObject({ learners: 0, here: 0 });
    expect(await room.votes('progress'), 'what was done stays').toMatch(/Heron.*two-steps/);
    await expect(page.getByRole('status').filter({ hasText: 'played again for you' })).toBeVisible();
    await page.reload();
    await done(page);
    await expect(seatBar(page)).toHaveCount(0);
    expect(await room.seat(page, 'Owl')).not.toBe(id);
    await page.locator('main').getByRole('button', { name: 'Leave the room' }).click();
    await expect(page.getByLabel('Your name')).toBeVisible();
    expect(await room.lead({})).toMatchObject({ learners: 0 });
  });

  test('who joins another room leaves the one before, in every tab, and keeps the new seat', async ({ page, context, request }) => {
    const room = await new Class(request).open('The first room');
    await room.seat(page, 'Heron');
    const tab = await context.newPage();
    await tab.goto('/lessons/two-steps');
    await expect(seatBar(tab)).toContainText('In the room');
    const other = await new Class(request).open('The other room');
    await page.goto(`/join/${other.code}`);
    await expect(page.getByText('You are in The first room as Heron.')).toBeVisible();
    await other.seat(page, 'Owl');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
    await expect(seatBar(tab)).toContainText('Your seat in this room is gone');
    expect(await room.lead({})).toMatchObject({ learners: 0 });
    await page.reload();
    await expect(seatBar(page)).toContainText('In the room');
    await expect(seatBar(page).getByRole('button', { name: 'Owl' })).toBeVisible();
    await tab.close();
  });

  test('without script the form says what a room needs, and leads to the lessons', async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto('/join/k7p4mx');
    await expect(page.getByLabel('Code')).toHaveValue('K7P-4MX');
    await page.getByLabel('Your name').fill('Heron');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: 'needs JavaScript' })).toBeVisible();
    await page.getByRole('link', { name: /The code flow, end to end/ }).click();
    await expect(page.getByRole('heading', { name: 'The code flow, end to end' })).toBeVisible();
    await context.close();
  });

  test('where nothing may be kept it lasts as long as the page, which then stays', async ({ page, request }) => {
    const room = await new Class(request).open();
    await page.addInitScript(() => {
      for (const name of ['localStorage', 'sessionStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('forbidden', 'SecurityError'); } });
      }
    });
    await page.goto(`/join/${room.code}`);
    await expect(page.getByLabel('Your name')).not.toHaveValue('');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await expect(seatBar(page)).toContainText('In the room');
    await expect(page.getByText('This browser keeps nothing')).toBeVisible();
    await room.bring('code-flow', 'planner');
    await expect(seatBar(page).getByRole('link', { name: 'Go there' })).toHaveAttribute('href', '/lessons/code-flow#planner');
    await expect(page).toHaveURL(/\/join\//);
  });
});

test.describe('the class goes somewhere', () => {
  test('to a step of the same lesson, once: afterwards everybody walks by themselves', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/two-steps');
    await expect(seatBar(page)).toContainText('In the room');
    await page.evaluate(() => Object.assign(window, { same: true }));
    await room.bring('two-steps', 'steal');
    await expect(title(page)).toHaveText('An extension reads addresses');
    await expect(title(page)).toBeFocused();
    expect(await page.evaluate(() => 'same' in window), 'the page was not loaded anew').toBe(true);
    await page.locator('#step-back').click();
    await expect(title(page)).toHaveText('Ask for the token at once');
    await room.lead({ lesson: 'two-steps', step: 'look-back' }); // the instructor walks
    await room.lead({ timer: 300 });
    await expect(seatBar(page)).toContainText('left');
    await expect(title(page)).toHaveText('Ask for the token at once');
    await page.reload();
    await expect(seatBar(page)).toContainText('In the room');
    await expect(title(page), 'a page that is loaded again is not brought again').toHaveText('Ask for the token at once');
  });

  test('to another lesson: what was typed and chosen waits for the way back', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/cast#door');
    await expect(seatBar(page)).toContainText('In the room');
    const request1 = page.locator('.step.now pg-request').first();
    await request1.getByRole('button', { name: 'Change it first' }).click();
    await request1.getByRole('textbox').fill('POST {{as}}/posts\n\n{"text":"not sent yet"}');
    await page.goto('/lessons/cast#look-back');
    await page.reload(); // the hash alone loads nothing
    const quiz = page.locator('.step.now pg-quiz').first();
    await expect(seatBar(page)).toContainText('In the room');
    await quiz.locator('label.opt').nth(1).click();
    await room.bring('code-flow', 'planner');
    await at(page, 'code-flow', 'planner');
    await room.bring('cast', 'look-back');
    await at(page, 'cast', 'look-back');
    await expect(quiz.getByRole('radio').nth(1)).toBeChecked();
    await expect(quiz.locator('.fb')).toHaveCount(0); // chosen, and not sent
    await room.bring('cast', 'door');
    await expect(title(page)).toHaveText('The wrong door');
    await expect(request1.getByRole('textbox')).toHaveValue('POST {{as}}/posts\n\n{"text":"not sent yet"}');
  });

  test('a request that waits in Maya’s browser stays as it was changed', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/code-flow');
    await next(page, 'Maya opens Planner');
    await play(page);
    await next(page, 'Planner sends her away');
    await answer(page, 'pg-predict', 'Chirper’s own');
    await play(page);
    await next(page, 'Sign in as Maya');
    await play(page);
    await next(page, 'Allow it, and stop');
    await play(page);
    const waiting = page.locator('pg-browser .pending');
    await waiting.getByRole('button', { name: 'Change it first' }).click();
    const field = waiting.getByRole('textbox');
    const text = (await field.inputValue()).replace(/state=.*/, 'state=another');
    await field.fill(text);
    await field.blur();
    await room.bring('two-steps', 'steal');
    await at(page, 'two-steps', 'steal');
    await room.bring('code-flow', 'allow');
    await at(page, 'code-flow', 'allow');
    await expect(field).toHaveValue(text);
  });

  test('an answer that was sent stands, and another one that was chosen since is kept beside it', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/cast#look-back');
    await expect(seatBar(page)).toContainText('In the room');
    const quiz = page.locator('.step.now pg-quiz').first();
    await quiz.locator('label.opt').nth(1).click();
    await quiz.getByRole('button', { name: 'Check my answer' }).click();
    await expect(quiz.locator('.fb')).toHaveCount(1);
    await quiz.locator('label.opt').nth(0).click();
    await room.bring('code-flow', 'planner');
    await at(page, 'code-flow', 'planner');
    await room.bring('cast', 'look-back');
    await at(page, 'cast', 'look-back');
    await expect(quiz.locator('label.opt').nth(1).locator('.fb')).toHaveCount(1);
    await expect(quiz.getByRole('radio').nth(0)).toBeChecked();
  });

  test('further than a learner has come: what comes before can be played', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.bring('code-flow', 'allow');
    await room.seat(page);
    await at(page, 'code-flow', 'allow');
    await page.getByRole('button', { name: 'Play the steps before' }).click();
    await expect(page.getByRole('button', { name: 'Play the steps before' })).toHaveCount(0);
    await expect(page.locator('pg-browser iframe')).toBeVisible();
    await play(page);
    await next(page, 'Swap the code for a token');
    await expect(page.getByText('What comes before this step')).toHaveCount(0);
  });

  test('but not off a page that would not keep what was typed into it', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/runs');
    await expect(seatBar(page)).toContainText('In the room');
    const field = page.locator('textarea[name=text]');
    await page.locator('details:has(textarea[name=text]) > summary').click();
    await field.fill('half a run');
    await field.blur();
    await room.bring('two-steps', 'steal');
    await expect(seatBar(page)).toContainText('The class goes to');
    await page.getByRole('heading', { level: 1 }).click();
    await expect(field).toHaveValue('half a run');
    await seatBar(page).getByRole('button', { name: 'Go there' }).click();
    await at(page, 'two-steps', 'steal');
  });

  test('but not out of a field in which somebody types: a bar says where, and it goes when the field is left', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/cast#door');
    await expect(seatBar(page)).toContainText('In the room');
    const field = page.locator('.step.now pg-request').first().getByRole('textbox');
    await page.locator('.step.now pg-request').first().getByRole('button', { name: 'Change it first' }).click();
    await field.pressSequentially('x');
    await room.bring('code-flow', 'planner');
    await expect(seatBar(page)).toContainText('The class goes to 3.1 Maya opens Planner');
    await expect(field).toBeFocused();
    await field.pressSequentially('yz');
    await expect(field).toHaveValue(/xyz$/);
    await field.blur();
    await at(page, 'code-flow', 'planner');
    await page.goto('/lessons/cast#door');
    await expect(field).toHaveValue(/xyz$/);
    await expect(seatBar(page)).toContainText('In the room');
    await field.focus();
    await room.bring('two-steps', 'steal');
    await seatBar(page).getByRole('button', { name: 'Go there' }).click();
    await at(page, 'two-steps', 'steal');
  });

  test('together: each move of the instructor is followed, also one that was missed', async ({ page, context, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await room.lead({ pace: 'follow', lesson: 'two-steps', step: 'steal' });
    await at(page, 'two-steps', 'steal');
    await expect(seatBar(page)).toContainText('Together');
    await page.locator('#step-back').click();
    await expect(title(page)).toHaveText('Ask for the token at once');
    await context.setOffline(true);
    await page.goto('about:blank').catch(() => undefined);
    await room.lead({ lesson: 'two-steps', step: 'look-back' });
    await context.setOffline(false);
    await page.goto('/');
    await at(page, 'two-steps', 'look-back');
  });
});

test.describe('in the room', () => {
  test('locked answers say so, keep what was chosen, and can be sent once they are open', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/cast#look-back');
    await expect(seatBar(page)).toContainText('In the room');
    const quiz = page.locator('.step.now pg-quiz').first();
    const send = quiz.getByRole('button', { name: 'Check my answer' });
    await room.lead({ locked: true });
    await expect(quiz).toContainText('Your instructor has locked the answers.');
    await quiz.locator('label.opt').nth(1).click();
    await expect(send).toHaveAttribute('aria-disabled', 'true');
    await send.click({ force: true }); // it can be reached, and does nothing
    await page.reload();
    await expect(quiz).toContainText('Your instructor has locked the answers.');
    await expect(quiz.getByRole('radio').nth(1)).toBeChecked();
    await room.lead({ locked: false });
    await expect(quiz).not.toContainText('locked');
    await send.click();
    await expect(quiz.locator('.fb')).toHaveCount(1);
  });

  test('a sandbox that the instructor resets: it is said, what was typed stays, and the way back is at hand', async ({ page, request }) => {
    const room = await new Class(request).open();
    const id = await room.seat(page);
    await page.goto('/lessons/cast');
    await expect(seatBar(page)).toContainText('In the room');
    await room.bring('cast', 'door');
    await expect(title(page)).toHaveText('The wrong door');
    await play(page);
    const request1 = page.locator('.step.now pg-request').first();
    await request1.getByRole('button', { name: 'Change it first' }).click();
    await request1.getByRole('textbox').fill('POST {{as}}/posts');
    await room.reset(id);
    await expect(page.getByRole('status').filter({ hasText: 'Your sandbox was reset.' })).toBeVisible();
    await expect(page.getByText('Nothing on the wire yet.')).toBeVisible();
    await expect(request1.getByRole('textbox')).toHaveValue('POST {{as}}/posts');
    await request1.getByRole('button', { name: 'As it was' }).click();
    await play(page);
    await expect(page.getByText('Your sandbox was reset.')).toHaveCount(0);
  });

  test('a hint stands there until it is put away, and help can be asked for', async ({ page, request }) => {
    const room = await new Class(request).open();
    const id = await room.seat(page);
    await page.goto('/lessons/code-flow');
    await hand(page).click();
    await expect(hand(page)).toHaveAttribute('aria-pressed', 'true');
    await page.reload();
    await expect(hand(page)).toHaveAttribute('aria-pressed', 'true');
    await room.hint(id, 'Look at exchange 11: whose verifier is it?');
    const hint = page.getByRole('status').filter({ hasText: 'Look at exchange 11' });
    await expect(hint).toContainText('Your instructor says:');
    await hint.getByRole('button', { name: 'Put away' }).click();
    await expect(hint).toHaveCount(0);
    await page.reload();
    await expect(hand(page)).toBeVisible();
    await expect(hint).toHaveCount(0);
    await hand(page).click();
    await expect(hand(page)).toHaveAttribute('aria-pressed', 'false');
  });

  test('a vote, the talk, a second vote: no result is in the page before it is shown', async ({ page, browser, request }) => {
    const room = await new Class(request).open();
    const said = complaints(page);
    await room.seat(page);
    await page.goto('/lessons/code-flow#planner');
    const neighbour = await (await browser.newContext()).newPage();
    await room.seat(neighbour);
    const vote = await room.ask('pkce', 'tells');
    const right = vote.right[0]! - 1;
    const wrong = right === 0 ? 1 : 0;
    const panel = ballot(page);
    await expect(panel).toContainText('Vote alone first');
    const option = (p: Page, i: number) => ballot(p).locator('label.opt').nth(i);
    await panel.getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await option(page, right).click();
    await panel.getByRole('button', { name: 'Send my vote' }).press('Enter');
    await expect(panel).toContainText('Your vote is in');
    await option(page, wrong).click();
    await panel.getByRole('button', { name: 'Change my vote' }).click();
    await expect(panel).toContainText('Your vote is in');
    await option(neighbour, right).click();
    await ballot(neighbour).getByRole('button', { name: 'Send my vote' }).click();
    await expect(ballot(neighbour)).toContainText('Your vote is in');
    const hidden = async () => {
      await expect(panel.locator('.votes, .fb, .right')).toHaveCount(0);
      expect(await page.content()).not.toMatch(/\d of \d before|of 2\b/);
    };
    await hidden();
    await room.phase(vote.ask, 'hidden');
    await expect(panel).toContainText('The results stay hidden');
    await expect(panel, 'the button that had the focus is gone').toBeFocused();
    await expect(panel.getByRole('button')).toHaveCount(0);
    await hidden();
    await room.phase(vote.ask, 'discuss');
    await expect(panel).toContainText('Talk with your neighbours');
    await page.reload();
    await expect(panel).toContainText('Your vote');
    await hidden();
    await room.phase(vote.ask, 'revote');
    await expect(option(page, wrong)).toContainText('Your first vote');
    await expect(panel.getByRole('radio', { checked: true })).toHaveCount(0);
    await option(page, right).click();
    await page.reload(); // chosen, and not sent
    await expect(panel.getByRole('radio').nth(right)).toBeChecked();
    await panel.getByRole('button', { name: 'Send my vote' }).click();
    await expect(panel).toContainText('Your vote is in');
    await option(neighbour, right).click();
    await ballot(neighbour).getByRole('button', { name: 'Send my vote' }).click();
    await expect(ballot(neighbour)).toContainText('Your vote is in');
    await hidden();
    await room.phase(vote.ask, 'reveal');
    await expect(option(page, right)).toContainText('1 of 2 before the talk');
    await expect(option(page, right)).toContainText('2 of 2 after it');
    await expect(option(page, right)).toContainText('Correct');
    await expect(panel).toContainText('Your vote is right.');
    await room.phase(vote.ask, 'explain');
    await expect(option(page, wrong).locator('.fb')).not.toBeEmpty();
    await room.phase(vote.ask, 'over');
    await expect(panel).toHaveCount(0);
    expect(said).toEqual([]);
    await neighbour.context().close();
  });

  test('a vote is an order, a pairing or a table too, and shows how many have each row right', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/two-steps');
    await expect(seatBar(page)).toContainText('In the room');
    const panel = ballot(page);
    for (const [lesson, question] of [['code-flow', 'five-trips'], ['cast', 'who-is-who'], ['two-steps', 'where-is-what']] as const) {
      const vote = await room.ask(lesson, question);
      await expect(panel).toContainText('Vote alone first');
      const table = lesson === 'two-steps';
      if (table) {
        for (const n of vote.right.slice(1)) await panel.locator(`input[value="${n}"]`).check();
      } else {
        await expect(panel.locator('select')).toHaveCount(vote.right.length);
        for (const [i, n] of vote.right.entries()) await panel.locator('select').nth(i).selectOption(String(i < 2 ? vote.right[1 - i] : n)); // the first two are each other's
      }
      await panel.getByRole('button', { name: 'Send my vote' }).click();
      await expect(panel).toContainText('Your vote is in');
      await page.reload();
      await expect(panel).toContainText('Your vote is in');
      if (table) await expect(panel.getByRole('checkbox', { checked: true })).toHaveCount(vote.right.length - 1);
      else await expect(panel.locator('select').first()).toHaveValue(String(vote.right[1]));
      await expect(panel.locator('.votes, [data-row]')).toHaveCount(0);
      await room.phase(vote.ask, 'explain');
      await expect(panel).toContainText('Your vote is not right.');
      await expect(panel.locator('.votes').first(), `${question}, its first row`).toHaveText('0 of 1');
      await expect(panel.locator('.votes').last(), `${question}, its last row`).toHaveText('1 of 1');
      if (!table) await expect(panel.locator('[data-row]').first()).toContainText('Right is:');
      await expect(panel.locator('.outcome'), 'what is said to the answer that was given').toContainText(question === 'five-trips' ? 'Chirper can’t ask Maya before' : table ? 'Follow each of the three' : 'one party makes it');
      expect(await violations(page), question).toEqual([]);
      expect(await sideways(page), question).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-results/pages/seat-${question}.png` });
    }
  });

  test('on a phone the bar and the parts of the page stay in sight, and lead to the vote', async ({ page, request }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/two-steps#look-back');
    await expect(seatBar(page)).toContainText('In the room');
    await page.locator('.evidence').scrollIntoViewIfNeeded();
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await room.ask('pkce', 'tells');
    const to = seatBar(page).getByRole('button', { name: 'To the vote' });
    await expect(to).toBeInViewport();
    const [bar, tabs] = await Promise.all([seatBar(page).boundingBox(), page.locator('.tabs').boundingBox()]);
    expect(Math.abs(tabs!.y - bar!.y - bar!.height), 'the tabs begin where the bar ends').toBeLessThanOrEqual(1);
    await to.click();
    await expect(ballot(page)).toBeFocused();
    await expect(ballot(page).getByRole('button', { name: 'Send my vote' })).toBeInViewport();
  });

  test('the sandbox is the room’s, and what is done in it is seen there; when the room ends the learner goes on alone', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page, 'Heron');
    await page.goto('/lessons/two-steps');
    const made = page.waitForRequest((r) => r.method() === 'POST' && /\/sandboxes$/.test(r.url()));
    await next(page, 'Ask for the token at once');
    expect((await made).url()).toContain(`/api/rooms/${room.code}/sandboxes`);
    await play(page);
    await expect.poll(() => room.votes('progress')).toMatch(/Heron.*two-steps/);
    await room.end();
    await expect(seatBar(page)).toContainText('This room has ended. Go on alone');
    await expect(page.getByRole('status').filter({ hasText: 'played again for you' })).toBeVisible();
    await expect(page.locator('pg-wire li.x:not(.ghost)').first()).toBeVisible();
    await next(page, 'An extension reads addresses');
    await page.reload();
    await expect(title(page)).toBeVisible();
    await expect(seatBar(page), 'it is said once').toHaveCount(0);
  });

  test('a room that ends while something is on its way: the lesson goes on all the same', async ({ page, request }) => {
    const room = await new Class(request).open();
    await room.seat(page);
    await page.goto('/lessons/two-steps');
    const stream = page.waitForEvent('websocket', (s) => s.url().includes('/api/sandboxes/'));
    await next(page, 'Ask for the token at once');
    const ended = (await stream).waitForEvent('close');
    await page.locator('#play').click();
    await done(page);
    let told = () => {};
    const over = new Promise<void>((go) => (told = go));
    const view = /\/api\/sandboxes\/[^/]+$/;
    await page.route(view, async (r) => (await over, r.continue()));
    const asked = page.waitForRequest(view);
    await page.locator('#play').click();
    await asked; // how things stand after it, and is not told yet
    await room.end();
    await ended;
    told();
    await expect(page.getByRole('status').filter({ hasText: 'played again for you' })).toBeVisible();
    await next(page, 'An extension reads addresses');
  });

  test('a seat that was taken away says so', async ({ page, request }) => {
    const room = await new Class(request).open();
    const id = await room.seat(page);
    await page.goto('/lessons/code-flow');
    await expect(seatBar(page)).toContainText('In the room');
    await room.remove(id);
    await expect(seatBar(page)).toContainText('Your seat in this room is gone');
    await expect(seatBar(page).getByRole('link', { name: 'Join a room' })).toHaveAttribute('href', `/join/${room.code}`);
  });
});

test.describe('its server is killed', () => {
  const own = new OwnServer();
  test.beforeAll(() => own.prepare(true));
  test.afterEach(own.kill);
  test.afterAll(own.remove);

  test('and comes back: the seat goes on, and so does the vote', async ({ page, request }) => {
    test.setTimeout(60_000);
    await own.start();
    const room = await new Class(request, own.url).open();
    const id = await room.seat(page, 'Heron');
    await room.bring('two-steps', 'steal');
    await at(page, 'two-steps', 'steal');
    const vote = await room.ask('pkce', 'tells');
    await ballot(page).locator('label.opt').first().click();
    await ballot(page).getByRole('button', { name: 'Send my vote' }).click();
    await expect(ballot(page)).toContainText('Your vote is in');
    await own.kill();
    await expect(seatBar(page)).toContainText('out of reach');
    await hand(page).click();
    await expect(seatBar(page).getByRole('alert')).toContainText('could not be reached');
    await own.start();
    await expect(seatBar(page)).toContainText('In the room', { timeout: 20_000 });
    expect(await idOf(page)).toBe(id);
    await expect(ballot(page)).toContainText('Your vote is in');
    await room.phase(vote.ask, 'reveal');
    await expect(ballot(page).locator('label.opt').first()).toContainText('1 of 1');
    await expect(title(page)).toHaveText('An extension reads addresses');
    await room.bring('two-steps', 'look-back');
    await expect(title(page)).toHaveText('Look back');
  });
});

for (const look of ['light', 'dark'] as const) {
  test(`accessible, and never wider than its window: ${look}`, async ({ page, request }) => {
    test.setTimeout(180_000);
    await page.emulateMedia({ colorScheme: look, reducedMotion: 'reduce' });
    const room = await new Class(request).open();
    const folder = 'test-results/pages/seat';
    mkdirSync(folder, { recursive: true });
    const shot = async (name: string) => {
      for (const [width, height] of [[1440, 900], [390, 844]] as const) {
        await page.setViewportSize({ width, height });
        expect.soft(await sideways(page), `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
        expect.soft(await violations(page), `${name} at ${width}`).toEqual([]);
        await page.screenshot({ path: `${folder}/${name}-${look}-${width}.png`, animations: 'disabled' });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    };
    await page.goto(`/join/${room.code}`);
    await expect(page.getByLabel('Your name')).not.toHaveValue('');
    await shot('join');
    await page.goto('/join/222222');
    await expect(page.locator('#join-room')).toContainText('There is no room');
    await shot('join-wrong');
    const id = await room.seat(page, 'Heron');
    await shot('joined');
    await page.goto('/lessons/two-steps');
    await next(page, 'Ask for the token at once');
    await play(page);
    await done(page);
    await shot('lesson');
    await room.lead({ locked: true, pace: 'follow', timer: 600 });
    await room.hint(id, 'Look at exchange 11: whose verifier is it?');
    const vote = await room.ask('pkce', 'tells');
    await expect(ballot(page)).toBeVisible();
    await expect(seatBar(page)).toContainText('Look at exchange 11');
    await shot('locked');
    await room.lead({ locked: false });
    await ballot(page).locator('label.opt').first().click();
    await ballot(page).getByRole('button', { name: 'Send my vote' }).click();
    await expect(ballot(page)).toContainText('Your vote is in');
    await shot('voted');
    await room.phase(vote.ask, 'explain');
    await expect(ballot(page)).toContainText('This is why.');
    await shot('explained');
    await seatBar(page).getByRole('button', { name: 'Heron' }).click();
    await shot('menu');
    await page.keyboard.press('Escape');
    await room.ask('cast', 'one-click');
    await expect(ballot(page)).toContainText('Vote alone first');
    for (const path of ['/', '/lessons/two-steps/attack', '/workbench', '/glossary']) {
      await page.goto(path);
      await expect(ballot(page)).toBeVisible();
      await shot(path.replaceAll('/', ' ').trim().replaceAll(' ', '-') || 'home');
    }
  });
}
