import type { RowSet } from '../table/row-set.ts';

/**
 * What every rung of the ladder of encrypted indexes offers, whatever its construction. A rung is a folder
 * of its own: `format` (bytes at the store), `build` and `token` (vault side, with keys), `eval` (store side,
 * without), `leakage` (what the store learns, and what an attacker is expected to recover).
 *
 * A rung indexes one column of one segment under a key that belongs to this column, segment and rung alone:
 * 32 bytes, new for each build. It is revealing (a token makes the store find rows, which go on into the plan
 * there) or hiding (the vault asks, is answered with bytes that only it can open, and knows the rows).
 */
export interface BuiltRung {
  /** For the store: a frame of the rung's own type. */
  readonly part: Uint8Array;
  /** For the vault, to be sealed with the segment's metadata: what querying takes besides the key. */
  readonly state: Uint8Array;
}

/** An index as the store holds it, parsed and checked; over the part's own bytes. */
export interface StoreIndex {
  /** Rows of the segment. */
  readonly rows: number;
  /**
   * Revealing rungs: the rows that a token stands for.
   * @throws BYTES_INVALID for a malformed token
   */
  find?(token: Uint8Array): RowSet;
  /**
   * Hiding rungs: the reply to one query of a lookup. Its length depends on the index and the query's length alone
   * where the rung says that it hides volume; undefined where nothing is stored at a label.
   * @throws BYTES_INVALID for a malformed query
   */
  answer?(query: Uint8Array): Uint8Array | undefined;
}

/** One round trip of a hiding rung: the store’s replies to queries, in their order. `part`: of later parts, from 1. */
export type Ask = (
  queries: readonly Uint8Array[],
  part?: number,
) => Promise<readonly (Uint8Array | undefined)[]>;

/** A hiding rung in the hands of the vault, that has lists of keywords: the rows of each, in the order given. */
export type KeywordLookup = (keywords: readonly Uint8Array[], ask: Ask) => Promise<RowSet[]>;

/** What an index costs, from a column's statistics, before it is built. */
export interface RungEstimate {
  /** Bytes at rest, over all segments. */
  readonly bytes: number;
  /** Of one lookup in all segments. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly rounds: number;
  /** Share of the rows whose value the named attack is expected to recover; null: measured, no closed form. */
  readonly recovery: { readonly attack: string; readonly fraction: number } | null;
}
