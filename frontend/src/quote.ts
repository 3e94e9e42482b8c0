// quote.ts: what a lesson's feedback points at, in the words of the learner's own run.
import { carriers, header, refersTo, type Item, type Row } from './model';
import { copy } from './site';
import { actor, say } from './strings';
import type { Event } from './wire.gen';

export interface Quote {
  label: string;
  lines: string[];
}

// quote is the exchange that a pointer means; undefined if the run has none such.
export function quote(list: Item[], ref: string): Quote | undefined {
  const row = refersTo(list, ref);
  if (!row) return undefined;
  const q = row.request.request!;
  const lines = [`${q.method} ${row.path}`];
  if (ref.includes('#') && carriers([row], ref).length) lines.push(...where(row.request, ref), ...(row.answer ? where(row.answer, ref) : []));
  else lines.push(...body(row));
  if (row.answer) lines[0] += ` → ${row.answer.response!.status || say('wire.cut')}`;
  const failed = row.answer?.verdicts?.find((v) => v.outcome === 'fail');
  if (failed) lines.push(`${failed.check}, ${failed.spec}`);
  return { label: say(copy ? 'static.quoted' : 'question.quoted', { n: row.n, actor: actor(row.request.to ?? '') }), lines };
}

const where = (e: Event, tag: string) => (e.finds ?? []).filter((f) => f.tag === tag).map((f) => `${f.name}=${tag} (${f.in})`);

// body is what the request carried, where that is a form: the part that tells requests to one address apart.
function body(row: Row): string[] {
  const text = row.request.request!.body ?? '';
  if (!header(row.request.request!.headers, 'Content-Type').includes('form-urlencoded') || !text) return [];
  return [text.split('&').map((pair) => (pair.length > 40 ? pair.slice(0, 39) + '…' : pair)).join(' & ')];
}
