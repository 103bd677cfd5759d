import { ecb } from '@noble/ciphers/aes.js';
import { OpalineError } from '../errors/opaline-error.ts';
import { nodeCrypto } from './native.ts';

export const AES_BLOCK = 16;

/**
 * AES (FIPS 197) on blocks of 16 bytes, each by itself, under a key of 16 or 32 bytes: a pseudorandom function
 * of distinct blocks under a secret key, a fixed permutation under a public one. It encrypts nothing: equal blocks
 * give equal blocks.
 * @throws INTERNAL for a key of another length, or bytes that are not whole blocks
 */
export function aesBlocks(key: Uint8Array): (blocks: Uint8Array) => Uint8Array {
  if (key.length !== 16 && key.length !== 32) throw misuse('a key has 16 or 32 bytes');
  const apply = nodeCrypto === undefined ? portable(key) : native(key, nodeCrypto);
  return (blocks) => {
    if (blocks.length % AES_BLOCK !== 0) throw misuse('not whole blocks');
    return blocks.length === 0 ? blocks : apply(blocks);
  };
}

/** In ECB mode blocks do not depend on those before, so that one cipher serves all calls. */
function native(
  key: Uint8Array,
  { createCipheriv }: NonNullable<typeof nodeCrypto>,
): (blocks: Uint8Array) => Uint8Array {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-ecb' : 'aes-256-ecb', key, null);
  cipher.setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
}

function portable(key: Uint8Array): (blocks: Uint8Array) => Uint8Array {
  // A cipher of @noble's is used up by one call.
  const own = key.slice();
  return (blocks) => ecb(own, { disablePadding: true }).encrypt(blocks);
}

function misuse(reason: string): OpalineError {
  return new OpalineError('INTERNAL', { reason: `aes: ${reason}` });
}
