import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { createFolder, openFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { parseManifest } from '../../src/table/manifest.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { FaultyBackend } from '../support/faulty-backend.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { answers, begin, cheapen, expected, rowsOf } from '../support/write-operations.ts';

// A delta that a few rows fill, so that a table of several segments is small. The format's limit stays.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

let base: string;
let path: string;
let backend: FaultyBackend;
let vault: Vault;
const open = async (): Promise<Vault> =>
  new LocalVault(await openFolder(path, PASSPHRASE), new EmbeddedLink(backend), 0);

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'opaline-verify-'));
  path = join(base, 'vault');
  await createFolder(path, 'memory', PASSPHRASE, '', LEAST_COST);
  await cheapen(path);
  backend = new FaultyBackend();
  vault = await open();
  await begin(vault, 'segments');
});
afterEach(async () => {
  expect(backend.violations).toEqual([]);
  rmSync(base, { recursive: true, force: true });
});

const SQL = 'SELECT COUNT(*) FROM visits';
const verified = (): Promise<unknown> => vault.query(SQL, [], { verified: true });

/** Ciphertext columns by segment. */
async function columns(): Promise<string[][]> {
  const [id] = await backend.tables();
  const { segments } = parseManifest((await backend.head(id!))!);
  return segments.map((segment) => segment.columns.map((part) => part.id));
}

describe('check columns of tables that there are', () => {
  test('are made segment by segment, beside the columns that there are; what stops it goes on', async () => {
    const before = await columns();
    const stop = new AbortController();
    let made = 0;
    await expect(
      vault.verify({
        stepRows: 1,
        signal: stop.signal,
        onProgress: () => {
          if (++made > 1) stop.abort();
        },
      }),
    ).rejects.toMatchObject({ code: 'ABORTED' });
    // Some have them, others not yet; all answer their owner.
    const counts = (await columns()).map(({ length }) => length);
    expect(new Set(counts).size).toBe(2);
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
    await expect(
      vault.query('SELECT SUM(fee) FROM visits', [], { verified: true }),
    ).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    await vault.close();
    vault = await open();
    const [report] = await vault.verify();
    expect(report).toMatchObject({ table: 'visits', resumed: true });
    const after = await columns();
    after.forEach((own, i) => {
      expect(own.length).toBe(2 * before[i]!.length);
      expect(own.slice(0, before[i]!.length)).toEqual(before[i]);
    });
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
    await verified();
    expect(await backend.orphans()).toEqual([]);
  }, 120_000);

  test.each(['lost', 'kept'] as const)(
    'survive a store that fails at any write, which was %s',
    async (effect) => {
      for (let at = 1; ; at++) {
        backend.plan({
          on: 'mutation',
          at,
          effect,
          error: () => new OpalineError('STORE_IO', { operation: 'a test', reason: 'EIO' }),
        });
        const done = await vault.verify({ stepRows: 1 }).then(
          () => true,
          () => false,
        );
        backend.plan(undefined);
        expect(await answers(vault)).toBe(expected(rowsOf('segments')));
        if (done) break;
        await vault.close();
        vault = await open();
      }
      await verified();
    },
    300_000,
  );

  test('come with what is written later, of tables there are and new ones', async () => {
    await vault.verify();
    const rows = Array.from({ length: 60 }, (_, a) => ({ a }));
    const schema = { version: 1, table: 'other', columns: { a: { type: 'integer' } } };
    await vault.ingest(schema, rows);
    await vault.ingest(schema, rows, { append: true });
    const sql = 'SELECT SUM(a) FROM other WHERE a < 30';
    expect((await vault.query(sql, [], { verified: true })).rows).toEqual([['870']]);
    // A schema that does not speak of it does not take it away.
    await vault.reindex({ ...schema, columns: { a: { type: 'integer', search: ['ore', 'sse'] } } });
    expect((await vault.query(sql, [], { verified: true })).rows).toEqual([['870']]);
  }, 120_000);
});
