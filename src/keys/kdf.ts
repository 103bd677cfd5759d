import { argon2id } from '@noble/hashes/argon2.js';
import { nodeCrypto } from '../bytes/native.ts';

/** Argon2id cost, stored beside the salt so that it can be raised later. */
export interface KdfCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** RFC 9106, §4, the second recommended option: 64 MiB, 3 passes, 4 lanes. */
export const DEFAULT_COST: KdfCost = { memory: 65_536, passes: 3, parallelism: 4 };

/** Limits on a cost read from a file, so that an altered one cannot exhaust the machine. */
export function costIsSane(cost: KdfCost): boolean {
  return (
    cost.memory >= 8 * cost.parallelism &&
    cost.memory <= 1024 * 1024 &&
    cost.memory * cost.passes <= 4 * 1024 * 1024 &&
    cost.passes >= 1 &&
    cost.passes <= 64 &&
    cost.parallelism >= 1 &&
    cost.parallelism <= 64
  );
}

/** 32 bytes from a passphrase (NFC, UTF-8) and a 16-byte salt by Argon2id (RFC 9106). */
export function stretchPassphrase(passphrase: string, salt: Uint8Array, cost: KdfCost): Uint8Array {
  const message = new TextEncoder().encode(passphrase.normalize('NFC'));
  const { memory, passes, parallelism } = cost;
  if (nodeCrypto !== undefined && 'argon2Sync' in nodeCrypto) {
    return new Uint8Array(
      nodeCrypto.argon2Sync('argon2id', {
        message,
        nonce: salt,
        parallelism,
        tagLength: 32,
        memory,
        passes,
      }),
    );
  }
  return argon2id(message, salt, { t: passes, m: memory, p: parallelism, dkLen: 32 });
}
