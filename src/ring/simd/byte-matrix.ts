import { shapeError } from '../shapes.ts';
import type { ByteMatrix, MultiplyBytes } from '../byte-matrix.ts';
import { instantiateKernels, type Kernels } from './kernels.ts';

const PAGE = 65_536;
/** Bytes of the matrix that are worked on at once: they stay in the second-level cache. */
const TILE = 131_072;
/** Vectors that share one pass over the matrix. */
const BATCH = 32;
/** Bounds the memory: 32 vectors, and a tile of one row. */
const MOST_COLUMNS = 2 ** 20;

/**
 * Products of byte matrices and words modulo 2^32 by the SIMD kernel, in a small memory of its own
 * through which the matrix passes tile by tile. One for each thread is enough.
 *
 * The function it gives throws INTERNAL where lengths do not agree.
 */
export function createByteMatrixProduct(): MultiplyBytes {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4096 });
  const kernels = instantiateKernels(memory);
  return (matrix, vectors) => {
    requireShapes(matrix, vectors);
    const answers = vectors.map(() => new Uint32Array(matrix.rows));
    for (let from = 0; from < vectors.length; from += BATCH) {
      const to = from + BATCH;
      multiplyBatch(memory, kernels, matrix, vectors.slice(from, to), answers.slice(from, to));
    }
    return answers;
  };
}

function multiplyBatch(
  memory: WebAssembly.Memory,
  kernels: Kernels,
  { bytes, rows, columns }: ByteMatrix,
  vectors: readonly Uint32Array[],
  answers: readonly Uint32Array[],
): void {
  const padded = Math.ceil(columns / 16) * 16;
  const tileRows = Math.min(rows, Math.max(4, 4 * Math.floor(TILE / columns / 4)));
  const halves = Math.ceil(kernels.heapBase() / 64) * 64;
  const sums = halves + 4 * padded * vectors.length;
  const tile = sums + 4 * Math.ceil(tileRows / 16) * 16;
  const missing = tile + tileRows * columns - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  vectors.forEach((vector, v) => {
    const at = halves + 4 * padded * v;
    const words = new Uint32Array(memory.buffer, at, padded);
    words.set(vector);
    words.fill(0, columns);
    kernels.splitWords(at, at, padded);
  });
  const place = new Uint8Array(memory.buffer, tile, tileRows * columns);
  const sum = new Uint32Array(memory.buffer, sums, tileRows);
  for (let row = 0; row < rows; row += tileRows) {
    const count = Math.min(tileRows, rows - row);
    place.set(bytes.subarray(row * columns, (row + count) * columns));
    answers.forEach((answer, v) => {
      kernels.multiplyBytes(sums, tile, count, columns, halves + 4 * padded * v);
      answer.set(count === tileRows ? sum : sum.subarray(0, count), row);
    });
  }
}

function requireShapes(
  { bytes, rows, columns }: ByteMatrix,
  vectors: readonly Uint32Array[],
): void {
  if (columns > MOST_COLUMNS) throw shapeError('matrix', 'has too many columns');
  if (bytes.length !== rows * columns) throw shapeError('matrix', 'is not rows·columns bytes');
  if (vectors.some(({ length }) => length !== columns)) {
    throw shapeError('vector', 'does not have a word for each column');
  }
}
