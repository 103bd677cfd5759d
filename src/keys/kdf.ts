import { argon2id } from '@noble/hashes/argon2.js';
import { nodeCrypto } from '../bytes/native.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** Argon2id cost, stored beside the salt so that it can be raised later. */
export interface KdfCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const KEY_BYTES = 32;

/** RFC 9106, §4, the second recommended option: 64 MiB, 3 passes, 4 lanes. */
export const DEFAULT_COST: KdfCost = { memory: 65_536, passes: 3, parallelism: 4 };

/** The least that a new vault may be given: OWASP's Password Storage Cheat Sheet, "Argon2id": 19 MiB, 2 passes, 1 lane. */
export const LEAST_COST: KdfCost = { memory: 19_456, passes: 2, parallelism: 1 };

/** @throws USAGE for a cost below `LEAST_COST`, or above what opening a vault takes */
export function requireCost(cost: KdfCost): void {
  const { memory, passes, parallelism } = cost;
  const whole = [memory, passes, parallelism].every((number) => Number.isInteger(number));
  const enough = memory >= LEAST_COST.memory && passes >= LEAST_COST.passes;
  if (whole && enough && costIsSane(cost)) return;
  throw new OpalineError('USAGE', {
    reason:
      'passphraseCost is from 19,456 KiB and 2 passes up to 1 GiB, 64 passes, 64 lanes and 4 GiB passed over in all',
  });
}

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
  const message = messageOf(passphrase);
  if (nodeCrypto !== undefined && 'argon2Sync' in nodeCrypto) {
    return new Uint8Array(nodeCrypto.argon2Sync('argon2id', nativeCost(message, salt, cost)));
  }
  const { memory, passes, parallelism } = cost;
  return argon2id(message, salt, { t: passes, m: memory, p: parallelism, dkLen: KEY_BYTES });
}

/** As `stretchPassphrase`, on another thread where node:crypto has one to offer. */
export async function stretchPassphraseAside(
  passphrase: string,
  salt: Uint8Array,
  cost: KdfCost,
): Promise<Uint8Array> {
  if (nodeCrypto === undefined || !('argon2' in nodeCrypto)) {
    return stretchPassphrase(passphrase, salt, cost);
  }
  const { argon2 } = nodeCrypto;
  const parameters = nativeCost(messageOf(passphrase), salt, cost);
  return await new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}

function messageOf(passphrase: string): Uint8Array {
  return new TextEncoder().encode(passphrase.normalize('NFC'));
}

function nativeCost(
  message: Uint8Array,
  nonce: Uint8Array,
  cost: KdfCost,
): KdfCost & { message: Uint8Array; nonce: Uint8Array; tagLength: number } {
  return { ...cost, message, nonce, tagLength: KEY_BYTES };
}
