import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../../src/bytes/random.ts';
import {
  costIsSane,
  DEFAULT_COST,
  LEAST_COST,
  requireCost,
  stretchPassphrase,
  stretchPassphraseAside,
} from '../../../src/keys/kdf.ts';
import { openVaultFile, sealVault } from '../../../src/keys/sealed.ts';

/** As cheap as Argon2id gets: the cost is not what is tested. */
const CHEAP = { memory: 8, passes: 1, parallelism: 1 };
const contents = {
  master: randomBytes(32),
  signing: randomBytes(32),
  ring: randomBytes(1032),
  store: '/data/cloud',
  storeToken: '',
};

describe('the vault file', () => {
  const file = sealVault(contents, 'pässphrase', CHEAP);

  it('opens under its passphrase, however its accents are composed', async () => {
    expect(await openVaultFile(file, 'pässphrase', 'vault')).toEqual(contents);
    expect(await openVaultFile(file, 'pässphrase'.normalize('NFD'), 'vault')).toEqual(contents);
  });

  it('does not open under another', async () => {
    for (const other of ['passphrase', 'pässphrase ', '']) {
      await expect(openVaultFile(file, other, 'vault')).rejects.toThrow(
        expect.objectContaining({ code: 'PASSPHRASE_WRONG' }),
      );
    }
  });

  it('does not open with any byte changed or missing, and never runs an insane cost', async () => {
    for (let i = 0; i < file.length; i += i < 64 ? 1 : 37) {
      const altered = file.slice();
      altered[i]! ^= 0x80;
      await expect(openVaultFile(altered, 'pässphrase', 'vault')).rejects.toThrow(
        expect.objectContaining({ name: 'OpalineError' }),
      );
      await expect(openVaultFile(file.subarray(0, i), 'pässphrase', 'vault')).rejects.toThrow(
        expect.objectContaining({ name: 'OpalineError' }),
      );
    }
    expect(costIsSane({ memory: 2 ** 31, passes: 1, parallelism: 1 })).toBe(false);
    expect(costIsSane({ memory: 64, passes: 0, parallelism: 1 })).toBe(false);
  });

  it('is different each time', () => {
    expect(sealVault(contents, 'pässphrase', CHEAP)).not.toEqual(file);
  });
});

it('Argon2id: the published vector of the reference implementation, version 0x13', async () => {
  // phc-winner-argon2, src/test.c: m = 2^8 KiB, t = 2, p = 1, "password", "somesalt".
  const salt = new TextEncoder().encode('somesalt');
  const cost = { memory: 256, passes: 2, parallelism: 1 };
  const wanted = '9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe';
  for (const stretch of [stretchPassphrase, stretchPassphraseAside]) {
    const key = await stretch('password', salt, cost);
    expect(Buffer.from(key).toString('hex')).toBe(wanted);
  }
});

it.each([
  ['memory below OWASP’s minimum', { ...LEAST_COST, memory: LEAST_COST.memory - 1 }],
  ['one pass', { ...LEAST_COST, passes: 1 }],
  ['half a pass more', { ...LEAST_COST, passes: 2.5 }],
  ['more memory than opening takes', { ...LEAST_COST, memory: 2 ** 20 + 1 }],
  ['lanes without memory', { ...LEAST_COST, parallelism: 65 }],
])('a new vault with %s is refused', (_, cost) => {
  expect(() => requireCost(cost)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('the least cost and the usual one are taken', () => {
  for (const cost of [LEAST_COST, DEFAULT_COST]) expect(requireCost(cost)).toBeUndefined();
});
