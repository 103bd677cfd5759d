import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { fitPower, growthOf } from '../../../../src/measure/bench/growth.ts';
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
