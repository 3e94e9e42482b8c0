// verify.ts: a JWT taken apart, and its signature computed by this browser with a key that was recorded. Pure but for WebCrypto.
import { header, hostOf, type Row } from './model';

export interface Jwk {
  kid?: string;
  kty?: string;
  alg?: string;
  use?: string;
  [name: string]: unknown;
}

// KeySet is the keys of an issuer, as somebody fetched them in this run.
export interface KeySet {
  url: string;
  row: Row;
  keys: Jwk[];
}

// Step is one step of a verification: what was asked, and whether it held. After one that didn't, none is taken.
export interface Step {
  what: 'alg' | 'key' | 'signature';
  held: boolean;
}

const algorithms: Record<string, { import: EcKeyImportParams | RsaHashedImportParams; verify: AlgorithmIdentifier | EcdsaParams }> = {
  ES256: { import: { name: 'ECDSA', namedCurve: 'P-256' }, verify: { name: 'ECDSA', hash: 'SHA-256' } },
  RS256: { import: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, verify: 'RSASSA-PKCS1-v1_5' },
};

export const canVerify = () => typeof crypto !== 'undefined' && crypto.subtle !== undefined;

// bytes are what a part of a token stands for; undefined if it isn't base64url (RFC 4648 §5).
export function bytes(part: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const text = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(text, (c) => c.charCodeAt(0));
  } catch {
    return undefined;
  }
}

// decoded is a part as JSON; undefined if it can't be read.
export function decoded(part: string): Record<string, unknown> | undefined {
  const b = bytes(part);
  if (!b) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(b)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

// altered is a token with one letter of its claims changed, as anybody could: the last letter of the subject, or else of the
// first claim that is a text.
export function altered(token: string): string {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const c = decoded(claims) ?? {};
  const name = typeof c['sub'] === 'string' ? 'sub' : Object.keys(c).find((k) => typeof c[k] === 'string');
  if (!name) return token;
  const value = String(c[name]);
  c[name] = value.slice(0, -1) + (value.endsWith('a') ? 'b' : 'a');
  const text = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(c)));
  return [head, btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''), signature].join('.');
}

// keySet is the newest key set of an issuer that was fetched before a message was answered, or in the run at all.
export function keySet(issuer: string, rows: Row[]): KeySet | undefined {
  const host = hostOf(issuer);
  for (const row of [...rows].reverse()) {
    const { url } = row.request.request!;
    const answer = row.answer?.response;
    if (hostOf(url) !== host || answer?.status !== 200 || !header(answer.headers ?? [], 'Content-Type').includes('json')) continue;
    try {
      const { keys } = JSON.parse(answer.body ?? '') as { keys?: Jwk[] };
      if (Array.isArray(keys)) return { url, row, keys: keys.filter(isKey) };
    } catch {
      // another document
    }
  }
  return undefined;
}

// isKey tells whether something in a key set can be shown as a key: whoever sends a file may have put anything there.
const isKey = (k: unknown): k is Jwk => typeof k === 'object' && k !== null && ['kid', 'kty', 'alg', 'use'].every((n) => ['string', 'undefined'].includes(typeof (k as Jwk)[n]));

// verify takes the steps of a verification in order. The verifier decides which algorithms there are, not the token.
export async function verify(token: string, set: KeySet): Promise<Step[]> {
  const [head = '', claims = '', signature = ''] = token.split('.');
  const h = decoded(head) ?? {};
  const alg = algorithms[String(h['alg'])];
  if (!alg) return [{ what: 'alg', held: false }];
  const key = set.keys.find((k) => k.kid === h['kid']);
  if (!key) return [{ what: 'alg', held: true }, { what: 'key', held: false }];
  const sig = bytes(signature);
  let held = false;
  try {
    const imported = await crypto.subtle.importKey('jwk', key as JsonWebKey, alg.import, false, ['verify']);
    held = sig !== undefined && (await crypto.subtle.verify(alg.verify, imported, sig, new TextEncoder().encode(`${head}.${claims}`)));
  } catch {
    held = false; // a key that isn't one
  }
  return [{ what: 'alg', held: true }, { what: 'key', held: true }, { what: 'signature', held }];
}
