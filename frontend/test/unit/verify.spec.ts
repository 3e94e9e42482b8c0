// A token taken apart and verified: with the right key, a wrong one, and one letter changed.
import { expect, test } from '@playwright/test';
import { altered, bytes, decoded, keySet, verify, type Jwk } from '../../src/verify';
import type { Row } from '../../src/model';

const url64 = (b: ArrayBuffer | string) => Buffer.from(b as string).toString('base64url');

async function signed(alg: string, kid: string) {
  const pair = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])) as CryptoKeyPair;
  const input = `${url64(JSON.stringify({ alg, kid }))}.${url64(JSON.stringify({ iss: 'https://auth.test', sub: 'maya' }))}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, new TextEncoder().encode(input));
  const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid } as Jwk;
  return { token: `${input}.${Buffer.from(signature).toString('base64url')}`, jwk };
}

const set = (...keys: Jwk[]) => ({ url: 'https://auth.test/jwks', row: {} as Row, keys });

test('the right key fits, and not after one letter has changed', async () => {
  const { token, jwk } = await signed('ES256', 'k1');
  expect(await verify(token, set(jwk))).toEqual([{ what: 'alg', held: true }, { what: 'key', held: true }, { what: 'signature', held: true }]);
  const other = altered(token);
  expect(decoded(other.split('.')[1]!)!['sub']).not.toBe('maya');
  expect((await verify(other, set(jwk))).at(-1)).toEqual({ what: 'signature', held: false });
});

test('the token does not decide: an algorithm that isn’t allowed, a key that isn’t known, a key that is none', async () => {
  const none = await signed('none', 'k1');
  expect(await verify(none.token, set(none.jwk))).toEqual([{ what: 'alg', held: false }]);
  const { token } = await signed('ES256', 'k1');
  const { jwk } = await signed('ES256', 'k2');
  expect(await verify(token, set(jwk))).toEqual([{ what: 'alg', held: true }, { what: 'key', held: false }]);
  expect((await verify(token, set({ kid: 'k1', kty: 'EC' }))).at(-1)).toEqual({ what: 'signature', held: false });
});

test('what can’t be read is said to be so', () => {
  expect(bytes('%%%')).toBeUndefined();
  expect(decoded('bm90IGpzb24')).toBeUndefined();
});

test('the key set is the newest that came from the issuer itself', () => {
  const row = (n: number, url: string, body: string) =>
    ({ kind: 'row', n, request: { request: { method: 'GET', url, headers: [] } }, answer: { response: { status: 200, headers: [['Content-Type', 'application/json']], body } } }) as unknown as Row;
  const rows = [row(1, 'https://auth.test/jwks', '{"keys":[{"kid":"old"}]}'), row(2, 'https://auth.test/jwks', '{"keys":[{"kid":"new"}]}'), row(3, 'https://mallory.test/jwks', '{"keys":[{"kid":"hers"}]}'), row(4, 'https://auth.test/token', '{"access_token":"x"}')];
  expect(keySet('https://auth.test', rows)?.keys[0]!.kid).toBe('new');
  expect(keySet('https://elsewhere.test', rows)).toBeUndefined();
});
