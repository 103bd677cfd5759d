import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { checkAbort } from '../../../client/ingest/reading.ts';
import type { LabTable, Scheme } from '../scheme.ts';
import { LAB_TABLE, plainSql, quotedName } from './support/plain-sql.ts';
import { wordsOf } from './support/plain-table.ts';

/** DuckDB in this process, on one thread as everybody here. */
export const duckdb: Scheme = {
  name: 'duckdb',
  title: 'DuckDB, plaintext, one thread',
  security: 'none: the store reads every value, question and answer',
  family: 'plaintext',
  whose: 'peer',
  packages: ['@duckdb/node-api'],
  prepare: async (table, { folder, signal }) => {
    checkAbort(signal);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const path = join(folder, 'table.duckdb');
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await load(connection, table).catch((error: unknown) => {
      connection.closeSync();
      instance.closeSync();
      throw error;
    });
    const atRest = (await stat(path)).size;
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        const query = plainSql(table, question, (column, word) => [
          `contains(${quotedName(column)}, ?)`,
          ` ${word} `,
        ]);
        return (
          query &&
          connection
            .runAndReadAll(query.sql, [...query.parameters])
            .then((reader) => ({ values: query.finish(reader.getRows()) }))
        );
      },
      atRest: () => 'all' as const,
      shows: () => 'every value at rest; every question and answer',
      [Symbol.asyncDispose]: () => {
        connection.closeSync();
        instance.closeSync();
        return Promise.resolve();
      },
    };
  },
};

async function load(connection: DuckDBConnection, { columns, rows }: LabTable): Promise<void> {
  await connection.run('SET threads = 1');
  const entries = Object.entries(columns);
  const types = entries.map(
    ([name, { kind }]) => `${quotedName(name)} ${kind === 'integer' ? 'INTEGER' : 'VARCHAR'}`,
  );
  await connection.run(`CREATE TABLE ${LAB_TABLE} (${types.join(', ')})`);
  const appender = await connection.createAppender(LAB_TABLE);
  for (let row = 0; row < rows; row++) {
    for (const [, column] of entries) {
      if (column.kind === 'integer') appender.appendInteger(column.values[row]!);
      else if (column.kind === 'text') appender.appendVarchar(column.values[column.codes[row]!]!);
      // Words between blanks, so that a whole one is found by looking for ` word `.
      else appender.appendVarchar(` ${wordsOf(column.texts[row]!).join(' ')} `);
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run('CHECKPOINT');
}
