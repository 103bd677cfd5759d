import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { openVault } from '../../src/client/vault.ts';

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

test.each(FORMATS)('a vault of format %s can be written to', async (format) => {
  const { vault, expected } = await openCopy(format);
  await using _closed = vault;
  await vault.compact();
  expect(await answers(vault, expected)).toEqual(expected);
  await vault.delete("DELETE FROM visits WHERE patient = 'Ogg'", [], { erase: true });
  const { rows } = await vault.query('SELECT COUNT(*) FROM visits');
  expect(rows).toEqual([['3']]);
});
