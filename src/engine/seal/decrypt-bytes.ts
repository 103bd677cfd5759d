/**
 * A secret in SEAL's memory and what decrypts under it. Secret: for the vault's engines alone.
 */
import type { Decryptor, SecretKey } from 'node-seal/throws';
import type { AnyParameters } from '../../params/parameters.ts';
import type { SealContext } from './context.ts';
import { loadSecretKey } from './encrypt.ts';
import { guard, own } from './handles.ts';
import { readPlaintext } from './wire-plaintext.ts';

export interface OpenSecret extends Disposable {
  readonly secret: SecretKey;
  readonly decryptor: Decryptor;
}

/**
 * Dispose it: SEAL wipes its copy of the secret then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret (secret-key.ts) of the parameters' degree
 */
export function openSecret(sealed: SealContext<AnyParameters>, packed: Uint8Array): OpenSecret {
  const { seal, context } = sealed;
  const secret = loadSecretKey(sealed, packed);
  try {
    const decryptor = guard('INTERNAL', { reason: 'SEAL could not make a decryptor' }, () =>
      own(new seal.Decryptor(context, secret.it)),
    );
    return {
      secret: secret.it,
      decryptor: decryptor.it,
      [Symbol.dispose]: () => {
        decryptor[Symbol.dispose]();
        secret[Symbol.dispose]();
      },
    };
  } catch (error) {
    secret[Symbol.dispose]();
    throw error;
  }
}

/**
 * What `read` makes of a decrypted polynomial: the 32-bit halves of its coefficients modulo
 * `plainModulus`, low first, which are wiped after it.
 *
 * @param bytes a ciphertext in SEAL's own format, written by wire.ts
 * @param what for messages
 * @throws BYTES_INVALID where SEAL refuses them
 */
export function decryptBytes<T>(
  { seal, context, parameters }: SealContext<AnyParameters>,
  decryptor: Decryptor,
  bytes: Uint8Array,
  what: string,
  plainModulus: bigint,
  read: (halves: Uint32Array) => T,
): T {
  return guard('BYTES_INVALID', { what, reason: 'refused by SEAL' }, () => {
    using ciphertext = own(new seal.Ciphertext());
    using plaintext = own(new seal.Plaintext());
    ciphertext.it.loadFromArray(context, bytes);
    decryptor.decrypt(ciphertext.it, plaintext.it);
    const saved: unknown = plaintext.it.saveToArray(seal.ComprModeType.none);
    const out = saved instanceof Uint8Array ? saved : new Uint8Array();
    const halves = readPlaintext(out, parameters.n, plainModulus);
    const value = read(halves);
    halves.fill(0);
    out.fill(0);
    return value;
  });
}
