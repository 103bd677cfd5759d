import { evaluatePredicate } from '../plan/interpret.ts';
import type { DeletePlan } from '../plan/physical.ts';
import type { SetPredicate } from '../plan/set-predicate.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import type { OpenTable } from './open-table.ts';
import { findRows, prepareRows } from './rows.ts';

/** Rows by where they are. */
export interface Located {
  readonly segments: readonly { readonly entry: SegmentEntry; readonly rows: Uint32Array }[];
  /** Positions among `table.deltaRows()`. */
  readonly delta: readonly number[];
  readonly rows: number;
}

/** Find the rows of a condition that are not deleted yet, in segments and in the delta. */
export async function locateRows(
  plan: DeletePlan,
  filter: SetPredicate,
  table: OpenTable,
  link: StoreLink,
  options: CallOptions,
): Promise<Located> {
  const prepared = await prepareRows({ orderBy: [] }, filter, table, link);
  const segments = await findRows(prepared, table, link, options);
  const delta = (await table.deltaRows()).flatMap((row, i) =>
    evaluatePredicate(plan.filter, table.schema, row) === true ? [i] : [],
  );
  const rows = segments.reduce((sum, found) => sum + found.rows.length, delta.length);
  return { segments, delta, rows };
}
