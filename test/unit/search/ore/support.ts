import { compareBytes } from '../../../../src/bytes/compare.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildOre, type OreColumn } from '../../../../src/search/ore/build.ts';
import { findRange, openOreIndex } from '../../../../src/search/ore/eval.ts';
import { parseOre, type ParsedOre } from '../../../../src/search/ore/format.ts';
import { type CodeRange, NULL_CODES, rangeCodes } from '../../../../src/search/ore/range.ts';
import { decodeOreState } from '../../../../src/search/ore/state.ts';
import { rangeToken } from '../../../../src/search/ore/token.ts';
import type { BuiltRung, StoreIndex } from '../../../../src/search/rung.ts';
import { canonicalBytes } from '../../../../src/table/canonical.ts';
import type { ColumnType, Value } from '../../../../src/table/value.ts';

export type Numeric = bigint | number | null;

export function columnOf(
  type: ColumnType,
  cells: readonly Value[],
  erased: readonly number[] = [],
): OreColumn {
  const present = new Map<Value, Uint8Array>();
  for (const cell of cells) if (cell !== null) present.set(cell, canonicalBytes(cell, type));
  const ranked = [...present].toSorted((a, b) => compareBytes(a[1], b[1]));
  const values: Uint8Array[] = [];
  const place = new Map<Value, number>();
  for (const [cell, bytes] of ranked) {
    // −0 and 0 are one value.
    const last = values.at(-1);
    if (last === undefined || compareBytes(last, bytes) !== 0) values.push(bytes);
    place.set(cell, values.length - 1);
  }
  const codes = Int32Array.from(cells, (cell, row) =>
    erased.includes(row) ? -2 : (place.get(cell) ?? -1),
  );
  return { type, rows: cells.length, values, codes };
}

export interface BuiltOre extends BuiltRung {
  readonly type: ColumnType;
  readonly key: Uint8Array;
  readonly index: StoreIndex;
  readonly parsed: ParsedOre;
}

export function build(
  type: ColumnType,
  cells: readonly Value[],
  erased?: readonly number[],
): BuiltOre {
  const key = randomBytes(32);
  const built = buildOre(key, columnOf(type, cells, erased));
  return { ...built, type, key, index: openOreIndex(built.part), parsed: parseOre(built.part) };
}

export interface End {
  readonly value: bigint | number;
  readonly inclusive: boolean;
}

export interface Range {
  readonly low?: End;
  readonly high?: End;
}

export function codesOf({ state, type }: BuiltOre, { low, high }: Range): CodeRange | undefined {
  const end = (of: End | undefined): { value: Uint8Array; inclusive: boolean } | undefined =>
    of && { ...of, value: canonicalBytes(of.value, type) };
  return rangeCodes(decodeOreState(state), end(low), end(high));
}

/** A range as a vault asks it and a store answers it. */
export function answer(built: BuiltOre, range: Range): Uint32Array {
  const codes = codesOf(built, range);
  if (codes === undefined) return new Uint32Array(0);
  return find(built, codes);
}

export function find({ key, parsed }: BuiltOre, codes: CodeRange): Uint32Array {
  return findRange(parsed, rangeToken(key, parsed, codes)).toArray();
}

export const nulls = (built: BuiltOre): Uint32Array => find(built, NULL_CODES);

export function inside(cell: Numeric, { low, high }: Range): boolean {
  if (cell === null) return false;
  const fromLow = low === undefined || cell > low.value || (low.inclusive && cell === low.value);
  return (
    fromLow && (high === undefined || cell < high.value || (high.inclusive && cell === high.value))
  );
}
