// A seat in a room: when the page goes along with the class, and what the room's timer says on a machine whose clock is wrong.
import { expect, test } from '@playwright/test';
import { addressOf, Clock, clocked, wayOf } from '../../src/seat-way';

const room = { lesson: 'pkce', step: 'attack', brought: 2, pace: 'free' as const };
const pkce = { lesson: 'pkce', step: 'attack' };

test('who has only now joined goes where the class is, and stays where there is no class yet', () => {
  expect(wayOf(room, {})).toEqual({ known: { brought: 2, at: 'pkce#attack' }, go: pkce });
  expect(wayOf({ ...room, lesson: '', step: '', brought: 0 }, {})).toEqual({ known: { brought: 0, at: '' } });
});

test('a bring takes a page along once, also one that was away meanwhile', () => {
  const { known } = wayOf(room, {});
  expect(wayOf(room, known).go).toBeUndefined();
  expect(wayOf({ ...room, step: 'check' }, known).go, 'the instructor walks, and nobody is brought').toBeUndefined();
  expect(wayOf({ ...room, brought: 5 }, known)).toEqual({ known: { brought: 5, at: 'pkce#attack' }, go: pkce });
  expect(wayOf({ ...room, brought: 1 }, known).go, 'a room that forgot a bring brings nobody').toBeUndefined();
});

test('at the class’s pace a page follows each move, and stays where its learner walks between two of them', () => {
  const follow = { ...room, pace: 'follow' as const };
  const { known } = wayOf(follow, {});
  expect(wayOf(follow, known).go).toBeUndefined();
  const moved = wayOf({ ...follow, step: 'check' }, known);
  expect(moved.go).toEqual({ lesson: 'pkce', step: 'check' });
  expect(wayOf({ ...follow, step: 'check' }, moved.known).go).toBeUndefined();
});

test('where the instructor went while everybody was free counts once the class goes together again', () => {
  const { known } = wayOf(room, {});
  const free = wayOf({ ...room, lesson: 'state', step: 'intro' }, known);
  expect(free.go).toBeUndefined();
  expect(wayOf({ ...room, lesson: 'state', step: 'intro', pace: 'follow' }, free.known).go).toEqual({ lesson: 'state', step: 'intro' });
});

test('an address without a step is the lesson’s beginning', () => {
  expect(addressOf(pkce)).toBe('/lessons/pkce#attack');
  expect(addressOf({ lesson: 'pkce', step: '' })).toBe('/lessons/pkce#intro');
});

test('the timer goes by the server’s clock', () => {
  const here = Date.parse('2026-03-01T09:00:00Z');
  const clock = new Clock();
  clock.heard('2026-03-01T10:30:00Z', here); // this machine is an hour and a half behind
  expect(clock.left('2026-03-01T10:32:05Z', here)).toBe(125);
  expect(clock.left('2026-03-01T10:32:05Z', here + 124_001)).toBe(1);
  expect(clock.left('2026-03-01T10:32:05Z', here + 125_000)).toBe(0);
  expect(clock.left('2026-03-01T10:32:05Z', here + 999_000)).toBe(0);
  clock.heard('no time', here);
  expect(clock.left('2026-03-01T10:32:05Z', here)).toBe(125);
  expect([clocked(125), clocked(5), clocked(0)]).toEqual(['2:05', '0:05', '0:00']);
});
