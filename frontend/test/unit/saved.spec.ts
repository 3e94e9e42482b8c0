// The page's reader of runs, held to the same cases as the server's, and a run in a link.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { packed, unpacked, written, type SavedRun } from '../../src/saved';
import { maxSaved, Mistake, read } from '../../src/saved-read';

interface Case {
  name: string;
  path?: (string | number)[];
  value?: unknown;
  raw?: string;
  code: string;
  where?: string;
}

const { good, cases } = JSON.parse(readFileSync('../playground/testdata/runs.json', 'utf8')) as { good: SavedRun; cases: Case[] };
const bytes = (text: string) => new TextEncoder().encode(text);

function changed(c: Case): string {
  if (c.raw) return c.raw;
  const file = structuredClone(good);
  const last = c.path?.at(-1);
  if (last === undefined) return JSON.stringify(file);
  const within = c.path!.slice(0, -1).reduce<unknown>((v, step) => (v as Record<string | number, unknown>)[step], file) as Record<string | number, unknown>;
  if ('value' in c) within[last] = c.value;
  else delete within[last];
  return JSON.stringify(file);
}

for (const c of cases) {
  test(`a file of a run: ${c.name}`, () => {
    let mistake: Mistake | undefined;
    try {
      read(bytes(changed(c)));
    } catch (e) {
      mistake = e as Mistake;
    }
    expect(mistake?.code ?? '').toBe(c.code);
    if (!c.code) return;
    expect(mistake!.where).toBe(c.where ?? '');
    expect(mistake!.message).toMatch(/^[^{}]+$/);
    expect(mistake!.message).toContain(c.where ?? '');
  });
}

test('a file that is too large, or no text, says so', () => {
  expect(() => read(new Uint8Array(maxSaved + 1))).toThrow('larger than 16 MiB');
  expect(() => read(new Uint8Array([0xff, 0xfe]))).toThrow('UTF-8');
});

test('what is written is read again', () => {
  expect(read(bytes(written(good)))).toEqual(good);
});

test('a run travels in a link', async () => {
  const link = await packed(good);
  expect(link).toMatch(/^[\w-]+$/);
  expect(read(await unpacked(link!, maxSaved))).toEqual(good);
  const long = structuredClone(good);
  long.events[1]!.response!.body = Array.from(crypto.getRandomValues(new Uint8Array(30_000)), (b) => b.toString(16)).join('');
  expect(await packed(long)).toBeUndefined();
});

test('a link that packs much into little is not unpacked to its end', async () => {
  const zip = new Blob([new Uint8Array(40 << 20)]).stream().pipeThrough(new CompressionStream('gzip'));
  const text = Buffer.from(await new Response(zip).arrayBuffer()).toString('base64url');
  const out = await unpacked(text, maxSaved);
  expect(out.length).toBe(maxSaved + 1);
  expect(() => read(out)).toThrow('larger than 16 MiB');
});
