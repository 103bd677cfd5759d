import { describe, expect, test } from 'vitest';
import { powerMod, reverseBits, smallestPrimitiveRoot } from '../../../src/ring/modular.ts';
import { createReferenceRing } from '../../../src/ring/reference.ts';

describe('the reference transform', () => {
  test.each([
    [8, 17],
    [16, 97],
    [64, 134176769],
  ])('is evaluation at the odd powers of the root, bit-reversed (n = %i, q = %i)', (n, q) => {
    const ring = createReferenceRing(n, [q]);
    const coefficients = Array.from({ length: n }, (_, i) => (i * i * 31 + 5 * i + 2) % q);
    const span = ring.allocate(n);
    ring.view(span).set(coefficients);
    ring.forwardNtt(span);
    const root = smallestPrimitiveRoot(2 * n, q);
    const bits = Math.log2(n);
    const expected = Array.from({ length: n }, (_, i) => {
      const point = BigInt(powerMod(root, 2 * reverseBits(i, bits) + 1, q));
      return Number(
        coefficients.reduceRight((sum, c) => (sum * point + BigInt(c)) % BigInt(q), 0n),
      );
    });
    expect([...ring.view(span)]).toEqual(expected);
  });
});
