import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';

interface Group<Case> {
  readonly tests: readonly Case[];
  readonly ivSize?: number;
  readonly keySize?: number | string;
  readonly publicKey?: { readonly pk: string };
}

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: 'valid' | 'invalid';
}

function groupsOf<T>(name: string): readonly Group<T & Case>[] {
  const path = new URL(`../../vectors/wycheproof/${name}_test.json`, import.meta.url);
  const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as {
    testGroups: Group<T & Case>[];
  };
  return testGroups;
}

const hex = (text: string): Uint8Array => fromHex(text, 'a vector');

describe.each(['node:crypto', '@noble'])('Wycheproof, by %s', (by) => {
  let aead: typeof import('../../../src/bytes/aead.ts');
  let hash: typeof import('../../../src/bytes/hash.ts');
  let signature: typeof import('../../../src/bytes/signature.ts');
  beforeAll(async () => {
    vi.resetModules();
    if (by === '@noble') {
      vi.doMock('../../../src/bytes/native.ts', () => ({ nodeCrypto: undefined }));
    }
    aead = await import('../../../src/bytes/aead.ts');
    hash = await import('../../../src/bytes/hash.ts');
    signature = await import('../../../src/bytes/signature.ts');
  });
  afterAll(() => {
    vi.doUnmock('../../../src/bytes/native.ts');
    vi.resetModules();
  });

  test('Ed25519: every signature is judged as it should be', () => {
    const seen = { valid: 0, invalid: 0 };
    const groups = groupsOf<{ msg: string; sig: string }>('ed25519');
    for (const { publicKey, tests } of groups) {
      for (const { tcId, comment, msg, sig, result } of tests) {
        const judged = signature.verify(hex(publicKey!.pk), hex(msg), hex(sig));
        expect(judged, `case ${tcId}, ${comment}`).toBe(result === 'valid');
        seen[result]++;
      }
    }
    expect(seen).toEqual({ valid: 88, invalid: 63 });
  });

  test('HKDF-SHA-256', () => {
    const seen = { valid: 0, invalid: 0 };
    const groups = groupsOf<{ ikm: string; salt: string; info: string; size: number; okm: string }>(
      'hkdf_sha256',
    );
    for (const { tcId, ikm, salt, info, size, okm, result } of groups.flatMap((g) => g.tests)) {
      const derive = (): string => toHex(hash.hkdfSha256(hex(ikm), hex(salt), hex(info), size));
      if (result === 'valid') expect(derive(), `case ${tcId}`).toBe(okm);
      else expect(derive, `case ${tcId}`).toThrow();
      seen[result]++;
    }
    expect(seen).toEqual({ valid: 83, invalid: 3 });
  });

  test('HMAC-SHA-256, whole and cut to 128 bits, in one call and under a kept key', () => {
    const seen = { valid: 0, invalid: 0 };
    const groups = groupsOf<{ key: string; msg: string; tag: string }>('hmac_sha256');
    for (const { tcId, key, msg, tag, result } of groups.flatMap((g) => g.tests)) {
      for (const made of [
        hash.hmacSha256(hex(key), hex(msg)),
        hash.keyedHmac(hex(key))(hex(msg)),
      ]) {
        expect(toHex(made).startsWith(tag), `case ${tcId}`).toBe(result === 'valid');
      }
      seen[result]++;
    }
    expect(seen).toEqual({ valid: 66, invalid: 108 });
  });

  test.each(['as it is', 'prepared'])(
    'AES-GCM with a 256-bit key, %s, and a 96-bit nonce',
    (how) => {
      const seen = { valid: 0, invalid: 0 };
      const groups =
        groupsOf<Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>>('aes_gcm');
      const used = groups.filter((g) => Number(g.ivSize) === 96 && Number(g.keySize) === 256);
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of used.flatMap((g) => g.tests)) {
        const sealed = hex(iv + ct + tag);
        const under = how === 'prepared' ? new aead.PreparedKey(hex(key)) : hex(key);
        const open = (): string => toHex(aead.openBytes(under, sealed, hex(aad), 'it'));
        if (result === 'valid') {
          expect(open(), `case ${tcId}`).toBe(msg);
          expect(toHex(aead.sealWithNonce(under, hex(iv), hex(msg), hex(aad)))).toBe(toHex(sealed));
        } else {
          expect(open, `case ${tcId}`).toThrow(/authentication failed/);
        }
        seen[result]++;
      }
      expect(seen.valid).toBeGreaterThan(30);
      expect(seen.invalid).toBeGreaterThan(20);
    },
  );
});
