import { OpalineError } from '../errors/opaline-error.ts';
import type { CallOptions, StoreLink } from '../store/link.ts';
import { decodeCanonical } from '../table/canonical.ts';
import type { SegmentEntry } from '../table/manifest.ts';
import { RowSet } from '../table/row-set.ts';
import type { Value } from '../table/value.ts';
import type { OpenTable } from './open-table.ts';
import type { RowMask } from './row-mask.ts';
import { fetchRows } from './sealed-rows.ts';

/** Whose each row of a segment is: a place in `names`, its length where nobody is named. */
interface Subjects {
  readonly names: readonly string[];
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
}

/**
 * Whose each row of a table is, as the vault itself has sealed it: row codes of the schema's `subject` column, or
 * the records where it has more values than a dictionary holds. Lists of the index would tell the store which
 * subjects are asked for, and it could answer falsely; these are fetched whole and are authentic. Segments never
 * change, so each is read once.
 */
export class SubjectRows {
  private readonly known = new Map<string, Promise<Subjects>>();
  /** Of tables that leave nothing out: all that answer for a purpose without consent. */
  private readonly whole = new WeakMap<OpenTable, ReadonlySet<string>>();

  /**
   * The rows of which the subject is not among `live`, and those of nobody. Deleted rows are not among them.
   * @throws DENIED for a table that names no subject, or one that is neither text nor a whole number
   */
  async without(
    table: OpenTable,
    live: ReadonlySet<string>,
    link: StoreLink,
    options: CallOptions,
  ): Promise<RowMask> {
    const column = subjectColumn(table);
    this.forgetOthers(table);
    const segments = new Map<string, RowSet>();
    for (const entry of table.manifest.segments) {
      const { names, codes } = await this.subjects(table, entry, column, link, options);
      const counts = names.map((name) => live.has(name));
      const gone = await table.deletedRows(entry);
      const left = new RowSet(entry.rows);
      for (let row = 0; row < entry.rows; row++) {
        if (counts[codes[row]!] !== true && !gone.has(row)) left.add(row);
      }
      if (left.count > 0) segments.set(entry.id, left);
    }
    const delta = (await table.deltaRows()).flatMap((row, position) => {
      const subject = row[column] ?? null;
      return subject !== null && live.has(String(subject)) ? [] : [position];
    });
    return { segments, delta: new Set(delta) };
  }

  /**
   * The subjects of the rows that count: neither deleted nor left out.
   * @returns undefined for a table that names no subject, or one that is neither text nor a whole number
   */
  async counted(
    table: OpenTable,
    link: StoreLink,
    options: CallOptions,
  ): Promise<ReadonlySet<string> | undefined> {
    const column = columnOf(table);
    if (column === undefined) return undefined;
    const known = this.whole.get(table);
    if (known !== undefined) return known;
    this.forgetOthers(table);
    const found = new Set<string>();
    for (const entry of table.manifest.segments) {
      const { names, codes } = await this.subjects(table, entry, column, link, options);
      const gone = await table.deletedRows(entry);
      const seen = new Uint8Array(names.length);
      for (let row = 0; row < entry.rows; row++) if (!gone.has(row)) seen[codes[row]!] = 1;
      for (const [i, name] of names.entries()) if (seen[i] === 1) found.add(name);
    }
    for (const row of await table.deltaRows()) {
      const subject = row[column] ?? null;
      if (subject !== null) found.add(String(subject));
    }
    if (!table.leavesOut) this.whole.set(table, found);
    return found;
  }

  private subjects(
    table: OpenTable,
    entry: SegmentEntry,
    column: number,
    link: StoreLink,
    options: CallOptions,
  ): Promise<Subjects> {
    const key = `${table.id}/${entry.id}/${column}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const read = readSubjects(table, entry, column, link, options);
    this.known.set(key, read);
    read.catch(() => this.known.delete(key));
    return read;
  }

  /** Segments that the table no longer has. */
  private forgetOthers({ id, manifest }: OpenTable): void {
    const present = new Set(manifest.segments.map((entry) => entry.id));
    for (const key of this.known.keys()) {
      const [table, segment] = key.split('/');
      if (table === id && !present.has(segment!)) this.known.delete(key);
    }
  }
}

function subjectColumn(table: OpenTable): number {
  const column = columnOf(table);
  if (column !== undefined) return column;
  throw new OpalineError('DENIED', {
    reason: `the schema of table "${table.schema.table}" names no subject whose consent could be looked up`,
  });
}

function columnOf({ schema }: OpenTable): number | undefined {
  const column = schema.columns.findIndex(({ name }) => name === schema.subject);
  const type = schema.columns[column]?.type;
  return type === 'text' || type === 'integer' ? column : undefined;
}

async function readSubjects(
  table: OpenTable,
  entry: SegmentEntry,
  column: number,
  link: StoreLink,
  options: CallOptions,
): Promise<Subjects> {
  const { type } = table.schema.columns[column]!;
  const [{ rowCodes }, { dictionary }] = await Promise.all([
    table.meta(entry),
    table.column(entry, column),
  ]);
  if (rowCodes === true && dictionary !== undefined) {
    const { codes } = await table.rowCodes(entry, column, link);
    if (codes !== undefined) {
      return { names: dictionary.map(({ value }) => String(decodeCanonical(value, type))), codes };
    }
  }
  return await ofRecords(table, entry, column, link, options);
}

async function ofRecords(
  table: OpenTable,
  entry: SegmentEntry,
  column: number,
  link: StoreLink,
  options: CallOptions,
): Promise<Subjects> {
  const { id, rows, records } = entry;
  const { schema } = table;
  const key = table.segmentKeys(id).records;
  const sealed = await fetchRows(
    link,
    { table: table.id, id, rows, records, key, schema },
    options,
  );
  const numbers = new Map<string, number>();
  const codes = new Uint32Array(rows);
  const nobody = 0xffff_ffff;
  for (let row = 0; row < rows; row++) {
    const subject: Value = sealed.isErased(row) ? null : (sealed.open(row)[column] ?? null);
    if (subject === null) {
      codes[row] = nobody;
      continue;
    }
    const name = String(subject);
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    codes[row] = number;
  }
  return { names: [...numbers.keys()], codes };
}
