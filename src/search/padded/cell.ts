import type { RowSet } from '../../table/row-set.ts';
import { packRun, putBits, RUN_BITS, takeBits, unpackRun } from '../packed-rows.ts';
import { MAX_CELLS, WHAT } from './format.ts';

/**
 * A cell's plaintext: whose it is, in how many cells the list is, and a run of its rows.
 *
 * ```
 * name (64) | cells of the list (16; 0: nobody's) | run of rows (packed-rows.ts)
 * ```
 * The name is the beginning of the keyword's seed. Two of 2^20 keywords share one with a probability of 2^-25, and
 * then a lookup that happens to read the other's cell is refused; nobody who has no key can bring it about.
 */
const NAME_WORDS = 2;
const CELLS_AT = 64;
const CELLS_BITS = 16;
const RUN_AT: number = CELLS_AT + CELLS_BITS;

/** Bits of a cell that are not rows'. */
export const CELL_OVERHEAD_BITS: number = RUN_AT;

/** What a cell has room for, a run's header included. */
export function runRoom(payload: number): number {
  return 8 * payload - RUN_AT;
}

/** The least payload takes a run of one row. */
export const LEAST_BITS: number = RUN_AT + RUN_BITS;

export interface CellContent {
  readonly seed: Uint32Array;
  readonly cells: number;
  readonly list: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly parameter: number;
}

/** Write a cell over words that are zero. */
export function writeCell(content: CellContent, words: Uint32Array): void {
  for (let w = 0; w < NAME_WORDS; w++) words[w] = content.seed[w]!;
  putBits(words, CELLS_AT, content.cells, CELLS_BITS);
  packRun(content.list, content.from, content.to, content.parameter, words, RUN_AT);
}

/** Cells of the list that a cell is of, if it is the keyword's; else 0. */
export function cellsOfList(words: Uint32Array, seed: Uint32Array): number {
  if (words[0] !== seed[0] || words[1] !== seed[1]) return 0;
  return takeBits(words, CELLS_AT, CELLS_BITS) & MAX_CELLS;
}

/** @throws BYTES_INVALID for a run that is none. */
export function addRows(words: Uint32Array, set: RowSet): void {
  unpackRun(words, RUN_AT, set, WHAT);
}
