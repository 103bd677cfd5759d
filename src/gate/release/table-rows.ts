import { Reader, Writer } from '../../bytes/codec.ts';
import { type KeyedHmac, keyedHmac } from '../../bytes/hash.ts';
import type { CallOptions, StoreLink } from '../../store/link.ts';
import { canonicalBytes } from '../../table/canonical.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import type { Schema } from '../../table/schema.ts';
import type { Value } from '../../table/value.ts';
import type { OpenTable } from '../open-table.ts';
import { fetchRows } from '../sealed-rows.ts';
import type { RowNumbers } from './row-numbers.ts';

/** A row that has no record any more. */
export const NO_ROW = 0xffffffff;

/** What a row is known by: 8 bytes of a keyed hash of all that is in it, and of its subject. */
export interface NewRow {
  readonly hash: Uint8Array;
  readonly subject: Uint8Array;
}

/** A column of a segment: each row's place among its values. */
interface Codes {
  readonly codes: Uint32Array;
  readonly values: readonly Value[];
}

interface KnownSegment {
  /** By row: its number, NO_ROW where it was erased. */
  readonly numbers: Uint32Array;
  readonly columns: Map<number, Codes>;
}

/** Rows of a table as the vault itself reads them: of some, all that counts now. */
export interface RowSource {
  readonly numbers: Uint32Array;
  /** By row: 1 where it counts, neither deleted nor left out. */
  readonly live: Uint8Array;
  /** The columns that were asked for, by place in the schema. */
  cell(row: number, column: number): Value;
  /** The same place for the same value; undefined where rows are not told apart by places. */
  code?(row: number, column: number): number;
}

/**
 * The rows of a table, read from their sealed records and numbered by what is in them. The records are fetched whole and
 * are authentic, so that a store can neither hide a row from whoever decides on a release nor show one that is not; and
 * it learns nothing of the query. Each segment is read once, and once more for columns that later queries name.
 */
export class TableRows {
  private readonly segments = new Map<string, KnownSegment>();
  private readonly mac: KeyedHmac;
  private readonly rows: RowNumbers;

  /** @param key of hashes, 32 bytes */
  constructor(key: Uint8Array, rows: RowNumbers) {
    this.mac = keyedHmac(key);
    this.rows = rows;
  }

  /**
   * All rows of a table, and those among them that have no number yet; these are given theirs.
   * @param columns by place in the schema, that are going to be asked for
   */
  async read(
    table: OpenTable,
    columns: readonly number[],
    link: StoreLink,
    options: CallOptions,
  ): Promise<{ readonly sources: readonly RowSource[]; readonly fresh: readonly NewRow[] }> {
    this.forgetOthers(table);
    const fresh: NewRow[] = [];
    const taken = new Set<number>();
    for (const { numbers } of this.segments.values()) for (const one of numbers) taken.add(one);
    const sources: RowSource[] = [];
    for (const entry of table.manifest.segments) {
      const known = await this.segment(table, entry, columns, taken, fresh, link, options);
      const gone = await table.deletedRows(entry);
      const { numbers } = known;
      sources.push({
        numbers,
        live: Uint8Array.from(numbers, (number, row) =>
          number === NO_ROW || gone.has(row) ? 0 : 1,
        ),
        cell: (row, column) => {
          const { codes, values } = known.columns.get(column)!;
          return values[codes[row]!]!;
        },
        code: (row, column) => known.columns.get(column)!.codes[row]!,
      });
    }
    sources.push(this.delta(await table.deltaRows(), table.schema, taken, fresh));
    return { sources, fresh };
  }

  private async segment(
    table: OpenTable,
    entry: SegmentEntry,
    columns: readonly number[],
    taken: Set<number>,
    fresh: NewRow[],
    link: StoreLink,
    options: CallOptions,
  ): Promise<KnownSegment> {
    const before = this.segments.get(entry.id);
    const missing = columns.filter((column) => before?.columns.has(column) !== true);
    if (before !== undefined && missing.length === 0) return before;
    const { id, rows, records } = entry;
    const { schema } = table;
    const key = table.segmentKeys(id).records;
    const sealed = await fetchRows(
      link,
      { table: table.id, id, rows, records, key, schema },
      options,
    );
    const numbers = before?.numbers ?? new Uint32Array(rows).fill(NO_ROW);
    const builders = new Map(missing.map((column) => [column, new CodeBuilder(rows)]));
    for (let row = 0; row < rows; row++) {
      if (sealed.isErased(row)) continue;
      const cells = sealed.open(row);
      if (before === undefined) numbers[row] = this.number(cells, schema, taken, fresh);
      for (const [column, builder] of builders) builder.set(row, cells[column] ?? null);
    }
    const known = before ?? { numbers, columns: new Map<number, Codes>() };
    for (const [column, builder] of builders) known.columns.set(column, builder.finish());
    this.segments.set(id, known);
    return known;
  }

  private delta(
    rows: readonly (readonly Value[])[],
    schema: Schema,
    taken: Set<number>,
    fresh: NewRow[],
  ): RowSource {
    return {
      numbers: Uint32Array.from(rows, (cells) => this.number(cells, schema, taken, fresh)),
      live: new Uint8Array(rows.length).fill(1),
      cell: (row, column) => rows[row]![column] ?? null,
    };
  }

  private number(
    cells: readonly Value[],
    schema: Schema,
    taken: Set<number>,
    fresh: NewRow[],
  ): number {
    const writer = new Writer();
    for (const [i, { type }] of schema.columns.entries()) {
      const cell = cells[i] ?? null;
      if (cell === null) writer.u8(0);
      else writer.u8(1).bytes(canonicalBytes(cell, type));
    }
    const hash = this.mac(writer.finish()).slice(0, 8);
    const reader = new Reader(hash, 'a hash');
    const [high, low] = [reader.u32(), reader.u32()];
    const known = this.rows.find(high, low, (row) => !taken.has(row));
    const number = known === -1 ? this.rows.add(high, low) : known;
    taken.add(number);
    if (known === -1) fresh.push({ hash, subject: this.subject(cells, schema) });
    return number;
  }

  /** Rows that name nobody are taken as one subject’s: they might be. */
  private subject(cells: readonly Value[], schema: Schema): Uint8Array {
    const at = schema.columns.findIndex(({ name }) => name === schema.subject);
    if (at === -1) return new Uint8Array(0);
    const cell = cells[at] ?? null;
    const writer = new Writer().text('subject');
    if (cell !== null) writer.bytes(canonicalBytes(cell, schema.columns[at]!.type));
    return this.mac(writer.finish()).slice(0, 8);
  }

  /** Segments that the table no longer has. */
  private forgetOthers({ manifest }: OpenTable): void {
    const present = new Set(manifest.segments.map(({ id }) => id));
    for (const id of this.segments.keys()) if (!present.has(id)) this.segments.delete(id);
  }
}

class CodeBuilder {
  private readonly codes: Uint32Array;
  private readonly values: Value[] = [];
  private readonly places = new Map<Value, number>();

  constructor(rows: number) {
    this.codes = new Uint32Array(rows);
  }

  set(row: number, value: Value): void {
    let place = this.places.get(value);
    if (place === undefined) {
      place = this.values.push(value) - 1;
      this.places.set(value, place);
    }
    this.codes[row] = place;
  }

  finish(): Codes {
    return { codes: this.codes, values: this.values };
  }
}
