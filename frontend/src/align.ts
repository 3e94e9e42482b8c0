// align.ts: two runs side by side, or what came before and after a change of the rules: which exchange of one is which of the other.
// Pure. They are the same when the same party asks the same of the same party, in the same order; numbers and values may differ.
import type { Change, Verdict } from './wire.gen';
import type { Item, Row } from './model';

// Stretch is what happened under the same rules, and what had changed before it.
export interface Stretch {
  rows: Row[];
  changes: Change[];
}

// stretches parts a run where a protection or a setting was switched.
export function stretches(list: Item[]): Stretch[] {
  const all: Stretch[] = [{ rows: [], changes: [] }];
  for (const i of list) {
    const change = i.kind === 'band' ? i.event?.change : undefined;
    if (i.kind === 'row') all.at(-1)!.rows.push(i);
    if (change?.what !== 'policy' && change?.what !== 'setting') continue;
    if (all.at(-1)!.rows.length) all.push({ rows: [], changes: [] });
    all.at(-1)!.changes.push(change);
  }
  return all.filter((s) => s.rows.length);
}

export interface Pair {
  a?: Row;
  b?: Row;
  same: boolean;
}

const key = (r: Row) => `${r.request.from} ${r.request.to} ${r.request.request!.method} ${r.path}`;
const end = (r: Row) => `${r.answer?.response?.status} ${r.failed?.check} ${r.observed.map((v) => v.check).join()}`;

// align is the longest way through both runs in step.
export function align(a: Row[], b: Row[]): Pair[] {
  const best = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) best[i]![j] = key(a[i]!) === key(b[j]!) ? best[i + 1]![j + 1]! + 1 : Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x && y && key(x) === key(y)) {
      pairs.push({ a: x, b: y, same: end(x) === end(y) });
      i++, j++;
    } else if (x && (!y || best[i + 1]![j]! >= best[i]![j + 1]!)) {
      pairs.push({ a: x, same: false });
      i++;
    } else {
      pairs.push({ b: y!, same: false });
      j++;
    }
  }
  return pairs;
}

// apart parts the checks of an exchange into those that came out as in the other run, by their number, and those that did not.
export function apart(mine: Verdict[], others: Verdict[]): { equal: number; own: Verdict[] } {
  const how = (v: Verdict) => `${v.check} ${v.outcome} ${v.mode}`;
  const known = new Set(others.map(how));
  const own = mine.filter((v) => !known.has(how(v)));
  return { equal: mine.length - own.length, own };
}
