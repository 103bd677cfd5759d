import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkAbort } from '../../../client/ingest/reading.ts';
import type { LabTable, Scheme } from '../scheme.ts';
import { LAB_TABLE, plainSql, quotedName } from './support/plain-sql.ts';
import { wordsOf } from './support/plain-table.ts';

/** SQLite in this process, with an index of every column that can have one. */
export const sqlite: Scheme = {
  name: 'sqlite',
  title: 'SQLite, plaintext, indexed',
  security: 'none: the store reads every value, question and answer',
  family: 'plaintext',
  whose: 'peer',
  prepare: async (table, { folder, signal }) => {
    checkAbort(signal);
    const path = join(folder, 'table.sqlite');
    const database = new DatabaseSync(path);
    try {
      load(database, table);
    } catch (error) {
      database.close();
      throw error;
    }
    const atRest = (await stat(path)).size;
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        const query = plainSql(table, question, (column, word) => [
          `rowid IN (SELECT rowid FROM ${wordsTable(column)} WHERE ${wordsTable(column)} MATCH ?)`,
          `"${word}"`,
        ]);
        if (query === undefined) return undefined;
        const rows = database.prepare(query.sql).all(...query.parameters);
        return Promise.resolve({ values: query.finish(rows.map((row) => Object.values(row))) });
      },
      atRest: () => 'all' as const,
      shows: () => 'every value at rest; every question and answer',
      [Symbol.asyncDispose]: () => {
        database.close();
        return Promise.resolve();
      },
    };
  },
};

const wordsTable = (column: string): string => quotedName(`words of ${column}`);

function load(database: DatabaseSync, { columns, rows }: LabTable): void {
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
  const stored = Object.entries(columns).filter(([, { kind }]) => kind !== 'document');
  const names = stored.map(([name]) => quotedName(name));
  const types = stored.map(
    ([name, { kind }]) => `${quotedName(name)} ${kind === 'integer' ? 'INTEGER' : 'TEXT'}`,
  );
  // A table of documents alone has no column else.
  database.exec(`CREATE TABLE ${LAB_TABLE} (${types.length > 0 ? types.join(', ') : 'nothing'})`);
  const insert = database.prepare(
    `INSERT INTO ${LAB_TABLE} (rowid${names.map((name) => `, ${name}`).join('')})
     VALUES (?${', ?'.repeat(names.length)})`,
  );
  database.exec('BEGIN');
  for (let row = 0; row < rows; row++) {
    const cells = stored.map(([, column]) =>
      column.kind === 'integer'
        ? column.values[row]!
        : column.kind === 'text'
          ? column.values[column.codes[row]!]!
          : null,
    );
    insert.run(row, ...cells);
  }
  for (const [name, column] of Object.entries(columns)) {
    if (column.kind !== 'document') {
      const index = quotedName(`index of ${name}`);
      database.exec(`CREATE INDEX ${index} ON ${LAB_TABLE} (${quotedName(name)})`);
      continue;
    }
    // Of a word it keeps the rows alone; the words are those that every scheme here indexes.
    database.exec(
      `CREATE VIRTUAL TABLE ${wordsTable(name)} USING fts5(words, content = '', detail = none)`,
    );
    const add = database.prepare(`INSERT INTO ${wordsTable(name)} (rowid, words) VALUES (?, ?)`);
    column.texts.forEach((text, row) => add.run(row, wordsOf(text).join(' ')));
  }
  database.exec('COMMIT; ANALYZE');
}
