import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CentredConversion } from '../../../src/ring/centred-conversion.ts';
import { multiplyMod } from '../../../src/ring/modular.ts';
import { product, toResidues } from '../../../src/ring/residues.ts';

const PRIMES = [132710401, 132759553, 132825089, 133251073, 133513217, 133611521, 133644289];
const TARGETS = [16_760_833, 16_580_609, 97];

/** x·factor modulo each target, by way of the residues of each x. */
function converted(xs: readonly bigint[], limbs: number, factor: bigint): Uint32Array {
  const primes = PRIMES.slice(0, limbs);
  const scales = CentredConversion.scales(primes);
  const scaled = new Uint32Array(limbs * xs.length);
  xs.forEach((x, i) =>
    toResidues(x, primes).forEach((residue, limb) => {
      scaled[limb * xs.length + i] = multiplyMod(residue, scales[limb]!, primes[limb]!);
    }),
  );
  const into = new Uint32Array(TARGETS.length * xs.length);
  new CentredConversion(primes, TARGETS, factor).convert(scaled, into);
  return into;
}

const expected = (xs: readonly bigint[], factor: bigint): Uint32Array =>
  Uint32Array.from(TARGETS.flatMap((t) => xs.map((x) => toResidues(x * factor, [t])[0]!)));

describe('centred integers', () => {
  test('keep their residues, whatever they are multiplied by', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: PRIMES.length }).chain((limbs) => {
          const half = product(PRIMES.slice(0, limbs)) / 2n;
          const room = half - (half >> 44n) - 1n;
          const x = fc.bigInt({ min: -room, max: room });
          return fc.tuple(
            fc.constant(limbs),
            fc.array(x, { minLength: 1, maxLength: 8 }),
            fc.bigInt({ min: 1n, max: 2n ** 120n }),
          );
        }),
        ([limbs, xs, factor]) => {
          expect(converted(xs, limbs, factor)).toEqual(expected(xs, factor));
        },
      ),
    );
  });

  test('to the end of the range that doubles tell apart', () => {
    for (const limbs of [1, 2, 3, 7]) {
      const half = product(PRIMES.slice(0, limbs)) / 2n;
      const most = half - (half >> 44n) - 1n;
      const xs = [most, -most, 0n, 1n, -1n];
      expect(converted(xs, limbs, 1n)).toEqual(expected(xs, 1n));
    }
  });
});

test('words of another shape, and moduli that doubles do not hold, are refused', () => {
  const conversion = new CentredConversion(PRIMES, TARGETS, 1n);
  expect(() => conversion.convert(new Uint32Array(7), new Uint32Array(2))).toThrow(/words/);
  expect(() => new CentredConversion([...PRIMES, ...PRIMES], TARGETS, 1n)).toThrow(/doubles/);
  expect(() => new CentredConversion(PRIMES, [2 ** 24], 1n)).toThrow(/doubles/);
});
