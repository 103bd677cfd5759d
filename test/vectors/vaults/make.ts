/**
 * Makes a golden vault of the present format in the folder given: a vault, its store, and what a set
 * of queries must answer, as computed by node:sqlite. Run once a format: `node make.ts 1`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createVault } from '../../../src/client/open-vault.ts';

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error('usage: node make.ts FOLDER');
const folder = join(import.meta.dirname, name);
await mkdir(folder);

const SCHEMA = {
  version: 1,
  table: 'visits',
  columns: {
    patient: { type: 'text' },
    days: { type: 'integer', nullable: true },
    fee: { type: 'decimal', scale: 2, range: ['-99999999', '99999999'] },
    seen: { type: 'date' },
    urgent: { type: 'boolean', nullable: true },
    rating: { type: 'real', nullable: true },
  },
};

type Row = Record<keyof typeof SCHEMA.columns, string | number | boolean | null>;
const row = (...[patient, days, fee, seen, urgent, rating]: Row[keyof Row][]): Row => ({
  patient: patient!,
  days: days!,
  fee: fee!,
  seen: seen!,
  urgent: urgent!,
  rating: rating!,
});

const FIRST = [
  row('Åse', 3, '120.50', '2024-02-29', true, 4.5),
  row('Ogg', 1, '80.25', '2024-03-01', false, null),
  row('Garlick', null, '-8.00', '1969-12-31', null, 0.1),
  row('Ogg', 2, '9999999.99', '2024-03-02', true, -1e300),
  row('Weatherwax', -40, '0.01', '2024-03-02', false, 2),
];
const APPENDED = [
  row('Nitt', 5, '10.00', '2025-01-01', true, 3),
  row('Ogg', 6, '11.00', '2025-01-02', null, null),
];
const GONE = ["seen = DATE '2024-03-01'", 'days = 5'];

const QUERIES = [
  'SELECT COUNT(*), COUNT(days), SUM(fee), SUM(days) FROM visits',
  'SELECT patient, COUNT(*), SUM(fee) FROM visits GROUP BY patient ORDER BY patient',
  "SELECT SUM(fee), COUNT(*) FROM visits WHERE seen BETWEEN '2024-01-01' AND '2024-12-31'",
  "SELECT SUM(days) FROM visits WHERE patient IN ('Ogg', 'Åse') OR urgent IS NULL",
  'SELECT patient, days, fee, seen, rating FROM visits WHERE rating > 0 ORDER BY seen',
];

await using vault = await createVault(join(folder, 'vault'), {
  store: join(folder, 'store'),
  passphrase: 'golden',
  threads: 0,
});
await vault.ingest(SCHEMA, FIRST);
await vault.ingest(SCHEMA, APPENDED, { append: true });
for (const where of GONE) await vault.delete(`DELETE FROM visits WHERE ${where}`);

using db = new DatabaseSync(':memory:');
db.exec('CREATE TABLE visits (patient TEXT, days INT, fee INT, seen TEXT, urgent INT, rating REAL)');
const insert = db.prepare('INSERT INTO visits VALUES (?, ?, ?, ?, ?, ?)');
for (const { patient, days, fee, seen, urgent, rating } of [...FIRST, ...APPENDED]) {
  const cents = Math.round(Number(fee) * 100);
  const flag = urgent === null ? null : Number(urgent);
  insert.run(patient as string, days as number, cents, seen as string, flag, rating as number);
}
for (const where of GONE) db.exec(`DELETE FROM visits WHERE ${where.replace('DATE ', '')}`);

/** SQLite's answer in our texts: fees are kept there in cents. */
const text = (column: string, value: unknown): unknown => {
  if (value === null || column === 'rating') return value;
  if (!/fee/i.test(column)) return String(value);
  return String(Number(value) / 100);
};
const expected = QUERIES.map((sql) => ({
  sql,
  rows: db
    .prepare(sql)
    .all()
    .map((found) => Object.entries(found).map(([column, value]) => text(column, value))),
}));
await writeFile(join(folder, 'expected.json'), `${JSON.stringify(expected, undefined, 2)}\n`);
