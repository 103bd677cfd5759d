/**
 * The vault's engine. Secret: only the vault's keys may import this; the way from a ciphertext to a
 * plaintext starts here.
 */
import type { Decryptor } from 'node-seal/throws';
import type { Parameters } from '../../params/parameters.ts';
import { signedCoefficients, writeCoefficients } from '../coefficients.ts';
import type { SecretEngine, SeededCiphertext } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { createEncryptor, type Encryptor } from './encrypt.ts';
import { decryptBytes, openSecret } from './decrypt-bytes.ts';
import { createSumDecryptor } from './decrypt-sums.ts';
import { writeSeededCiphertext } from './wire.ts';

/**
 * Encryption and decryption under a packed secret (secret-key.ts). Dispose it: SEAL wipes its copy
 * of the secret then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export async function createSealSecretEngine(
  parameters: Parameters,
  secretKeyBytes: Uint8Array,
): Promise<SecretEngine> {
  const context = await sealContext(parameters);
  const opened = openSecret(context, secretKeyBytes);
  const { secret, decryptor } = opened;
  const sums = createSumDecryptor(parameters, secretKeyBytes);
  // Made when first needed: it comes with a public key, and a query only decrypts.
  let encryptor: Encryptor | undefined;
  return {
    kind: 'seal',
    parameters,
    encrypt: (values) => {
      encryptor ??= createEncryptor(context, secret, (halves, all) =>
        writeCoefficients(halves, all, parameters.plainBits),
      );
      return encryptor.encrypt(values);
    },
    decrypt: (sample) => sums.decrypt(sample),
    decryptFresh: (ciphertext) => decryptFresh(context, decryptor, ciphertext),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      sums[Symbol.dispose]();
      opened[Symbol.dispose]();
    },
  };
}

/** Throws BYTES_INVALID for a wrong length or a residue that is not below its prime. */
function decryptFresh(
  sealed: SealContext,
  decryptor: Decryptor,
  { c0, seed }: SeededCiphertext,
): Float64Array {
  const { n, plainBits } = sealed.parameters;
  const bytes = writeSeededCiphertext(sealed.fresh, c0, seed);
  return decryptBytes(
    sealed,
    decryptor,
    bytes,
    'a seeded ciphertext',
    1n << BigInt(plainBits),
    (halves) => signedCoefficients(halves, n, plainBits),
  );
}
