import { chacha20, xchacha20 } from '@noble/ciphers/chacha.js';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { wordBytes } from '../../../../src/bytes/codec.ts';
import { fillKeystream, HEAD_BYTES, keystream } from '../../../../src/search/sse/keystream.ts';

const NATIVE = '../../../../src/bytes/native.ts';

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Lengths of one part, of the head, of tails that @noble makes and of tails that OpenSSL does. */
const lengths = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.integer({ min: 600, max: 800 }),
  fc.integer({ min: 1, max: 40_000 }),
);

function filled(key: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length).fill(0x5a);
  fillKeystream(key, out);
  return out;
}

function xchacha(key: Uint8Array, number: number, length: number): Uint8Array {
  const nonce = new Uint8Array(24);
  nonce[0] = number;
  return xchacha20(key, nonce, new Uint8Array(length));
}

afterEach(() => {
  vi.doUnmock(NATIVE);
  vi.resetModules();
});

test('the tail is XChaCha20 under nonce 2, and the head the subkeys of nonces 0 and 1', () => {
  fc.assert(
    fc.property(keys, lengths, (key, length) => {
      const stream = filled(key, HEAD_BYTES + length);
      expect(stream.slice(HEAD_BYTES)).toEqual(xchacha(key, 2, length));
      for (const part of [0, 1]) {
        const subkey = stream.slice(32 * part, 32 * part + 32);
        const expected = xchacha(key, part, 64);
        expect(chacha20(subkey, new Uint8Array(12), new Uint8Array(64))).toEqual(expected);
      }
    }),
    { numRuns: 50 },
  );
});

test('a shorter stream is the beginning of a longer one, whatever the room held before', () => {
  fc.assert(
    fc.property(keys, lengths, lengths, (key, a, b) => {
      const [short, long] = [Math.min(a, b), Math.max(a, b)];
      expect(filled(key, short)).toEqual(filled(key, long).slice(0, short));
      const words = keystream(key, Math.ceil(long / 4));
      expect(wordBytes(words).slice(0, long)).toEqual(filled(key, long));
    }),
    { numRuns: 50 },
  );
});

test('one key leaves nothing behind for the next', () => {
  fc.assert(
    fc.property(keys, keys, lengths, (key, other, length) => {
      const expected = filled(key, length);
      filled(other, 1000);
      expect(filled(key, length)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test('it is the same without node:crypto, as in a browser', async () => {
  vi.resetModules();
  vi.doMock(NATIVE, () => ({ nodeCrypto: undefined }));
  const portable = await import('../../../../src/search/sse/keystream.ts');
  expect(portable.fillKeystream).not.toBe(fillKeystream);
  fc.assert(
    fc.property(keys, lengths, (key, length) => {
      const out = new Uint8Array(length);
      portable.fillKeystream(key, out);
      expect(out).toEqual(filled(key, length));
    }),
    { numRuns: 50 },
  );
});

test('no 16 bytes of a list’s stream are there twice', () => {
  const stream = filled(new Uint8Array(32).fill(7), 64_000);
  const blocks = Array.from({ length: 4000 }, (_, i) => stream.slice(16 * i, 16 * i + 16).join());
  expect(new Set(blocks).size).toBe(4000);
});
