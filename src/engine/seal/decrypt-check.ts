/**
 * The vault's engine for columns that verify sums. Secret: only the vault's keys may import this.
 */
import { OpalineError } from '../../errors/index.ts';
import type { CheckParameters } from '../../params/parameters.ts';
import type { CheckEngine } from '../engine.ts';
import { sealContext } from './context.ts';
import { createSumDecryptor } from './decrypt-sums.ts';
import { createEncryptor, type Encryptor, loadSecretKey } from './encrypt.ts';

const TWO_32 = 2 ** 32;

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

/** Residues as 64-bit words, zero past the last. */
function writeResidues(halves: Uint32Array, residues: Float64Array, prime: number): void {
  let inRange = 2 * residues.length <= halves.length;
  for (let i = 0; i < residues.length && inRange; i += 1) {
    const residue = residues[i]!;
    inRange = Number.isInteger(residue) && residue >= 0 && residue < prime;
    const high = Math.floor(residue / TWO_32);
    halves[2 * i] = residue - high * TWO_32;
    halves[2 * i + 1] = high;
  }
  if (inRange) {
    halves.fill(0, 2 * residues.length);
    return;
  }
  halves.fill(0);
  throw new OpalineError('INTERNAL', { reason: 'a check is not a residue of its modulus' });
}
