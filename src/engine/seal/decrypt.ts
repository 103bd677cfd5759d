/**
 * The vault's engine. Secret: only the vault's keys may import this; the way from a ciphertext to a
 * plaintext starts here.
 */
import type { Decryptor } from 'node-seal/throws';
import type { Parameters } from '../../params/parameters.ts';
import { signedCoefficient, signedCoefficients, writeCoefficients } from '../coefficients.ts';
import type { LweSample, SecretEngine, SeededCiphertext } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { createEncryptor, type Encryptor } from './encrypt.ts';
import { decryptBytes, openSecret } from './decrypt-bytes.ts';
import { type Frame, invalidBytes } from './wire-frame.ts';
import { sampleFrame, writeSample, writeSeededCiphertext } from './wire.ts';

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
  const frames = new Map<number, Frame>();
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
    decrypt: (sample) => decryptSample(context, decryptor, frames, sample),
    decryptFresh: (ciphertext) => decryptFresh(context, decryptor, ciphertext),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      opened[Symbol.dispose]();
    },
  };
}

/**
 * The signed message of an LWE sample: SEAL decrypts the ciphertext (b + 0·X + …, a), whose
 * constant coefficient is the sample's; the others are noise that nobody reads.
 *
 * Throws BYTES_INVALID for a level, length or residue that the parameters do not have.
 *
 * @param frames what ciphertexts of so many limbs are written into, one after the other
 */
function decryptSample(
  sealed: SealContext,
  decryptor: Decryptor,
  frames: Map<number, Frame>,
  sample: LweSample,
): bigint {
  const { parameters } = sealed;
  const shape = sealed.level(sample.limbs);
  if (shape === undefined) {
    throw invalidBytes('an encrypted sum', `${sample.limbs} limbs are no level of its parameters`);
  }
  if (sample.b.length !== sample.limbs) {
    throw invalidBytes('an encrypted sum', 'a constant of the wrong length');
  }
  const frame = frames.get(sample.limbs) ?? sampleFrame(shape);
  frames.set(sample.limbs, frame);
  const bytes = writeSample(frame, shape, sample.b, sample.a);
  return decryptBytes(
    sealed,
    decryptor,
    bytes,
    'an encrypted sum',
    1n << BigInt(parameters.plainBits),
    (halves) => signedCoefficient(halves[0] ?? 0, halves[1] ?? 0, parameters.plainBits),
  );
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
