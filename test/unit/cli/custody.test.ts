import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVault, openVault } from '../../../src/client/open-vault.ts';
import { opaline } from './run.ts';
import { LEAST_COST } from '../../../src/keys/kdf.ts';

const PASSPHRASE = 'correct horse battery staple';
let folder: string;
let vault: string;
let passphrase: readonly string[];
const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-split-'));
  vault = join(folder, 'vault');
  await (
    await createVault(vault, {
      store: join(folder, 'store'),
      passphrase: PASSPHRASE,
      passphraseCost: LEAST_COST,
    })
  ).close();
  passphrase = ['--passphrase-file', await file('passphrase', `${PASSPHRASE}\n`)];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a vault is put to rest by printed shares, and woken up by two of three', async () => {
  const split = ['custody', 'split', vault, '--shares', '3', '--threshold', '2', ...passphrase];
  const { code, stdout, stderr } = await opaline(split);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const texts = [...stdout.matchAll(/^OPALINE-SHARE-1 .+$/gm)].map(([text]) => text);
  expect(texts).toHaveLength(3);
  await expect(openVault(vault, { passphrase: PASSPHRASE })).rejects.toThrow(
    expect.objectContaining({ code: 'VAULT_NOT_FOUND' }),
  );
  expect((await opaline(['custody', 'status', vault])).stdout).toContain('2 of 3 shares');
  const paths = await Promise.all(texts.map((text, i) => file(`text-${i}`, `${text}\n`)));
  const one = await opaline(['custody', 'join', vault, '--share', paths[0]!]);
  expect(one).toMatchObject({ code: 1, stderr: expect.stringContaining('SHARES_INVALID') });
  const twice = await opaline([
    'custody',
    'join',
    vault,
    '--share',
    paths[0]!,
    '--share',
    paths[0]!,
  ]);
  expect(twice.stderr).toContain('given twice');
  const joined = await opaline([
    'custody',
    'join',
    vault,
    '--share',
    paths[2]!,
    '--share',
    paths[0]!,
  ]);
  expect(joined).toMatchObject({ code: 0, stderr: '' });
  await (await openVault(vault, { passphrase: PASSPHRASE })).close();
  expect((await readdir(vault)).filter((name) => name.includes('rest'))).toEqual([]);
});

test('shares in files open with their own passphrases', async () => {
  const out = join(folder, 'shares');
  const secrets = await Promise.all([1, 2].map((i) => file(`secret-${i}`, `share ${i}\n`)));
  const own = secrets.flatMap((path) => ['--share-passphrase-file', path]);
  const split = ['custody', 'split', vault, '--shares', '2', '--threshold', '2', '--out', out];
  expect(await opaline([...split, ...own, ...passphrase])).toMatchObject({ code: 0, stderr: '' });
  const shares = [1, 2].flatMap((i) => ['--share', join(out, `share-${i}.opal`)]);
  const swapped = secrets.toReversed().flatMap((path) => ['--share-passphrase-file', path]);
  const wrong = await opaline(['custody', 'join', vault, ...shares, ...swapped]);
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('PASSPHRASE_WRONG') });
  expect(await opaline(['custody', 'join', vault, ...shares, ...own])).toMatchObject({ code: 0 });
  await (await openVault(vault, { passphrase: PASSPHRASE })).close();
});

test('a wrong passphrase puts no vault to rest', async () => {
  const wrong = await file('wrong', 'another\n');
  const split = ['custody', 'split', vault, '--shares', '3', '--threshold', '2'];
  const result = await opaline([...split, '--passphrase-file', wrong]);
  expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('PASSPHRASE_WRONG') });
  await (await openVault(vault, { passphrase: PASSPHRASE })).close();
});
