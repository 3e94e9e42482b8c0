// strings.ts: what the interface says, from the catalogue in strings/en.json, which the templates read too: a language is one file.
// Places for values are written {name}. A sentence with a number {n} has the forms .one and .other.
import { named } from './names';
import catalogue from '../strings/en.json' with { type: 'json' };

type Full = keyof typeof catalogue;
type Plural = Full extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
export type Key = Exclude<Full, `${string}.one` | `${string}.other`> | Plural;

const rename = (texts: Record<string, string>) => Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, named(text)]));
const all: Record<string, string> = rename(catalogue);
const plurals = new Intl.PluralRules('en');

// learn adds the sentences of a part that has come later.
export const learn = (more: Record<string, string>) => Object.assign(all, rename(more));

// say is a sentence with its values in their places.
export function say(key: Key, values: Record<string, string | number> = {}): string {
  return said(key, values) ?? key;
}

// said is say for a key made from an id that the catalogue may not know.
export function said(key: string, values: Record<string, string | number> = {}): string | undefined {
  const text = all[key] ?? all[`${key}.${plurals.select(Number(values['n']))}`] ?? all[`${key}.other`];
  return text?.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

// actor is what people call one of the cast.
export const actor = (id: string): string => said(`actor.${id}`) ?? id;

// under is the part of the catalogue below a prefix, in its order.
export const under = (prefix: string): [string, string][] =>
  Object.entries(all).filter(([k]) => k.startsWith(prefix)).map(([k, text]) => [k.slice(prefix.length), text]);
