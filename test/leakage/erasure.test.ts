import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import { fetchPart } from '../../src/gate/fetch-part.ts';
import { OpenTable } from '../../src/gate/open-table.ts';
import { segmentKeys } from '../../src/keys/segment-keys.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { lookupPosting, type ParsedIndex } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { valueToken } from '../../src/search/sse/token.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { parseBlobs } from '../../src/table/blob-part.ts';
import { canonicalBytes, decodeCanonical } from '../../src/table/canonical.ts';
import { openManifestContent } from '../../src/table/manifest-content.ts';
import type { SegmentEntry } from '../../src/table/manifest.ts';
import { openRecord } from '../../src/table/sealed-record.ts';
import { openSection } from '../../src/table/sealed-section.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { filesOf, findCanaries } from '../support/canaries.ts';
import { decryptColumn } from '../support/decrypt-column.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 'visits',
  columns: {
    id: { type: 'integer' },
    patient: { type: 'text' },
    fee: { type: 'integer', nullable: true },
    letter: { type: 'document' },
  },
};
/** More than one chunk of 4,096 rows. Two patients came once, and one came often. */
const ROWS = 4200;
const patientOf = (id: number): string =>
  id === 17 ? 'deleted first' : id === 4150 ? 'erased' : `patient ${id % 9}`;
const rows = Array.from({ length: ROWS }, (_, id) => ({
  id,
  patient: patientOf(id),
  fee: id % 11 === 0 && patientOf(id) !== 'erased' ? null : 1000 + id,
  letter: `letter ${id} about ${patientOf(id)}`,
}));
const gone = [17, 4150];
const delta = [{ id: 5000, patient: 'in the delta', fee: 7, letter: 'short' }];

/** A table as its owner can open it, past the pins. */
interface Opened {
  readonly table: OpenTable;
  readonly segment: SegmentEntry;
  readonly link: EmbeddedLink;
}

async function open({ secrets, wraps }: OpenFolder, store: string, old?: boolean): Promise<Opened> {
  const link = new EmbeddedLink(new FileBackend(store));
  const [id] = await link.tables();
  const known = {
    publicKey: secrets.publicKey,
    manifestKey: (of: string) => secrets.manifestKey(of),
    wrappingKey: (of: string, wrap: string) => wraps.find(of, wrap),
  };
  const table = (await OpenTable.load(link, known, id!, undefined, undefined))!;
  expect(table.roots === undefined).toBe(old === true);
  return { table, segment: table.manifest.segments[0]!, link };
}

const fetch = ({ table, link }: Opened, part: SegmentEntry['records']): Promise<Uint8Array> =>
  fetchPart(link, table.id, part);

/** Each row's sealed record, by the id of the row. */
async function sealedRecords(
  opened: Opened,
): Promise<Map<number, { row: number; bytes: Uint8Array }>> {
  const { table, segment } = opened;
  const blobs = parseBlobs('RECS', await fetch(opened, segment.records), 'records');
  const { records } = table.segmentKeys(segment.id);
  const found = new Map<number, { row: number; bytes: Uint8Array }>();
  for (let row = 0; row < blobs.count; row++) {
    const bytes = blobs.blob(row);
    if (bytes.length === 0) continue;
    const [id] = openRecord(records, segment.id, row, bytes, table.schema.columns);
    found.set(Number(id), { row, bytes: bytes.slice() });
  }
  return found;
}

async function dictionary({ table, segment }: Opened, column: number): Promise<unknown[]> {
  const { dictionary: entries } = await table.column(segment, column);
  const { type } = table.schema.columns[column]!;
  return entries!.map(({ value }) => decodeCanonical(value, type));
}

/** How many rows of a segment the index finds for a patient. */
function found(index: ParsedIndex, key: Uint8Array, patient: string): number {
  return lookupPosting(index, valueToken(key, 1, canonicalBytes(patient, 'text'))).count;
}

/** Every ciphertext column of the segment, decrypted row by row. */
async function columns({ table, segment, link }: Opened, ring: Uint8Array): Promise<bigint[][]> {
  const out: bigint[][] = [];
  for (const { id } of segment.columns) {
    const [bytes] = await link.fetch({ table: table.id, part: id });
    out.push(await decryptColumn(bytes!, ring));
  }
  return out;
}

let base: string;
let before: {
  opened: Opened;
  records: Awaited<ReturnType<typeof sealedRecords>>;
  wrap: { id: string; key: Uint8Array };
  columns: bigint[][];
  dictionaries: unknown[][];
};
let after: Opened;
let folder: OpenFolder;
let oldStore: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'opaline-erasure-'));
  const [path, store] = [join(base, 'vault'), join(base, 'store')];
  oldStore = join(base, 'old-store');
  {
    await using vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await vault.ingest(schema, rows);
    await vault.ingest(schema, delta, { append: true });
  }
  {
    const opened = await openFolder(path, PASSPHRASE);
    const table = await open(opened, store);
    const { id } = table.table;
    before = {
      opened: table,
      records: await sealedRecords(table),
      wrap: { id: table.table.wrap, key: (await opened.wraps.find(id, table.table.wrap))! },
      columns: await columns(table, opened.secrets.ring),
      dictionaries: [await dictionary(table, 1), await dictionary(table, 2)],
    };
    cpSync(store, oldStore, { recursive: true });
    await using vault = new LocalVault(opened, new EmbeddedLink(new FileBackend(store)), 0);
    const first = await vault.delete('DELETE FROM visits WHERE patient = $1', ['deleted first']);
    expect(first).toMatchObject({ rows: 1, erased: false });
    const then = await vault.delete('DELETE FROM visits WHERE patient = $1', ['erased'], {
      erase: true,
    });
    expect(then).toMatchObject({ rows: 1, erased: true });
  }
  folder = await openFolder(path, PASSPHRASE);
  after = await open(folder, store);
});
afterAll(async () => {
  await folder.secrets.close();
  rmSync(base, { recursive: true, force: true });
});

describe('after an erasure', () => {
  test('no byte of the erased records or of what opened them is in vault or store', () => {
    const { opened, records, wrap } = before;
    const secrets: [string, Uint8Array][] = gone.map((id) => [
      `the record of row ${id}`,
      records.get(id)!.bytes,
    ]);
    const root = opened.table.roots!.get(opened.segment.id)!;
    secrets.push(['the root', root], ['the wrapping key', wrap.key]);
    const { rung, ...keys } = segmentKeys(root);
    for (const [use, key] of Object.entries(keys)) secrets.push([`${use} key`, key]);
    secrets.push(['the key of an index', rung(0, 'mitra')]);
    const canaries = secrets.map(([what, bytes]) => ({
      what,
      forms: [{ form: 'bytes', bytes: Buffer.from(bytes) }],
    }));
    const files = filesOf(base).filter(({ name }) => !name.includes('old-store'));
    expect(files.some(({ name }) => name.endsWith('keys.opal'))).toBe(true);
    expect(findCanaries(files, canaries)).toEqual([]);
    // The same search finds the records in the copy from before.
    expect(findCanaries(filesOf(oldStore), canaries).length).toBe(gone.length);
    expect(readdirSync(join(base, 'vault')).toSorted()).toEqual([
      'heads.opal',
      'keys.opal',
      'vault.opal',
    ]);
  });

  test('the vault has the old wrapping key no more, under whatever name', async () => {
    const { table } = after;
    expect(await folder.wraps.find(table.id, before.wrap.id)).toBeUndefined();
    expect(table.wrap).not.toBe(before.wrap.id);
    const kept = await folder.wraps.find(table.id, table.wrap);
    expect(Buffer.from(kept!).equals(before.wrap.key)).toBe(false);
    // What is not touched keeps its root, and what is gets another.
    const [entry] = table.manifest.delta;
    expect(table.roots!.get(entry!.id)).toEqual(before.opened.table.roots!.get(entry!.id));
    expect(table.roots!.has(before.opened.segment.id)).toBe(false);
  });

  test('the vault refuses a copy of the store from before', async () => {
    const options = { passphrase: PASSPHRASE, store: oldStore, threads: 0 };
    await using vault = await openVault(join(base, 'vault'), options);
    await expect(vault.query('SELECT COUNT(*) FROM visits')).rejects.toMatchObject({
      code: 'EPOCH_ROLLBACK',
    });
  });

  test('and whoever takes it past the pins opens no record, dictionary or index in it', async () => {
    const old = await open(folder, oldStore, true);
    const { segment, table } = old;
    expect(segment.id).toBe(before.opened.segment.id);
    expect(() => table.segmentKeys(segment.id)).toThrow(
      expect.objectContaining({ code: 'KEY_MISSING' }),
    );
    const manifestKey = folder.secrets.manifestKey(table.id);
    const content = openManifestContent(manifestKey, table.id, table.manifest.sealed);
    const kept = (await folder.wraps.find(table.id, after.table.wrap))!;
    expect(() => content.unwrap(kept)).toThrow(expect.objectContaining({ code: 'BYTES_INVALID' }));
    expect(content.unwrap(before.wrap.key).size).toBe(2);

    const records = parseBlobs('RECS', await fetch(old, segment.records), 'records');
    const sections = parseBlobs('SEAL', await fetch(old, segment.metadata), 'metadata');
    const index = parseIndex(await fetch(old, segment.index));
    const tries = (root: Uint8Array): string[] => {
      const keys = segmentKeys(root);
      const { row } = before.records.get(4150)!;
      const opens = (run: () => unknown): boolean => {
        try {
          return run() !== undefined;
        } catch (error) {
          expect(error).toMatchObject({ code: 'BYTES_INVALID' });
          return false;
        }
      };
      const all: [string, () => unknown][] = [
        [
          'record',
          () => openRecord(keys.records, segment.id, row, records.blob(row), table.schema.columns),
        ],
        ['dictionary', () => openSection(keys.metadata, segment.id, 2, sections.blob(2))],
        // What an index says of a token that it does not know: no rows.
        ['index', () => found(index, keys.search, 'erased') || undefined],
      ];
      return all.flatMap(([what, run]) => (opens(run) ? [what] : []));
    };
    // Any root the vault can still get at, against the one that it had.
    for (const root of after.table.roots!.values()) expect(tries(root)).toEqual([]);
    const root = before.opened.table.roots!.get(segment.id)!;
    expect(tries(root)).toEqual(['record', 'dictionary', 'index']);
  });

  test('the ciphertexts hold zeros in the erased rows’ places and else what they held', async () => {
    const places = gone.map((id) => before.records.get(id)!.row).toSorted((a, b) => a - b);
    const now = await columns(after, folder.secrets.ring);
    expect(now.length).toBe(before.columns.length);
    for (const [c, column] of now.entries()) {
      const old = before.columns[c]!;
      expect(column).toEqual(old.map((value, place) => (places.includes(place) ? 0n : value)));
    }
    expect(places.map((place) => before.columns[0]![place])).toEqual(
      gone.toSorted((a, b) => before.records.get(a)!.row - before.records.get(b)!.row).map(BigInt),
    );
    // And these are the values of the rows: the first column is id.
    const records = await sealedRecords(after);
    expect(records.size).toBe(ROWS - gone.length);
    for (const [id, { row }] of records) expect(now[0]![row]).toBe(BigInt(id));
    expect(after.segment.deleted?.rows).toBe(gone.length);
  });

  test('no dictionary holds what only they had', async () => {
    const lost = ['deleted first', 'erased'];
    const [old, oldFees] = before.dictionaries;
    const now = await dictionary(after, 1);
    expect(old).toEqual(expect.arrayContaining(lost));
    expect(now).toEqual(old!.filter((value) => !lost.includes(String(value))));
    const fees = await dictionary(after, 2);
    expect(fees).not.toContain(5150n);
    expect(fees).toEqual(oldFees!.filter((fee) => ![1017n, 5150n].includes(fee as bigint)));
    // Nor does the index, of which each value's list can be asked for.
    const index = parseIndex(await fetch(after, after.segment.index));
    const { search } = after.table.segmentKeys(after.segment.id);
    const patients = rows.filter(({ patient }) => patient === 'patient 1');
    expect(['patient 1', ...lost].map((patient) => found(index, search, patient))).toEqual([
      patients.length,
      0,
      0,
    ]);
  });

  test('no answer counts them', async () => {
    await using vault = await openVault(join(base, 'vault'), {
      passphrase: PASSPHRASE,
      threads: 0,
    });
    const left = [...rows.filter(({ id }) => !gone.includes(id)), ...delta];
    const fees = left.reduce((sum, { fee }) => sum + (fee ?? 0), 0);
    const ids = left.reduce((sum, { id }) => sum + id, 0);
    const ask = async (sql: string): Promise<unknown> => (await vault.query(sql)).rows;
    expect(await ask('SELECT COUNT(*), SUM(id), SUM(fee) FROM visits')).toEqual([
      [String(left.length), String(ids), String(fees)],
    ]);
    const groups = Map.groupBy(left, ({ patient }) => patient);
    expect(
      await ask('SELECT patient, COUNT(*) FROM visits GROUP BY patient ORDER BY patient'),
    ).toEqual(
      [...groups]
        .map(([patient, of]) => [patient, String(of.length)])
        .toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    );
    expect(await ask('SELECT id FROM visits WHERE id IN (16, 17, 18, 4150) ORDER BY id')).toEqual([
      ['16'],
      ['18'],
    ]);
    expect(await ask("SELECT * FROM visits WHERE patient = 'erased'")).toEqual([]);
    expect((await vault.tables())[0]).toMatchObject({ rows: left.length, deletedRows: 2 });
  });
});

test('an erasure that dies before the old key is gone is ended by the next write', async () => {
  const [path, store] = [join(base, 'interrupted'), join(base, 'interrupted-store')];
  const options = { passphrase: PASSPHRASE, threads: 0 };
  {
    await using vault = await createVault(path, { store, ...options });
    await vault.ingest(schema, rows.slice(0, 20));
  }
  const opened = await openFolder(path, PASSPHRASE);
  await using vault = new LocalVault(opened, new EmbeddedLink(new FileBackend(store)), 0);
  const { table: first } = await open(opened, store);
  // The erasure itself settles after its publication; the load before it has nothing to settle.
  const settle = vi
    .spyOn(opened.wraps, 'settle')
    .mockResolvedValueOnce()
    .mockRejectedValueOnce(new OpalineError('STORE_IO', { operation: 'a test', reason: 'EIO' }));
  const erase = (id: number): Promise<unknown> =>
    vault.delete('DELETE FROM visits WHERE id = $1', [id], { erase: true });
  await expect(erase(17)).rejects.toMatchObject({ code: 'STORE_IO' });
  expect(settle).toHaveBeenCalledTimes(2);
  const has = async (wrap: string): Promise<boolean> => {
    const fresh = await openFolder(path, PASSPHRASE);
    return (await fresh.wraps.find(first.id, wrap)) !== undefined;
  };
  expect(await has(first.wrap)).toBe(true);
  const { table: second } = await open(opened, store);
  expect(second.wrap).not.toBe(first.wrap);
  await vault.ingest(schema, rows.slice(20, 21), { append: true });
  expect(await has(first.wrap)).toBe(false);
  expect(await has(second.wrap)).toBe(true);
  await erase(3);
  expect(await has(second.wrap)).toBe(false);
  expect((await vault.query('SELECT COUNT(*) FROM visits')).rows).toEqual([['19']]);
});
