import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { PASSPHRASE, tempVault, type TempVault } from '../support/vaults.ts';

/** 2^27 squared passes a double; a fee has two places, and so has its product with days. */
const SCHEMA = {
  version: 1,
  table: 'stays',
  columns: {
    ward: { type: 'text' },
    days: { type: 'integer', nullable: true },
    fee: { type: 'decimal', scale: 2 },
  },
  derived: { days2: 'days*days', cost: 'days*fee', days3: 'days2*days' },
};
const ROWS = [
  { ward: 'A', days: 3, fee: '1.50' },
  { ward: 'A', days: null, fee: '2.25' },
  { ward: 'B', days: -7, fee: '-0.10' },
  { ward: 'B', days: 2 ** 27, fee: '99.99' },
];
const LATER = [{ ward: 'C', days: 5, fee: '0.01' }];
const ALL = [
  ['A', '3', '1.5', '9', '4.5', '27'],
  ['A', null, '2.25', null, null, null],
  ['B', '-7', '-0.1', '49', '0.7', '-343'],
  ['B', '134217728', '99.99', String(2n ** 54n), '13420430622.72', String(2n ** 81n)],
];
const NEW = ['C', '5', '0.01', '25', '0.05', '125'];

let temp: TempVault;
beforeEach(async () => {
  temp = await tempVault('memory');
});
afterEach(() => temp[Symbol.asyncDispose]());

const everything = async (vault = temp.vault): Promise<unknown> =>
  (await vault.query('SELECT * FROM stays ORDER BY ward, fee DESC')).rows.toSorted((a, b) =>
    String(a[0]) < String(b[0])
      ? -1
      : String(a[0]) > String(b[0])
        ? 1
        : Number(a[2]) - Number(b[2]),
  );

describe('derived columns', () => {
  test('are columns like any other in SQL', async () => {
    await temp.vault.ingest(SCHEMA, ROWS);
    expect(await everything()).toEqual(ALL);
    const { rows } = await temp.vault.query(
      `SELECT COUNT(days2), SUM(days2), SUM(cost), SUM(days * days3), SUM(days2 * days2)
       FROM stays WHERE days2 < 50 OR days2 IS NULL`,
    );
    expect(rows).toEqual([['2', '58', '5.2', String(3 ** 4 + 7 ** 4), String(3 ** 4 + 7 ** 4)]]);
    const grouped = await temp.vault.query(
      'SELECT days2, COUNT(*) FROM stays GROUP BY days2 ORDER BY days2',
    );
    expect(grouped.rows.map(([key]) => key)).toEqual(['9', '49', String(2n ** 54n), null]);
  });

  test('stay right through appends, compaction, erasure and a backup', async () => {
    await using onDisk = await tempVault('file');
    const { vault, folder } = onDisk;
    await vault.ingest(SCHEMA, ROWS);
    await vault.ingest(SCHEMA, LATER, { append: true });
    expect(await everything(vault)).toEqual([...ALL, NEW]);
    await vault.compact();
    expect(await everything(vault)).toEqual([...ALL, NEW]);
    await vault.delete('DELETE FROM stays WHERE days2 = 9', [], { erase: true });
    const left = [...ALL.slice(1), NEW];
    expect(await everything(vault)).toEqual(left);
    const { rows } = await vault.query(
      'SELECT SUM(days2), SUM(fee * cost) FROM stays WHERE days < 9',
    );
    expect(rows).toEqual([['74', '-0.0695']]);

    const [file, copy] = [join(folder, 'backup'), join(folder, 'copy')];
    await backupVault(vault.path, file);
    await restoreVault(copy, file, PASSPHRASE);
    await using restored = await openVault(copy, { passphrase: PASSPHRASE, threads: 0 });
    expect(await everything(restored)).toEqual(left);
  });

  test.each<[string, string]>([
    ['stays.csv', 'ward,fee,days\nA,1.50,3\nA,2.25,\n'],
    ['stays.ndjson', '{"ward":"A","days":3,"fee":1.5}\n{"ward":"A","fee":"2.25"}\n'],
  ])('are computed of a file, %s', async (name, content) => {
    const file = join(temp.folder, name);
    await writeFile(file, content);
    await temp.vault.ingestFile(file, { schema: SCHEMA });
    await temp.vault.ingestFile(file, { append: true });
    expect(await everything()).toEqual([ALL[0], ALL[0], ALL[1], ALL[1]]);
  });

  test('are no part of the input', async () => {
    const reason = '"days2" is derived';
    const refused = { code: 'SCHEMA_MISMATCH', message: expect.stringContaining(reason) as string };
    const rows = [{ ...ROWS[0], days2: 9 }];
    await expect(temp.vault.ingest(SCHEMA, rows)).rejects.toMatchObject(refused);
    const file = join(temp.folder, 'stays.csv');
    await writeFile(file, 'ward,days,fee,days2\nA,3,1.50,9\n');
    await expect(temp.vault.ingestFile(file, { schema: SCHEMA })).rejects.toMatchObject(refused);
  });

  test('must be the same in an append', async () => {
    await temp.vault.ingest(SCHEMA, ROWS);
    for (const derived of [undefined, { ...SCHEMA.derived, days2: 'days*days3' }]) {
      const other = { ...SCHEMA, derived: derived && { ...SCHEMA.derived, cost: 'fee*fee' } };
      await expect(temp.vault.ingest(other, LATER, { append: true })).rejects.toMatchObject({
        code: 'SCHEMA_MISMATCH',
      });
    }
  });
});

describe('pairs of numeric columns', () => {
  const numeric = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `n${i}`).slice(0, count);
  const table = (count: number): object => ({
    version: 1,
    table: 't',
    columns: Object.fromEntries(numeric(count).map((name) => [name, { type: 'integer' }])),
  });
  const rowsOf = (count: number): Record<string, number>[] =>
    [1, 2, 5].map((x) =>
      Object.fromEntries(numeric(count).map((name, i) => [name, x ** (i % 3) - i])),
    );

  test('are all stored of five columns, undeclared', async () => {
    await temp.vault.ingest(table(5), rowsOf(5));
    const products = numeric(5).flatMap((a, i) =>
      numeric(5)
        .slice(i + 1)
        .map((b) => [a, b]),
    );
    const sums = products.map(([a, b]) => `SUM(${a} * ${b})`).join(', ');
    const { rows } = await temp.vault.query(`SELECT ${sums} FROM t`);
    const expected = products.map(([a, b]) =>
      String(rowsOf(5).reduce((sum, row) => sum + row[a!]! * row[b!]!, 0)),
    );
    expect(rows).toEqual([expected]);
    const { rows: others } = await temp.vault.query(
      'SELECT CORR(n1, n4), REGR_SLOPE(n2, n1), COVAR_POP(n1, n4) FROM t',
    );
    expect(others[0]!.slice(0, 1)).toEqual(['1']);
  });

  test('are stored where they are declared, if the schema says so', async () => {
    await temp.vault.ingest({ ...table(6), pairs: [['n1', 'n5']], undeclared: 'none' }, rowsOf(6));
    const expected = String(rowsOf(6).reduce((sum, row) => sum + row['n1']! * row['n5']!, 0));
    const { rows } = await temp.vault.query('SELECT SUM(n1 * n5) FROM t');
    expect(rows).toEqual([[expected]]);
    await expect(temp.vault.query('SELECT SUM(n1 * n4) FROM t')).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
  });
});
