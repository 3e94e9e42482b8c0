// saved-read.ts: the file of a run, read strictly. It goes by the same description as the server's reader, finds the same first mistake,
// and says it in the same words. Pure: no DOM.
import described from './saved.schema.json' with { type: 'json' };
import { format, type SavedRun } from './saved';
import { said, say } from './strings';
import type { Event } from './wire.gen';

export const maxSaved = 16 << 20; // bytes
const maxDepth = 20; // of a token's header or claims

// Mistake is what is wrong with a file: where in it, and a name for what.
export class Mistake extends Error {
  constructor(readonly code: string, readonly where = '', values: Record<string, string | number> = {}) {
    super(said(`runs.bad.${code}`, { where, ...values }));
  }
}

// Schema is the part of JSON Schema that the description uses.
interface Schema {
  $ref?: string;
  type?: string;
  title?: string; // what a pattern asks for, in words
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
}

const defs = described.$defs as Record<string, Schema>;
const patterns = new Map<string, RegExp>();

// read is the run in a file.
export function read(bytes: Uint8Array): SavedRun {
  if (bytes.length > maxSaved) throw new Mistake('large', '', { n: maxSaved >> 20 });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Mistake('utf8');
  }
  let v: unknown;
  try {
    v = JSON.parse(text);
  } catch {
    throw new Mistake('json');
  }
  value(described as Schema, v, '');
  coherent(v as SavedRun);
  return v as SavedRun;
}

const place = (where: string, name: string) => (where ? `${where}.${name}` : name);

// value holds one value against its description.
function value(described: Schema, v: unknown, where: string) {
  const s = described.$ref ? defs[described.$ref.slice('#/$defs/'.length)]! : described;
  const wrong = (code: string, values: Record<string, string | number> = {}) => new Mistake(where ? code : 'object', where, values);
  if (s.const !== undefined || s.enum) {
    if (v === s.const || s.enum?.includes(v)) return;
    if (where === 'format') throw wrong('format');
    if (where === 'version') throw wrong('version', { n: String(v), ours: format.version });
    if (s.enum) throw wrong('none', { list: s.enum.join(', ') });
  } else if (s.type === 'object' && v !== null && typeof v === 'object' && !Array.isArray(v)) {
    return s.properties ? object(s, v as Record<string, unknown>, where) : depth(v, where, 1);
  } else if (s.type === 'array' && Array.isArray(v)) {
    return list(s, v, where);
  } else if (s.type === 'string' && typeof v === 'string') {
    if (s.maxLength && v.length > s.maxLength && [...v].length > s.maxLength) throw wrong('long', { n: s.maxLength });
    if ((s.pattern && !pattern(s.pattern).test(v)) || (s.format === 'date-time' && !isTime(v))) throw wrong('pattern', { what: s.title! });
    return;
  } else if (s.type === 'integer' && Number.isInteger(v)) {
    if ((v as number) < s.minimum! || (v as number) > s.maximum!) throw wrong('range', { from: s.minimum!, to: s.maximum! });
    return;
  } else if (s.type === 'boolean' && typeof v === 'boolean') {
    return;
  }
  throw wrong('type', { what: said(`runs.type.${s.type}`) ?? '' });
}

const pattern = (source: string) => patterns.get(source) ?? patterns.set(source, new RegExp(source, 'u')).get(source)!;

function object(s: Schema, v: Record<string, unknown>, where: string) {
  for (const [name, member] of Object.entries(v)) {
    if (!Object.hasOwn(s.properties!, name)) throw new Mistake('unknown', place(where, name));
    value(s.properties![name]!, member, place(where, name));
  }
  const missing = s.required?.find((name) => !Object.hasOwn(v, name));
  if (missing) throw new Mistake('missing', place(where, missing));
}

function list(s: Schema, v: unknown[], where: string) {
  v.forEach((item, i) => {
    if (i === s.maxItems) throw new Mistake('many', where, { n: s.maxItems });
    value(s.items!, item, `${where}[${i}]`);
  });
  if (v.length < (s.minItems ?? 0)) throw new Mistake('few', where, { n: s.minItems! });
}

// depth bounds what nothing is described of: what shows it goes down into it.
function depth(v: unknown, where: string, at: number) {
  if (at > maxDepth) throw new Mistake('deep', where, { n: maxDepth });
  if (v === null || typeof v !== 'object') return;
  for (const inner of Object.values(v)) if (inner !== null && typeof inner === 'object') depth(inner, where, at + 1);
}

// isTime tells whether a text is a time on a day that there is.
function isTime(text = ''): boolean {
  const t = new Date(text);
  return !Number.isNaN(t.getTime()) && t.toISOString().slice(0, 10) === text.slice(0, 10);
}

const members: [keyof Event, string[]][] = [['request', ['request']], ['response', ['response', 'redirect']], ['token', ['token']], ['change', ['change']]];

// coherent tells what a file lacks that is well-formed: events in order, each with what its kind needs, and links that lead somewhere.
function coherent(run: SavedRun) {
  const cast = new Set<string>();
  run.actors.forEach((a, i) => {
    if (cast.has(a.id)) throw new Mistake('twice', `actors[${i}].id`);
    cast.add(a.id);
  });
  const first = run.events[0]!.seq;
  const kinds = new Map<number, string>();
  const numbers = new Set<string>();
  run.events.forEach((e, i) => {
    const bad = (code: string, member: string, values = {}) => new Mistake(code, `events[${i}].${member}`, values);
    if (e.seq !== first + i) throw bad('order', 'seq', { want: first + i });
    for (const [name, of] of members) if ((e[name] !== undefined) !== of.includes(e.kind)) throw bad('member', name, { kind: e.kind });
    for (const member of ['from', 'to'] as const) {
      if (e[member] === undefined && (e.request || e.response)) throw bad('missing', member);
      if (e[member] !== undefined && !cast.has(e[member])) throw bad('actor', member);
    }
    if (e.request) {
      if (e.n === undefined) throw bad('missing', 'n');
      if (numbers.has(`${e.run} ${e.n}`)) throw bad('number', 'n');
      numbers.add(`${e.run} ${e.n}`);
    }
    // What an event leads back to may have left the window that was recorded.
    const back = (member: string, to: number | undefined, kind?: RegExp) => {
      if (to !== undefined && (to >= e.seq || (to >= first && kind && !kind.test(kinds.get(to)!)))) throw bad('link', member);
    };
    if ((e.response || e.token) && e.of === undefined) throw bad('missing', 'of');
    back('of', e.of, e.response ? /^request$/ : e.token ? /^(request|response|redirect)$/ : undefined);
    back('cause', e.cause);
    if (e.change?.what === 'clock') {
      if (!isTime(e.change.from)) throw bad('time', 'change.from');
      if (!isTime(e.change.to)) throw bad('time', 'change.to');
    }
    kinds.set(e.seq, e.kind);
  });
}

// told is what an error says of a file, for people.
export const told = (e: unknown): string => (e instanceof Mistake ? e.message : say('runs.unreadable'));
