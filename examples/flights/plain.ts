import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Flight } from './data.ts';

/** A row of SQLite's answer; every integer is a bigint. */
export type PlainRow = Readonly<Record<string, SQLOutputValue>>;

/** The same rows in an in-memory table of plaintext SQLite. */
export class PlainTable implements Disposable {
  private readonly db = new DatabaseSync(':memory:');

  constructor(rows: Iterable<Flight>) {
    this.db.exec(
      'CREATE TABLE flights (date TEXT, delay INTEGER, distance INTEGER, origin TEXT, destination TEXT)',
    );
    const insert = this.db.prepare('INSERT INTO flights VALUES (?, ?, ?, ?, ?)');
    this.db.exec('BEGIN');
    for (const { date, delay, distance, origin, destination } of rows) {
      insert.run(timestamp(date), delay, distance, origin, destination);
    }
    this.db.exec('COMMIT');
  }

  query(sql: string): PlainRow[] {
    const statement = this.db.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all() as PlainRow[];
  }

  [Symbol.dispose](): void {
    this.db.close();
  }
}

/** PostgreSQL's spelling of a timestamp of whole seconds. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
