// What a browser keeps: questions that come back, when, and as what; and where it is kept.
import { expect, test } from '@playwright/test';
import { cards, due, graded, keep, kept, waiting } from '../../src/kept';

const day = 86_400_000;
const card = { slug: 'state', lesson: 'state', number: 6, question: 'Which?', answer: '', twin: 'which-twin', belief: 'a belief' };

test('what was wrong is due at once if there is a twin to ask, and its belief stays until it is cleared up', () => {
  graded('state/which', card, false, 0);
  graded('state/other', { ...card, twin: undefined }, false, 0);
  expect(due(cards(), 1).map(([key]) => key)).toEqual(['state/which']);
  expect(waiting(cards(), 1)).toEqual([1, 0, 0, 0, 0]);
  graded('state/which', { ...card, question: 'And which of these?', answer: 'This one', belief: undefined }, true, 0);
  expect(cards()['state/which']).toMatchObject({ question: 'And which of these?', answer: 'This one', box: 1 });
  expect(cards()['state/which']!.belief).toBeUndefined();
  expect(due(cards(), day - 1)).toEqual([]);
  expect(due(cards(), day)).toHaveLength(1);
});

test('a question stays with its own answer when its twin is answered wrong', () => {
  graded('state/pair', { ...card, question: 'First?', answer: 'Yes, the first' }, true, 0);
  graded('state/pair', { ...card, question: 'Second?' }, false, day);
  expect(cards()['state/pair']).toMatchObject({ question: 'First?', answer: 'Yes, the first', box: 0 });
});

test('what a full storage does not take lasts as long as the page, and counts before what is there', () => {
  const there = new Map([['seat', '"old"'], ['broken', '{']]);
  let full = true;
  Object.assign(globalThis, { localStorage: {
    getItem: (name: string) => there.get(name) ?? null,
    setItem: (name: string, text: string) => {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      there.set(name, text);
    },
    removeItem: (name: string) => there.delete(name),
  } });
  expect(kept('seat')).toBe('old');
  expect(kept('broken')).toBeUndefined();
  keep('seat', 'new');
  expect(kept('seat')).toBe('new');
  full = false;
  keep('seat', 'newer');
  expect([kept('seat'), there.get('seat')]).toEqual(['newer', '"newer"']);
  keep('seat', undefined);
  expect([kept('seat'), there.has('seat')]).toEqual([undefined, false]);
  Reflect.deleteProperty(globalThis, 'localStorage');
});
