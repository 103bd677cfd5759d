import type { PublicKeyEngine, SecretEngine } from '../../engine/engine.ts';
import { type GroupPacking, groupPacking, splitPlan } from '../../params/packing.ts';
import type { GroupColumns, GroupProduct } from '../../table/group-columns.ts';
import { isAggregated, type PrivateGrouping, type Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { encryptLimb, splitLimbs } from './encrypt.ts';
import { randomPermutation } from '../../bytes/permutation.ts';
import { multiplyColumns } from './product.ts';
import type { RankedColumn } from './rank.ts';

/** What is summed by a private group: `factors` and `notNull` as in GroupProduct. */
type Measure = Pick<GroupProduct, 'factors' | 'notNull'>;

/** One ciphertext column to make: a limb of a run of groups. */
interface Slot {
  readonly limb: Float64Array | readonly bigint[];
  /** Per row its group, −1 for none. */
  readonly groupOf: Int32Array;
  /** First group of the run. */
  readonly first: number;
  readonly packing: GroupPacking;
}

/**
 * The ciphertext columns of a segment's private groups, numbered from `first` on. They are made and
 * numbered in one random order, so that neither a number nor the order of uploads tells a value.
 */
export function encryptGroupColumns(
  schema: Schema,
  rows: Batch,
  ranked: readonly RankedColumn[],
  engine: SecretEngine | PublicKeyEngine,
  first: number,
): { meta: { groups?: readonly GroupColumns[] }; columns: Uint8Array[] } {
  if (schema.groupBy.length === 0) return { meta: {}, columns: [] };
  const slots: Slot[] = [];
  const drafts = schema.groupBy.map((grouping) =>
    draftGroups(schema, rows, ranked, engine, grouping, slots),
  );
  const order = randomPermutation(slots.length);
  const columns = Array.from(order, (slot) => encryptLimb(engine, valuesOf(slots[slot]!)));
  const numbers = new Uint32Array(slots.length);
  order.forEach((slot, position) => (numbers[slot] = first + position));
  const groups = drafts.map(({ column, products }) => ({
    column,
    products: products.map((product) => ({
      ...product,
      columns: product.columns.map((slot) => numbers[slot]!),
    })),
  }));
  return { meta: { groups }, columns };
}

/** What each ciphertext column of a grouping that was made holds, by its number. */
export function* groupValues(
  { column, products }: GroupColumns,
  rows: Batch,
  ranked: readonly RankedColumn[],
): Generator<{ column: number; values: () => Float64Array | readonly bigint[] }> {
  const groupOf = groupsOf(ranked[column]!);
  for (const { columns, digits, limbs: count, width, ...measure } of products) {
    const limbs = splitLimbs(measured(measure, rows, groupOf).values, { count, width });
    const packing = { digits, width: digits === 1 ? PLAIN_BITS : PLAIN_BITS / digits };
    for (const [i, number] of columns.entries()) {
      const first = Math.floor(i / count) * digits;
      const slot = { limb: limbs[i % count]!, groupOf, first, packing };
      yield { column: number, values: () => valuesOf(slot) };
    }
  }
}

/** Of the plaintext modulus of sums. */
const PLAIN_BITS = 48;

/** Per row its group's place: those of the dictionary, then NULL; −1 for none. */
function groupsOf({ keywords, codes }: RankedColumn): Int32Array {
  return Int32Array.from(codes, (code) => (code === -1 ? keywords.length : Math.max(code, -1)));
}

/** The metadata of one grouping, with numbers of slots for numbers of columns. */
function draftGroups(
  schema: Schema,
  rows: Batch,
  ranked: readonly RankedColumn[],
  engine: SecretEngine | PublicKeyEngine,
  { column: name, products }: PrivateGrouping,
  slots: Slot[],
): GroupColumns {
  const place = (wanted: string): number => schema.columns.findIndex((c) => c.name === wanted);
  const column = place(name);
  const { keywords, nulls } = ranked[column]!;
  const count = keywords.length + (nulls > 0 ? 1 : 0);
  const groupOf = groupsOf(ranked[column]!);
  const measures: Measure[] = [{ factors: [], notNull: undefined }];
  schema.columns.forEach((one, i) => {
    if (!isAggregated(one)) return;
    measures.push({ factors: [i], notNull: undefined });
    if (ranked[i]!.nulls > 0) measures.push({ factors: [], notNull: i });
  });
  for (const pair of products) measures.push({ factors: pair.map(place), notNull: undefined });
  const made = measures.map((measure): GroupProduct => {
    const { values, ...bounds } = measured(measure, rows, groupOf);
    const { maxAbs } = bounds;
    const plan = splitPlan(maxAbs, engine.parameters.plainBits);
    const packing = groupPacking(maxAbs, engine.parameters.plainBits);
    const limbs = splitLimbs(values, plan);
    const columns: number[] = [];
    for (let group = 0; group < count; group += packing.digits) {
      for (const limb of limbs) {
        columns.push(slots.push({ limb, groupOf, first: group, packing }) - 1);
      }
    }
    const { digits } = packing;
    return { ...measure, digits, limbs: plan.count, width: plan.width, ...bounds, columns };
  });
  return { column, products: made };
}

/** Per row what is summed of it, whatever its group. */
function measured(
  { factors, notNull }: Measure,
  rows: Batch,
  groupOf: Int32Array,
): ReturnType<typeof multiplyColumns> {
  if (factors.length > 0) return multiplyColumns(factors.map((i) => rows.columns[i]!));
  const valid = notNull === undefined ? undefined : rows.columns[notNull]!.valid;
  const values = Float64Array.from(groupOf, (_, row) => (valid?.[row] === 0 ? 0 : 1));
  return { values, maxAbs: 1n };
}

/** The rows of the slot's groups, each value in the digit of its group, zeros elsewhere. */
function valuesOf({ limb, groupOf, first, packing }: Slot): Float64Array | readonly bigint[] {
  const { digits, width } = packing;
  if (!(limb instanceof Float64Array)) {
    return limb.map((value, row) => {
      const digit = groupOf[row]! - first;
      return digit >= 0 && digit < digits ? value << BigInt(digit * width) : 0n;
    });
  }
  const values = new Float64Array(limb.length);
  for (let row = 0; row < values.length; row++) {
    const digit = groupOf[row]! - first;
    if (digit >= 0 && digit < digits) values[row] = limb[row]! * 2 ** (digit * width) + 0;
  }
  return values;
}
