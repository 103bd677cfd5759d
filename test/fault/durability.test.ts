import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { randomId } from '../../src/bytes/random.ts';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { changePassphrase } from '../../src/client/local/change-passphrase.ts';
import { createVault, openVault } from '../../src/client/open-vault.ts';
import { createFileStore, FileBackend } from '../../src/store/backends/file.ts';
import { type FsCall, probe, watch } from '../support/fs-probe.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { VISITS, visits } from '../support/write-operations.ts';

vi.mock('node:fs/promises', async (original) => {
  const { probed } = await import('../support/fs-probe.ts');
  return probed(await original<typeof fs>());
});

const base = realpathSync(mkdtempSync(join(tmpdir(), 'opaline-durability-')));
afterAll(() => rmSync(base, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = join(base, randomId());
  mkdirSync(folder);
});

/** The calls that an operation makes below the test's folder; those about locks are left out. */
async function callsOf(run: () => Promise<unknown>): Promise<readonly FsCall[]> {
  watch(folder);
  await run();
  const calls = probe.calls.filter(({ path, to }) => !/writer\.lock/.test(`${path} ${to}`));
  watch(undefined);
  return calls;
}

const isNaming = ({ op }: FsCall): boolean => op === 'rename' || op === 'link';
const isHead = ({ op, to }: FsCall): boolean => op === 'link' && /head-\d+$/.test(to!);

/** Where, from `from` on and before `to`, a file or folder is synced; −1 where it is not. */
function syncOf(path: string, calls: readonly FsCall[], from: number, to: number): number {
  const at = calls.findIndex((call, i) => i >= from && call.op === 'sync' && call.path === path);
  return at < to ? at : -1;
}

/** Whatever gets a name has its content on the disk, and the name too when the operation is over. */
function expectDurable(calls: readonly FsCall[]): void {
  const named = calls.filter(isNaming);
  expect(named.length).toBeGreaterThan(0);
  for (const [i, call] of calls.entries()) {
    if (!isNaming(call)) continue;
    const written = calls.findLastIndex(
      ({ op, path }, at) => at < i && op === 'write' && path === call.path,
    );
    // What is renamed without being written is a folder, whose files were named before.
    if (written !== -1) expect(syncOf(call.path, calls, written, i), call.path).not.toBe(-1);
    expect(syncOf(dirname(call.to!), calls, i, calls.length), `${call.to}`).not.toBe(-1);
  }
  for (const [i, { op, path }] of calls.entries()) {
    if (op !== 'mkdir' || path === folder) continue;
    expect(syncOf(dirname(path), calls, i, calls.length), path).not.toBe(-1);
  }
}

/** A head is published once everything that it needs is on the disk, and nothing goes before it is. */
function expectOrdered(calls: readonly FsCall[]): void {
  const head = calls.findIndex(isHead);
  expect(head).not.toBe(-1);
  for (const [i, { op, to, path }] of calls.entries()) {
    if (i > head) continue;
    if (isNaming(calls[i]!) && i < head) {
      expect(syncOf(dirname(to!), calls, i, head), to).not.toBe(-1);
    }
    if (op === 'mkdir') expect(syncOf(dirname(path), calls, i, head), path).not.toBe(-1);
  }
  const settled = syncOf(dirname(calls[head]!.to!), calls, head, calls.length);
  expect(settled).not.toBe(-1);
  for (const [i, { op, path }] of calls.entries()) {
    if (op === 'rm' && !basename(path).startsWith('tmp-')) expect(i, path).toBeGreaterThan(settled);
  }
}

const nameOf = ({ to }: FsCall): string => to!.slice(folder.length + 1);
const openOptions = { passphrase: PASSPHRASE, threads: 0 };

describe('a file backend', () => {
  test('writes a part to a new table', async () => {
    const root = join(folder, 'a', 'store');
    const table = randomId();
    const calls = await callsOf(async () => {
      await using backend = await createFileStore(root);
      await backend.write(table, randomId(), Uint8Array.of(1));
    });
    expectDurable(calls);
    for (const made of [join(folder, 'a'), root, join(root, table), join(root, table, 'parts')]) {
      expect(syncOf(dirname(made), calls, 0, calls.length), made).not.toBe(-1);
    }
  });

  test('publishes', async () => {
    await using backend = new FileBackend(folder);
    const table = randomId();
    await backend.write(table, randomId(), Uint8Array.of(1));
    const calls = await callsOf(() => backend.publish(table, 1, Uint8Array.of(1)));
    expectDurable(calls);
    expectOrdered(calls);
  });
});

describe('a vault', () => {
  const create = async (): Promise<void> => {
    const store = join(folder, 'store');
    await using _ = await createVault(join(folder, 'vault'), { store, ...openOptions });
  };
  const open = (): ReturnType<typeof openVault> => openVault(join(folder, 'vault'), openOptions);

  test('is created', async () => {
    const calls = await callsOf(create);
    expectDurable(calls);
    expect(calls.filter(isNaming).map(nameOf)).toEqual([
      'vault/heads.opal',
      'vault/keys.opal',
      'vault/vault.opal',
    ]);
  });

  test('gets a table: its key, then its parts, then its head, then the pin', async () => {
    await create();
    await using vault = await open();
    const calls = await callsOf(() => vault.ingest(VISITS, visits(0, 20)));
    expectDurable(calls);
    expectOrdered(calls);
    const named = calls.filter(isNaming).map(nameOf);
    expect(named[0]).toBe('vault/keys.opal');
    expect(named.slice(1, -2).every((name) => /^store\/\w+\/parts\/\w+$/.test(name))).toBe(true);
    expect(named.slice(-2)).toEqual([
      expect.stringMatching(/^store\/\w+\/head-1$/),
      'vault/heads.opal',
    ]);
  });

  test('erases: the new key before the head, the old key gone after the pin', async () => {
    await create();
    await using vault = await open();
    await vault.ingest(VISITS, visits(0, 20));
    const erase = (): Promise<unknown> =>
      vault.delete('DELETE FROM visits WHERE id = 3', [], { erase: true });
    const calls = await callsOf(erase);
    expectDurable(calls);
    expectOrdered(calls);
    const named = calls.filter(isNaming).map(nameOf);
    expect(named[0]).toBe('vault/keys.opal');
    expect(named.slice(-3)).toEqual([
      expect.stringMatching(/^store\/\w+\/head-2$/),
      'vault/heads.opal',
      'vault/keys.opal',
    ]);
    // Index, records, metadata, and two ciphertext columns of each of two numbers and one of their product.
    expect(calls.filter(({ op, path }) => op === 'rm' && path.includes('parts')).length).toBe(8);
  });

  test('changes its passphrase, is backed up and restored', async () => {
    await create();
    const [vault, copy] = [join(folder, 'vault'), join(folder, 'new', 'copy')];
    const backup = join(folder, 'backup.opal');
    expectDurable(await callsOf(() => changePassphrase(vault, PASSPHRASE, 'another')));
    expectDurable(await callsOf(() => backupVault(vault, backup)));
    const calls = await callsOf(() => restoreVault(copy, backup, 'another'));
    expectDurable(calls);
    expect(nameOf(calls.filter(isNaming).at(-1)!)).toBe(join('new', 'copy'));
    expect(syncOf(folder, calls, 0, calls.length)).not.toBe(-1);
  });
});

test('and the rules do see what is missing', () => {
  const [aside, to] = [join(folder, 'tmp-1'), join(folder, 'name')];
  const good: FsCall[] = [
    { op: 'open', path: aside },
    { op: 'write', path: aside },
    { op: 'sync', path: aside },
    { op: 'rename', path: aside, to },
    { op: 'sync', path: folder },
  ];
  expectDurable(good);
  const without = (i: number): FsCall[] => good.filter((_, at) => at !== i);
  expect(() => expectDurable(without(2))).toThrow();
  expect(() => expectDurable(without(4))).toThrow();
  expect(() => expectDurable([...good.slice(0, 3), good[4]!, good[3]!])).toThrow();
  const head: FsCall = { op: 'link', path: aside, to: join(folder, 'head-1') };
  expectOrdered([...good, head, { op: 'sync', path: folder }]);
  expect(() => expectOrdered([...without(4), head, good[4]!])).toThrow();
  const early: FsCall = { op: 'rm', path: join(folder, 'part') };
  expect(() => expectOrdered([...good, head, early, good[4]!])).toThrow();
});
