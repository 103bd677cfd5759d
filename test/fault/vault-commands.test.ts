import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { frame } from '../../src/bytes/framing.ts';
import { sha256 } from '../../src/bytes/hash.ts';
import type { Finding } from '../../src/client/api.ts';
import { encodeBackup, parseBackup } from '../../src/client/local/backup-format.ts';
import { VAULT_FILES } from '../../src/client/local/vault-files.ts';
import { backupVault, restoreVault } from '../../src/client/local/backup.ts';
import { changePassphrase } from '../../src/client/local/change-passphrase.ts';
import { lockVault } from '../../src/client/local/vault-lock.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { Disk, type DiskTrial } from '../support/disk.ts';
import { PASSPHRASE } from '../support/vaults.ts';
import { answers, expected, rowsOf, VISITS, visits } from '../support/write-operations.ts';

const disk = new Disk();
afterAll(() => disk[Symbol.dispose]());

let trial: DiskTrial;
beforeEach(async () => {
  trial = await disk.trial('small');
});

const whole = expected(rowsOf('small'));
const code = (expectedCode: string): object => expect.objectContaining({ code: expectedCode });

/** What a vault in `path` answers. */
async function answersOf(path: string, passphrase = PASSPHRASE): Promise<string> {
  await using vault = await openVault(path, { passphrase, threads: 0 });
  return await answers(vault);
}

describe('a change of the passphrase', () => {
  test('takes effect at once, also for a passphrase that is anything', async () => {
    const next = ' ünïcödé \u{1f511}\n"quoted" ';
    await changePassphrase(trial.vault, PASSPHRASE, next);
    await expect(trial.open()).rejects.toEqual(code('PASSPHRASE_WRONG'));
    expect(await answersOf(trial.vault, next)).toBe(whole);
    await changePassphrase(trial.vault, next, PASSPHRASE);
    expect(await answersOf(trial.vault)).toBe(whole);
  });

  test.each([
    ['a wrong old one', 'wrong', 'next', 'PASSPHRASE_WRONG'],
    ['an empty new one', PASSPHRASE, '', 'PASSPHRASE_WEAK'],
  ])('is refused with %s, and changes nothing', async (_, old, next, refusal) => {
    const before = readFileSync(join(trial.vault, 'vault.opal'));
    await expect(changePassphrase(trial.vault, old, next)).rejects.toEqual(code(refusal));
    expect(readFileSync(join(trial.vault, 'vault.opal'))).toEqual(before);
    expect(readdirSync(trial.vault).toSorted()).toEqual([...VAULT_FILES]);
  });

  test('is refused where there is no vault, and while a writer is at work', async () => {
    const nowhere = join(trial.folder, 'nowhere');
    const change = (vault: string): Promise<void> => changePassphrase(vault, PASSPHRASE, 'next');
    await expect(change(nowhere)).rejects.toEqual(code('VAULT_NOT_FOUND'));
    expect(existsSync(nowhere)).toBe(false);
    await using _ = await lockVault(trial.vault);
    await expect(change(trial.vault)).rejects.toEqual(code('VAULT_LOCKED'));
  });

  test('leaves a vault that is open as it is', async () => {
    await using vault = await trial.open();
    await changePassphrase(trial.vault, PASSPHRASE, 'next');
    await vault.ingest(VISITS, visits(50, 51), { append: true });
    expect(await answersOf(trial.vault, 'next')).toBe(
      expected([...rowsOf('small'), ...visits(50, 51)]),
    );
  });
});

describe('a backup', () => {
  let backup: string;
  let copy: string;
  beforeEach(async () => {
    backup = join(trial.folder, 'vault.backup');
    copy = join(trial.folder, 'copy');
    await backupVault(trial.vault, backup);
  });
  const restore = (): Promise<void> => restoreVault(copy, backup, PASSPHRASE);
  /** Nothing but what was there before. */
  const expectUntouched = (): void => {
    expect(readdirSync(trial.folder).toSorted()).toEqual(['store', 'vault', 'vault.backup']);
  };

  test('brings a lost vault back, for its owner’s eyes only', async () => {
    rmSync(trial.vault, { recursive: true });
    await restoreVault(trial.vault, backup, PASSPHRASE);
    expect(await answersOf(trial.vault)).toBe(whole);
    const modes = [trial.vault, backup, ...VAULT_FILES.map((name) => join(trial.vault, name))];
    if (process.platform !== 'win32') {
      for (const path of modes) expect(statSync(path).mode & 0o077, path).toBe(0);
    }
    await using vault = await trial.open();
    await vault.ingest(VISITS, visits(50, 51), { append: true });
    expect(await vault.check({ deep: true })).not.toContainEqual(
      expect.objectContaining({ level: 'problem' }),
    );
  });

  test('is restored into an empty folder, and into one that has to be made', async () => {
    mkdirSync(copy);
    await restore();
    expect(await answersOf(copy)).toBe(whole);
    const deep = join(trial.folder, 'a', 'b', 'c');
    await restoreVault(deep, backup, PASSPHRASE);
    expect(await answersOf(deep)).toBe(whole);
  });

  test.each([
    ['a vault', (): string => trial.vault],
    ['a folder with something in it', (): string => trial.folder],
    ['a file', (): string => join(trial.vault, 'vault.opal')],
    ['the backup itself', (): string => backup],
  ])('is not restored over %s', async (_, target) => {
    const before = readFileSync(backup);
    await expect(restoreVault(target(), backup, PASSPHRASE)).rejects.toEqual(code('VAULT_EXISTS'));
    expect(readFileSync(backup)).toEqual(before);
    expectUntouched();
    expect(await answersOf(trial.vault)).toBe(whole);
  });

  test('is refused with another passphrase, and leaves nothing', async () => {
    await expect(restoreVault(copy, backup, 'wrong')).rejects.toEqual(code('PASSPHRASE_WRONG'));
    expectUntouched();
  });

  test('is refused when it is not whole', async () => {
    const bytes = readFileSync(backup);
    const cuts = [0, 1, 15, 16, 20, 200, bytes.length - 33, bytes.length - 1];
    const damaged = [
      ...cuts.map((length) => bytes.subarray(0, length)),
      Buffer.concat([bytes, Buffer.of(0)]),
      ...[0, 5, 17, 21, 40, 300, bytes.length - 40, bytes.length - 1].map((at) => {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1;
        return flipped;
      }),
    ];
    for (const [i, altered] of damaged.entries()) {
      writeFileSync(backup, altered);
      await expect(restore(), String(i)).rejects.toEqual(code('BACKUP_INVALID'));
      expectUntouched();
    }
    rmSync(backup);
    await expect(restore()).rejects.toEqual(code('BACKUP_INVALID'));
    mkdirSync(backup);
    await expect(restore()).rejects.toEqual(code('BACKUP_INVALID'));
  });

  test('is refused when it is whole and its files are not the vault’s', async () => {
    for (const name of ['heads.opal', 'keys.opal'] as const) {
      const files = parseBackup(readFileSync(backup), 'it');
      files.get(name)![40]! ^= 1;
      const altered = join(trial.folder, 'vault.altered');
      writeFileSync(altered, encodeBackup(files));
      await expect(restoreVault(copy, altered, PASSPHRASE)).rejects.toEqual(code('VAULT_CORRUPT'));
      rmSync(altered);
      expectUntouched();
    }
  });

  test.each([
    ['../evil', 'keys.opal', 'vault.opal'],
    ['/elsewhere/evil', 'keys.opal', 'vault.opal'],
    ['heads.opal/../../evil', 'keys.opal', 'vault.opal'],
    ['heads.opal', 'heads.opal', 'vault.opal'],
    ['heads.opal', 'keys.opal', 'vault.opal', 'evil'],
    ['heads.opal', 'keys.opal'],
    [],
  ])('that names the files %s %s %s %s is refused', async (...names) => {
    const writer = frame('BKUP').u32(names.length);
    for (const name of names) writer.text(name).bytes(Uint8Array.of(1));
    const content = writer.finish();
    writeFileSync(backup, Buffer.concat([content, sha256(content)]));
    await expect(restore()).rejects.toEqual(code('BACKUP_INVALID'));
    expectUntouched();
    expect(existsSync(join(dirname(trial.folder), 'evil'))).toBe(false);
  });

  test('taken while writers work opens, and answers', async () => {
    await using vault = await trial.open();
    let rows = rowsOf('small');
    const work = (async () => {
      for (let i = 0; i < 4; i++) {
        await vault.ingest(VISITS, visits(100 + i, 101 + i), { append: true });
        await vault.delete('DELETE FROM visits WHERE id = $1', [i]);
        await vault.ingest({ ...VISITS, table: `t${i}` }, visits(0, 3));
        await vault.compact('visits');
        rows = [...rows.filter(({ id }) => id !== i), ...visits(100 + i, 101 + i)];
      }
      return 'done';
    })();
    const taken: string[] = [];
    while ((await Promise.race([work, sleep(5)])) !== 'done') {
      const file = join(trial.folder, `${taken.length}.backup`);
      await backupVault(trial.vault, file);
      taken.push(file);
    }
    expect(taken.length).toBeGreaterThan(4);
    for (const [i, file] of taken.entries()) {
      if (i % Math.ceil(taken.length / 6) !== 0) continue;
      const restored = join(trial.folder, `restored-${i}`);
      await restoreVault(restored, file, PASSPHRASE);
      await using again = await openVault(restored, { passphrase: PASSPHRASE, threads: 0 });
      const { rows: found } = await again.query('SELECT id FROM visits ORDER BY id');
      expect(found.map(([id]) => Number(id))).toEqual(
        rows.map(({ id }) => id).toSorted((a, b) => a - b),
      );
    }
  });

  test('from before an erasure says which key it lacks, and that it lacks it', async () => {
    {
      await using vault = await trial.open();
      await vault.ingest({ ...VISITS, table: 'other' }, visits(0, 5));
      await backupVault(trial.vault, backup);
      await vault.delete('DELETE FROM visits WHERE id = 3', [], { erase: true });
    }
    await restore();
    await using restored = await openVault(copy, { passphrase: PASSPHRASE, threads: 0 });
    const missing = {
      code: 'KEY_MISSING',
      message: 'the vault has no key for table "visits"',
      hint: expect.stringContaining('backup that is too old') as string,
    };
    const refusals = [
      restored.query('SELECT COUNT(*) FROM visits WHERE id > 2'),
      restored.query('SELECT SUM(fee) FROM visits'),
      restored.query('SELECT * FROM visits'),
      restored.ingest(VISITS, visits(70, 71), { append: true }),
      restored.delete('DELETE FROM visits WHERE id = 4'),
      restored.delete('DELETE FROM visits WHERE id = 4', [], { erase: true }),
      restored.compact('visits'),
    ];
    for (const [i, refused] of (await Promise.allSettled(refusals)).entries()) {
      expect(refused, String(i)).toMatchObject({ status: 'rejected', reason: missing });
    }
    expect(await restored.check()).toContainEqual({
      level: 'problem',
      table: 'visits',
      text: expect.stringContaining('backup made before an erasure') as string,
    });
    // Other tables are none the worse.
    expect((await restored.query('SELECT COUNT(*) FROM other')).rows).toEqual([['5']]);
    expect((await restored.tables()).map(({ table, rows }) => [table, rows])).toEqual([
      ['other', 5],
      ['visits', rowsOf('small').length - 1],
    ]);
    // And the vault itself has lost nothing.
    await using vault = await trial.open();
    expect((await vault.query('SELECT COUNT(*) FROM visits')).rows).toEqual([['35']]);
  });
});

describe('a check', () => {
  /** A table with every kind of part: a segment with deleted rows, and a delta. */
  async function worn(): Promise<string[]> {
    await using vault = await trial.open();
    await vault.delete('DELETE FROM visits WHERE id = 3');
    const [table] = readdirSync(join(trial.folder, 'store'));
    const parts = join(trial.folder, 'store', table!, 'parts');
    return readdirSync(parts).map((id) => join(parts, id));
  }
  async function check(
    options: { deep?: boolean; repair?: boolean } = {},
  ): Promise<readonly Finding[]> {
    await using vault = await trial.open();
    return await vault.check(options);
  }
  const problems = (findings: readonly Finding[]): readonly string[] =>
    findings.filter(({ level }) => level === 'problem').map(({ text }) => text);

  test('names a part that is lost, whichever it is', async () => {
    const parts = await worn();
    expect(parts.length).toBe(10);
    for (const path of parts) {
      const bytes = readFileSync(path);
      rmSync(path);
      for (const deep of [false, true]) {
        const [problem, ...more] = problems(await check({ deep }));
        expect(problem).toContain(path.slice(-32));
        expect(more).toEqual([]);
      }
      writeFileSync(path, bytes);
    }
    expect(problems(await check({ deep: true }))).toEqual([]);
  });

  test('finds a byte that is altered, and a part that is cut, when it goes deep', async () => {
    for (const path of await worn()) {
      const bytes = readFileSync(path);
      const flipped = Buffer.from(bytes);
      flipped[Math.floor(0.9 * bytes.length)]! ^= 4;
      for (const damaged of [flipped, bytes.subarray(0, -1), Buffer.alloc(0)]) {
        writeFileSync(path, damaged);
        expect(problems(await check())).toEqual([]);
        const found = problems(await check({ deep: true }));
        expect(found).toEqual([expect.stringContaining(path.slice(-32))]);
      }
      writeFileSync(path, bytes);
    }
  });

  test('counts what writers that died left, and removes it when told to', async () => {
    const parts = await worn();
    const orphan = join(dirname(parts[0]!), '0'.repeat(32));
    writeFileSync(orphan, 'left');
    const left = '1 parts (4 bytes) of writes that did not finish';
    expect(await check()).toContainEqual({
      level: 'advice',
      table: 'visits',
      text: `the store keeps ${left}: run opaline doctor --repair`,
    });
    expect(existsSync(orphan)).toBe(true);
    const removed = { level: 'ok', table: 'visits', text: `removed ${left}` };
    expect(await check({ repair: true })).toContainEqual(removed);
    expect(existsSync(orphan)).toBe(false);
    expect(await check()).not.toContainEqual(expect.objectContaining({ text: removed.text }));
    expect(parts.every((path) => existsSync(path))).toBe(true);
  });
});
