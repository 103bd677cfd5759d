/**
 * Key generation and symmetric encryption. Secret: only the vault's keys may import this.
 */
import type { Encryptor as SealEncryptor, SecretKey } from 'node-seal/throws';
import { OpalineError } from '../../errors/index.ts';
import type { AnyParameters, Parameters } from '../../params/parameters.ts';
import type { SeededCiphertext } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { guard, own, type Owned } from './handles.ts';
import { packSecret, unpackSecret } from './secret-key.ts';
import { newPlaintext, readSecretKey, writeSecretKey } from './wire-plaintext.ts';
import { readSeededCiphertext } from './wire.ts';

/**
 * A fresh ternary secret from SEAL's generator, in the bytes of secret-key.ts: it serves every
 * parameter set of the same degree.
 */
export async function generateSecretKey(parameters: Parameters): Promise<Uint8Array> {
  const { seal, context, keyParmsId, keyPrimes } = await sealContext(parameters);
  return guard('INTERNAL', { reason: 'SEAL could not make a key' }, () => {
    using generator = own(new seal.KeyGenerator(context));
    using secret = own(generator.it.secretKey());
    const bytes = sealBytes(secret.it.saveToArray(seal.ComprModeType.none));
    const residues = readSecretKey(bytes, keyParmsId, parameters.n, keyPrimes);
    bytes.fill(0);
    const packed = packSecret(parameters, residues);
    residues.fill(0);
    return packed;
  });
}

/**
 * SEAL's secret key for packed bytes, under the parameters of the context.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export function loadSecretKey(
  sealed: SealContext<AnyParameters>,
  packed: Uint8Array,
): Owned<SecretKey> {
  const { seal, context, parameters, keyParmsId, keyPrimes } = sealed;
  const residues = unpackSecret(parameters, packed);
  const bytes = writeSecretKey(keyParmsId, residues, keyPrimes);
  residues.fill(0);
  const secret = own(new seal.SecretKey());
  try {
    guard('BYTES_INVALID', { what: 'a secret key', reason: 'refused by SEAL' }, () => {
      secret.it.loadFromArray(context, bytes);
    });
  } catch (error) {
    secret[Symbol.dispose]();
    throw error;
  } finally {
    bytes.fill(0);
  }
  return secret;
}

/** Encrypts under one secret; owns its SEAL objects, not the secret. */
export interface Encryptor extends Disposable {
  encrypt(values: ArrayLike<bigint> | Float64Array): SeededCiphertext;
}

/** SEAL's own, of a secret that outlives it. */
export function symmetricEncryptor(
  { seal, context }: SealContext<AnyParameters>,
  secret: SecretKey,
): Owned<SealEncryptor> {
  return guard('INTERNAL', { reason: 'SEAL could not make an encryptor' }, () => {
    // SEAL's constructor wants a public key even where only the secret one is used.
    using generator = own(new seal.KeyGenerator(context, secret));
    using publicKey = own(generator.it.createPublicKey());
    return own(new seal.Encryptor(context, publicKey.it, secret));
  });
}

/** @param write sets the coefficients of a plaintext, low and high half each, to hold the values */
export function createEncryptor(
  sealed: SealContext<AnyParameters>,
  secret: SecretKey,
  write: (halves: Uint32Array, values: ArrayLike<bigint> | Float64Array) => void,
): Encryptor {
  const { seal, context, parameters, fresh } = sealed;
  const encryptor = symmetricEncryptor(sealed, secret);
  const frame = newPlaintext(parameters.n);
  return {
    encrypt(values) {
      write(frame.halves, values);
      try {
        return guard('INTERNAL', { reason: 'SEAL could not encrypt' }, () => {
          using plaintext = own(new seal.Plaintext());
          plaintext.it.loadFromArray(context, frame.bytes);
          using ciphertext = own(encryptor.it.encryptSymmetricSerializable(plaintext.it));
          const bytes = sealBytes(ciphertext.it.saveToArray(seal.ComprModeType.none));
          return readSeededCiphertext(bytes, fresh);
        });
      } finally {
        frame.halves.fill(0);
      }
    },
    [Symbol.dispose]: () => {
      encryptor[Symbol.dispose]();
    },
  };
}

function sealBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new OpalineError('INTERNAL', { reason: 'SEAL returned no bytes' });
}
