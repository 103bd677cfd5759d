import { OpalineError } from '../../errors/opaline-error.ts';
import type { CheckEngine, PublicCheckEngine } from '../../engine/engine.ts';
import { checkKey } from '../../keys/check-key.ts';
import { multiplyAdd } from '../../params/check-field.ts';
import type { SplitPlan } from '../../params/packing.ts';
import type { CheckColumns } from '../../table/check-columns.ts';
import type { SegmentMeta } from '../../table/segment-meta.ts';
import type { Batch } from '../../table/value.ts';
import { encryptLimb, splitLimbs } from './encrypt.ts';
import { groupValues } from './group-columns.ts';
import { multiplyColumns } from './product.ts';
import type { RankedColumn } from './rank.ts';

/** What check columns are made with. */
export interface Checker {
  /** Under the key of the columns that they are beside. */
  readonly engine: CheckEngine | PublicCheckEngine;
  /** 32 bytes, of keys/secret.ts. */
  readonly secret: Uint8Array;
}

/** A segment that is given check columns. */
export interface CheckedSegment {
  readonly table: string;
  /** Where the pads are of: the segment's own id, and the epoch in which it is to be published. */
  readonly origin: CheckColumns['origin'];
  readonly rows: Batch;
  readonly ranked: readonly RankedColumn[];
  readonly meta: Pick<SegmentMeta, 'products' | 'groups'>;
  /** Number of the first check column. */
  readonly first: number;
}

/**
 * A check column beside each ciphertext column of sums: α·x + pad of what the column holds, row by row. The values
 * are computed anew from the rows, so that a segment may get them after its columns were encrypted.
 */
export function encryptChecks(
  { table, origin, rows, ranked, meta, first }: CheckedSegment,
  { engine, secret }: Checker,
): { meta: Omit<CheckColumns, 'buckets'>; columns: Uint8Array[] } {
  const key = checkKey(secret, table);
  const { plainPrime } = engine.parameters;
  const checked = [...checkedValues(rows, ranked, meta)].sort((a, b) => a.column - b.column);
  const totals: number[] = [];
  const columns = checked.map(({ column, values }) => {
    const pads = key.pads({ ...origin, column }).of(0, rows.rows);
    totals.push(pads.reduce((total, pad) => (total + pad) % plainPrime, 0));
    return encryptLimb(engine, multiplyAdd(key.factor, values(), pads));
  });
  const of = Uint32Array.from(checked, ({ column }) => column);
  return { meta: { origin, first, of, totals }, columns };
}

interface CheckedColumn {
  readonly column: number;
  /** Made when called for: a segment's columns of groups are many. */
  values(): Float64Array;
}

function* checkedValues(
  rows: Batch,
  ranked: readonly RankedColumn[],
  { products, groups = [] }: CheckedSegment['meta'],
): Generator<CheckedColumn> {
  for (const { factors, first, limbs, width, fixed } of products) {
    const made = multiplyColumns(factors.map((i) => rows.columns[i]!));
    if (made.fixed?.point !== fixed?.point) differs();
    const plan: SplitPlan = { count: limbs, width };
    for (const [limb, values] of splitLimbs(made.values, plan).entries()) {
      yield { column: first + limb, values: () => doubles(values) };
    }
  }
  for (const grouping of groups) {
    for (const { column, values } of groupValues(grouping, rows, ranked)) {
      yield { column, values: () => doubles(values()) };
    }
  }
}

const doubles = (values: Float64Array | readonly bigint[]): Float64Array =>
  values instanceof Float64Array ? values : Float64Array.from(values, Number);

function differs(): never {
  throw new OpalineError('INTERNAL', { reason: 'a segment has other values than before' });
}
