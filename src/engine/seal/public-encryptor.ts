/** Encryption under a public key alone: no secret is near. */
import type { Encryptor as SealEncryptor } from 'node-seal/throws';
import type { CheckParameters, Parameters } from '../../params/parameters.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import { writeCoefficients, writeResidues } from '../coefficients.ts';
import type { PublicCheckEngine, PublicKeyEngine, WholeCiphertext } from '../engine.ts';
import { sealContext } from './context.ts';
import { guard, own, type Owned } from './handles.ts';
import { newPlaintext } from './wire-plaintext.ts';
import { readCiphertext, writeCiphertext } from './wire.ts';

/** A public key (−(a·s + e), a): evaluation form, one limb for each data prime and the special one. */
export interface PublicKeyHalves {
  readonly b: Uint32Array;
  readonly a: Uint32Array;
}

/** @throws BYTES_INVALID for halves that the parameters do not have, or that SEAL refuses */
export async function createPublicKeyEngine(
  parameters: Parameters,
  halves: PublicKeyHalves,
): Promise<PublicKeyEngine> {
  const encryptor = await createEncryptor(parameters, halves);
  return {
    kind: 'seal',
    parameters,
    encrypt: (values) =>
      encryptor.encrypt((words) => writeCoefficients(words, values, parameters.plainBits)),
    [Symbol.dispose]: () => encryptor[Symbol.dispose](),
  };
}

/** The same of columns that verify sums under that key, which is of no plaintext modulus. */
export async function createPublicCheckEngine(
  parameters: CheckParameters,
  halves: PublicKeyHalves,
): Promise<PublicCheckEngine> {
  const encryptor = await createEncryptor(parameters, halves);
  return {
    parameters,
    encrypt: (residues) =>
      encryptor.encrypt((words) => writeResidues(words, residues, parameters.plainPrime)),
    [Symbol.dispose]: () => encryptor[Symbol.dispose](),
  };
}

interface Encryptor extends Disposable {
  /** @param write sets the coefficients of a plaintext, low and high half each */
  encrypt(write: (halves: Uint32Array) => void): WholeCiphertext;
}

/**
 * SEAL's encryption under a public key. c1 is brought to evaluation form here, where the store would do it for a
 * seeded one: what is uploaded is what is kept.
 */
async function createEncryptor(
  parameters: Parameters | CheckParameters,
  { b, a }: PublicKeyHalves,
): Promise<Encryptor> {
  const { seal, context, keyPrimes, keyParmsId, fresh } = await sealContext(parameters);
  const { n } = parameters;
  const shape = { parmsId: keyParmsId, n, primes: keyPrimes, form: 'evaluation' } as const;
  // A public key's bytes are those of the ciphertext it is (native/src/seal/publickey.h).
  const bytes = writeCiphertext(shape, b, a);
  const publicKey = own(new seal.PublicKey());
  const refused = { what: 'a public key', reason: 'refused by SEAL' };
  let encryptor: Owned<SealEncryptor>;
  try {
    encryptor = guard('BYTES_INVALID', refused, () => {
      publicKey.it.loadFromArray(context, bytes);
      return own(new seal.Encryptor(context, publicKey.it));
    });
  } catch (error) {
    publicKey[Symbol.dispose]();
    throw error;
  }
  const ring = createWasmRing(n, parameters.dataPrimes);
  const span = ring.allocate(n * parameters.dataPrimes.length);
  const frame = newPlaintext(n);
  return {
    encrypt(write) {
      write(frame.halves);
      try {
        return guard('INTERNAL', { reason: 'SEAL could not encrypt' }, () => {
          using plaintext = own(new seal.Plaintext());
          using ciphertext = own(new seal.Ciphertext());
          plaintext.it.loadFromArray(context, frame.bytes);
          encryptor.it.encrypt(plaintext.it, ciphertext.it);
          const saved: unknown = ciphertext.it.saveToArray(seal.ComprModeType.none);
          const { c0, c1 } = readCiphertext(
            saved instanceof Uint8Array ? saved : new Uint8Array(),
            fresh,
          );
          ring.view(span).set(c1);
          ring.forwardNtt(span);
          return { c0, c1: ring.view(span).slice() };
        });
      } finally {
        frame.halves.fill(0);
      }
    },
    [Symbol.dispose]: () => {
      encryptor[Symbol.dispose]();
      publicKey[Symbol.dispose]();
    },
  };
}
