import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVault } from '../../../src/client/open-vault.ts';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-rotate-'));
const vault = join(folder, 'vault');
const PASSPHRASE = 'a long enough passphrase';
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (...args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const columns = { patient: { type: 'text' }, fee: { type: 'integer' } };
const schema = { version: 1, table: 'visits', columns };
const answer = '[["Garlick","8"],["Ogg","80"],["Weatherwax","120"]]';

async function rows(): Promise<string> {
  const sql = 'SELECT patient, SUM(fee) FROM visits GROUP BY patient ORDER BY patient';
  const { stdout, stderr } = await cli('query', vault, sql, '--format', 'json');
  return stdout === '' ? stderr : JSON.stringify((JSON.parse(stdout) as { rows: unknown }).rows);
}

beforeAll(async () => {
  const csv = file('visits.csv', 'patient,fee\nGarlick,8\nOgg,80\nWeatherwax,120\n');
  const json = file('visits.json', JSON.stringify(schema));
  expect(await cli('init', vault, '--store', join(folder, 'store'))).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli('ingest', vault, csv, '--schema', json)).toMatchObject({ code: 0 });
});

test('rotate replaces the keys, and says that backups are stale', async () => {
  const made = await cli('rotate', vault, 'visits');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(
    /^visits: 1 segment of 3 rows under new keys, epoch 2, [0-9.]+ s\nMake a new backup of the vault: earlier ones cannot open what was rotated.\n$/,
  );
  expect(await rows()).toBe(answer);
  const again = await cli('rotate', vault, '--columns');
  expect(again.stdout).toMatch(/^visits: 1 segment of 3 rows under new keys, epoch 3, /);
  expect(await rows()).toBe(answer);
});

test('rotate goes on with what was stopped, which doctor tells of', async () => {
  {
    await using opened = await openVault(vault, { passphrase: PASSPHRASE, threads: 0 });
    const more = Array.from({ length: 4097 }, () => ({ patient: 'Nitt', fee: 1 }));
    await opened.ingest(schema, more, { append: true });
    await opened.delete("DELETE FROM visits WHERE patient = 'Nitt' AND fee = 2");
    const stop = new AbortController();
    let made = 0;
    const onProgress = (): void => {
      if (++made === 2) stop.abort();
    };
    const options = { stepRows: 1, signal: stop.signal, onProgress };
    await expect(opened.rotate('visits', options)).rejects.toMatchObject({ code: 'ABORTED' });
  }
  const told = await cli('doctor', vault);
  expect(told.code).toBe(0);
  expect(told.stdout).toContain(
    'advice   visits: a rotation of its keys is unfinished, 1 of 2 segments are left: run opaline rotate\n',
  );
  const { stdout } = await cli('rotate', vault);
  expect(stdout).toMatch(
    /^visits: 1 segment of 4,097 rows under new keys \(the rest of what had begun\), epoch 6, /,
  );
  expect((await cli('doctor', vault)).stdout).not.toContain('unfinished');
});

test('reindex changes what a table is searched by, once', async () => {
  const next = file(
    'private.json',
    JSON.stringify({ ...schema, groupBy: { patient: 'oblivious' } }),
  );
  const made = await cli('reindex', vault, '--schema', next);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(/^visits: 2 segments of 4,100 rows made anew, epoch 7, /);
  const again = await cli('reindex', vault, '--schema', next);
  expect(again.stdout).toMatch(/^visits: as the schema says already\n$/);
  const { stdout } = await cli('explain', vault, 'SELECT patient, SUM(fee) FROM visits GROUP BY 1');
  expect(stdout).toContain('private');
});

test('what is wrong is said, with the exit code of a refusal or of wrong usage', async () => {
  expect(await cli('rotate', vault, 'visit')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('UNKNOWN_TABLE'),
  });
  expect(await cli('reindex', vault)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--schema'),
  });
  const other = file('other.json', JSON.stringify({ ...schema, columns: { fee: columns.fee } }));
  expect(await cli('reindex', vault, '--schema', other)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('SCHEMA_MISMATCH'),
  });
  const help = await cli('rotate', '--help');
  expect(help.stdout).toContain('stopped, it goes on where it was');
  expect(help.stdout).toContain('Ciphertext columns stay under the ring secret');
});
