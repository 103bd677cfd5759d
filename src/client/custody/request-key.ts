import { publicKeyOf } from '../../bytes/signature.ts';
import type { VaultSecrets } from '../../keys/secret.ts';

/** The 32-byte Ed25519 secret that signs requests to custodians; not the one that signs manifests. */
export function requestKey(secrets: VaultSecrets): Uint8Array {
  return secrets.localKey('custody-request');
}

/** Its public key, which every custodian has. */
export function requestPublicKey(secrets: VaultSecrets): Uint8Array {
  return publicKeyOf(requestKey(secrets));
}
