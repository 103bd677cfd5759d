import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RotateOptions, Vault } from '../../src/client/api.ts';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { changePassphrase } from '../../src/client/local/change-passphrase.ts';
import { createFolder, openFolder } from '../../src/client/local/vault-folder.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { parseManifest } from '../../src/table/manifest.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { FaultyBackend } from '../support/faulty-backend.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import {
  answers,
  begin,
  cheapen,
  expected,
  rowsOf,
  VISITS,
  visits,
  type Visit,
} from '../support/write-operations.ts';

// A delta that a few rows fill, so that a table of several segments is small. The format's limit stays.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

let base: string;
let path: string;
let backend: FaultyBackend;
let vault: Vault;
const open = async (at = path, passphrase = PASSPHRASE): Promise<Vault> =>
  new LocalVault(await openFolder(at, passphrase), new EmbeddedLink(backend), 0);

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'opaline-rotation-'));
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

type Start = (options: RotateOptions) => Promise<unknown>;

/** Go on with a rotation until so many segments are published, and stop it there. */
async function stopAfter(segments: number, start: Start): Promise<void> {
  const stop = new AbortController();
  let made = 0;
  const onProgress = (): void => {
    if (++made > segments) stop.abort();
  };
  const options = { stepRows: 1, signal: stop.signal, onProgress };
  await expect(start(options)).rejects.toMatchObject({ code: 'ABORTED' });
}
const rotating: Start = (options) => vault.rotate('visits', options);

async function unfinished(): Promise<string[]> {
  const findings = await vault.check();
  return findings.flatMap(({ text }) => (text.includes('unfinished') ? [text] : []));
}

/** Ids of the table's segments and delta entries. */
async function generation(): Promise<Set<string>> {
  const [id] = await backend.tables();
  const { segments, delta } = parseManifest((await backend.head(id!))!);
  return new Set([...segments, ...delta].map((entry) => entry.id));
}

async function settled(before: ReadonlySet<string>, rows: readonly Visit[]): Promise<void> {
  expect(await unfinished()).toEqual([]);
  expect([...(await generation())].filter((id) => before.has(id))).toEqual([]);
  expect(await backend.orphans()).toEqual([]);
  expect(await answers(vault)).toBe(expected(rows));
}

describe('a rotation', () => {
  test('that is stopped after any segment is told of by doctor, answers, and goes on', async () => {
    const before = await generation();
    const rows = rowsOf('segments');
    for (const [done, left] of [[1, 2] as const, [1, 1] as const]) {
      await stopAfter(done, rotating);
      expect(await unfinished()).toEqual([
        `a rotation of its keys is unfinished, ${left} of 3 segments are left: run opaline rotate`,
      ]);
      expect(await answers(vault)).toBe(expected(rows));
    }
    expect(await vault.rotate()).toMatchObject([{ table: 'visits', segments: 1, resumed: true }]);
    await settled(before, rows);
    // Another is another.
    expect(await vault.rotate()).toMatchObject([{ segments: 3, resumed: false }]);
  });

  test('goes on past appends, deletions, erasures and compactions, of either generation', async () => {
    const before = await generation();
    let rows: readonly Visit[] = rowsOf('segments');
    await stopAfter(1, rotating);
    await vault.ingest(VISITS, visits(900, 905), { append: true });
    await vault.delete('DELETE FROM visits WHERE id IN (2, 40)');
    rows = [...rows, ...visits(900, 905)].filter(({ id }) => id !== 2 && id !== 40);
    expect(await answers(vault)).toBe(expected(rows));
    await stopAfter(1, rotating);
    await vault.delete('DELETE FROM visits WHERE id IN (5, 41, 100)', [], { erase: true });
    rows = rows.filter(({ id }) => ![5, 41, 100].includes(id));
    expect(await answers(vault)).toBe(expected(rows));
    // The erasure made every segment anew that a row of was deleted: nothing old is left.
    expect(await unfinished()).toEqual([
      'a rotation of its keys is unfinished, 0 of 3 segments are left: run opaline rotate',
    ]);
    await vault.compact();
    expect(await answers(vault)).toBe(expected(rows));
    expect(await vault.rotate()).toMatchObject([{ segments: 0, resumed: true }]);
    await settled(before, rows);
  });

  test('keeps erased rows erased and deleted rows deleted, columns in place or not', async () => {
    await vault.delete('DELETE FROM visits WHERE id IN (3, 50)', [], { erase: true });
    await vault.delete('DELETE FROM visits WHERE id IN (4, 51)');
    const rows = rowsOf('segments').filter(({ id }) => ![3, 4, 50, 51].includes(id));
    for (const columns of [false, true]) {
      const before = await generation();
      await vault.rotate('visits', { columns });
      await settled(before, rows);
      const [info] = await vault.tables();
      expect(info!.deletedRows).toBe(columns ? 0 : 4);
    }
  });

  test('agrees with the rows at every moment, for another process that only reads', async () => {
    await using reader = await open();
    const wanted = expected(rowsOf('segments'));
    const over = new AbortController();
    const found = new Set<string>();
    let rounds = 0;
    const reading = (async () => {
      while (!over.signal.aborted) {
        found.add(await answers(reader));
        rounds++;
      }
    })();
    for (let i = 0; i < 3; i++) await vault.rotate('visits', { stepRows: 1, columns: i === 1 });
    over.abort();
    await reading;
    expect([...found]).toEqual([wanted]);
    expect(rounds).toBeGreaterThan(2);
  });

  test('goes on under another passphrase, and in a vault restored from a backup of the midst', async () => {
    const before = await generation();
    await stopAfter(1, rotating);
    await vault.close();
    await changePassphrase(path, PASSPHRASE, 'quite another passphrase');
    const file = join(base, 'backup');
    await backupVault(path, file);
    const restored = join(base, 'restored');
    await restoreVault(restored, file, 'quite another passphrase');
    vault = await open(restored, 'quite another passphrase');
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
    await stopAfter(1, rotating);
    expect(await vault.rotate()).toMatchObject([{ segments: 1, resumed: true }]);
    await settled(before, rowsOf('segments'));
    // What was left behind lacks the key of the end.
    await using late = await open(path, 'quite another passphrase');
    await expect(late.query('SELECT COUNT(*) FROM visits')).rejects.toMatchObject({
      code: 'KEY_MISSING',
    });
  });

  test('of a table without a segment, or of none, ends at once', async () => {
    await vault.delete('DELETE FROM visits');
    expect(await vault.rotate()).toMatchObject([{ segments: 0, rows: 0, resumed: false }]);
    expect(await unfinished()).toEqual([]);
    await expect(vault.rotate('visit')).rejects.toMatchObject({ code: 'UNKNOWN_TABLE' });
  });
});

const PRIVATE = { ...VISITS, groupBy: { patient: 'oblivious' } };
const GROUPED = 'SELECT patient, SUM(fee) FROM visits GROUP BY patient';

describe('a change of schema', () => {
  const way = async (): Promise<string | undefined> =>
    (await vault.explain(GROUPED)).groupings.find(({ chosen }) => chosen)?.way;

  test('answers by the old one until every segment has the new', async () => {
    const before = await generation();
    expect(await way()).not.toBe('private');
    await stopAfter(2, (options) => vault.reindex(PRIVATE, options));
    expect(await unfinished()).toEqual([
      'a change of its indexes is unfinished, 1 of 3 segments are left: run opaline reindex',
    ]);
    expect(await way()).not.toBe('private');
    // What is appended now has both, and is left alone by the rest.
    await vault.ingest(VISITS, visits(500, 541), { append: true });
    const rows = [...rowsOf('segments'), ...visits(500, 541)];
    expect(await answers(vault)).toBe(expected(rows));
    expect(await vault.reindex(PRIVATE, { stepRows: 1 })).toMatchObject({
      segments: 1,
      resumed: true,
    });
    expect(await way()).toBe('private');
    await settled(before, rows);
    expect(await vault.reindex(PRIVATE)).toMatchObject({ segments: 0, rows: 0 });
  });

  test('takes away what the new one leaves out, in a second pass, while the new one answers', async () => {
    await vault.reindex(PRIVATE);
    const [wide] = await vault.tables();
    await stopAfter(3, (options) => vault.reindex(VISITS, options));
    // The first pass has ended: the schema is the new one, the columns are still there.
    expect(await way()).not.toBe('private');
    const [between] = await vault.tables();
    expect(between!.ciphertextColumns).toBe(wide!.ciphertextColumns);
    expect(await vault.reindex(VISITS)).toMatchObject({ segments: 3, resumed: true });
    const [narrow] = await vault.tables();
    expect(narrow!.ciphertextColumns).toBeLessThan(wide!.ciphertextColumns);
    expect(await unfinished()).toEqual([]);
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
  });

  test('and a rotation go together where one begins before the other has ended', async () => {
    const before = await generation();
    await stopAfter(1, (options) => vault.reindex(PRIVATE, options));
    await stopAfter(1, rotating);
    expect(await vault.rotate()).toMatchObject([{ segments: 2, resumed: true }]);
    expect(await way()).toBe('private');
    await settled(before, rowsOf('segments'));
  });

  test('gives and takes indexes of a part each, and a rotation makes them anew', async () => {
    const by = (search: unknown): object => ({
      ...VISITS,
      columns: { ...VISITS.columns, patient: { type: 'text', search } },
    });
    const wanted = rowsOf('segments').filter(({ patient }) => patient === 'patient 3');
    const asked = async (): Promise<string[]> => {
      const sql = 'SELECT COUNT(*) FROM visits WHERE patient = $1';
      const { rows, leakage } = await vault.query(sql, ['patient 3']);
      expect(rows).toEqual([[String(wanted.length)]]);
      return leakage.map(({ index }) => index);
    };
    await stopAfter(1, (options) => vault.reindex(by(['pir', 'sse']), options));
    expect(await asked()).toContain('sse');
    await vault.reindex(by(['pir', 'sse']), { stepRows: 1 });
    expect(await asked()).toContain('pir');
    const before = await generation();
    await vault.rotate();
    expect(await asked()).toContain('pir');
    await settled(before, rowsOf('segments'));
    // Another rung in place of both: two passes, with lists to the last.
    await vault.reindex(by('mitra'), { stepRows: 1 });
    expect(await asked()).toContain('mitra');
    await stopAfter(1, rotating);
    expect(await asked()).toContain('mitra');
    await vault.rotate();
    expect(await asked()).toContain('mitra');
    expect(await unfinished()).toEqual([]);
  });

  test('makes a column oblivious, of which no list is left', async () => {
    const columns = { ...VISITS.columns, patient: { type: 'text', search: 'oblivious' } };
    await vault.reindex({ ...VISITS, columns }, { stepRows: 1 });
    const sql = 'SELECT COUNT(*), SUM(fee) FROM visits WHERE patient = $1';
    const { leakage } = await vault.query(sql, ['patient 3']);
    expect(leakage[0]).toMatchObject({ node: 'filter on patient', index: 'oblivious' });
    await expect(
      vault.query('SELECT * FROM visits WHERE patient = $1', ['x']),
    ).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
    await vault.reindex(VISITS);
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
  });

  test('goes from sums of groups to codes and on to lists, answering all the while', async () => {
    const hidden = (search: unknown): object => ({
      ...VISITS,
      columns: { ...VISITS.columns, patient: { type: 'text', search } },
    });
    const codes = { index: 'oblivious', by: 'codes' };
    const sql = 'SELECT COUNT(*), SUM(fee) FROM visits WHERE patient = $1';
    const { rows } = await vault.query(sql, ['patient 3']);
    for (const [search, node] of [
      ['oblivious', 'oblivious'],
      [codes, 'oblivious'],
      ['oblivious', 'oblivious'],
      [codes, 'oblivious'],
      ['sse', 'sse'],
    ] as const) {
      await stopAfter(1, (options) => vault.reindex(hidden(search), options));
      expect((await vault.query(sql, ['patient 3'])).rows).toEqual(rows);
      await vault.reindex(hidden(search), { stepRows: 1 });
      const { leakage, rows: found } = await vault.query(sql, ['patient 3']);
      expect(found).toEqual(rows);
      expect(leakage[0]).toMatchObject({ index: node });
      expect(await unfinished()).toEqual([]);
    }
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
  });

  test('lays rows out anew where the layout changes', async () => {
    const clustered = { ...VISITS, layout: { clustered: 'patient' } };
    await vault.reindex(clustered);
    const [info] = await vault.tables();
    expect(info!.schema.layout).toEqual({ clustered: 'patient' });
    expect(await answers(vault)).toBe(expected(rowsOf('segments')));
  });

  test('is pointed to where rows of another schema are appended', async () => {
    const columns = { ...VISITS.columns, patient: { type: 'text', search: [] } };
    await expect(
      vault.ingest({ ...VISITS, columns }, visits(900, 901), { append: true }),
    ).rejects.toMatchObject({
      code: 'SCHEMA_MISMATCH',
      message: expect.stringContaining('opaline reindex') as string,
    });
  });

  test('is refused where it is more than that', async () => {
    const mismatch = expect.objectContaining({ code: 'SCHEMA_MISMATCH' });
    const columns = { ...VISITS.columns, id: { type: 'text' } };
    await expect(vault.reindex({ ...VISITS, columns })).rejects.toEqual(mismatch);
    await expect(vault.reindex({ ...VISITS, undeclared: 'none' })).rejects.toEqual(mismatch);
    await expect(vault.reindex({ ...VISITS, table: 'other' })).rejects.toMatchObject({
      code: 'UNKNOWN_TABLE',
    });
    await expect(vault.reindex({ ...VISITS, groupBy: { id: 'oblivious' } })).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
      details: { path: 'groupBy.id' },
    });
    expect(await unfinished()).toEqual([]);
  });
});
