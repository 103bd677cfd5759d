import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  ExpectedObject,
  SealFacts,
  SealType,
} from '../../../../../src/engine/seal/inspect/object-types.ts';
import { SEAL_TYPES } from '../../../../../src/engine/seal/inspect/object-types.ts';
import {
  parseModulusChain,
  parseSealObject,
  recogniseSeal,
} from '../../../../../src/engine/seal/inspect/seal-object.ts';
import { GOLDEN, goldenBytes, parmsBytes } from '../../../../support/hostile-vectors.ts';

const INVALID = expect.objectContaining({ code: 'BYTES_INVALID' });
const CHAINS = Object.fromEntries(
  ['bfv', 'bgv', 'ckks'].map((scheme) => [scheme, parseModulusChain(parmsBytes(`${scheme}1024`))]),
);
const PLAIN = GOLDEN.filter(({ file }) => file.endsWith('.none.bin'));
const parse = (file: string, type: string, expected: ExpectedObject = {}): SealFacts =>
  parseSealObject(goldenBytes(file), type as SealType, expected);
const chainOf = (file: string): ExpectedObject => ({ chain: CHAINS[file.split('1024')[0]!]! });

describe('an object that SEAL wrote', () => {
  test.each(PLAIN.map((golden) => [golden.file, golden] as const))('%s', (file, golden) => {
    const { scheme, n } = parse(file, golden.type, chainOf(file));
    expect({ scheme, n }).toEqual({ scheme: golden.scheme, n: 1024 });
    expect(recogniseSeal(goldenBytes(file), chainOf(file)).types).toEqual([golden.type]);
    expect(recogniseSeal(goldenBytes(file)).types).toContain(golden.type);
    for (const other of SEAL_TYPES) {
      if (other !== golden.type) expect(() => parse(file, other, chainOf(file))).toThrow(INVALID);
    }
    for (const [other, chain] of Object.entries(CHAINS)) {
      // A BFV or BGV plaintext in coefficient form belongs to no level, hence to any.
      const anyLevel = golden.type === 'Plaintext' && golden.scheme !== 'ckks' && other !== 'ckks';
      if (other === golden.scheme || anyLevel) continue;
      expect(() => parse(file, golden.type, { chain })).toThrow(INVALID);
    }
  });

  test('tells its shape', () => {
    expect(parse('bfv1024.ct3.none.bin', 'Ciphertext', chainOf('bfv1024'))).toMatchObject({
      polynomials: 3,
      primes: [1073692673n, 1073698817n],
      seeded: false,
      ntt: false,
    });
    expect(parse('ckks1024.ct_low.none.bin', 'Ciphertext', chainOf('ckks1024'))).toMatchObject({
      limbs: 1,
      scale: 2 ** 30,
      ntt: true,
    });
    expect(parse('bgv1024.gk1.none.bin', 'GaloisKeys', chainOf('bgv1024'))).toMatchObject({
      keys: 1,
      seeded: false,
      limbs: 3,
    });
    expect(parse('bfv1024.rk_seeded.none.bin', 'RelinKeys')).toMatchObject({ seeded: true });
    expect(parse('bfv1024.parms.none.bin', 'EncryptionParameters')).toMatchObject({
      plainModulus: 120833n,
      security: 0,
    });
  });

  test('without parameters the scheme is told only where the bytes betray it', () => {
    const scheme = (file: string, type: string): unknown => parse(file, type).scheme;
    expect(scheme('bfv1024.ct.none.bin', 'Ciphertext')).toBe('bfv');
    expect(scheme('ckks1024.ct.none.bin', 'Ciphertext')).toBe('ckks');
    expect(scheme('bgv1024.ct_low.none.bin', 'Ciphertext')).toBe('bgv');
    expect(scheme('bgv1024.ct.none.bin', 'Ciphertext')).toBeUndefined();
    expect(scheme('ckks1024.pt.none.bin', 'Plaintext')).toBe('ckks');
  });
});

test('no compressed object passes, valid as it is: what is not inflated cannot be a bomb', () => {
  const compressed = GOLDEN.filter(({ file }) => !file.endsWith('.none.bin'));
  expect(compressed).toHaveLength(24);
  for (const { file, type } of compressed) {
    expect(() => parse(file, type, chainOf(file))).toThrow(/compressed/);
  }
});

describe('a field that is expected', () => {
  const good = { limbs: 2, polynomials: 2, seeded: false, scale: 2 ** 30, correctionFactor: 1n };
  const changes: ExpectedObject[] = [
    { limbs: 1 },
    { polynomials: 3 },
    { seeded: true },
    { scale: 2 ** 31 },
    { correctionFactor: 2n },
  ];
  test.each(changes.map((change) => [Object.keys(change)[0]!, change]))('%s', (_, change) => {
    const expected = { ...chainOf('ckks1024'), ...good };
    const file = 'ckks1024.ct.none.bin';
    expect(() => parse(file, 'Ciphertext', expected)).not.toThrow();
    expect(() => parse(file, 'Ciphertext', { ...expected, ...change })).toThrow(INVALID);
  });

  test('parameters other than the chain’s are refused', () => {
    const { chain } = chainOf('bgv1024');
    expect(() => parse('bfv1024.parms.none.bin', 'EncryptionParameters', { chain })).toThrow(
      INVALID,
    );
  });
});

/** Where the coefficients start, and where fields lie whose every value in range is valid. */
const LAYOUTS: [string, string, number, readonly [number, number][]][] = [
  ['bfv1024.ct.none.bin', 'Ciphertext', 113, []],
  ['bgv1024.ct.none.bin', 'Ciphertext', 113, [[81, 84]]],
  ['ckks1024.ct.none.bin', 'Ciphertext', 113, [[73, 81]]],
  ['bfv1024.pk.none.bin', 'PublicKey', 113, []],
  ['bfv1024.pt.none.bin', 'Plaintext', 88, []],
  ['ckks1024.pt.none.bin', 'Plaintext', 88, [[56, 64]]],
  ['bfv1024.sk.none.bin', 'SecretKey', 88, []],
  ['bfv1024.rk.none.bin', 'RelinKeys', 64 + 113, []],
  ['bfv1024.gk1.none.bin', 'GaloisKeys', 64, []],
];

describe('any flipped bit in front of the coefficients is refused', () => {
  test.each(LAYOUTS)('%s as %s', (file, type, end, free) => {
    const good = goldenBytes(file);
    const expected = chainOf(file);
    for (let bit = 0; bit < 8 * end; bit++) {
      const at = bit >>> 3;
      if (free.some(([from, to]) => at >= from && at < to)) continue;
      const bytes = good.slice();
      bytes[at]! ^= 1 << (bit & 7);
      expect(() => parseSealObject(bytes, type as SealType, expected), `bit ${bit}`).toThrow(
        INVALID,
      );
    }
  });
});

describe('coefficients', () => {
  test.each(LAYOUTS.slice(0, 8))(
    '%s as %s: one at its prime, one of 64 bits',
    (file, type, start) => {
      const expected = chainOf(file);
      const prime = expected.chain!.key.primes[0]!;
      for (const value of [prime, prime + (1n << 32n), (1n << 64n) - 1n]) {
        // All in the first limb of the first polynomial.
        for (const word of [0, 700, 1023]) {
          const bytes = goldenBytes(file);
          new DataView(bytes.buffer).setBigUint64(start + 8 * word, value, true);
          expect(() => parseSealObject(bytes, type as SealType, expected)).toThrow(INVALID);
        }
      }
    },
  );
});

test('any bytes are recognised or refused by type, whatever they are', () => {
  const chain = chainOf('bfv1024');
  fc.assert(
    fc.property(
      fc.constantFrom(...PLAIN.map(({ file }) => file)),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (file, changes) => {
        const bytes = goldenBytes(file);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        for (const expected of [{}, chain]) {
          const { types, facts, error } = recogniseSeal(bytes, expected);
          expect((facts === undefined) !== (error === undefined)).toBe(true);
          if (facts !== undefined) parseSealObject(bytes, types[0]!, expected);
        }
      },
    ),
    { numRuns: 200 },
  );
});
