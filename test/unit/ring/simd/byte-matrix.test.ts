import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { multiplyBytesReference, type ByteMatrix } from '../../../../src/ring/byte-matrix.ts';
import { createByteMatrixProduct } from '../../../../src/ring/simd/byte-matrix.ts';

const multiply = createByteMatrixProduct();

const extremeByte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat({ max: 255 }));
/** Words at which a half is 0, least, greatest or rounds up. */
const extremeWord = fc.oneof(
  fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fff8000, 0x80000000, 0xffff7fff),
  fc.constantFrom(0xffff8000, 0xffffffff),
  fc.nat({ max: 0xffffffff }),
);

function expectEqual(matrix: ByteMatrix, vectors: readonly Uint32Array[]): void {
  expect(multiply(matrix, vectors)).toEqual(multiplyBytesReference(matrix, vectors));
}

function filled(rows: number, columns: number, byte: (i: number) => number): ByteMatrix {
  return { rows, columns, bytes: Uint8Array.from({ length: rows * columns }, (_, i) => byte(i)) };
}

describe('bytes times words modulo 2^32', () => {
  test('is what the definition says, at every length and on extremes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }).chain((rows) =>
          fc.integer({ min: 1, max: 70 }).chain((columns) => {
            const count = { minLength: columns, maxLength: columns };
            const size = { minLength: rows * columns, maxLength: rows * columns };
            return fc.record({
              rows: fc.constant(rows),
              columns: fc.constant(columns),
              bytes: fc.array(extremeByte, size).map((bytes) => Uint8Array.from(bytes)),
              vectors: fc.array(
                fc.array(extremeWord, count).map((words) => Uint32Array.from(words)),
                { minLength: 1, maxLength: 3 },
              ),
            });
          }),
        ),
        ({ vectors, ...matrix }) => expectEqual(matrix, vectors),
      ),
      { numRuns: 300 },
    );
  });

  test.each(Array.from({ length: 33 }, (_, i) => i + 1))('%i columns', (columns) => {
    const matrix = filled(5, columns, (i) => 255 - (i % 3));
    const vector = Uint32Array.from({ length: columns }, (_, i) => 0x80008000 - i);
    expectEqual(matrix, [vector]);
  });

  test('of more rows than a tile, and of more vectors than a pass takes', () => {
    const matrix = filled(75, 4096, (i) => (i * 31 + (i >>> 8)) & 255);
    const vectors = Array.from({ length: 33 }, (_, v) =>
      Uint32Array.from({ length: 4096 }, (_, i) => Math.imul(i + 1, 0x9e3779b1 + v)),
    );
    expectEqual(matrix, vectors);
  });

  test('of columns wider than a tile', () => {
    const matrix = filled(9, 50_001, (i) => i & 255);
    expectEqual(matrix, [Uint32Array.from({ length: 50_001 }, (_, i) => Math.imul(i, 0x10001))]);
  });

  test('reads bytes that begin anywhere', () => {
    const { bytes, ...shape } = filled(6, 40, (i) => i);
    for (let offset = 0; offset < 16; offset++) {
      const moved = new Uint8Array(offset + bytes.length);
      moved.set(bytes, offset);
      expectEqual({ ...shape, bytes: moved.subarray(offset) }, [new Uint32Array(40).fill(70_001)]);
    }
  });

  test('refuses lengths that do not agree', () => {
    const matrix = filled(4, 16, () => 1);
    const internal = expect.objectContaining({ code: 'INTERNAL' });
    expect(() => multiply(matrix, [new Uint32Array(15)])).toThrow(internal);
    expect(() => multiply({ ...matrix, rows: 5 }, [new Uint32Array(16)])).toThrow(internal);
    const wide = { bytes: new Uint8Array(2 ** 20 + 1), rows: 1, columns: 2 ** 20 + 1 };
    expect(() => multiply(wide, [new Uint32Array(2 ** 20 + 1)])).toThrow(internal);
  });
});
