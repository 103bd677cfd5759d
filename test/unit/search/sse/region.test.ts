import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { wordsOf } from '../../../../src/bytes/codec.ts';
import { findRecord, isSorted, regionOf, sortRegion } from '../../../../src/search/sse/region.ts';
import { generator, refusal } from './support.ts';

const STRIDE = 48;

function records(count: number, seed: number): Uint8Array {
  const next = generator(seed);
  return Uint8Array.from({ length: count * STRIDE }, () => next());
}

function hexRecords(bytes: Uint8Array): string[] {
  return Array.from({ length: bytes.length / STRIDE }, (_, i) =>
    toHex(bytes.slice(i * STRIDE, (i + 1) * STRIDE)),
  );
}

describe('a region of records', () => {
  test('is sorted in place: the same records, in an order that labels alone decide', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.nat(), (count, seed) => {
        const bytes = records(count, seed);
        const before = hexRecords(bytes);
        const region = regionOf(bytes, STRIDE);
        sortRegion(region);
        expect(isSorted(region)).toBe(true);
        const after = hexRecords(bytes);
        expect(after.toSorted()).toEqual(before.toSorted());
        // The reverse of the insertion order sorts to the same bytes.
        const other = Uint8Array.from(
          before.toReversed().flatMap((hex) => [...Buffer.from(hex, 'hex')]),
        );
        sortRegion(regionOf(other, STRIDE));
        expect(hexRecords(other)).toEqual(after);
      }),
      { numRuns: 50 },
    );
  });

  test('labels that share their leading words still sort', () => {
    const bytes = records(200, 7);
    for (let i = 0; i < 200; i++) bytes.fill(0xee, i * STRIDE, i * STRIDE + 12 + (i % 3));
    const region = regionOf(bytes, STRIDE);
    sortRegion(region);
    expect(isSorted(region)).toBe(true);
  });

  test('every label is found where it is, and no other label is', () => {
    const bytes = records(1000, 3);
    const region = regionOf(bytes, STRIDE);
    sortRegion(region);
    for (let i = 0; i < 1000; i++) {
      const label = wordsOf(bytes.slice(i * STRIDE, i * STRIDE + 16));
      expect(findRecord(region, label, 0)).toBe(i * STRIDE);
      label[3]! ^= 1;
      expect(findRecord(region, label, 0)).toBe(-1);
    }
    expect(findRecord(regionOf(new Uint8Array(0), STRIDE), new Uint32Array(4), 0)).toBe(-1);
  });

  test('a label twice is refused', () => {
    const bytes = records(64, 5);
    bytes.copyWithin(10 * STRIDE, 40 * STRIDE, 40 * STRIDE + 16);
    expect(refusal(() => sortRegion(regionOf(bytes, STRIDE)))).toBe('INTERNAL');
  });
});
