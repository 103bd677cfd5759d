import type { LweSample } from '../../src/engine/engine.ts';
import { sealContext } from '../../src/engine/seal/context.ts';
import { decryptBytes, openSecret } from '../../src/engine/seal/decrypt-bytes.ts';
import { writeCiphertext } from '../../src/engine/seal/wire.ts';
import type { CheckParameters, Parameters } from '../../src/params/parameters.ts';
import { plainModulus } from '../../src/params/plain-modulus.ts';

/** Opens sums as SEAL does, all coefficients of a ciphertext at once: what decrypt-sums.ts is compared with. */
export interface SealSums extends Disposable {
  /** The message in [0, t). */
  residue(sample: LweSample): bigint;
}

export async function openSealSums(
  parameters: Parameters | CheckParameters,
  packedSecret: Uint8Array,
): Promise<SealSums> {
  const context = await sealContext(parameters);
  const opened = openSecret(context, packedSecret);
  return {
    residue: ({ limbs, a, b }) => {
      const shape = context.level(limbs)!;
      const constant = new Uint32Array(a.length);
      b.forEach((residue, limb) => (constant[limb * parameters.n] = residue));
      const bytes = writeCiphertext(shape, constant, a);
      const t = plainModulus(parameters);
      return decryptBytes(context, opened.decryptor, bytes, 'a sum', t, (halves) => {
        return (BigInt(halves[1] ?? 0) << 32n) | BigInt(halves[0] ?? 0);
      });
    },
    [Symbol.dispose]: () => opened[Symbol.dispose](),
  };
}
