import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { openVault } from '../../src/client/open-vault.ts';

const GOLDEN = join(import.meta.dirname, '../vectors/vaults');
const FORMATS = (await readdir(GOLDEN)).filter((name) => /^\d+$/.test(name));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-golden-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Expected {
  readonly sql: string;
  readonly rows: unknown[][];
}

async function openCopy(format: string): Promise<{ vault: Vault; expected: Expected[] }> {
  await cp(join(GOLDEN, format), folder, { recursive: true });
  const expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as Expected[];
  const store = join(folder, 'store');
  const options = { passphrase: 'golden', store, threads: 0 };
  return { vault: await openVault(join(folder, 'vault'), options), expected };
}

async function answers(vault: Vault, expected: readonly Expected[]): Promise<Expected[]> {
  const out: Expected[] = [];
  for (const { sql } of expected) {
    const { rows } = await vault.query(sql);
    out.push({ sql, rows: rows.map((row) => [...row]) });
  }
  return out;
}

test('there is a golden vault of every format so far', () => {
  expect(FORMATS).toEqual(['1']);
});

test.each(FORMATS)('a vault of format %s opens, answers and is whole', async (format) => {
  const { vault, expected } = await openCopy(format);
  await using _closed = vault;
  expect(await answers(vault, expected)).toEqual(expected);
  const findings = await vault.check({ deep: true });
  expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
  expect((await vault.tables())[0]).toMatchObject({ rows: 5, deltaRows: 1, deletedRows: 1 });
});

test.each(FORMATS)(
  'a vault of format %s learns the products it lacks by compaction',
  async (format) => {
    const { vault, expected } = await openCopy(format);
    await using _closed = vault;
    const sql = 'SELECT SUM(days * fee) FROM visits';
    const lacking = { code: 'CAPABILITY_MISSING', message: expect.stringContaining('compact') };
    await expect(vault.query(sql)).rejects.toMatchObject(lacking);
    const advice = async (): Promise<string> =>
      (await vault.check()).map(({ text }) => text).join('\n');
    expect(await advice()).toContain('1 segments lack products');

    // Rows that come now have the product, in a segment of their own; those before do not.
    const schema = (await vault.tables())[0]!.schema;
    const row = { patient: 'x', days: 0, fee: '1', seen: '2025-01-01' };
    await vault.ingest(
      schema,
      Array.from({ length: 5000 }, () => row),
      { append: true },
    );
    await expect(vault.query(sql)).rejects.toMatchObject(lacking);
    await vault.compact();
    expect(await advice()).not.toContain('lack products');
    const cells = await vault.query('SELECT days, fee FROM visits WHERE days <> 0');
    const sum = cells.rows.reduce(
      (all, [days, fee]) => all + Number(days) * Math.round(Number(fee) * 100),
      0,
    );
    expect((await vault.query(sql)).rows).toEqual([[String(sum / 100)]]);
    await vault.delete("DELETE FROM visits WHERE patient = 'x'");
    expect(await answers(vault, expected)).toEqual(expected);
  },
);

test.each(FORMATS)('a vault of format %s can be written to', async (format) => {
  const { vault, expected } = await openCopy(format);
  await using _closed = vault;
  await vault.compact();
  expect(await answers(vault, expected)).toEqual(expected);
  await vault.delete("DELETE FROM visits WHERE patient = 'Ogg'", [], { erase: true });
  const { rows } = await vault.query('SELECT COUNT(*) FROM visits');
  expect(rows).toEqual([['3']]);
});
