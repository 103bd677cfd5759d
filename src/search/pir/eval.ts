import { wordBytes, wordsOf } from '../../bytes/codec.ts';
import { unframe } from '../../bytes/framing.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { MultiplyBytes } from '../../ring/byte-matrix.ts';
import { createByteMatrixProduct } from '../../ring/simd/byte-matrix.ts';
import type { StoreContext } from '../eval-rung.ts';
import type { StoreIndex } from '../rung.ts';
import { answerBfv, bfvWorkspace, type BfvWorkspace } from './bfv/eval.ts';
import { parseBfv } from './bfv/format.ts';
import { HINT_QUERY, parseLwe, type LweTable } from './lwe/format.ts';
import { queryBytes } from './lwe/layout.ts';
import { PIR_SCHEME } from './records.ts';

/** The kernels work in small memories of their own: one a thread, made with the first query. */
let multiply: MultiplyBytes | undefined;
let workspace: BfvWorkspace | undefined;

/**
 * The table as the store answers from it, over the part's own bytes. Any query of the right length is answered with
 * the same work, the whole table once.
 *
 * LWE: the query of one zero byte is answered with the hint; one of a word for each column with the product of table and
 * query, 4 bytes for each of a bucket. BFV: see bfv/eval.ts.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED for a part that is none
 */
export function parsePir(part: Uint8Array, { what }: StoreContext): StoreIndex {
  if (unframe(part, 'PIRX', what).u32() === PIR_SCHEME.bfv) {
    const table = parseBfv(part, what);
    return {
      rows: table.rows,
      answer: (query) => answerBfv(table, query, (workspace ??= bfvWorkspace())),
    };
  }
  const table = parseLwe(part, what);
  return { rows: table.rows, answer: (query) => answerLwe(table, query) };
}

/** @throws BYTES_INVALID for a query of any other length */
function answerLwe(table: LweTable, query: Uint8Array): Uint8Array {
  if (query.length === HINT_QUERY.length && query[0] === HINT_QUERY[0]) return table.hint;
  if (query.length !== queryBytes(table)) {
    throw new OpalineError('BYTES_INVALID', { what: 'pir query', reason: 'of the wrong length' });
  }
  multiply ??= createByteMatrixProduct();
  const { matrix: bytes, height: rows, columns } = table;
  return wordBytes(multiply({ bytes, rows, columns }, [wordsOf(query)])[0]!);
}
