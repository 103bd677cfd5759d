import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { timestamp } from './csv.ts';
import type { Flight } from './flights.ts';

/** The same flights in a plaintext SQLite table without an index; integers come back as bigints. */
export class SqliteFlights implements Disposable {
  private readonly db: DatabaseSync;

  private constructor(path: string) {
    this.db = new DatabaseSync(path);
    // Room for the whole table: SQLite at its best never reads the file twice.
    this.db.exec('PRAGMA cache_size = -1048576');
  }

  static create(path: string, flights: Iterable<Flight>): SqliteFlights {
    const made = new SqliteFlights(path);
    made.db.exec(
      'CREATE TABLE flights (date TEXT, delay INTEGER, distance INTEGER, origin TEXT, destination TEXT)',
    );
    const insert = made.db.prepare('INSERT INTO flights VALUES (?, ?, ?, ?, ?)');
    made.db.exec('BEGIN');
    for (const { minute, delay, distance, origin, destination } of flights) {
      insert.run(timestamp(minute), delay, distance, origin, destination);
    }
    made.db.exec('COMMIT');
    return made;
  }

  static open(path: string): SqliteFlights {
    return new SqliteFlights(path);
  }

  query(sql: string): Record<string, SQLOutputValue>[] {
    const statement = this.db.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all();
  }

  [Symbol.dispose](): void {
    this.db.close();
  }
}
