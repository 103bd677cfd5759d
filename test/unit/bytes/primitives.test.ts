import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  openBytes,
  openNonceless,
  SEAL_OVERHEAD,
  sealBytes,
  sealNonceless,
  sealWithNonce,
  TAG_OVERHEAD,
} from '../../../src/bytes/aead.ts';
import { compareBytes, equalBytes } from '../../../src/bytes/compare.ts';
import { deriveKey, hmacSha256, keyedHmac, sha256 } from '../../../src/bytes/hash.ts';
import { fromHex, toHex } from '../../../src/bytes/hex.ts';
import { pad, padmeLength, unpad } from '../../../src/bytes/padding.ts';
import { randomBelow } from '../../../src/bytes/random.ts';
import { publicKeyOf, sign, verify } from '../../../src/bytes/signature.ts';

const hex = (text: string): Uint8Array => fromHex(text, 'test');
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The same functions where node:crypto is missing, as in a browser. */
async function portable(): Promise<{
  aead: typeof import('../../../src/bytes/aead.ts');
  hash: typeof import('../../../src/bytes/hash.ts');
  signature: typeof import('../../../src/bytes/signature.ts');
}> {
  vi.resetModules();
  vi.doMock('../../../src/bytes/native.ts', () => ({ nodeCrypto: undefined }));
  return {
    aead: await import('../../../src/bytes/aead.ts'),
    hash: await import('../../../src/bytes/hash.ts'),
    signature: await import('../../../src/bytes/signature.ts'),
  };
}

describe('published vectors', () => {
  it('SHA-256 of "abc" (FIPS 180-4)', () => {
    expect(toHex(sha256(ascii('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('HMAC-SHA-256, RFC 4231 case 2', () => {
    expect(toHex(hmacSha256(ascii('Jefe'), ascii('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('Ed25519, RFC 8032 test 2', () => {
    const secret = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const signature =
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';
    expect(toHex(publicKeyOf(secret))).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    expect(toHex(sign(secret, Uint8Array.of(0x72)))).toBe(signature);
    expect(verify(publicKeyOf(secret), Uint8Array.of(0x72), hex(signature))).toBe(true);
    expect(verify(publicKeyOf(secret), Uint8Array.of(0x73), hex(signature))).toBe(false);
  });
});

describe('sealed bytes', () => {
  const key = sha256(ascii('key'));
  const bytes = fc.uint8Array({ maxLength: 200 });

  it('open to what was sealed, under the same key and place only', () => {
    fc.assert(
      fc.property(bytes, bytes, (plain, place) => {
        const sealed = sealBytes(key, plain, place);
        expect(sealed.length).toBe(plain.length + SEAL_OVERHEAD);
        expect(openBytes(key, sealed, place, 'it')).toEqual(plain);
        const elsewhere = Uint8Array.of(...place, 1);
        expect(() => openBytes(key, sealed, elsewhere, 'it')).toThrow(/authentication failed/);
        expect(() => openBytes(sha256(key), sealed, place, 'it')).toThrow(/authentication failed/);
      }),
      { numRuns: 50 },
    );
  });

  it('do not open when any byte is changed or missing', () => {
    const sealed = sealBytes(key, ascii('plain'), ascii('place'));
    for (let i = 0; i < sealed.length; i++) {
      const altered = sealed.slice();
      altered[i]! ^= 1;
      expect(() => openBytes(key, altered, ascii('place'), 'it')).toThrow(/it: /);
      expect(() => openBytes(key, sealed.subarray(0, i), ascii('place'), 'it')).toThrow(/it: /);
    }
  });
});

describe('bytes sealed without their nonce', () => {
  const key = sha256(ascii('key'));
  const nonceOf = (place: number): Uint8Array =>
    Uint8Array.of(place, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  it('open under that nonce and key only, unaltered and whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), (plain, at) => {
        const out = new Uint8Array(3 + plain.length + TAG_OVERHEAD);
        sealNonceless(out, 3, key, nonceOf(7), plain);
        const sealed = out.subarray(3);
        expect(openNonceless(key, nonceOf(7), sealed, 'it')).toEqual(plain);
        const altered = sealed.slice();
        altered[at % altered.length]! ^= 1;
        const refused = /authentication failed|too short/;
        expect(() => openNonceless(key, nonceOf(7), altered, 'it')).toThrow(refused);
        expect(() => openNonceless(key, nonceOf(8), sealed, 'it')).toThrow(refused);
        expect(() => openNonceless(sha256(key), nonceOf(7), sealed, 'it')).toThrow(refused);
        expect(() => openNonceless(key, nonceOf(7), sealed.subarray(1), 'it')).toThrow(refused);
        expect(() => openNonceless(key, nonceOf(7), new Uint8Array(15), 'it')).toThrow(refused);
      }),
      { numRuns: 50 },
    );
  });

  it('are those of McGrew and Viega, “The Galois/Counter Mode of Operation”, test case 15', () => {
    const caseKey = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const nonce = hex('cafebabefacedbaddecaf888');
    const plain = hex(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
        '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255',
    );
    const out = new Uint8Array(plain.length + TAG_OVERHEAD);
    sealNonceless(out, 0, caseKey, nonce, plain);
    expect(toHex(out)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
        '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad' +
        'b094dac5d93471bdec1a502270e3cc6c',
    );
  });
});

describe('a random number below a bound', () => {
  it.each([1, 2, 3, 10, 1000])('is as often each of %i', (bound) => {
    const counts = new Uint32Array(bound);
    const draws = 50 * bound + 2000;
    for (let i = 0; i < draws; i++) counts[randomBelow(bound)]! += 1;
    const expected = draws / bound;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi - (bound - 1)).toBeLessThan(7 * Math.sqrt(2 * bound));
  });

  it('reaches both halves of the largest range', () => {
    const above = Array.from({ length: 400 }, () => randomBelow(2 ** 53)).filter(
      (value) => value >= 2 ** 52,
    );
    expect(above.length).toBeGreaterThan(120);
    expect(above.length).toBeLessThan(280);
    expect(above.every((value) => Number.isSafeInteger(value))).toBe(true);
  });
});

describe('without node:crypto', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => {
    vi.doUnmock('../../../src/bytes/native.ts');
    vi.resetModules();
  });

  it('every primitive gives the same bytes', async () => {
    const other = await portable();
    const key = sha256(ascii('key'));
    const data = Uint8Array.from({ length: 96 }, (_, i) => i * 7);
    const counter = data.slice(0, 16);
    expect(other.hash.sha256(data)).toEqual(sha256(data));
    expect(other.hash.hmacSha256(key, data)).toEqual(hmacSha256(key, data));
    expect(other.hash.deriveKey(key, 'use')).toEqual(deriveKey(key, 'use'));
    expect(other.signature.sign(key, data)).toEqual(sign(key, data));
    expect(other.signature.verify(publicKeyOf(key), data, sign(key, data))).toBe(true);
    expect(other.aead.openBytes(key, sealBytes(key, data, counter), counter, 'it')).toEqual(data);
    expect(openBytes(key, other.aead.sealBytes(key, data, counter), counter, 'it')).toEqual(data);
    const nonce = new Uint8Array(12);
    const [here, there] = [sealNonceless, other.aead.sealNonceless].map((seal) => {
      const out = new Uint8Array(data.length + TAG_OVERHEAD);
      seal(out, 0, key, nonce, data);
      return out;
    });
    expect(there).toEqual(here);
    expect(other.aead.openNonceless(key, nonce, here!, 'it')).toEqual(data);
    const altered = Uint8Array.of(...here!.subarray(1), 0);
    expect(() => other.aead.openNonceless(key, nonce, altered, 'it')).toThrow(/authentication/);
  });
});

describe('a prepared key without node:crypto', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => {
    vi.doUnmock('../../../src/bytes/native.ts');
    vi.resetModules();
  });
  const bytes = fc.uint8Array({ maxLength: 200 });
  const key = sha256(ascii('key'));

  it('seals and opens message after message as node:crypto does, wherever they lie', async () => {
    const { aead } = await portable();
    using prepared = new aead.PreparedKey(key);
    fc.assert(
      fc.property(bytes, bytes, fc.nat(7), fc.nat(), (plain, place, at, flipped) => {
        const room = new Uint8Array(at + plain.length);
        room.set(plain, at);
        const nonce = sha256(place).subarray(0, 12);
        const expected = sealWithNonce(key, nonce, plain, place);
        const out = new Uint8Array(at + expected.length);
        aead.sealInto(out, at, prepared, nonce, room.subarray(at), place);
        expect(out.subarray(at)).toEqual(expected);
        expect(aead.openBytes(prepared, out.subarray(at), place, 'it')).toEqual(plain);
        out[at + (flipped % expected.length)]! ^= 1;
        expect(() => aead.openBytes(prepared, out.subarray(at), place, 'it')).toThrow(
          /authentication failed/,
        );
      }),
    );
  });

  it('is of no use after it was disposed of', async () => {
    const { aead } = await portable();
    const prepared = new aead.PreparedKey(key);
    prepared[Symbol.dispose]();
    expect(() => aead.sealBytes(prepared, ascii('plain'), ascii('place'))).toThrow();
  });
});

describe('comparison and padding', () => {
  it('equalBytes and compareBytes agree with the bytes as strings', () => {
    const short = fc.uint8Array({ maxLength: 4, max: 3 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        const [x, y] = [toHex(a), toHex(b)];
        expect(equalBytes(a, b)).toBe(x === y);
        expect(Math.sign(compareBytes(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  it('padding comes off again, and Padmé adds at most 12 %', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (content) => {
        const padded = pad(content, padmeLength(content.length + 1));
        expect(padded.length).toBeGreaterThan(content.length);
        expect(padded.length).toBeLessThanOrEqual(Math.max(2, (content.length + 1) * 1.12));
        expect(unpad(padded, 'it')).toEqual(content);
      }),
    );
    expect(() => unpad(new Uint8Array(8), 'it')).toThrow(/padding/);
  });
});

describe('a keyed HMAC', () => {
  it('is HMAC-SHA-256 of each message in turn', () => {
    const key = sha256(ascii('key'));
    const mac = keyedHmac(key);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const expected = hmacSha256(key, message);
        expect(mac(message)).toEqual(expected);
        const into = new Uint8Array(32);
        expect(mac(message, into)).toBe(into);
        expect(into).toEqual(expected);
      }),
    );
    mac.destroy();
    expect(() => mac(ascii('more'))).toThrow();
  });
});
