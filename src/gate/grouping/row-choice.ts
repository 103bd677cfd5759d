import { OpalineError } from '../../errors/opaline-error.ts';
import { evaluatePredicate } from '../../plan/interpret.ts';
import type { Predicate } from '../../plan/physical.ts';
import { decodeCanonical } from '../../table/canonical.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import type { RowCodes } from '../../table/row-codes.ts';
import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import type { OpenTable } from '../open-table.ts';
import { columnsOf } from './conjuncts.ts';

/** A condition, and the schema indexes of the columns that it names. */
interface Placed {
  readonly part: Predicate;
  readonly columns: readonly number[];
}

/** By segment and column: the dictionary's values, then NULL. */
type Dictionaries = ReadonlyMap<string, ReadonlyMap<number, readonly Value[]>>;

/** The rows of each segment of which conditions are true, by sealed row codes and dictionaries. */
export class RowChoice {
  /** Schema indexes of the columns whose codes it takes, ascending. */
  readonly columns: readonly number[];
  private readonly schema: Schema;
  private readonly parts: readonly Placed[];
  private readonly values: Dictionaries;

  private constructor(schema: Schema, parts: readonly Placed[], values: Dictionaries) {
    this.schema = schema;
    this.parts = parts;
    this.values = values;
    this.columns = [...new Set(parts.flatMap(({ columns }) => columns))].sort((a, b) => a - b);
  }

  /** @throws CAPABILITY_MISSING for a column of which a segment has no dictionary */
  static async load(parts: readonly Predicate[], table: OpenTable): Promise<RowChoice> {
    const placed = parts.map((part) => ({
      part,
      columns: [...columnsOf(part)].map((name) => table.columnIndex(name)),
    }));
    const values = new Map<string, Map<number, readonly Value[]>>();
    for (const entry of table.manifest.segments) {
      const own = new Map<number, readonly Value[]>();
      for (const column of new Set(placed.flatMap(({ columns }) => columns))) {
        own.set(column, await valuesOf(table, entry, column));
      }
      values.set(entry.id, own);
    }
    return new RowChoice(table.schema, placed, values);
  }

  /**
   * Per row of a segment 1 where every condition is true of it. A condition is evaluated once for each combination of
   * values, and each row looked up: a row takes as long as another.
   * @param codes of `columns`
   */
  rowsIn(entry: SegmentEntry, codes: ReadonlyMap<number, RowCodes>): Uint8Array {
    const chosen = new Uint8Array(entry.rows).fill(1);
    for (const { part, columns } of this.parts) {
      const { numbers, rows } = this.combinations(entry, columns, codes);
      const truth = Uint8Array.from(rows, (row) =>
        evaluatePredicate(part, this.schema, row) === true ? 1 : 0,
      );
      for (let row = 0; row < chosen.length; row++) chosen[row]! &= truth[numbers[row]!]!;
    }
    return chosen;
  }

  /** Each row's combination of values of some columns by number, and the combinations as rows. */
  private combinations(
    entry: SegmentEntry,
    columns: readonly number[],
    codes: ReadonlyMap<number, RowCodes>,
  ): { numbers: Uint32Array; rows: readonly (readonly Value[])[] } {
    const numbers = new Uint32Array(entry.rows);
    let rows: (readonly Value[])[] = [this.schema.columns.map(() => null)];
    for (const column of columns) {
      const own = codes.get(column)!.codes!;
      const values = this.values.get(entry.id)!.get(column)!;
      const known = new Map<number, number>();
      const next: (readonly Value[])[] = [];
      for (let row = 0; row < numbers.length; row++) {
        const pair = numbers[row]! * values.length + own[row]!;
        let number = known.get(pair);
        if (number === undefined) {
          number = next.push(rows[numbers[row]!]!.with(column, values[own[row]!]!)) - 1;
          known.set(pair, number);
        }
        numbers[row] = number;
      }
      rows = next;
    }
    return { numbers, rows };
  }
}

async function valuesOf(
  table: OpenTable,
  entry: SegmentEntry,
  column: number,
): Promise<readonly Value[]> {
  const { name, type } = table.schema.columns[column]!;
  const { dictionary } = await table.column(entry, column);
  if (dictionary === undefined) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'OR with a condition on an oblivious column',
      column: `"${name}"`,
      needs: 'fewer distinct values in each segment: join the two by AND',
    });
  }
  return [...dictionary.map(({ value }) => decodeCanonical(value, type)), null];
}
