import { wordBytes, wordsOf } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { MultiplyBytes } from '../../ring/byte-matrix.ts';
import { createByteMatrixProduct } from '../../ring/simd/byte-matrix.ts';
import type { StoreIndex } from '../rung.ts';
import type { StoreContext } from '../eval-rung.ts';
import { HINT_QUERY, parseLwe, type LweTable } from './lwe/format.ts';
import { queryBytes } from './lwe/layout.ts';

/** The kernel's memory is a few hundred kilobytes: one a thread. */
let multiply: MultiplyBytes | undefined;

/**
 * The table as the store answers from it, over the part's own bytes.
 *
 * `answer` gives the hint for the query of one zero byte, and for one of a word for each column the product of table
 * and query, 4 bytes for each of a bucket: always the same work, the whole table once.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED for a part that is none
 */
export function parsePir(part: Uint8Array, { what }: StoreContext): StoreIndex {
  const table = parseLwe(part, what);
  return { rows: table.rows, answer: (query) => answerPir(table, query) };
}

/** @throws BYTES_INVALID for a query of any other length */
function answerPir(table: LweTable, query: Uint8Array): Uint8Array {
  if (query.length === HINT_QUERY.length && query[0] === HINT_QUERY[0]) return table.hint;
  if (query.length !== queryBytes(table)) {
    throw new OpalineError('BYTES_INVALID', { what: 'pir query', reason: 'of the wrong length' });
  }
  multiply ??= createByteMatrixProduct();
  const { matrix: bytes, height: rows, columns } = table;
  return wordBytes(multiply({ bytes, rows, columns }, [wordsOf(query)])[0]!);
}
