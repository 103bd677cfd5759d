import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { machineSpeeds } from '../../../../src/client/local/speeds-file.ts';
import type { SecretEngine } from '../../../../src/engine/engine.ts';
import { REFERENCE_SPEEDS } from '../../../../src/gate/grouping/speeds.ts';
import { generateContents, VaultSecrets } from '../../../../src/keys/secret.ts';
import { sumParameters } from '../../../../src/params/presets.ts';
import { tempVault } from '../../../support/vaults.ts';

/** The speeds of this machine are measured once, kept beside the vault, and never trusted. */
let secrets: VaultSecrets;
let engine: SecretEngine;
let folder: string;
const asked = (): Promise<SecretEngine> => Promise.resolve(engine);
const file = (): string => join(folder, 'speeds.json');

beforeAll(async () => {
  const parameters = sumParameters(48);
  secrets = new VaultSecrets(await generateContents(parameters, 'store', ''));
  engine = await secrets.engine(parameters);
});
afterAll(() => secrets.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'opaline-speeds-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const within = (speeds: object): void => {
  for (const [name, reference] of Object.entries(REFERENCE_SPEEDS)) {
    const value = (speeds as Record<string, number>)[name]!;
    expect(value).toBeGreaterThanOrEqual(reference / 30);
    expect(value).toBeLessThanOrEqual(reference * 30);
  }
};

test('are measured the first time, and read the next', async () => {
  const first = await machineSpeeds(folder, asked);
  within(first);
  const kept = JSON.parse(readFileSync(file(), 'utf8')) as object;
  expect(kept).toMatchObject({ version: 2, ...first });
  writeFileSync(file(), JSON.stringify({ ...kept, decryptSum: 1.25 }));
  expect(await machineSpeeds(folder, asked)).toEqual({ ...first, decryptSum: 1.25 });
});

test.each([
  ['of another machine', (kept: object) => ({ ...kept, machine: 'another', decryptSum: 1.25 })],
  ['of another version', (kept: object) => ({ ...kept, version: 1, decryptSum: 1.25 })],
  ['without a number', (kept: object) => ({ ...kept, decryptSum: '1.25' })],
  ['below nothing', (kept: object) => ({ ...kept, decryptSum: -1.25 })],
  ['with more in it', (kept: object) => ({ ...kept, decryptSum: 1.25, more: 1 })],
])('are measured again where the file is %s', async (_, change) => {
  await machineSpeeds(folder, asked);
  writeFileSync(file(), JSON.stringify(change(JSON.parse(readFileSync(file(), 'utf8')) as object)));
  const again = await machineSpeeds(folder, asked);
  within(again);
  expect(again.decryptSum).not.toBe(1.25);
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ version: 2, ...again });
});

test('beyond reason are brought back to it, and a folder that is gone is no error', async () => {
  await machineSpeeds(folder, asked);
  const kept = JSON.parse(readFileSync(file(), 'utf8')) as object;
  writeFileSync(file(), JSON.stringify({ ...kept, kernels: 1e9, decryptChunk: 1e-9 }));
  within(await machineSpeeds(folder, asked));
  rmSync(folder, { recursive: true });
  within(await machineSpeeds(folder, asked));
});

test('are asked for by the first comparison of ways, not before', async () => {
  await using temp = await tempVault('memory');
  const path = join(temp.vault.path, 'speeds.json');
  const schema = {
    version: 1,
    table: 't',
    columns: { g: { type: 'text' }, x: { type: 'integer' } },
  };
  await temp.vault.ingest(schema, [
    { g: 'a', x: 1 },
    { g: 'b', x: 2 },
  ]);
  await temp.vault.query('SELECT SUM(x) FROM t');
  expect(existsSync(path)).toBe(false);
  await temp.vault.explain('SELECT g, SUM(x) FROM t GROUP BY g');
  expect(existsSync(path)).toBe(true);
});
