import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { fitPower, growthOf } from '../../../../src/measure/bench/growth.ts';
import type { Growth } from '../../../../src/measure/bench/result.ts';
import { measurement } from './support.ts';

describe('fitPower', () => {
  test('finds the exponent of a power law, without error', () => {
    const exponent = fc.double({ min: -2, max: 3, noNaN: true });
    const factor = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(exponent, factor, (wanted, scale) => {
        const points = [1e4, 1e5, 1e6, 1e7].map((rows) => ({ rows, ms: scale * rows ** wanted }));
        const fit = fitPower(points);
        expect(fit.exponent).toBeCloseTo(wanted, 6);
        expect(fit.factor / scale).toBeCloseTo(1, 4);
        expect(fit.error).toBeLessThan(1e-6);
      }),
    );
  });

  test('agrees with a regression by hand, and its error is the slope’s standard error', () => {
    // log10: (4, 0), (5, 1), (6, 1): slope 1/2, residuals −1/6, 1/3, −1/6, RSS 1/6, Sxx 2.
    const points = [
      { rows: 1e4, ms: 1 },
      { rows: 1e5, ms: 10 },
      { rows: 1e6, ms: 10 },
    ];
    const fit = fitPower(points);
    expect(fit.exponent).toBeCloseTo(0.5, 12);
    expect(fit.error).toBeCloseTo(Math.sqrt(1 / 6 / 1 / 2), 12);
  });

  test('twice the error covers the true exponent nearly always', () => {
    const random = new SeededRandom(5);
    const sizes = Array.from({ length: 12 }, (_, i) => 1000 * 2 ** i);
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const noisy = sizes.map((rows) => ({ rows, ms: rows * Math.exp(random.uniform() - 0.5) }));
      const { exponent, error } = fitPower(noisy);
      if (Math.abs(exponent - 1) < 2.228 * error) covered++;
    }
    expect(covered).toBeGreaterThan(180);
    expect(covered).toBeLessThan(200);
  });

  test.each([
    [
      [
        { rows: 1, ms: 1 },
        { rows: 2, ms: 2 },
      ],
    ],
    [
      [
        { rows: 1, ms: 1 },
        { rows: 2, ms: 2 },
        { rows: 2, ms: 3 },
      ],
    ],
    [
      [
        { rows: 1, ms: 1 },
        { rows: 2, ms: 0 },
        { rows: 3, ms: 3 },
      ],
    ],
  ])('refuses too few sizes and times that are none', (points) => {
    expect(() => fitPower(points)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('growthOf', () => {
  const sizes = [1e4, 1e5, 1e6, 1e7];
  const grown = (ms: (rows: number) => number, some = sizes) => {
    const all = some.map((rows) => measurement({ rows, ms: [ms(rows), ms(rows), ms(rows)] }));
    return growthOf(all, () => null)[0]!;
  };

  test('leaves out sizes at which a constant part outweighs, and says from where on it fits', () => {
    const scan = grown((rows) => 5 + rows / 1e5);
    expect(scan.from).toBe(1e6);
    expect(scan.exponent).toBeGreaterThan(0.8);
    expect(scan.points).toHaveLength(4);
    // Where one size alone is above it, the last two are fitted.
    expect(grown((rows) => 2 + rows / 1e5, sizes.slice(0, 3)).from).toBe(1e5);
  });

  test('fits all sizes of what has no constant part, and of what does not grow', () => {
    for (const exponent of [0.5, 1, 1.3]) {
      const pure = grown((rows) => 1e-3 * rows ** exponent);
      expect(pure.exponent).toBeCloseTo(exponent, 9);
    }
    expect(grown((rows) => 1e-3 * rows)).toMatchObject({ from: 1e4 });
    const lookup = grown((rows) => 3 + 0.01 * Math.log(rows));
    expect(lookup.from).toBe(1e4);
    expect(Math.abs(lookup.exponent)).toBeLessThan(0.05);
  });

  test('an error covers what runs scatter, also of two sizes', () => {
    const random = new SeededRandom(11);
    let covered = 0;
    for (let trial = 0; trial < 100; trial++) {
      const all = sizes.map((rows) =>
        measurement({
          rows,
          ms: Array.from({ length: 9 }, () => 300 + (rows / 1e3) * (0.7 + 0.6 * random.uniform())),
        }),
      );
      const [{ exponent, error, from }] = growthOf(all, () => null) as [Growth];
      expect(from).toBe(1e6);
      const truth = Math.log10((300 + 1e4) / (300 + 1e3));
      if (Math.abs(exponent - truth) < 2.5 * error) covered++;
    }
    expect(covered).toBeGreaterThan(80);
  });
});

test('growthOf takes each workload and scheme by itself, from three sizes on', () => {
  const measurements = [1e4, 1e5, 1e6].flatMap((rows) => [
    measurement({ scheme: 'scan', rows, ms: [rows / 1000, rows / 1000, 50 * rows] }),
    measurement({ scheme: 'lookup', rows, ms: [3] }),
    ...(rows < 1e6 ? [measurement({ scheme: 'few', rows, ms: [1] })] : []),
  ]);
  const growth = growthOf(measurements, (_, scheme) => (scheme === 'scan' ? 1 : null));
  expect(growth.map(({ scheme, expected }) => [scheme, expected])).toEqual([
    ['scan', 1],
    ['lookup', null],
  ]);
  expect(growth[0]!.exponent).toBeCloseTo(1, 9);
  expect(growth[1]!.exponent).toBeCloseTo(0, 9);
  expect(growth[0]!.points[0]).toEqual({ rows: 1e4, ms: 10 });
});
