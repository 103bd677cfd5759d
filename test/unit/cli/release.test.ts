import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const PASSPHRASE = 'a long enough passphrase';

const folder = mkdtempSync(join(tmpdir(), 'opaline-release-'));
const vault = join(folder, 'vault');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });

beforeAll(async () => {
  const csv = join(folder, 'visits.csv');
  const lines = Array.from({ length: 40 }, (_, i) => `p${i},${i % 2 === 0 ? 'A' : 'B'},${i}`);
  writeFileSync(csv, `patient,ward,fee\n${lines.join('\n')}\n`);
  expect(await cli('init', vault, '--store', join(folder, 'store'))).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli('ingest', vault, csv)).toMatchObject({ code: 0 });
}, 120_000);

test('preview, budget and history of exact figures', async () => {
  const preview = await cli(
    'release',
    'preview',
    vault,
    'SELECT ward, SUM(fee) FROM visits GROUP BY ward',
  );
  expect(preview).toMatchObject({ code: 0, stdout: 'exact: 2 of 2 groups would be shown\n' });
  const small = await cli('release', 'preview', vault, 'SELECT SUM(fee) FROM visits WHERE fee < 3');
  expect(small.stdout).toContain('0 of 1 group would be shown');
  expect(small.stdout).toContain('1 not: fewer than 10 subjects');
  const refused = await cli('release', 'preview', vault, 'SELECT MAX(fee) FROM visits');
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('DENIED');
  const budget = await cli('release', 'budget', vault, '--format', 'json');
  expect(JSON.parse(budget.stdout)).toMatchObject({ table: 'visits', mode: 'exact', releases: 0 });
  const history = await cli('release', 'history', vault, 'visits');
  expect(history.stdout).toBe('nothing was released\n');
}, 120_000);

test('settings are the owner’s, and are checked', async () => {
  const path = join(vault, 'releases', 'settings.json');
  writeFileSync(path, JSON.stringify({ visits: { mode: 'exact', floor: 1 } }));
  const wrong = await cli('release', 'budget', vault);
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toContain('visits.floor');
  writeFileSync(path, JSON.stringify({ visits: { mode: 'exact', floor: 25 } }));
  const sql = 'SELECT ward, SUM(fee) FROM visits GROUP BY ward';
  const preview = await cli('release', 'preview', vault, sql, '--format', 'json');
  expect(JSON.parse(preview.stdout)).toMatchObject({ shown: 0, refused: { cohort: 2 } });
}, 120_000);

test('a backup brings back how figures are released, and what was', async () => {
  const [backup, restored] = [join(folder, 'vault.backup'), join(folder, 'restored')];
  const settings = JSON.stringify({ visits: { mode: 'exact', floor: 31 } });
  writeFileSync(join(vault, 'releases', 'settings.json'), settings);
  const ledger = `${'0'.repeat(32)}.opal`;
  writeFileSync(join(vault, 'releases', ledger), 'as it is');
  expect(await cli('backup', vault, backup)).toMatchObject({ code: 0 });
  expect(await cli('restore', restored, backup)).toMatchObject({ code: 0 });
  expect(readFileSync(join(restored, 'releases', 'settings.json'), 'utf8')).toBe(settings);
  expect(readFileSync(join(restored, 'releases', ledger), 'utf8')).toBe('as it is');
}, 120_000);
