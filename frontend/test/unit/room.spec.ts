// A room's parts without a page: who is in it, what is drawn of it, how a vote goes on.
import { expect, test } from '@playwright/test';
import { News } from '../../src/board-news';
import { beside, place, placeName, words } from '../../src/board-parts';
import { lasting, Roster, type Look } from '../../src/board-roster';
import { Keyed } from '../../src/keyed';
import { lanesOf, marks, perMark, stretch } from '../../src/projector-model';
import type { LearnerRow, Phase, Vote, WireCount } from '../../src/room-messages';
import { advice, covered, next, others, percent } from '../../src/vote-model';

const row = (id: string, more: Partial<LearnerRow> = {}): LearnerRow => ({
  id, name: `Bird ${id.slice(1)}`, here: true, hand: false, simulated: false, lesson: 'pkce', step: 'attack', n: 9, of: 12, passed: 8,
  since: '2026-11-26T09:00:00Z', stuck: false, error: null, voted: 0, sandbox: true, ...more,
});

const look: Look = { sort: 'time', backwards: false, part: 'all', text: '' };
const numbers = new Map([['pkce', 8], ['state', 6]]);

// page is a table that only counts what is done to it.
function page() {
  const did = { made: 0, drawn: 0, placed: 0, removed: 0 };
  const order: string[] = [];
  const out = (el: string) => order.includes(el) && order.splice(order.indexOf(el), 1);
  const keyed = new Keyed<LearnerRow, string>({
    make: (r) => (did.made++, r.id),
    draw: () => void did.drawn++,
    place: (el, before) => {
      did.placed++;
      out(el);
      order.splice(before === undefined ? order.length : order.indexOf(before), 0, el);
    },
    remove: (el) => void (did.removed++, out(el)),
  });
  const since = (act: () => void) => {
    const was = { ...did };
    act();
    return { made: did.made - was.made, drawn: did.drawn - was.drawn, placed: did.placed - was.placed, removed: did.removed - was.removed };
  };
  return { keyed, order, since };
}

test('of 200 learners, the one that a message touches is drawn, and no other', () => {
  const roster = new Roster();
  const { keyed, order, since } = page();
  const at = (i: number) => `2026-11-26T09:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}Z`;
  roster.take({ type: 'rows', gone: [], rows: Array.from({ length: 200 }, (_, i) => row(`l${i}`, { since: at(i) })) });
  const draw = () => keyed.draw(roster.list(look, numbers));
  expect(since(draw)).toEqual({ made: 200, drawn: 200, placed: 200, removed: 0 });
  expect(since(draw)).toEqual({ made: 0, drawn: 0, placed: 0, removed: 0 });

  roster.take({ type: 'rows', gone: [], rows: [row('l70', { since: at(70), hand: true })] });
  expect(since(draw)).toEqual({ made: 0, drawn: 1, placed: 0, removed: 0 });

  roster.take({ type: 'rows', gone: [], rows: [row('l0', { since: at(900), step: 'defend', n: 10 })] }); // from the head of the table to its end
  expect(since(draw)).toEqual({ made: 0, drawn: 1, placed: 1, removed: 0 });
  expect(order.at(-1)).toBe('l0');

  roster.take({ type: 'rows', gone: [], rows: [row('l150', { since: '2026-11-26T08:00:00Z' })] }); // and from its end to its head
  expect(since(draw)).toEqual({ made: 0, drawn: 1, placed: 1, removed: 0 });
  expect(order[0]).toBe('l150');

  roster.take({ type: 'rows', rows: [row('l200', { since: at(901) })], gone: ['l5'] });
  expect(since(draw)).toEqual({ made: 1, drawn: 1, placed: 1, removed: 1 });
  expect(order).toEqual(roster.list(look, numbers).map((r) => r.id));
});

test('whatever moves, the table has the order that was asked for', () => {
  const { keyed, order } = page();
  const rows = Array.from({ length: 30 }, (_, i) => row(`l${i}`));
  let seed = 7;
  const chance = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 100; i++) {
    const list = rows.filter(() => chance() < 0.8).sort(() => chance() - 0.5);
    keyed.draw(list);
    expect(order).toEqual(list.map((r) => r.id));
  }
});

test('who is selected is drawn again, though nothing came of them', () => {
  const { keyed, since } = page();
  const rows = [row('l1'), row('l2'), row('l3')];
  keyed.draw(rows);
  expect(since(() => keyed.draw(rows, (r) => (r.id === 'l2' ? 'selected' : ''))).drawn).toBe(1);
});

test('learners are sorted by what the instructor looks for', () => {
  const roster = new Roster();
  const refusal = { n: 9, method: 'POST', path: '/token', from: 'client', to: 'as', status: 400, error: 'invalid_grant', verdicts: [{ check: 'as.pkce-verifier', spec: 'RFC 7636 §4.6', mode: 'enforce', outcome: 'fail' }] };
  roster.take({ type: 'rows', gone: [], rows: [
    row('l1', { name: 'Wren', n: 7, since: '2026-11-26T09:05:00Z', error: refusal }),
    row('l2', { name: 'Heron', n: 9, since: '2026-11-26T09:02:00Z', hand: true }),
    row('l3', { name: 'Heron 2', n: 3, since: '2026-11-26T09:07:00Z', stuck: true }),
    row('l4', { name: 'Ruff', here: false, lesson: 'state', n: 11, since: '2026-11-26T08:00:00Z' }),
  ] });
  const names = (l: Partial<Look>) => roster.list({ ...look, ...l }, numbers).map((r) => r.name);
  expect(names({})).toEqual(['Heron', 'Wren', 'Heron 2', 'Ruff']); // who is away stands last
  expect(names({ sort: 'name' })).toEqual(['Heron', 'Heron 2', 'Ruff', 'Wren']);
  expect(names({ sort: 'name', backwards: true })).toEqual(['Wren', 'Ruff', 'Heron 2', 'Heron']);
  expect(names({ sort: 'progress' })).toEqual(['Ruff', 'Heron 2', 'Wren', 'Heron']); // lesson 6 comes before lesson 8
  expect(names({ sort: 'error' })).toEqual(['Wren', 'Heron', 'Heron 2', 'Ruff']);
  roster.take({ type: 'rows', gone: ['l4'], rows: [row('l3', { name: 'Heron 2', stuck: true, since: '2026-11-26T09:02:00.5Z' })] });
  expect(names({}), 'a part of a second is later than none').toEqual(['Heron', 'Heron 2', 'Wren']);
  expect(names({ part: 'stuck' })).toEqual(['Heron 2']);
  expect(names({ part: 'hand' })).toEqual(['Heron']);
  expect(names({ text: 'her' })).toEqual(['Heron', 'Heron 2']);
  expect(names({ text: 'invalid_grant verifier' })).toEqual(['Wren']);
  expect([roster.count('all'), roster.count('stuck'), roster.count('hand')]).toEqual([3, 1, 1]);
});

test('what happens to learners is said; how the room stood is not', () => {
  const roster = new Roster();
  expect(roster.take({ type: 'rows', gone: [], rows: [row('l1', { hand: true, stuck: true }), row('l2')] })).toEqual([]);
  expect(roster.take({ type: 'rows', gone: [], rows: [row('l2', { stuck: true }), row('l3'), row('l4', { hand: true })] })).toEqual([
    { what: 'stuck', names: ['Bird 2'] }, { what: 'came', names: ['Bird 3', 'Bird 4'] }, { what: 'hand', names: ['Bird 4'] },
  ]);
  expect(roster.take({ type: 'rows', gone: ['l1'], rows: [row('l2', { here: false, stuck: true })] })).toEqual([{ what: 'left', names: ['Bird 1'] }, { what: 'lost', names: ['Bird 2'] }]);
  roster.anew(); // after a cut
  expect(roster.take({ type: 'rows', gone: [], rows: [row('l2')] })).toEqual([]);
  expect(roster.all.map((r) => r.id)).toEqual(['l2']);
});

test('what happens in a moment is told at once: names of a few, of many their number', () => {
  const told: string[] = [];
  let later = () => {};
  Object.assign(globalThis, { window: { setTimeout: (then: () => void) => ((later = then), 1) } });
  const news = new News((text) => told.push(text));
  news.take([{ what: 'came', names: ['Heron', 'Wren'] }]);
  news.take([{ what: 'came', names: ['Teal', 'Knot'] }, { what: 'hand', names: ['Wren'] }, { what: 'stuck', names: ['Rook', 'Ruff'] }]);
  news.say('The vote is open.');
  expect(told).toEqual([]);
  later();
  expect(told).toEqual(['The vote is open. 4 came in. Wren: asks for help. Rook, Ruff: stuck.']);
  news.take([{ what: 'left', names: ['Heron'] }]);
  later();
  expect(told[1]).toBe('Heron left.');
});

test('a place is a lesson and a step; beside it are others, as far as the lesson goes', () => {
  const lessons = [{ slug: 'pkce', number: 8, title: 'PKCE', steps: [{ id: 'a', title: 'Look' }, { id: 'b', title: 'Attack' }], questions: [] }];
  const at = place(lessons, 'pkce', 'b')!;
  expect(placeName(at)).toBe('8.2 Attack');
  expect(placeName(beside(at, -1)!)).toBe('8.1 Look');
  expect(beside(at, 1)).toBeUndefined();
  expect(placeName(place(lessons, 'pkce', 'gone')!)).toBe('8.1 Look');
  expect(place(lessons, 'gone', 'a')).toBeUndefined();
  expect(words('<p>What does <code>state</code> &amp; <b>PKCE</b> &lt;do&gt;?</p>')).toBe('What does state & PKCE <do>?');
  expect(words('<p>Why <code>state</code>?</p><p>And <b>how</b>?</p>')).toBe('Why state? And how?');
  expect(words('Maya&rsquo;s browser&hellip;')).toBe('Maya’s browser…');
});

test('a time is told in minutes and seconds', () => {
  expect([0, 59_900, 580_000, 3_725_000, -5].map(lasting)).toEqual(['0:00', '0:59', '9:40', '1:02:05', '0:00']);
});

const vote = (phase: Phase, right: number, of = 100): Vote => ({
  ask: '1', lesson: 'pkce', question: 'q', title: 'PKCE', number: 8, kind: 'choice', html: '', options: ['a', 'b', 'c'], rows: [], row_head: '', columns: [], twin: '', phase, round: 1, right: [3], feedback: null,
  results: [{ round: 1, votes: of, right, options: [of - right, 0, right], rows: [] }],
});

test('between 30 and 70 % right they talk; above the answer comes; below it is explained first', () => {
  expect([0, 29, 30, 70, 71, 100].map((n) => advice(vote('hidden', n)))).toEqual(['explain', 'explain', 'talk', 'talk', 'reveal', 'reveal']);
  expect(advice(vote('hidden', 0, 0))).toBeUndefined();
  expect(percent(vote('hidden', 9, 24).results![0])).toBe(38);
  expect([20, 50, 90].map((n) => next(vote('hidden', n)))).toEqual(['revote', 'discuss', 'reveal']);
  expect(others(vote('hidden', 50))).toEqual(['revote', 'reveal']);
  expect(others(vote('hidden', 90))).toEqual(['discuss', 'revote']);
});

test('a vote goes its way to the end', () => {
  const way: string[] = ['vote'];
  while (way.at(-1) !== 'over') way.push(next(vote(way.at(-1) as Phase, 50)));
  expect(way).toEqual(['vote', 'hidden', 'discuss', 'revote', 'reveal', 'explain', 'over']);
});

const count = (path: string, last: number, from = 'browser', to = 'as'): WireCount => ({ from, to, method: 'GET', path, sent: last, refused: 0, last });

test('a screen shows the part of a long wire where most of the room is', () => {
  const wire = Array.from({ length: 20 }, (_, i) => count(`/${i}`, i === 14 ? 9 : 0));
  expect(stretch(wire, 8).map((w) => w.path)).toEqual(['/7', '/8', '/9', '/10', '/11', '/12', '/13', '/14']);
  expect(stretch(wire.slice(0, 5), 8)).toHaveLength(5);
  expect(stretch(wire.map((w) => ({ ...w, last: 0 })), 8)[0]!.path).toBe('/0');
});

test('actors stand in their order; a mark stays where it is when another comes', () => {
  expect(lanesOf([count('/', 1, 'client', 'api'), count('/a', 1, 'attacker', 'as')])).toEqual(['client', 'as', 'api', 'attacker']);
  const [few, more] = [marks(4), marks(5)];
  expect(more.filter((m) => !few.includes(m))).toHaveLength(1);
  expect(Math.min(...marks(30))).toBeGreaterThan(0.05);
  expect(Math.max(...marks(30))).toBeLessThan(0.95);
  expect([perMark([count('/', 24)]), perMark([count('/', 200)]), perMark([])]).toEqual([1, 7, 1]);
});

test('before the reveal the board shows nothing that the wall does not know', () => {
  const v = covered({ ...vote('hidden', 33), feedback: ['no', 'no', 'yes'] });
  expect([v.results, v.right, v.feedback]).toEqual([null, null, null]);
  expect(v.options).toEqual(['a', 'b', 'c']);
});
