import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { sumParameters } from '../../../../src/params/presets.ts';
import { securityLevel } from '../../../../src/params/security.ts';
import { answerBfv, bfvWorkspace } from '../../../../src/search/pir/bfv/eval.ts';
import { allocateBfv, parseBfv } from '../../../../src/search/pir/bfv/format.ts';
import { bfvQueryBytes, SEED_BYTES } from '../../../../src/search/pir/bfv/layout.ts';
import {
  areBfvDimensions,
  bucketsOf,
  heightOf,
  MOST_BLOCKS,
  PRIMES,
  RING_DEGREE,
  wrongWordBits,
  type BfvDimensions,
} from '../../../../src/search/pir/bfv/parameters.ts';
import {
  packedBytes,
  packResidues,
  unpackResidues,
} from '../../../../src/search/pir/bfv/residues.ts';
import { retrieveBfv } from '../../../../src/search/pir/bfv/token/retrieve.ts';
import { uniformPolynomials } from '../../../../src/search/pir/bfv/uniform.ts';
import { writePolynomials } from '../../../../src/search/pir/bfv/build/polynomials.ts';
import { refusal } from '../sse/support.ts';

describe('parameters', () => {
  test('are those of the sum preset, far inside the security table', () => {
    const { n, dataPrimes } = sumParameters(48);
    expect([n, ...dataPrimes]).toEqual([RING_DEGREE, ...PRIMES]);
    expect(securityLevel(RING_DEGREE, 81)).toBeGreaterThanOrEqual(128);
  });

  test('leave no room for a wrong word', () => {
    expect(wrongWordBits({ words: 1, groups: 16, blocks: MOST_BLOCKS })).toBeLessThan(-1000);
  });

  test('beyond the bounds are refused', () => {
    expect(areBfvDimensions({ words: 32, groups: 10, blocks: 6 })).toBe(true);
    for (const [words, groups, blocks] of [
      [0, 16, 1],
      [3, 16, 1],
      [8192, 1, 1],
      [1, 15, 1],
      [1, 257, 1],
      [1, 16, 0],
      [1, 16, MOST_BLOCKS + 1],
      [1024, 9, 1],
      [1.5, 16, 1],
    ] as const) {
      expect(areBfvDimensions({ words, groups, blocks })).toBe(false);
    }
  });
});

describe('packed residues', () => {
  const residues = (limbs: number) =>
    fc.integer({ min: 1, max: 20 }).chain((each) =>
      fc.tuple(
        ...PRIMES.slice(0, limbs).map((prime) =>
          fc.array(fc.oneof(fc.constantFrom(0, 1, prime - 1), fc.nat({ max: prime - 1 })), {
            minLength: each,
            maxLength: each,
          }),
        ),
      ),
    );

  test('come back, at every length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }).chain((limbs) => residues(limbs)),
        (limbs) => {
          const words = Uint32Array.from(limbs.flat());
          const out = new Uint8Array(packedBytes(words.length));
          packResidues(words, out, 0);
          expect(unpackResidues(out, limbs[0]!.length, PRIMES.slice(0, limbs.length), 'x')).toEqual(
            words,
          );
        },
      ),
    );
  });

  test('out of range, of other lengths or with bits past the end are refused', () => {
    const packed = new Uint8Array(packedBytes(3));
    packResidues(
      Uint32Array.from(PRIMES, (prime) => prime - 1),
      packed,
      0,
    );
    const read = (bytes: Uint8Array): string | undefined =>
      refusal(() => unpackResidues(bytes, 1, PRIMES, 'x'));
    expect(read(packed)).toBeUndefined();
    expect(read(packed.subarray(1))).toBe('BYTES_INVALID');
    const past = packed.slice();
    past[past.length - 1]! |= 0x80;
    expect(read(past)).toBe('BYTES_INVALID');
    for (let limb = 0; limb < 3; limb++) {
      const words = new Uint32Array(3);
      words[limb] = PRIMES[limb]!;
      packResidues(words, packed, 0);
      expect(read(packed)).toBe('BYTES_INVALID');
    }
  });
});

describe('uniform polynomials', () => {
  test('follow from the seed, below their primes, and fill their range evenly', () => {
    const seed = randomBytes(32);
    const words = uniformPolynomials(seed, 2);
    expect(words).toEqual(uniformPolynomials(seed, 2));
    expect(words).not.toEqual(uniformPolynomials(randomBytes(32), 2));
    const cells = new Float64Array(64);
    words.forEach((word, i) => {
      const prime = PRIMES[Math.floor(i / RING_DEGREE) % 3]!;
      expect(word < prime).toBe(true);
      cells[Math.floor((word / prime) * 64)]! += 1;
    });
    const expected = words.length / 64;
    const statistic = cells.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: beyond 135 with probability 1e-7.
    expect(statistic).toBeLessThan(135);
  });
});

describe('a table', () => {
  const workspace = bfvWorkspace();
  const make = (dimensions: BfvDimensions) => {
    const buckets = Array.from({ length: bucketsOf(dimensions) }, (_, b) => {
      // Coefficients of greatest magnitude among them.
      const bytes = randomBytes(heightOf(dimensions));
      if (b % 3 === 0) bytes.fill(b % 2 === 0 ? 0x80 : 0xff);
      return bytes;
    });
    const { part, table } = allocateBfv(100, dimensions);
    writePolynomials(table, (b) => buckets[b]!);
    return { part, table: parseBfv(part), buckets };
  };

  test.each([
    { words: 32, groups: 1, blocks: 3 },
    { words: 4096, groups: 1, blocks: 2 },
    { words: 1, groups: 16, blocks: 1 },
    { words: 256, groups: 3, blocks: 18 },
  ])('gives each bucket that is asked for: %j', async (dimensions) => {
    const { table, buckets } = make(dimensions);
    const last = buckets.length - 1;
    const asked = [0, last, Math.floor(last / 2), Math.min(1, last), 0];
    const found = await retrieveBfv(dimensions, asked, async (queries) =>
      queries.map((query) => answerBfv(table, query, workspace)),
    );
    expect(found).toEqual(asked.map((b) => buckets[b]!));
  });

  test('refuses queries of wrong length or range, and parts of wrong range', () => {
    const dimensions = { words: 4096, groups: 1, blocks: 1 };
    const { part, table } = make(dimensions);
    const query = new Uint8Array(bfvQueryBytes(dimensions));
    expect(refusal(() => answerBfv(table, query, workspace))).toBeUndefined();
    expect(refusal(() => answerBfv(table, query.subarray(1), workspace))).toBe('BYTES_INVALID');
    query.fill(0xff, SEED_BYTES, SEED_BYTES + 4);
    expect(refusal(() => answerBfv(table, query, workspace))).toBe('BYTES_INVALID');
    for (const at of [64, part.length - 4]) {
      const bytes = part.slice();
      new DataView(bytes.buffer).setUint32(at, PRIMES[at === 64 ? 0 : 2]!, true);
      expect(refusal(() => parseBfv(bytes))).toBe('BYTES_INVALID');
    }
    for (let bit = 0; bit < 8 * 64; bit++) {
      const bytes = part.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const isRows = bit >= 8 * 20 && bit < 8 * 24;
      const outcome = refusal(() => parseBfv(bytes)) ?? 'opened';
      expect(
        isRows ? ['BYTES_INVALID', 'opened'] : ['BYTES_INVALID', 'VERSION_UNSUPPORTED'],
      ).toContain(outcome);
    }
  });

  test('answers that are none are refused', async () => {
    const dimensions = { words: 4096, groups: 1, blocks: 1 };
    const { table } = make(dimensions);
    const asked = (alter: (answer: Uint8Array) => Uint8Array | undefined): Promise<unknown> =>
      retrieveBfv(dimensions, [0], async ([query]) => [alter(answerBfv(table, query!, workspace))]);
    await expect(asked((answer) => answer)).resolves.toHaveLength(1);
    const invalid = { code: 'BYTES_INVALID' };
    await expect(asked(() => undefined)).rejects.toMatchObject(invalid);
    await expect(asked((answer) => answer.subarray(1))).rejects.toMatchObject(invalid);
    await expect(asked((answer) => answer.fill(0xff))).rejects.toMatchObject(invalid);
    await expect(retrieveBfv(dimensions, [0], async () => [])).rejects.toMatchObject(invalid);
  });
});
