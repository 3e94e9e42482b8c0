// explain.ts: what the parameters, headers and claims are. The explanations come when the first one is asked for.
import { read } from './names';

export interface Explanation {
  text: string;
  by?: string; // the actor who makes it
  for?: string; // the actor who checks it
  spec?: string;
  url?: string;
}

export type Kind = 'param' | 'header' | 'claim';

let all: Promise<Record<string, Explanation>> | undefined;

// bring is for a page that has them from the beginning.
export const bring = (explained: Record<string, Explanation>) => (all = Promise.resolve(explained));

// explanations are all of them. The page says where they stand; a failed try is tried again.
export function explanations(): Promise<Record<string, Explanation>> {
  const url = document.querySelector<HTMLMetaElement>('meta[name=explain]')?.content;
  all ??= fetch(url ?? '/assets/explain.json').then((r) => (r.ok ? r.text().then((text) => read(text) as Record<string, Explanation>) : Promise.reject(new Error(String(r.status)))));
  all.catch(() => (all = undefined));
  return all;
}

// keyOf is an explanation's key: a header's name is written in any case.
export const keyOf = (kind: Kind, name: string) => `${kind}.${kind === 'header' ? name.toLowerCase() : name}`;
