import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatKey } from '../../bytes/note-key.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { sealCustodianShare } from '../../keys/threshold/custodian-share.ts';
import { dealKey } from '../../keys/threshold/deal.ts';
import { encodeDividedKey } from '../../keys/threshold/public-key.ts';
import { writeAtomic } from '../local/atomic-file.ts';
import { openFolder } from '../local/vault-folder.ts';
import { IntentLog } from './intent-log.ts';
import { requestPublicKey } from './request-key.ts';
import { checkAddress, custodyOf, writeCustody } from './vault-custody.ts';

export interface DealOptions {
  readonly passphrase: string;
  /** Custodians needed for a decryption. */
  readonly threshold: number;
  /** Where each will answer, and the passphrase of its share. */
  readonly custodians: readonly { readonly address: string; readonly passphrase: string }[];
  /** Ask two quorums that have nobody in common each time: there must be custodians enough. */
  readonly confirm?: boolean;
  /** A folder for the shares; files that are there are not replaced. */
  readonly out: string;
}

/**
 * Divide a new key for a vault: a sealed share for each custodian, and in the vault the public key alone. Tables
 * whose schema says "custody": "divided" are encrypted under it.
 *
 * The shares are written before the vault knows of the key. The secret is never stored.
 * @returns paths of the shares, in the custodians' order
 * @throws VAULT_EXISTS where a file is in the way, USAGE where the vault has a divided key, PARAMETERS_INVALID
 */
export async function dealCustody(vault: string, options: DealOptions): Promise<readonly string[]> {
  const { threshold, custodians, confirm = false } = options;
  const addresses = custodians.map(({ address }) => checkAddress(address));
  if (new Set(addresses).size !== addresses.length) {
    throw new OpalineError('USAGE', { reason: 'two custodians have one address' });
  }
  if (confirm && custodians.length < 2 * threshold) {
    throw new OpalineError('USAGE', { reason: 'two quorums take twice as many custodians as one' });
  }
  const folder = await openFolder(vault, options.passphrase);
  try {
    await using _lock = await folder.host.lock();
    if ((await custodyOf(folder.path, folder.secrets)) !== undefined) {
      throw new OpalineError('USAGE', { reason: 'the vault has a divided key already' });
    }
    const out = resolve(options.out);
    await mkdir(out, { recursive: true, mode: 0o700 });
    const paths = custodians.map((_, i) => join(out, `custodian-${i + 1}.share`));
    for (const path of paths) {
      if ((await stat(path).catch(() => undefined)) === undefined) continue;
      throw new OpalineError('VAULT_EXISTS', { path });
    }
    const log = await IntentLog.open(folder.path, folder.secrets);
    const { key, shares } = await dealKey(threshold, custodians.length);
    for (const [i, share] of shares.entries()) {
      const sealed = await sealCustodianShare(
        {
          key: key.id,
          division: key.division,
          custodians: custodians.length,
          share,
          owner: folder.secrets.publicKey,
          gate: requestPublicKey(folder.secrets),
          log: formatKey(log.key),
        },
        custodians[i]!.passphrase,
      );
      share.residues.fill(0);
      await writeAtomic(paths[i]!, sealed);
    }
    await writeCustody(folder.path, folder.secrets, {
      publicKey: encodeDividedKey(key),
      addresses,
      confirm,
    });
    return paths;
  } finally {
    await folder.secrets.close();
  }
}
