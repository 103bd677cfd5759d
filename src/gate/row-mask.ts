import type { RowSet } from '../table/row-set.ts';

/** Rows of a table that are left out of everything that is computed of it, none of them deleted. */
export interface RowMask {
  /** By segment id; of a segment that is not named none. No set is empty. */
  readonly segments: ReadonlyMap<string, RowSet>;
  /** Positions among the rows of the delta. */
  readonly delta: ReadonlySet<number>;
}
