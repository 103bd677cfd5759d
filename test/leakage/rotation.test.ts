import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import type { OpenFolder } from '../../src/client/local/vault-host.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { LocalVault } from '../../src/client/vault.ts';
import { fetchPart } from '../../src/gate/fetch-part.ts';
import { OpenTable } from '../../src/gate/open-table.ts';
import { segmentKeys } from '../../src/keys/segment-keys.ts';
import { decodeFragment } from '../../src/plan/fragment-codec.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { lookupPosting } from '../../src/search/sse/eval.ts';
import { parseIndex } from '../../src/search/sse/format.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { openManifestContent } from '../../src/table/manifest-content.ts';
import { partsOf } from '../../src/table/manifest.ts';
import { LEAST_COST } from '../../src/keys/kdf.ts';
import { filesOf, findCanaries } from '../support/canaries.ts';
import { recordLink } from '../support/recording-link.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { answers, begin } from '../support/write-operations.ts';

// A delta that a few rows fill, so that a table of several segments is small. The format's limit stays.
vi.mock('../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 40,
}));

/** A state of the table, and a copy of its store. */
interface State {
  readonly store: string;
  readonly table: OpenTable;
  readonly wrap: { readonly id: string; readonly key: Uint8Array };
}

let base: string;
let folder: OpenFolder;
let before: State;
let midway: State;
let after: State;
/** Tokens that the store was given before the rotation. */
let tokens: Uint8Array[];
const said: string[] = [];

/** The table in a store's folder, past the pins. */
async function load(of: OpenFolder, store: string): Promise<OpenTable> {
  const link = new EmbeddedLink(new FileBackend(store));
  const [id] = await link.tables();
  const known = {
    publicKey: of.secrets.publicKey,
    manifestKey: (table: string) => of.secrets.manifestKey(table),
    wrappingKey: (table: string, wrap: string) => of.wraps.find(table, wrap),
  };
  return (await OpenTable.load(link, known, id!, undefined, undefined))!;
}

async function stateOf(path: string, store: string, name: string): Promise<State> {
  const opened = await openFolder(path, PASSPHRASE);
  const table = await load(opened, store);
  const key = (await opened.wraps.find(table.id, table.wrap))!;
  const copy = join(base, name);
  cpSync(store, copy, { recursive: true });
  return { store: copy, table, wrap: { id: table.wrap, key } };
}

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'opaline-rotation-'));
  const [path, store] = [join(base, 'vault'), join(base, 'store')];
  {
    await using vault = await createVault(path, {
      store,
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
      threads: 0,
    });
    await begin(vault, 'segments');
    await vault.delete('DELETE FROM visits WHERE id = 3', [], { erase: true });
    await vault.delete('DELETE FROM visits WHERE id IN (4, 35)');
  }
  const { link, seen } = recordLink(new EmbeddedLink(new FileBackend(store)));
  await using vault = new LocalVault(await openFolder(path, PASSPHRASE), link, 0);
  said.push(await answers(vault));
  tokens = seen
    .filter(({ name }) => name === 'aggregate request')
    .flatMap(({ bytes }) => decodeFragment(bytes).segments)
    .flatMap(({ nodes }) => nodes.flatMap((node) => (node.kind === 'posting' ? [node.token] : [])));
  before = await stateOf(path, store, 'before');
  const stop = new AbortController();
  const onProgress = (rows: number): void => {
    if (rows > 31) stop.abort();
  };
  const options = { stepRows: 1, signal: stop.signal, onProgress };
  await expect(vault.rotate('visits', options)).rejects.toMatchObject({ code: 'ABORTED' });
  said.push(await answers(vault));
  midway = await stateOf(path, store, 'midway');
  expect(await vault.rotate('visits', { stepRows: 1 })).toMatchObject([
    { segments: 2, resumed: true },
  ]);
  said.push(await answers(vault));
  after = await stateOf(path, store, 'after');
  folder = await openFolder(path, PASSPHRASE);
});
afterAll(async () => {
  await folder.secrets.close();
  rmSync(base, { recursive: true, force: true });
});

/** For how many of the recorded tokens the index of some segment has rows. */
async function matches({ table, store }: State): Promise<number> {
  const link = new EmbeddedLink(new FileBackend(store));
  const indexes = await Promise.all(
    table.manifest.segments.map(async ({ index }) =>
      parseIndex(await fetchPart(link, table.id, index)),
    ),
  );
  return tokens.filter((token) => indexes.some((index) => lookupPosting(index, token).count > 0))
    .length;
}

describe('after a rotation', () => {
  test('and in the midst of it every answer is the same', () => {
    expect(new Set(said).size).toBe(1);
  });

  test('tokens from before match nothing', async () => {
    expect(tokens.length).toBeGreaterThan(20);
    expect(await matches(before)).toBe(tokens.length);
    expect(await matches(midway)).toBeGreaterThan(0);
    expect(await matches(midway)).toBeLessThan(tokens.length);
    expect(await matches(after)).toBe(0);
  });

  test('no segment, delta entry or root is one from before', () => {
    const ids = ({ table }: State): string[] => [...table.roots!.keys()];
    expect(ids(after).filter((id) => ids(before).includes(id))).toEqual([]);
    expect(ids(midway).filter((id) => ids(before).includes(id)).length).toBe(2);
    const roots = [...before.table.roots!.values()].map((root) =>
      Buffer.from(root).toString('hex'),
    );
    for (const root of after.table.roots!.values()) {
      expect(roots).not.toContain(Buffer.from(root).toString('hex'));
    }
  });

  test('every part is another, the ciphertext columns and lists of deleted rows apart', () => {
    const kept = ({ table }: State): string[] =>
      table.manifest.segments.flatMap(({ columns, deleted }) =>
        [...columns, ...(deleted === undefined ? [] : [deleted.part])].map(({ id }) => id),
      );
    expect(kept(after)).toEqual(kept(before));
    const old = new Set([...partsOf(before.table.manifest)].map(({ id }) => id));
    const common = [...partsOf(after.table.manifest)].filter(({ id }) => old.has(id));
    expect(common.map(({ id }) => id).toSorted()).toEqual(kept(before).toSorted());
  });

  test('the vault opens no old copy of the store: neither through the pins nor past them', async () => {
    for (const { store } of [before, midway]) {
      const options = { passphrase: PASSPHRASE, store, threads: 0 };
      await using vault = await openVault(join(base, 'vault'), options);
      await expect(vault.query('SELECT COUNT(*) FROM visits')).rejects.toMatchObject({
        code: 'EPOCH_ROLLBACK',
      });
      const table = await load(folder, store);
      expect(table.roots).toBeUndefined();
      const [segment] = table.manifest.segments;
      await expect(table.meta(segment!)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    }
  });

  test('the wrapping key from before opens neither the new roots nor those of the midst', () => {
    const unwrap = ({ table, wrap }: State, key: Uint8Array): number => {
      const manifestKey = folder.secrets.manifestKey(table.id);
      const content = openManifestContent(manifestKey, table.id, table.manifest.sealed);
      expect(content.wrap).toBe(wrap.id);
      return content.unwrap(key).size;
    };
    expect(unwrap(before, before.wrap.key)).toBe(4);
    expect(unwrap(midway, midway.wrap.key)).toBe(4);
    for (const [state, key] of [
      [midway, before.wrap.key],
      [after, before.wrap.key],
      [after, midway.wrap.key],
      [before, after.wrap.key],
    ] as const) {
      expect(() => unwrap(state, key)).toThrow(expect.objectContaining({ code: 'BYTES_INVALID' }));
    }
  });

  test('no byte of an old root, or of a key from it, is in vault or store', async () => {
    for (const { table, wrap } of [before, midway]) {
      expect(await folder.wraps.find(table.id, wrap.id)).toBeUndefined();
      const kept = new Set(after.table.roots!.keys());
      const gone = [...table.roots!].filter(([id]) => !kept.has(id));
      const secrets: [string, Uint8Array][] = [['the wrapping key', wrap.key]];
      for (const [, root] of gone) {
        secrets.push(['a root', root]);
        const { rung, ...keys } = segmentKeys(root);
        for (const [use, key] of Object.entries(keys)) secrets.push([use, key]);
        secrets.push(['index', rung(0, 'mitra')]);
      }
      const canaries = secrets.map(([what, bytes]) => ({
        what,
        forms: [{ form: 'bytes', bytes: Buffer.from(bytes) }],
      }));
      const files = ['vault', 'store'].flatMap((name) => filesOf(join(base, name)));
      expect(files.length).toBeGreaterThan(10);
      expect(findCanaries(files, canaries)).toEqual([]);
    }
  });

  test('with columns too, no part is one from before', async () => {
    const [path, store] = [join(base, 'vault'), join(base, 'store')];
    {
      await using vault = await openVault(path, { passphrase: PASSPHRASE, threads: 0 });
      await vault.rotate('visits', { columns: true });
      expect(await answers(vault)).toBe(said[0]);
    }
    const { table } = await stateOf(path, store, 'columns');
    const old = new Set([...partsOf(after.table.manifest)].map(({ id }) => id));
    expect([...partsOf(table.manifest)].filter(({ id }) => old.has(id))).toEqual([]);
    expect(table.manifest.segments.some(({ deleted }) => deleted !== undefined)).toBe(false);
  });
});
