// static-grade.ts: answers graded in the page, for a copy without a server: what is said to each answer stands in the page. Pure: no DOM.
import { say } from './strings';
import type { Graded } from './wire.gen';

// Key is what a page knows of a question: what is said to each choice, or which columns belong to each row.
export interface Key {
  kind: 'choice' | 'order' | 'match' | 'matrix';
  choices?: Graded[];
  rows?: { text: string; right: number[] }[];
  columns?: string[];
  right?: Graded; // said to all rows right
  wrong?: Graded; // and to anything else
}

// keysIn are the keys of a page's questions, by their ids, as the page holds them: in base64, so that nobody meets an answer who only
// looks at its source.
export const keysIn = (text: string) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)))) as { [question: string]: Key };

// grade grades as the server does; what can't be graded is an error, in words.
export function grade(key: Key, answer: number[]): Graded {
  if (key.kind === 'choice') {
    const said = answer.length === 1 ? key.choices![answer[0]! - 1] : undefined;
    if (!said) throw new Error(say('static.noChoice'));
    return said;
  }
  const rows = key.rows!;
  const columns = key.columns!;
  const given = rows.map((): number[] => []);
  if (key.kind === 'matrix') {
    for (const n of [...new Set(answer)].sort((a, b) => a - b)) given[Math.floor((n - 1) / columns.length)]?.push(((n - 1) % columns.length) + 1);
    if (!answer.length) throw new Error(say('static.noMark'));
  } else {
    if (answer.length !== rows.length || answer.some((n) => n < 1 || n > columns.length)) throw new Error(say('static.noRow'));
    const twice = answer.find((n, i) => answer.indexOf(n) !== i);
    if (key.kind === 'order' && twice !== undefined) throw new Error(say('static.twice', { place: twice }));
    answer.forEach((n, i) => given[i]!.push(n));
  }
  const held = rows.map((r, i) => r.right.join() === given[i]!.join());
  return { ...(held.every(Boolean) ? key.right! : key.wrong!), rows: held, words: words(key, given) };
}

// words is an answer as people say it.
function words(key: Key, given: number[][]): string {
  if (key.kind === 'order') {
    const lines: string[] = [];
    given.forEach(([n], i) => (lines[n! - 1] = `${n}. ${key.rows![i]!.text}`));
    return lines.join('; ');
  }
  return given.map((g, i) => `${key.rows![i]!.text}: ${g.map((n) => key.columns![n - 1]).join(', ') || say('static.none')}`).join('; ');
}
