import type { KeyObject } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { nodeCrypto } from './native.ts';

/** DER prefixes of a raw Ed25519 key (RFC 8410, §7 and §4). */
const PKCS8_PREFIX = hexToBytes('302e020100300506032b657004220420');
const SPKI_PREFIX = hexToBytes('302a300506032b6570032100');

/** The 32-byte public key of a 32-byte Ed25519 secret (RFC 8032). */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return ed25519.getPublicKey(secret);
  const key = nodeCrypto.createPublicKey(privateKey(nodeCrypto, secret));
  const spki = key.export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(SPKI_PREFIX.length));
}

/** Ed25519 signature, 64 bytes. */
export function sign(secret: Uint8Array, message: Uint8Array): Uint8Array {
  if (nodeCrypto === undefined) return ed25519.sign(message, secret);
  return new Uint8Array(nodeCrypto.sign(null, message, privateKey(nodeCrypto, secret)));
}

function privateKey(crypto: typeof import('node:crypto'), secret: Uint8Array): KeyObject {
  const key = Buffer.from([...PKCS8_PREFIX, ...secret]);
  return crypto.createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

/** True when the signature is the key's on the message. Malformed input is false, not an error. */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (nodeCrypto === undefined) return ed25519.verify(signature, message, publicKey);
    const key = nodeCrypto.createPublicKey({
      key: Buffer.from([...SPKI_PREFIX, ...publicKey]),
      format: 'der',
      type: 'spki',
    });
    return nodeCrypto.verify(null, message, key, signature);
  } catch {
    return false;
  }
}
