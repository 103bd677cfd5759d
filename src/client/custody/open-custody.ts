import type { Custody } from '../../gate/custody/custody.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { decodeDividedKey } from '../../keys/threshold/public-key.ts';
import { askCustodian, custodianIsThere } from '../../store/backends/http/custodian.ts';
import { type CustodianLink, Custodians } from './custodians.ts';
import { IntentLog } from './intent-log.ts';
import { requestKey } from './request-key.ts';
import { custodyOf } from './vault-custody.ts';

/** The custodians of a vault in a folder; undefined where no key was divided. @throws VAULT_CORRUPT, LOG_INVALID */
export async function openCustody(
  folder: string,
  secrets: VaultSecrets,
): Promise<Custody | undefined> {
  const custody = await custodyOf(folder, secrets);
  if (custody === undefined) return undefined;
  const key = decodeDividedKey(custody.publicKey);
  return new Custodians({
    key,
    links: custody.addresses.map((address, i) => remoteCustodian(i + 1, address)),
    signing: requestKey(secrets),
    confirm: custody.confirm,
    log: await IntentLog.open(folder, secrets),
  });
}

/** A custodian at an address. */
export function remoteCustodian(index: number, address: string): CustodianLink {
  return {
    index,
    name: address,
    isThere: (options) => custodianIsThere(address, options),
    ask: (request, options) => askCustodian(address, request, options),
  };
}
