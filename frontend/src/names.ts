// names.ts: a course file may call the people and apps of the story otherwise. The server renames what it sends as a page; this
// renames what comes later: sentences of the interface, and what the API says to people. The wire keeps every name.
const others = JSON.parse(globalThis.document?.querySelector<HTMLMetaElement>('meta[name=names]')?.content ?? '{}') as Record<string, string>;
const some = Object.keys(others).length > 0;
const story = /\b(?:Content Planner|Planner|Maya|Mallory|Chirper)\b/g;

export const named = (text: string) => (some ? text.replace(story, (word) => others[word] ?? word) : text);

// The members of answers that people read.
const said = new Set(['words', 'feedback', 'belief', 'title', 'name', 'text', 'detail']);

// read is JSON with the other names in what people read.
export const read = (json: string): unknown => JSON.parse(json, some ? (key, v: unknown) => (typeof v === 'string' && said.has(key) ? named(v) : v) : undefined);
