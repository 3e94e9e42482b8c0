// fold.ts: a long run keeps its thread: the accepted exchanges of finished steps lie behind one line for each part of the lesson.
// Pure. What was refused, what only an observed check let through, and what Mallory did never folds.
import { rowsOf, type Item, type Row } from './model';

// Fold stands for exchanges in a row that belong to one part. When it is open, they follow it.
export interface Fold {
  kind: 'fold';
  id: string;
  phase: string; // of the lesson, or the step where it isn't known
  known: boolean; // it is a phase
  rows: Row[];
  open: boolean;
}

const enough = 24; // rows that need no folding

export function fold(list: Item[], phases: { [step: string]: string } | undefined, open: Set<string>): (Item | Fold)[] {
  const rows = rowsOf(list);
  if (rows.length <= enough) return list;
  const key = (r: Row) => r.step && (phases?.[r.step] ?? r.step);
  const last = key(rows.at(-1)!); // what the learner is at stays in sight
  const out: (Item | Fold)[] = [];
  let group: Row[] = [];
  const close = () => {
    if (group.length > 1) {
      const id = `f-${group[0]!.id}`;
      out.push({ kind: 'fold', id, phase: key(group[0]!), known: phases?.[group[0]!.step] !== undefined, rows: group, open: open.has(id) });
    }
    if (group.length === 1 || open.has(`f-${group[0]?.id}`)) out.push(...group);
    group = [];
  };
  for (const i of list) {
    const folds = i.kind === 'row' && i.step !== '' && key(i) !== last && i.answer && !i.failed && !i.observed.length && !i.attack;
    if (!folds || (group.length && key(group[0]!) !== key(i))) close();
    if (folds) group.push(i);
    else out.push(i);
  }
  close();
  return out;
}
