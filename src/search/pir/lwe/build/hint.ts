import { createByteMatrixProduct } from '../../../../ring/simd/byte-matrix.ts';
import { SECRET_WORDS } from '../parameters.ts';
import type { LweTable } from '../format.ts';
import { publicColumns } from '../token/matrix.ts';

/** Columns of A that share a pass over the table. */
const BATCH = 32;

/** The hint D·A of a filled table (SimplePIR, §4, Setup), into its place. */
export function writeHint(
  { matrix: bytes, height: rows, columns, hint }: LweTable,
  seed: Uint8Array,
): void {
  const multiply = createByteMatrixProduct();
  const view = new DataView(hint.buffer, hint.byteOffset, hint.byteLength);
  let batch: Uint32Array[] = [];
  let done = 0;
  for (const column of publicColumns(seed, columns)) {
    batch.push(column);
    if (batch.length < BATCH) continue;
    for (const product of multiply({ bytes, rows, columns }, batch)) {
      for (let r = 0; r < rows; r++)
        view.setUint32(4 * (r * SECRET_WORDS + done), product[r]!, true);
      done++;
    }
    batch = [];
  }
}
