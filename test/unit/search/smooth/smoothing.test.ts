import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchesFor, BATCH, SmoothQueries } from '../../../../src/search/smooth/queries.ts';
import { Smoothing, wholeWeights, type Access } from '../../../../src/search/smooth/smoothing.ts';
import { generator, refusal } from '../sse/support.ts';

const skewed = Uint32Array.from({ length: 40 }, (_, i) => Math.ceil(10_000 / (i + 1)));

/** Numbers replicas and, after them, dummies: 0 to 2n − 1. */
function numbering(smoothing: Smoothing): (access: Access) => number {
  const firsts: number[] = [];
  let at = 0;
  for (const count of smoothing.replicas) {
    firsts.push(at);
    at += count;
  }
  firsts.push(at);
  return ({ value, replica }) => firsts[value]! + replica;
}

/** Pearson's statistic against uniform counts, in standard deviations of its distribution from its mean. */
function deviation(counts: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const degrees = counts.length - 1;
  return (chi - degrees) / Math.sqrt(2 * degrees);
}

/** Counts accesses at every label when values are asked for by `ask`, one after the other. */
function accesses(smoothing: Smoothing, queries: number, ask: () => number): Uint32Array {
  const counts = new Uint32Array(2 * smoothing.values);
  const number = numbering(smoothing);
  const state = new SmoothQueries(smoothing);
  for (let i = 0; i < queries; i++) {
    state.enqueue(ask());
    for (let batch = batchesFor(1); batch > 0; batch--) {
      for (const slot of state.batch()) counts[number(slot)]! += 1;
    }
  }
  return counts;
}

describe('frequency smoothing', () => {
  test('has two replicas a value on average, at least one each, and probabilities that add up', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1 }), (weights) => {
        const smoothing = new Smoothing(Uint32Array.from(weights));
        const n = weights.length;
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const replicas = [...smoothing.replicas];
        expect(Math.min(...replicas)).toBeGreaterThanOrEqual(1);
        expect(replicas.reduce((total, count) => total + count, 0) + smoothing.dummies).toBe(2 * n);
        weights.forEach((weight, v) => {
          // ⌈w·n / W⌉, by exact arithmetic.
          const exact = (BigInt(weight) * BigInt(n) + BigInt(sum) - 1n) / BigInt(sum);
          expect(BigInt(replicas[v]!)).toBe(exact);
        });
      }),
    );
  });

  test('reads every label alike when values are asked for as expected', () => {
    const smoothing = new Smoothing(skewed);
    const counts = accesses(smoothing, 6000, () => smoothing.expected());
    expect(counts.every((count) => count > 0)).toBe(true);
    expect(Math.abs(deviation(counts))).toBeLessThan(6);
  });

  test('shows when they are not: uniform queries where skewed ones were expected', () => {
    const smoothing = new Smoothing(skewed);
    const next = generator(5);
    const counts = accesses(smoothing, 6000, () => next() % smoothing.values);
    expect(deviation(counts)).toBeGreaterThan(20);
  });

  test('reads pairs of labels in a batch alike, too: slots do not depend on each other', () => {
    const smoothing = new Smoothing(Uint32Array.of(100, 30, 20, 10, 5, 1));
    const number = numbering(smoothing);
    const side = 2 * smoothing.values;
    const counts = new Uint32Array(side * side);
    const state = new SmoothQueries(smoothing);
    for (let i = 0; i < 8000; i++) {
      state.enqueue(smoothing.expected());
      for (let batch = batchesFor(1); batch > 0; batch--) {
        const [first, second] = state.batch();
        counts[side * number(first!) + number(second!)]! += 1;
      }
    }
    expect(Math.abs(deviation(counts))).toBeLessThan(6);
  });

  test('a fake access is never to a replica that real ones keep as busy as it may be', () => {
    // Two values alike: n·π̂/R = 1 of both, so that all fakes go to the dummies.
    const smoothing = new Smoothing(Uint32Array.of(7, 7));
    expect([...smoothing.replicas, smoothing.dummies]).toEqual([1, 1, 2]);
    for (let i = 0; i < 200; i++) expect(smoothing.fake().value).toBe(2);
  });

  test('weights that cannot be smoothed are refused', () => {
    for (const weights of [[], [1, 0], [0]]) {
      expect(refusal(() => new Smoothing(Uint32Array.from(weights)))).toBe('INTERNAL');
    }
  });

  test('whole weights keep proportions to the estimate’s precision', () => {
    const whole = wholeWeights([1, 2, 5, 0], [1, 1, 1, 1]);
    expect(whole[1]! / whole[0]!).toBeCloseTo(2, 5);
    expect(whole[2]! / whole[0]!).toBeCloseTo(5, 5);
    expect(whole[3]).toBe(1);
  });
});

describe('batches', () => {
  test('serve the queue in its order, each waiting value once', () => {
    const smoothing = new Smoothing(skewed);
    const state = new SmoothQueries(smoothing);
    const asked = Array.from({ length: 50 }, () => smoothing.expected());
    expect(asked.map((value) => state.enqueue(value))).toEqual(asked.map((_, i) => i));
    const served: number[] = [];
    while (state.waiting > 0) {
      const batch = state.batch();
      expect(batch.length).toBe(BATCH);
      for (const slot of batch) {
        if (slot.serves === undefined) continue;
        expect(slot.value).toBe(asked[slot.serves]);
        served.push(slot.serves);
      }
    }
    expect(served).toEqual(asked.map((_, i) => i));
  });

  test('are as many as leave somebody waiting once in 4,096 times at most, and no fewer would do', () => {
    // 12 slots: all coins fall on fake with 2^-12.
    expect(batchesFor(1)).toBe(4);
    for (const waiting of [1, 2, 3, 8, 64, 1000]) {
      const slots = BATCH * batchesFor(waiting);
      expect(tail(waiting, slots)).toBeLessThanOrEqual(2 ** -12);
      expect(tail(waiting, slots - BATCH)).toBeGreaterThan(2 ** -12);
    }
  });
});

/** The chance that of `slots` fair coins fewer than `real` fall on real, by Pascal's triangle. */
function tail(real: number, slots: number): number {
  let row = [1];
  for (let i = 0; i < slots; i++) {
    const next = Array.from(
      { length: row.length + 1 },
      (_, k) => ((row[k - 1] ?? 0) + (row[k] ?? 0)) / 2,
    );
    row = next;
  }
  return row.slice(0, real).reduce((sum, chance) => sum + chance, 0);
}
