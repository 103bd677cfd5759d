import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openFolder } from '../../src/client/local/vault-folder.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { OpenTable } from '../../src/gate/open-table.ts';
import { EmbeddedLink } from '../../src/run/embedded.ts';
import { FileBackend } from '../../src/store/backends/file.ts';
import { Child } from '../support/child-process.ts';
import { Disk, type DiskTrial } from '../support/disk.ts';
import { moments } from '../support/kills.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { answers, expected, rowsOf } from '../support/write-operations.ts';

const disk = new Disk();
const found: string[] = [];
afterAll(() => {
  disk[Symbol.dispose]();
  const counts = Map.groupBy(found, (how) => how);
  const lines = [...counts].map(([how, all]) => `${all.length} ${how}`);
  process.stdout.write(`a rotation: ${found.length} kills: ${lines.join(', ')}\n`);
});

const KILLS = 20;
const SEED = 20_261_127;

/** The table past the pins, as the vault of now can open it. */
async function load({ vault }: DiskTrial, store: string): Promise<OpenTable> {
  const { secrets, wraps } = await openFolder(vault, PASSPHRASE);
  const link = new EmbeddedLink(new FileBackend(store));
  const [id] = await link.tables();
  const known = {
    publicKey: secrets.publicKey,
    manifestKey: (table: string) => secrets.manifestKey(table),
    wrappingKey: (table: string, wrap: string) => wraps.find(table, wrap),
  };
  return (await OpenTable.load(link, known, id!, undefined, undefined))!;
}

/** Tell a child to rotate, and kill it `ms` after; never where undefined. How long it took, if it told. */
async function rotate({ folder }: DiskTrial, ms: number | undefined): Promise<number | undefined> {
  await using child = new Child();
  expect(await child.tell({ do: 'open', folder })).not.toHaveProperty('error');
  const reply = child.tell({ do: 'operation', name: 'a rotation' });
  if (ms !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    await child.kill();
  }
  const got = await reply;
  expect(got?.error).toBeUndefined();
  return got?.ms;
}

test('a rotation is survived whenever its process is killed, and goes on', async () => {
  const wanted = expected(rowsOf('segments'));
  const duration = (await rotate(await disk.trial('segments'), undefined))!;
  const times = moments(duration, 2 * KILLS, SEED).filter(({ since }) => since === 'begin');
  for (const { ms } of times) {
    const trial = await disk.trial('segments');
    const store = join(trial.folder, 'store');
    const before = join(trial.folder, 'before');
    cpSync(store, before, { recursive: true });
    const old = await load(trial, store);
    const told = await rotate(trial, ms);
    const left = await load(trial, store);
    const midway = join(trial.folder, 'midway');
    cpSync(store, midway, { recursive: true });

    {
      await using vault = await trial.open();
      expect(await answers(vault)).toBe(wanted);
      const findings = await vault.check({ deep: true });
      expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
      const isDone = left.pending === undefined && left.manifest.epoch > old.manifest.epoch;
      expect(findings.some(({ text }) => text.includes('unfinished'))).toBe(
        left.pending !== undefined,
      );
      found.push(isDone ? 'done' : left.pending === undefined ? 'not begun' : 'in the midst');
      if (told !== undefined) expect(isDone).toBe(true);
      if (!isDone) await vault.rotate(undefined, { stepRows: 1 });
      await vault.check({ repair: true });
      expect(await answers(vault)).toBe(wanted);
    }
    const now = await load(trial, store);
    expect(now.pending).toBeUndefined();
    // Nothing from before is used any more, and what holds it opens no more.
    for (const id of now.roots!.keys()) expect(old.roots!.has(id)).toBe(false);
    expect((await load(trial, before)).roots).toBeUndefined();
    if (left.pending !== undefined) expect((await load(trial, midway)).roots).toBeUndefined();
    await using vault = await openVault(trial.vault, {
      passphrase: PASSPHRASE,
      store: before,
      threads: 0,
    });
    await expect(vault.query('SELECT COUNT(*) FROM visits')).rejects.toMatchObject({
      code: 'EPOCH_ROLLBACK',
    });
    expect(await trial.store.orphans()).toEqual([]);
    expect(readdirSync(trial.vault).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }
  // Kills that are all too early or too late would say nothing.
  expect(found).toContain('in the midst');
});
