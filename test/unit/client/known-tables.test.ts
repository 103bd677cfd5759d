import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Vault } from '../../../src/client/api.ts';
import { createVault, openVaultThrough } from '../../../src/client/open-vault.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { PASSPHRASE } from '../../support/vaults.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';

let folder: string;
let vault: Vault;
let other: Vault;
/** Calls of `vault` by which a store tells of tables. */
let asked: string[];
let heads: (first: Head, now: Head) => Head;
const open = { passphrase: PASSPHRASE, threads: 0 };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-known-'));
  const path = join(folder, 'vault');
  other = await createVault(path, {
    ...open,
    store: join(folder, 'store'),
    passphraseCost: LEAST_COST,
  });
  for (const table of ['one', 'two', 'three']) await other.ingest(schema(table), rows(3));
  asked = [];
  heads = (_, now) => now;
  vault = await openVaultThrough(path, open, watched);
});
afterEach(async () => {
  await vault.close();
  await other.close();
  rmSync(folder, { recursive: true, force: true });
});

const schema = (table: string, columns: object = {}): object => ({
  version: 1,
  table,
  columns: { x: { type: 'text' }, ...columns },
});
const rows = (count: number): { x: string }[] =>
  Array.from({ length: count }, (_, i) => ({ x: `x${i}` }));
const count = async (table: string): Promise<unknown> =>
  (await vault.query(`SELECT COUNT(*) FROM ${table} WHERE x >= 'x'`)).rows[0]![0];

type Head = Uint8Array | undefined;

/** A store that notes what it is asked, and answers `heads` of a table's first head and its present one. */
function watched(store: StoreLink): StoreLink {
  const first = new Map<string, Head>();
  const head = async (table: string): Promise<Head> => {
    asked.push('head');
    const now = await store.head(table);
    if (!first.has(table)) first.set(table, now);
    return heads(first.get(table), now);
  };
  const tables = (): Promise<readonly string[]> => {
    asked.push('tables');
    return store.tables();
  };
  const told: Partial<StoreLink> = { head, tables };
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(told, name) ?? Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

describe('a query of a table that was seen before', () => {
  test('asks for the head of that one alone', async () => {
    expect(await count('two')).toBe('3');
    expect(asked).toEqual(['tables', 'head', 'head', 'head']);
    asked = [];
    expect(await count('two')).toBe('3');
    expect(asked).toEqual(['head']);
  });

  test('sees what others append, delete, and change of its schema', async () => {
    await count('two');
    await other.ingest(schema('two'), [{ x: 'x9' }], { append: true });
    expect(await count('two')).toBe('4');
    await other.delete("DELETE FROM two WHERE x = 'x0'");
    expect(await count('two')).toBe('3');
    await other.reindex({ version: 1, table: 'two', columns: { x: { type: 'text', search: [] } } });
    await expect(count('two')).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    await other.reindex(schema('two'));
    expect(await count('two')).toBe('3');
  });

  test('finds a table that others made since', async () => {
    await count('one');
    await expect(count('four')).rejects.toMatchObject({
      code: 'UNKNOWN_TABLE',
      details: { known: ['one', 'three', 'two'] },
    });
    await other.ingest(schema('four'), rows(5));
    expect(await count('four')).toBe('5');
  });

  test('is refused where the store has lost it, and where it is older than it was', async () => {
    await count('one');
    await other.ingest(schema('one'), [{ x: 'x9' }], { append: true });
    expect(await count('one')).toBe('4');
    heads = (first) => first;
    await expect(count('one')).rejects.toMatchObject({ code: 'EPOCH_ROLLBACK' });
    heads = () => undefined;
    await expect(count('one')).rejects.toMatchObject({ code: 'PART_MISSING' });
    heads = (_, now) => now;
    expect(await count('one')).toBe('4');
  });
});
