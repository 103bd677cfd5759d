import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { checkAbort } from '../../../../client/ingest/reading.ts';
import type { LabTable } from '../../scheme.ts';
import { factsOf } from '../../column-facts.ts';
import { type SweetField, sweetFields } from './sweet-fields.ts';
import { wordsOf } from './plain-table.ts';
import { turn } from '../../../../run/turn.ts';

/** Rows between two looks at what else there is to do, a signal to stop among it. */
const ROWS_A_TURN = 256;

/**
 * A table in SQLite as ciphersweet-js has it: ciphertexts beside blind indexes, words by their blind indexes alone.
 * Numbers that are added up have none: nobody looks for one, and it would show how often each is there.
 */
export class TaggedTable {
  readonly fields: ReadonlyMap<string, SweetField>;
  /** Per column that has tags and row, equal for rows of one tag; of a document for rows of the same tags. */
  readonly labels: ReadonlyMap<string, Uint32Array>;
  private readonly database: DatabaseSync;

  private constructor(
    database: DatabaseSync,
    fields: ReadonlyMap<string, SweetField>,
    labels: ReadonlyMap<string, Uint32Array>,
  ) {
    this.database = database;
    this.fields = fields;
    this.labels = labels;
  }

  static async create(path: string, table: LabTable, signal: AbortSignal): Promise<TaggedTable> {
    const database = new DatabaseSync(path);
    try {
      return await TaggedTable.load(database, table, signal);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private static async load(
    database: DatabaseSync,
    table: LabTable,
    signal: AbortSignal,
  ): Promise<TaggedTable> {
    const { columns, rows } = table;
    const facts = factsOf(table);
    const field = sweetFields();
    const fields = new Map(Object.keys(columns).map((name) => [name, field(name)]));
    const labels = new Map<string, Uint32Array>();
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
    for (const [i, [name, column]] of Object.entries(columns).entries()) {
      const tags = new Uint32Array(rows);
      const numbers = new Map<string, number>();
      const label = (row: number, tag: string): void => {
        const number = numbers.get(tag) ?? numbers.size;
        numbers.set(tag, number);
        tags[row] = number;
      };
      const hasTags = facts[i]!.kind !== 'integer';
      if (hasTags) labels.set(name, tags);
      const { encrypt, tag } = fields.get(name)!;
      const stored = tableOf(i);
      if (column.kind === 'document') {
        database.exec(`CREATE TABLE ${stored} (tag TEXT, row INTEGER)`);
        const insert = database.prepare(`INSERT INTO ${stored} VALUES (?, ?)`);
        for (const [row, text] of column.texts.entries()) {
          if (row % ROWS_A_TURN === 0) await turn();
          checkAbort(signal);
          // In the tags' order, which is none of the words'.
          const all = (await Promise.all(wordsOf(text).map(tag))).sort();
          for (const one of all) insert.run(one, row);
          label(row, all.join());
        }
      } else {
        database.exec(`CREATE TABLE ${stored} (row INTEGER PRIMARY KEY, sealed TEXT, tag TEXT)`);
        const insert = database.prepare(`INSERT INTO ${stored} VALUES (?, ?, ?)`);
        const valueOf = (row: number): string =>
          column.kind === 'integer'
            ? String(column.values[row])
            : column.values[column.codes[row]!]!;
        for (let row = 0; row < rows; row++) {
          if (row % ROWS_A_TURN === 0) await turn();
          checkAbort(signal);
          const value = valueOf(row);
          const tagged = hasTags ? await tag(value) : null;
          insert.run(row, await encrypt(value), tagged);
          if (tagged !== null) label(row, tagged);
        }
      }
      database.exec(`CREATE INDEX tags${i} ON ${stored} (tag)`);
    }
    database.exec('COMMIT; ANALYZE');
    return new TaggedTable(database, fields, labels);
  }

  /** Result rows as lists of cells, and the bytes of their texts. */
  query(
    sql: string,
    ...parameters: SQLInputValue[]
  ): { readonly rows: readonly (readonly unknown[])[]; readonly bytes: number } {
    const rows = this.database
      .prepare(sql)
      .all(...parameters)
      .map((row) => Object.values(row));
    const bytes = rows.reduce(
      (sum, cells) => cells.reduce((all: number, cell) => all + String(cell).length, sum),
      0,
    );
    return { rows, bytes };
  }

  close(): void {
    this.database.close();
  }
}

/** Columns by number: the store is told no name. */
export const tableOf = (column: number): string => `column${column}`;
