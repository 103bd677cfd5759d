import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolder } from '../../../src/client/local/vault-folder.ts';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-verify-'));
const vault = join(folder, 'vault');
const PASSPHRASE = 'a long enough passphrase';
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });
const SQL = "SELECT SUM(fee), COUNT(*) FROM visits WHERE patient <> 'Garlick'";
const ask = (): Promise<Run> => cli('query', vault, SQL, '--verified', '--format', 'csv');

beforeAll(async () => {
  const csv = join(folder, 'visits.csv');
  const rows = Array.from({ length: 5000 }, (_, i) => `${i % 2 === 0 ? 'Ogg' : 'Garlick'},${i}\n`);
  writeFileSync(csv, `patient,fee\n${rows.join('')}`);
  expect(await cli('init', vault, '--store', join(folder, 'store'))).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli('ingest', vault, csv)).toMatchObject({ code: 0 });
});

test('verify gives tables what answers are verified by, once', async () => {
  const before = await ask();
  expect(before).toMatchObject({ code: 1, stdout: '' });
  expect(before.stderr).toContain('run opaline verify');
  const made = await cli('verify', vault);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(
    /^visits: 1 segment of 5,000 rows given check columns, epoch 2, [0-9.]+ s\n$/,
  );
  expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringContaining('6247500,2500') });
  expect((await cli('verify', vault)).stdout).toBe('every table can be verified already\n');
});

test('a freeze goes along with a backup, and is lifted by its owner', async () => {
  expect((await cli('verify', vault, '--lift-freeze')).stdout).toBe(
    'verified answers were not frozen\n',
  );
  const { release, secrets } = await openFolder(vault, PASSPHRASE);
  await release!.freeze();
  await secrets.close();
  const backup = join(folder, 'vault.backup');
  expect(await cli('backup', vault, backup)).toMatchObject({ code: 0 });
  rmSync(vault, { recursive: true });
  expect(await cli('restore', vault, backup)).toMatchObject({ code: 0 });
  const frozen = await ask();
  expect(frozen).toMatchObject({ code: 1, stdout: '' });
  expect(frozen.stderr).toContain('RELEASES_FROZEN');
  expect((await cli('verify', vault, '--lift-freeze')).stdout).toMatch(
    /^verified answers, frozen since 20[-0-9]+T[:.0-9]+Z, are given again\n$/,
  );
  expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringContaining('6247500,2500') });
});
