/**
 * A matrix of bytes times vectors of words modulo 2^32: the whole work of a store that answers a
 * query without learning what is asked (SimplePIR). Two implementations, as of the ring: the obvious
 * one here and `simd/byte-matrix.ts`; a property test holds them equal.
 */
export interface ByteMatrix {
  /** Bytes, row after row: rows·columns of them. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly columns: number;
}

/** For each vector, of `columns` words, its product with the matrix: `rows` words. */
export type MultiplyBytes = (
  matrix: ByteMatrix,
  vectors: readonly Uint32Array[],
) => readonly Uint32Array[];

/** By definition. */
export const multiplyBytesReference: MultiplyBytes = ({ bytes, rows, columns }, vectors) =>
  vectors.map((vector) =>
    Uint32Array.from({ length: rows }, (_, r) => {
      let sum = 0;
      for (let j = 0; j < columns; j++) {
        sum = (sum + Math.imul(bytes[r * columns + j]!, vector[j]!)) >>> 0;
      }
      return sum;
    }),
  );
