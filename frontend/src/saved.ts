// saved.ts: a run as one file, or in a link: how it is written. How it is read is in saved-read.ts.
import type { Event } from './wire.gen';

export const format = { format: 'oauth-playground-run', version: 1 } as const;

// SavedRun is what a file holds; saved.schema.json describes it.
export interface SavedRun {
  format: string;
  version: number;
  title: string;
  lesson?: string; // its slug
  lesson_version?: number;
  made: string; // when it was written
  redacted: ('values' | 'signatures' | 'sandbox')[];
  actors: { id: string; name: string; url?: string }[];
  events: Event[];
}

// written is the file of a run, one event a line, as the server writes it.
export function written({ events, ...head }: SavedRun): string {
  return `${JSON.stringify({ ...head, events: [] }).slice(0, -2)}\n${events.map((e) => JSON.stringify(e)).join(',\n')}\n]}\n`;
}

// longestLink is how many characters of a link a run may be: much more, and what links are pasted into cuts them.
export const longestLink = 24_000;

// packed is a run as the part of a link; undefined if it is too long for one.
export async function packed(run: SavedRun): Promise<string | undefined> {
  const zip = new Blob([written(run)]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = new Uint8Array(await new Response(zip).arrayBuffer());
  if (bytes.length > longestLink) return undefined;
  const text = btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return text.length > longestLink ? undefined : text;
}

// unpacked is what a link carries, up to a size: who made it may have packed much into little.
export async function unpacked(text: string, most: number): Promise<Uint8Array> {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return upTo(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')), most);
}

// upTo reads a stream up to a size, and one byte more where there is more.
export async function upTo(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const reader = stream.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    if (size > most) {
      await reader.cancel();
      break;
    }
  }
  const all = new Uint8Array(Math.min(size, most + 1));
  let at = 0;
  for (const p of parts) {
    all.set(p.subarray(0, all.length - at), at);
    at += p.length;
  }
  return all;
}
