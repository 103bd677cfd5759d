import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-lifecycle-'));
const vault = join(folder, 'vault');
const store = join(folder, 'store');
const PASSPHRASE = 'a long enough passphrase';

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (args: string[], env: Record<string, string> = {}): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE, ...env } });

async function rows(path = vault, env: Record<string, string> = {}): Promise<unknown> {
  const sql = 'SELECT patient, fee FROM visits ORDER BY patient';
  const { stdout, stderr } = await cli(['query', path, sql, '--format', 'json'], env);
  return stdout === '' ? stderr : (JSON.parse(stdout) as { rows: unknown }).rows;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

// One story, each command run on what the one before it left.
beforeAll(async () => {
  const csv = file('visits.csv', 'patient,fee\nGarlick,8.25\nOgg,80.25\nWeatherwax,120.5\n');
  expect(await cli(['init', vault, '--store', store])).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli(['ingest', vault, csv])).toMatchObject({ code: 0 });
});

test('a small append is kept as records, and answers hold it at once', async () => {
  const more = file('more.csv', 'patient,fee\nNitt,10\n');
  const appended = await cli(['ingest', vault, more, '--table', 'visits', '--append']);
  expect(appended.stdout).toMatch(/^visits: 1 row kept as records \(few enough\), epoch 2, /);
  expect(await rows()).toEqual([
    ['Garlick', '8.25'],
    ['Nitt', '10'],
    ['Ogg', '80.25'],
    ['Weatherwax', '120.5'],
  ]);
  const { stdout } = await cli(['explain', vault, 'SELECT SUM(fee) FROM visits']);
  expect(stdout).toContain('3 rows in 1 segment and 1 row of small appends');
  expect(stdout).toContain('1 records of small appends');
});

test('delete', async () => {
  const sql = 'DELETE FROM visits WHERE patient = $1';
  const deleted = await cli(['delete', vault, sql, '--param', 'Ogg']);
  expect(deleted).toMatchObject({
    code: 0,
    stderr: '',
    stdout: 'visits: 1 row deleted, epoch 3\n',
  });
  const again = await cli(['delete', vault, sql, '--param', 'Ogg']);
  expect(again.stdout).toBe('visits: 0 rows deleted, epoch 3\n');
  expect(await rows()).toEqual([
    ['Garlick', '8.25'],
    ['Nitt', '10'],
    ['Weatherwax', '120.5'],
  ]);
  const refused = await cli(['query', vault, 'DELETE FROM visits']);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/^opaline: SQL_UNSUPPORTED: [^\n]*\n$/);
});

test('backup, then an erasure: the backup no longer opens the table', async () => {
  const backup = join(folder, 'vault.backup');
  const made = await cli(['backup', vault, backup]);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const restored = join(folder, 'restored');
  expect(await cli(['restore', restored, backup])).toMatchObject({ code: 0, stderr: '' });
  expect(await rows(restored)).toEqual(await rows());

  const erased = await cli([
    'delete',
    vault,
    "DELETE FROM visits WHERE patient = 'Nitt'",
    '--erase',
  ]);
  expect(erased).toMatchObject({ code: 0, stdout: 'visits: 1 row erased, epoch 4\n' });
  expect(erased.stderr).toMatch(/^Backups of this vault [^\n]*\n$/);
  expect(await rows()).toEqual([
    ['Garlick', '8.25'],
    ['Weatherwax', '120.5'],
  ]);
  expect(await rows(restored)).toMatch(/^opaline: KEY_MISSING: /);

  const taken = await cli(['restore', restored, backup]);
  expect(taken.stderr).toMatch(/^opaline: VAULT_EXISTS: /);
  const damaged = readFileSync(backup);
  damaged[60]! ^= 1;
  const wrong = await cli([
    'restore',
    join(folder, 'nowhere'),
    file('damaged', damaged.toString('latin1')),
  ]);
  expect(wrong.stderr).toMatch(/^opaline: BACKUP_INVALID: /);
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});

test('compact, and tables says so', async () => {
  const { stdout } = await cli(['compact', vault]);
  expect(stdout).toMatch(
    /^visits: 2 rows written anew, 1 segment before, 1 now, epoch 5, [\d.]+ s\n$/,
  );
  expect((await cli(['compact', vault, '--table', 'visits'])).stdout).toBe(
    'visits: compact already\n',
  );
  expect((await cli(['compact', vault, '--table', 'none'])).stderr).toMatch(/UNKNOWN_TABLE/);
  const tables = await cli(['tables', vault, '--format', 'json']);
  expect(JSON.parse(tables.stdout)).toMatchObject({
    rows: 2,
    deltaRows: 0,
    deletedRows: 0,
    segments: 1,
    epoch: 5,
  });
  expect(await rows()).toHaveLength(2);
});

test('passwd', async () => {
  const changed = await cli(['passwd', vault], { OPALINE_NEW_PASSPHRASE: 'another one' });
  expect(changed).toMatchObject({ code: 0, stderr: '' });
  expect(await rows()).toMatch(/PASSPHRASE_WRONG/);
  const env = { OPALINE_PASSPHRASE: 'another one' };
  expect(await rows(vault, env)).toHaveLength(2);
  const back = file('new', `${PASSPHRASE}\n`);
  expect(await cli(['passwd', vault, '--new-passphrase-file', back], env)).toMatchObject({
    code: 0,
  });
  expect(await rows()).toHaveLength(2);
  const none = await cli(['passwd', vault]);
  expect(none.stderr).toMatch(/^opaline: PASSPHRASE_REQUIRED: /);
});

test('doctor finds what a writer left and what the store lost', async () => {
  const sound = await cli(['doctor', vault, '--deep']);
  expect(sound).toMatchObject({ code: 0, stderr: '' });
  expect(sound.stdout).toMatch(
    /^ok {7}visits: 2 rows, epoch 5: all \d+ parts are present and undamaged$/m,
  );

  const [table] = readdirSync(store);
  const parts = join(store, table!, 'parts');
  writeFileSync(join(parts, '0'.repeat(32)), 'left behind');
  const advised = await cli(['doctor', vault]);
  expect(advised.code).toBe(0);
  expect(advised.stdout).toMatch(/^advice {3}visits: the store keeps 1 parts \(11 bytes\)/m);
  expect((await cli(['doctor', vault, '--repair'])).stdout).toMatch(
    /^ok +visits: removed 1 parts/m,
  );
  expect((await cli(['doctor', vault])).stdout).not.toContain('advice');

  const [victim] = readdirSync(parts);
  const bytes = readFileSync(join(parts, victim!));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(parts, victim!), bytes);
  const damaged = await cli(['doctor', vault, '--deep']);
  expect(damaged.code).toBe(1);
  expect(damaged.stdout).toContain(victim);
  expect(damaged.stderr).toMatch(/^opaline: CHECK_FAILED: [^\n]*1 problem found\n$/);
  rmSync(join(parts, victim!));
  const json = await cli(['doctor', vault, '--format', 'json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    findings: [
      { level: 'ok' },
      { level: 'problem', table: 'visits', text: `the store has lost part ${victim}` },
    ],
  });
});
