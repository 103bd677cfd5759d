/**
 * The vault's engine for columns that verify sums. Secret: only the vault's keys may import this.
 */
import { OpalineError } from '../../errors/index.ts';
import type { CheckParameters } from '../../params/parameters.ts';
import { plainModulus } from '../../params/plain-modulus.ts';
import type { CheckEngine, LweSample } from '../engine.ts';
import { sealContext } from './context.ts';
import { createEncryptor, type Encryptor } from './encrypt.ts';
import { decryptBytes, openSecret } from './decrypt-bytes.ts';
import { invalidBytes } from './wire-frame.ts';
import { writeCiphertext } from './wire.ts';

const TWO_32 = 2 ** 32;
const WHAT = 'an encrypted check';

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
  const opened = openSecret(context, secretKeyBytes);
  const { secret, decryptor } = opened;
  const t = plainModulus(parameters);
  // Made when first needed: it comes with a public key, and a query only decrypts.
  let encryptor: Encryptor | undefined;
  return {
    parameters,
    encrypt: (residues) => {
      encryptor ??= createEncryptor(context, secret, (halves, all) =>
        writeResidues(halves, all as Float64Array, parameters.plainPrime),
      );
      return encryptor.encrypt(residues);
    },
    /** Throws BYTES_INVALID for a level, length or residue that the parameters do not have. */
    decrypt: (sample: LweSample) => {
      const shape = context.level(sample.limbs);
      if (shape === undefined) {
        throw invalidBytes(WHAT, `${sample.limbs} limbs are no level of its parameters`);
      }
      if (sample.b.length !== sample.limbs) {
        throw invalidBytes(WHAT, 'a constant of the wrong length');
      }
      const bytes = writeCiphertext(shape, sample.b, sample.a);
      return decryptBytes(
        context,
        decryptor,
        bytes,
        WHAT,
        t,
        (halves) => (BigInt(halves[1] ?? 0) << 32n) | BigInt(halves[0] ?? 0),
      );
    },
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      opened[Symbol.dispose]();
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
