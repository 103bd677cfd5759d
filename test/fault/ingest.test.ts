import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { createVault } from '../../src/client/open-vault.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { PASSPHRASE } from '../support/vaults.ts';

let folder: string;
let store: string;
let vault: Vault;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-ingest-'));
  store = join(folder, 'store');
  vault = await createVault(join(folder, 'vault'), {
    store,
    passphrase: PASSPHRASE,
    passphraseCost: LEAST_COST,
    threads: 0,
  });
  await vault.ingest(schema('kept'), [{ a: 1, b: 'x' }]);
});
afterAll(async () => {
  await vault.close();
  rmSync(folder, { recursive: true, force: true });
});

const schema = (table: string, range?: [string, string]): object => ({
  version: 1,
  table,
  columns: { a: { type: 'integer', ...(range && { range }) }, b: { type: 'text' } },
});

/** Files of the store, whatever they are. */
const files = (): string[] =>
  readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/^[0-9a-f]{32}([\\/]parts)?$/.test(name))
    .sort();

function csv(content: string | Buffer): string {
  const path = join(folder, 'input.csv');
  writeFileSync(path, content);
  return path;
}

/** More rows than one segment holds are not needed: a late bad row is after parts were stored. */
const good = Array.from({ length: 5000 }, (_, i) => `${i},row ${i}`).join('\n');

describe('bad input is refused by type and leaves the store as it was', () => {
  it.each([
    ['a ragged row', `a,b\n${good}\n7\n`, 'CSV_MALFORMED', { line: 5002 }],
    ['a row too long', `a,b\n1,x\n1,x,y\n`, 'CSV_MALFORMED', { line: 3 }],
    ['an open quote', 'a,b\n1,"x\n', 'CSV_MALFORMED', {}],
    ['a bad number', `a,b\n${good}\nseven,x\n`, 'VALUE_INVALID', { line: 5002, column: 'a' }],
    [
      'a value outside its range',
      'a,b\n1,x\n101,y\n',
      'VALUE_OUT_OF_RANGE',
      { line: 3, column: 'a' },
    ],
    ['an empty cell where none may be', 'a,b\n,x\n', 'NULL_NOT_ALLOWED', { line: 2, column: 'a' }],
    ['an unknown column', 'a,b,c\n1,x,2\n', 'UNKNOWN_COLUMN', {}],
    ['a missing header', '', 'INPUT_EMPTY', {}],
    [
      'text that is not UTF-8',
      Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0xff, 0x0a]),
      'CSV_MALFORMED',
      {},
    ],
    [
      'a field over a megabyte',
      `a,b\n1,${'x'.repeat(1_100_000)}\n`,
      'FIELD_TOO_LARGE',
      { line: 2 },
    ],
  ])('%s', async (_, content, code, details) => {
    const before = files();
    const range: [string, string] | undefined =
      code === 'VALUE_OUT_OF_RANGE' ? ['0', '100'] : undefined;
    await expect(
      vault.ingestFile(csv(content), { schema: schema('fresh', range) }),
    ).rejects.toMatchObject({ code, details });
    expect(files()).toEqual(before);
    expect((await vault.tables()).map(({ table }) => table)).toEqual(['kept']);
  });

  it('an existing table without append', async () => {
    const before = files();
    await expect(vault.ingest(schema('kept'), [{ a: 2, b: 'y' }])).rejects.toMatchObject({
      code: 'TABLE_EXISTS',
    });
    expect(files()).toEqual(before);
  });

  it('an append of another shape', async () => {
    const other = { version: 1, table: 'kept', columns: { a: { type: 'text' } } };
    await expect(vault.ingest(other, [{ a: 'x' }], { append: true })).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
    });
  });

  it('an append of a file is read as the table is, not as the file alone would suggest', async () => {
    const path = join(folder, 'zips.csv');
    writeFileSync(path, 'a,b\n1,x\n');
    await vault.ingestFile(path, { schema: schema('zips') });
    writeFileSync(path, 'a,b\n2,7\n3,8\n');
    await vault.ingestFile(path, { append: true });
    const { rows } = await vault.query('SELECT SUM(a), COUNT(b) FROM zips');
    expect(rows).toEqual([['6', '3']]);
    await vault.ingestFile(path, { schema: schema('zips'), table: 'renamed' });
    expect((await vault.tables()).map(({ table }) => table)).toEqual(['kept', 'renamed', 'zips']);
  });

  it('a cancelled ingest', async () => {
    const before = files();
    const controller = new AbortController();
    const endless = (function* (): Generator<{ a: number; b: string }> {
      for (let a = 0; ; a++) {
        if (a === 10_000) controller.abort();
        yield { a, b: 'x' };
      }
    })();
    await expect(
      vault.ingest(schema('endless'), endless, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    expect(files()).toEqual(before);
  });
});

it('accepts what only looks odd: BOM, CRLF, quoted quotes and newlines, a megabyte field', async () => {
  const long = 'y'.repeat(1_000_000);
  const content = `\ufeffa,b\r\n1,"say ""hi"", twice"\r\n2,"two\nlines"\r\n3,${long}\r\n`;
  await vault.ingestFile(csv(content), { schema: schema('odd') });
  const { rows } = await vault.query('SELECT a, b FROM odd ORDER BY a');
  expect(rows).toEqual([
    ['1', 'say "hi", twice'],
    ['2', 'two\nlines'],
    ['3', long],
  ]);
});
