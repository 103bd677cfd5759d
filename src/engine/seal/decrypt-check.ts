/**
 * The vault's engine for columns that verify sums. Secret: only the vault's keys may import this.
 */
import type { CheckParameters } from '../../params/parameters.ts';
import { writeResidues } from '../coefficients.ts';
import type { CheckEngine } from '../engine.ts';
import { sealContext } from './context.ts';
import { createSumDecryptor } from './decrypt-sums.ts';
import { createEncryptor, type Encryptor, loadSecretKey } from './encrypt.ts';

/**
 * Encryption and decryption modulo a prime under a packed secret (secret-key.ts), which may be that of the
 * sums: SEAL's ciphertexts of either are LWE samples of one secret. Dispose it: SEAL wipes its copy then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export async function createSealCheckEngine(
  parameters: CheckParameters,
  secretKeyBytes: Uint8Array,
): Promise<CheckEngine> {
  const context = await sealContext(parameters);
  const secret = loadSecretKey(context, secretKeyBytes);
  const checks = createSumDecryptor(parameters, secretKeyBytes);
  // Made when first needed: it comes with a public key, and a query only decrypts.
  let encryptor: Encryptor | undefined;
  return {
    parameters,
    encrypt: (residues) => {
      encryptor ??= createEncryptor(context, secret.it, (halves, all) =>
        writeResidues(halves, all as Float64Array, parameters.plainPrime),
      );
      return encryptor.encrypt(residues);
    },
    decrypt: (sample) => checks.decrypt(sample),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      checks[Symbol.dispose]();
      secret[Symbol.dispose]();
    },
  };
}
