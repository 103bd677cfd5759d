import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { createStore } from '../../src/client/store-address.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { OpenTable } from '../../src/gate/open-table.ts';
import { segmentKeys } from '../../src/keys/segment-keys.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { parseBlobs } from '../../src/table/blob-part.ts';
import { decodeCanonical } from '../../src/table/canonical.ts';
import { openManifestContent } from '../../src/table/manifest-content.ts';
import type { PartEntry } from '../../src/table/manifest.ts';
import { openRecord } from '../../src/table/sealed-record.ts';
import { openSection } from '../../src/table/sealed-section.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { PASSPHRASE } from '../support/vaults.ts';

const base = mkdtempSync(join(tmpdir(), 'opaline-record-erasure-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const STAYS = {
  version: 1,
  table: 'stays',
  subject: 'patient',
  key: 'id',
  columns: {
    id: { type: 'text' },
    patient: { type: 'text' },
    ward: { type: 'text' },
    days: { type: 'integer' },
  },
} as const;

/** The store's table as the vault may open it, whatever its pins say. */
async function openTable(folder: OpenFolder, link: StoreLink): Promise<OpenTable> {
  const [id] = await link.tables();
  const { secrets, wraps } = folder;
  const opened = await OpenTable.load(
    link,
    {
      publicKey: secrets.publicKey,
      manifestKey: (table) => secrets.manifestKey(table),
      wrappingKey: (table, wrap) => wraps.find(table, wrap),
    },
    id!,
    undefined,
    undefined,
  );
  return opened!;
}

/** What a run gives, or nothing where the bytes do not open. */
function opens<T>(run: () => T): T[] {
  try {
    return [run()];
  } catch (error) {
    if (isOpalineError(error, 'BYTES_INVALID')) return [];
    throw error;
  }
}

/** Every value in records, delta and dictionaries of a store that any of some roots opens. */
async function readable(
  table: OpenTable,
  link: StoreLink,
  roots: Iterable<Uint8Array>,
): Promise<Set<string>> {
  const { columns } = table.schema;
  const found = new Set<string>();
  const blobsOf = async (type: 'RECS' | 'SEAL', part: PartEntry): Promise<Uint8Array[]> => {
    const [bytes] = await link.fetch({ table: table.id, part: part.id, asUploaded: true });
    const blobs = parseBlobs(type, bytes!, 'a part');
    return Array.from({ length: blobs.count }, (_, i) => blobs.blob(i));
  };
  const { segments, delta } = table.manifest;
  for (const root of roots) {
    const keys = segmentKeys(root);
    for (const { id, records } of [...segments, ...delta]) {
      for (const [row, blob] of (await blobsOf('RECS', records)).entries()) {
        for (const cells of opens(() => openRecord(keys.records, id, row, blob, columns))) {
          for (const cell of cells) found.add(String(cell));
        }
      }
    }
    for (const { id, metadata } of segments) {
      for (const [section, blob] of (await blobsOf('SEAL', metadata)).entries()) {
        for (const plain of opens(() => openSection(keys.metadata, id, section, blob))) {
          // Dictionaries hold canonical bytes, which of text are its UTF-8.
          found.add(Buffer.from(plain).toString('latin1'));
        }
      }
    }
  }
  return found;
}

const holds = (values: Set<string>, canary: string): boolean =>
  [...values].some((value) => value.includes(canary));

test('erase(subject) shreds every version of its rows, in records, dictionaries and delta', async () => {
  const [path, store, copy] = [join(base, 'vault'), join(base, 'store'), join(base, 'copy')];
  await createStore(store, '');
  const folder = await createFolder(path, store, PASSPHRASE, '', LEAST_COST);
  await using link = new EmbeddedLink(new FileBackend(store));
  await using vault = new LocalVault(folder, link, 0);
  const stays = await vault.records(STAYS);
  const others = Array.from({ length: 40 }, (_, i) => ({
    id: `s${i}`,
    patient: `patient ${i % 8}`,
    ward: `ward ${i % 3}`,
    days: i,
  }));
  const hers = (ward: string, ids: readonly string[]): (typeof others)[number][] =>
    ids.map((id, i) => ({ id: `hers ${id}`, patient: 'canary patient', ward, days: 700 + i }));
  await stays.put([...others, ...hers('canary first', ['a', 'b', 'c', 'd'])]);
  await vault.compact();
  // Replaced in the segment and then in the delta, deleted from both, and one left as it was.
  await stays.put(hers('canary second', ['a', 'b']));
  await stays.put(hers('canary third', ['a']));
  await stays.put(hers('canary fourth', ['e']));
  await stays.delete('hers c');
  await stays.delete('hers e');
  const before = await openTable(folder, link);
  const oldRoots = [...before.roots!.values()];
  const canaries = ['canary patient', 'canary first', 'canary second', 'canary third', 'hers c'];
  const known = await readable(before, link, oldRoots);
  for (const canary of canaries) expect([canary, holds(known, canary)]).toEqual([canary, true]);
  cpSync(store, copy, { recursive: true });

  expect(await stays.erase('canary patient')).toMatchObject({ rows: 3 });

  // Nothing of it in what the store has now, also where nobody would look.
  const after = await openTable(folder, link);
  const left = await readable(after, link, [...after.roots!.values(), ...oldRoots]);
  expect(holds(left, 'patient 7')).toBe(true);
  for (const canary of ['canary', 'hers']) expect(holds(left, canary)).toBe(false);
  for (const [column, { type }] of after.schema.columns.entries()) {
    for (const segment of after.manifest.segments) {
      const { dictionary } = await after.column(segment, column);
      const values = (dictionary ?? []).map(({ value }) => String(decodeCanonical(value, type)));
      expect(values.some((value) => /canary|hers|^70\d$/.test(value))).toBe(false);
    }
  }
  // Nor does anything that the vault has now open the copy from before.
  await using copied = new EmbeddedLink(new FileBackend(copy));
  const old = await openTable(folder, copied);
  expect(old.manifest.epoch).toBe(before.manifest.epoch);
  expect(old.roots).toBeUndefined();
  const content = openManifestContent(
    folder.secrets.manifestKey(old.id),
    old.id,
    old.manifest.sealed,
  );
  const kept = (await folder.wraps.find(after.id, after.wrap))!;
  expect(() => content.unwrap(kept)).toThrow(expect.objectContaining({ code: 'BYTES_INVALID' }));
  const reached = await readable(old, copied, after.roots!.values());
  for (const canary of ['canary', 'hers']) expect(holds(reached, canary)).toBe(false);
  // The others are all there.
  const ids: string[] = [];
  for await (const { id } of stays.stream()) ids.push(id);
  expect(ids.toSorted()).toEqual(others.map(({ id }) => id).toSorted());
});
