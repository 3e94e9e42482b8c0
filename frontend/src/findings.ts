// findings.ts: what the record says of the app under test: the checks that its requests met, and how they came out. Pure: no DOM.
import type { Row } from './model';
import type { Info, Verdict } from './wire.gen';

// Level is what a finding asks for: the server refused it; it would have, were the check enforced; nothing.
export type Level = 'must' | 'should' | 'good';

export interface Finding {
  check: string;
  title: string; // what must hold
  spec: string;
  level: Level;
  rows: { id: string; n: number }[]; // where it did not hold, or where it did
  last: Verdict;
}

const levels: Level[] = ['must', 'should', 'good'];

// composed tells whether the app under test has made a request: those of its own, and what it has a browser carry to /authorize. What
// people do on the server's pages is not its doing.
const composed = (r: Row) => r.request.from === 'outside' || r.path === '/authorize';

// findings are grouped by check, those that ask for most first. That a client could be registered is nothing to praise.
export function findings(rows: Row[], checks: Info[]): Finding[] {
  const found = new Map<string, Finding>();
  for (const row of rows.filter(composed)) {
    for (const v of row.answer?.verdicts ?? []) {
      if (v.outcome === 'off' || (v.outcome === 'pass' && v.check.startsWith('as.registration'))) continue;
      const level: Level = v.outcome === 'pass' ? 'good' : v.mode === 'observe' ? 'should' : 'must';
      const old = found.get(v.check);
      if (old && levels.indexOf(old.level) < levels.indexOf(level)) continue;
      const same = old?.level === level ? old.rows : [];
      if (old) found.delete(v.check);
      found.set(v.check, {
        check: v.check, spec: v.spec, level, last: v, title: checks.find((c) => c.id === v.check)?.title ?? v.check,
        rows: same.some((r) => r.id === row.id) ? same : [...same, { id: row.id, n: row.n }],
      });
    }
  }
  return [...found.values()].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level));
}
