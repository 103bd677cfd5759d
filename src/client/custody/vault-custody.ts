import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Reader, Writer } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { CUSTODY_FILE } from '../local/vault-files.ts';
import { fileAt } from '../local/atomic-file.ts';
import { readSealedFile, type SealedFile, writeSealedFile } from '../local/sealed-file.ts';

/** What a vault knows of its divided key: nothing of the secret. */
export interface VaultCustody {
  /** An encoded public key (keys/threshold/public-key.ts). */
  readonly publicKey: Uint8Array;
  /** Where custodians answer, in the order of their numbers, from 1. */
  readonly addresses: readonly string[];
  /** Ask two quorums that have nobody in common, and compare. */
  readonly confirm: boolean;
}

const MOST_ADDRESS = 2048;
const MOST_KEY = 1 << 20;

/** The vault's custody; undefined where no key was divided. @throws VAULT_CORRUPT */
export async function custodyOf(
  folder: string,
  secrets: VaultSecrets,
): Promise<VaultCustody | undefined> {
  const found = await stat(join(folder, CUSTODY_FILE)).catch(() => undefined);
  if (found === undefined) return undefined;
  return await readSealedFile(sealed(folder, secrets), readCustody);
}

/** Keep it: sealed, so that nobody puts another public key in its place. @throws STORE_IO */
export async function writeCustody(
  folder: string,
  secrets: VaultSecrets,
  { publicKey, addresses, confirm }: VaultCustody,
): Promise<void> {
  const content = new Writer(MOST_KEY).bytes(publicKey);
  content.u8(confirm ? 1 : 0).u32(addresses.length);
  for (const address of addresses) content.text(address);
  await writeSealedFile(sealed(folder, secrets), content);
}

/** An address that a custodian may have: http or https, a host and nothing secret. @throws USAGE */
export function checkAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !plain || !/^https?:$/.test(url.protocol)) {
    throw new OpalineError('USAGE', {
      reason: 'a custodian’s address is http(s)://host[:port][/path]',
    });
  }
  return url.href.replace(/\/$/, '');
}

function readCustody(reader: Reader): VaultCustody {
  const publicKey = reader.bytes(MOST_KEY).slice();
  const confirm = reader.u8();
  if (confirm > 1) reader.fail('neither with nor without a second quorum');
  const addresses = Array.from({ length: reader.count(4, 64) }, () => reader.text(MOST_ADDRESS));
  return { publicKey, addresses, confirm: confirm === 1 };
}

function sealed(folder: string, secrets: VaultSecrets): SealedFile {
  const file = fileAt(join(folder, CUSTODY_FILE));
  return { file, key: secrets.localKey('custody'), type: 'CUST' };
}
