import { keywordCount } from '../../search/build/documents.ts';
import { pairsOf, SEGMENT_PAIRS } from '../../search/iex/size.ts';
import { SEGMENT_ROWS } from '../../table/manifest.ts';
import { indexOf } from '../../table/search-index.ts';
import type { Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { gather, gatherUntil } from '../seal/gather.ts';

/**
 * Rows as segments to be: each as full as it may be, the last perhaps less. A segment has at most SEGMENT_ROWS rows,
 * and ends earlier where an index of pairs of keywords would grow beyond SEGMENT_PAIRS.
 */
export async function* segmentBatches(
  schema: Schema,
  rows: AsyncIterable<Batch>,
): AsyncGenerator<Batch> {
  const columns = pairedColumns(schema);
  if (columns.length === 0) {
    yield* gather(rows, SEGMENT_ROWS);
    return;
  }
  let sums = columns.map(() => 0);
  yield* gatherUntil(rows, (batch, row, held) => {
    const own = columns.map((column) => pairsIn(schema, column, batch, row));
    const joined = sums.map((sum, i) => sum + own[i]!);
    const fits = held < SEGMENT_ROWS && joined.every((sum) => sum <= SEGMENT_PAIRS);
    sums = fits ? joined : own;
    return fits;
  });
}

/** The most pairs of keywords that a batch has in any column that indexes them; 0 where none does. */
export function pairsInBatch(schema: Schema, batch: Batch): number {
  const sums = pairedColumns(schema).map((column) => {
    let sum = 0;
    for (let row = 0; row < batch.rows; row++) sum += pairsIn(schema, column, batch, row);
    return sum;
  });
  return Math.max(0, ...sums);
}

/** The schema indexes of columns with an index of pairs of keywords. */
export function pairedColumns({ columns }: Pick<Schema, 'columns'>): number[] {
  return columns.flatMap((column, i) => (indexOf(column, 'iex') === undefined ? [] : [i]));
}

/** NULL is a keyword by itself. */
function pairsIn({ columns }: Schema, column: number, batch: Batch, row: number): number {
  const { values, valid } = batch.columns[column]!;
  if (valid[row] === 0) return 0;
  return pairsOf(keywordCount(String(values[row]!), columns[column]!.tokens!));
}
