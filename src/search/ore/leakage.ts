import type { Leakage } from '../../plan/leakage.ts';
import type { RungEstimate } from '../rung.ts';
import { BLOCK_BITS, oreIndexBytes, tokenBytes } from './format.ts';

/** A value of a column and its rows; NULL has code 0. */
export interface CodedRows {
  readonly code: bigint;
  readonly rows: number;
}

/** A column with an ore index, over all segments. */
export interface OreProfile {
  readonly column: string;
  readonly rows: number;
  readonly segments: number;
  /** Blocks of a code, of the widest segment. */
  readonly blocks: number;
  /** Ranges that a query asks for. */
  readonly ranges: number;
  /** Values, where they are known, with the codes that one segment of them all would give them. */
  readonly values?: readonly CodedRows[];
  /** The codes of the ends of the ranges that the store is given; where they are absent, every value was one. */
  readonly ends?: readonly bigint[];
}

export const ORE_ATTACK =
  'sorting by all ends asked for, exact distribution known (Naveed–Kamara–Wright 2015)';

/** What the store sees of a column at rest and by a query, and what that is worth to an attacker. */
export function oreLeakage(profile: OreProfile): Leakage {
  const { column, rows, segments, blocks, ranges } = profile;
  return {
    node: `range on ${column}`,
    index: 'ore',
    atRest: [
      `${rows} rows in ${segments === 1 ? '1 segment' : `${segments} segments`}, NULL among them`,
      `that values span up to ${BLOCK_BITS * blocks} bits`,
    ],
    onQuery: [
      `of each row of ${column} and each end of ${ranges === 1 ? 'the range' : `${ranges} ranges`}: which is greater, and the first of ${blocks} blocks of ${BLOCK_BITS} bits in which they differ`,
      'which rows are in the range, and with all ranges asked so far: the order of the rows as far as ends lie between them',
      'whether an end was asked for before, or begins with the same blocks as another',
    ],
    expectedRecovery: recovery(profile),
  };
}

/** What an ore index costs, from a column's statistics; `recovery` after the ends given. */
export function estimateOre(profile: OreProfile): RungEstimate {
  const { rows, segments, blocks, ranges } = profile;
  return {
    bytes: segments * oreIndexBytes(Math.ceil(rows / segments), blocks),
    bytesUp: ranges * segments * tokenBytes(blocks, 2),
    bytesDown: 0,
    rounds: 0,
    recovery: recovery(profile),
  };
}

function recovery({ values, ends, blocks }: OreProfile): Leakage['expectedRecovery'] {
  if (values === undefined) return null;
  const fraction = ends === undefined ? 1 : recoveredBySorting(values, ends, blocks);
  return { attack: ORE_ATTACK, fraction };
}

/**
 * Share of the rows whose value an attacker names rightly who knows the exact distribution and has seen every row compared
 * with the codes `ends`.
 *
 * Rows that compare alike with every end, in order and in the first block that differs, form a class; nothing seen tells
 * them apart. A class is an interval of codes, and of two classes it shows which is the greater. So the attacker
 * knows from the distribution which values a class has, and names the most frequent: Σ over classes of max f, over
 * all rows. Without an end that is the mode; once every value was an end, it is 1. At rest there is nothing to sort: only
 * left ciphertexts compare, and none is stored.
 */
export function recoveredBySorting(
  values: readonly CodedRows[],
  ends: readonly bigint[],
  blocks: number,
): number {
  const best = new Map<string, number>();
  let all = 0;
  for (const { code, rows } of values) {
    const seen = ends.map((end) => comparison(code, end, blocks)).join();
    best.set(seen, Math.max(best.get(seen) ?? 0, rows));
    all += rows;
  }
  return all === 0 ? 0 : [...best.values()].reduce((sum, rows) => sum + rows, 0) / all;
}

/** What comparing shows: the first block that differs, from 1 on, negative where the row is less; 0 where none does. */
export function comparison(row: bigint, end: bigint, blocks: number): number {
  const difference = row ^ end;
  if (difference === 0n) return 0;
  const bits = difference.toString(2).length;
  const block = blocks - Math.floor((bits - 1) / BLOCK_BITS);
  return row < end ? -block : block;
}
