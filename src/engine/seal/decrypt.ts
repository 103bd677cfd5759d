/**
 * The vault's engine. Secret: only the vault's keys may import this; the way from a ciphertext to a
 * plaintext starts here.
 */
import type { Decryptor } from 'node-seal/throws';
import type { Parameters } from '../../params/parameters.ts';
import { signedCoefficient, writeCoefficients } from '../coefficients.ts';
import type { LweSample, SecretEngine } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { createEncryptor, loadSecretKey, type Encryptor } from './encrypt.ts';
import { guard, own, type Owned } from './handles.ts';
import { invalidBytes } from './wire-frame.ts';
import { readPlaintext } from './wire-plaintext.ts';
import { writeCiphertext } from './wire.ts';

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
  const secret = loadSecretKey(context, secretKeyBytes);
  let decryptor: Owned<Decryptor>;
  try {
    decryptor = guard('INTERNAL', { reason: 'SEAL could not make a decryptor' }, () =>
      own(new context.seal.Decryptor(context.context, secret.it)),
    );
  } catch (error) {
    secret[Symbol.dispose]();
    throw error;
  }
  // Made when first needed: it comes with a public key, and a query only decrypts.
  let encryptor: Encryptor | undefined;
  return {
    kind: 'seal',
    parameters,
    encrypt: (values) => {
      encryptor ??= createEncryptor(context, secret.it, (halves, all) =>
        writeCoefficients(halves, all, parameters.plainBits),
      );
      return encryptor.encrypt(values);
    },
    decrypt: (sample) => decryptSample(context, decryptor.it, sample),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      decryptor[Symbol.dispose]();
      secret[Symbol.dispose]();
    },
  };
}

/**
 * The signed message of an LWE sample: SEAL decrypts the ciphertext (b + 0·X + …, a), whose
 * constant coefficient is the sample's; the others are noise that nobody reads.
 *
 * Throws BYTES_INVALID for a level, length or residue that the parameters do not have.
 */
function decryptSample(sealed: SealContext, decryptor: Decryptor, sample: LweSample): bigint {
  const { seal, context, parameters } = sealed;
  const shape = sealed.level(sample.limbs);
  if (shape === undefined) {
    throw invalidBytes('an encrypted sum', `${sample.limbs} limbs are no level of its parameters`);
  }
  if (sample.b.length !== sample.limbs) {
    throw invalidBytes('an encrypted sum', 'a constant of the wrong length');
  }
  const bytes = writeCiphertext(shape, sample.b, sample.a);
  return guard('BYTES_INVALID', { what: 'an encrypted sum', reason: 'refused by SEAL' }, () => {
    using ciphertext = own(new seal.Ciphertext());
    using plaintext = own(new seal.Plaintext());
    ciphertext.it.loadFromArray(context, bytes);
    decryptor.decrypt(ciphertext.it, plaintext.it);
    const saved: unknown = plaintext.it.saveToArray(seal.ComprModeType.none);
    const out = saved instanceof Uint8Array ? saved : new Uint8Array();
    const halves = readPlaintext(out, parameters.n, 1n << BigInt(parameters.plainBits));
    const message = signedCoefficient(halves[0] ?? 0, halves[1] ?? 0, parameters.plainBits);
    halves.fill(0);
    out.fill(0);
    return message;
  });
}
