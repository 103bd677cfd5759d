import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHybrid } from '../../../../src/client/ingest/parquet-hybrid.ts';

type Run = { readonly repeat: number; readonly value: number } | { readonly packed: number[] };

describe('decodeHybrid', () => {
  it('reads the example of the format’s documentation', () => {
    // Encodings.md, "RLE/Bit-Packing Hybrid": the numbers 0 to 7 at 3 bits.
    const out = new Uint32Array(8);
    decodeHybrid(Uint8Array.of(0x03, 0x88, 0xc6, 0xfa), 0, 4, 3, out);
    expect([...out]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('reads back what was written, at every width', () => {
    const runs = fc.integer({ min: 0, max: 25 }).chain((width) => {
      const value = fc.nat(2 ** width - 1);
      const run: fc.Arbitrary<Run> = fc.oneof(
        fc.record({ repeat: fc.integer({ min: 1, max: 300 }), value }),
        fc
          .array(fc.array(value, { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 9 })
          .map((groups) => ({ packed: groups.flat() })),
      );
      return fc.record({ width: fc.constant(width), runs: fc.array(run, { maxLength: 6 }) });
    });
    fc.assert(
      fc.property(runs, fc.nat(7), ({ width, runs }, drop) => {
        const values = runs.flatMap((run) =>
          'packed' in run ? run.packed : Array.from({ length: run.repeat }, () => run.value),
        );
        const bytes = Uint8Array.from(runs.flatMap((run) => encode(run, width)));
        // The last group may hold more than is wanted.
        const wanted = Math.max(0, values.length - drop);
        const out = new Uint32Array(wanted);
        decodeHybrid(bytes, 0, bytes.length, width, out);
        expect([...out]).toEqual(values.slice(0, wanted));
      }),
      { numRuns: 300 },
    );
  });

  it('ends on any bytes, with RangeError where they do not suffice', () => {
    const bytes = fc.uint8Array({ maxLength: 30 });
    fc.assert(
      fc.property(bytes, fc.nat(40), fc.nat(100), (bytes, width, count) => {
        try {
          decodeHybrid(bytes, 0, bytes.length, width, new Uint32Array(count));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
    // A run of 1s at one bit that says 5.
    expect(() => decodeHybrid(Uint8Array.of(2, 5), 0, 2, 1, new Uint8Array(1))).toThrow(RangeError);
    expect(() => decodeHybrid(Uint8Array.of(2), 0, 1, 1, new Uint8Array(1))).toThrow(RangeError);
    expect(() => decodeHybrid(Uint8Array.of(2, 1), 0, 3, 1, new Uint8Array(1))).toThrow(RangeError);
  });
});

function encode(run: Run, width: number): number[] {
  if (!('packed' in run)) {
    const size = Math.ceil(width / 8);
    const value = Array.from({ length: size }, (_, i) => (run.value >>> (8 * i)) & 0xff);
    return [...varint(run.repeat * 2), ...value];
  }
  const bits = run.packed.flatMap((value) =>
    Array.from({ length: width }, (_, i) => (value >>> i) & 1),
  );
  const bytes = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, at) => byte | (bit << at), 0),
  );
  return [...varint((run.packed.length / 8) * 2 + 1), ...bytes];
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
