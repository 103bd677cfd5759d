import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histogramOf } from '../../../../src/measure/bench/histogram.ts';
import { tableOf } from './support.ts';

test('a histogram of integers is that of a map, whether values are close together or far apart', () => {
  const close = fc.integer({ min: -20, max: 20 });
  const far = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(fc.array(fc.oneof(close, far), { minLength: 1, maxLength: 60 }), (rows) => {
      const { values, counts, places } = histogramOf(tableOf({ numbers: { x: rows } }), 'x');
      const expected = [...new Set(rows)].sort((a, b) => a - b);
      expect(values).toEqual(expected.map(String));
      expect(counts).toEqual(expected.map((value) => rows.filter((one) => one === value).length));
      expect(Array.from(places, (place) => Number(values[place]))).toEqual(rows);
    }),
  );
});
