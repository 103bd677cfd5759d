import type { LweSample, ProductSum } from '../../src/engine/engine.ts';
import { sealContext, type SealContext } from '../../src/engine/seal/context.ts';
import { decryptBytes, openSecret } from '../../src/engine/seal/decrypt-bytes.ts';
import { writeCiphertext, writeProductCiphertext } from '../../src/engine/seal/wire.ts';
import { Slots } from '../../src/engine/slots.ts';
import type {
  AnyParameters,
  CheckParameters,
  Parameters,
  ProductParameters,
} from '../../src/params/parameters.ts';
import { plainModulus } from '../../src/params/plain-modulus.ts';
import { product } from '../../src/ring/residues.ts';
import { createWasmRing } from '../../src/ring/simd/wasm-ring.ts';

/** SEAL's decryption, of whole ciphertexts: what decrypt-sums.ts and decrypt-product-sums.ts are compared with. */
interface SealSums<Sum> extends Disposable {
  /** Of a sum the message in [0, t); of a sum of products the total of its slots. */
  decrypt(sum: Sum): bigint;
}

export async function openSealSums(
  parameters: Parameters | CheckParameters,
  packedSecret: Uint8Array,
): Promise<SealSums<LweSample>> {
  const [context, opened] = await openSeal(parameters, packedSecret);
  return {
    decrypt: ({ limbs, a, b }) => {
      const constant = new Uint32Array(a.length);
      b.forEach((residue, limb) => (constant[limb * parameters.n] = residue));
      const bytes = writeCiphertext(context.level(limbs)!, constant, a);
      const t = plainModulus(parameters);
      return decryptBytes(context, opened.decryptor, bytes, 'a sum', t, (halves) =>
        coefficient(halves, 0),
      );
    },
    [Symbol.dispose]: () => opened[Symbol.dispose](),
  };
}

export async function openSealProductSums(
  parameters: ProductParameters,
  packedSecret: Uint8Array,
): Promise<SealSums<ProductSum>> {
  const [context, opened] = await openSeal(parameters, packedSecret);
  const { n, plainPrimes, dataPrimes } = parameters;
  const slots = new Slots(createWasmRing(n, plainPrimes));
  const t = plainModulus(parameters);
  return {
    decrypt: ({ limbs, polynomials }) => {
      // What switching to so many limbs multiplies a plaintext by.
      const correction = inverse(product(dataPrimes.slice(limbs)) % t, t);
      const bytes = writeProductCiphertext({ ...context.level(limbs)!, correction }, polynomials);
      return decryptBytes(context, opened.decryptor, bytes, 'a sum', t, (halves) =>
        slots.totalOf((residues) => {
          residues.fill(0);
          for (let i = 0; 2 * i < halves.length; i += 1) {
            plainPrimes.forEach((prime, half) => {
              residues[half * n + i] = Number(coefficient(halves, i) % BigInt(prime));
            });
          }
        }),
      );
    },
    [Symbol.dispose]: () => {
      slots[Symbol.dispose]();
      opened[Symbol.dispose]();
    },
  };
}

async function openSeal<P extends AnyParameters>(
  parameters: P,
  packedSecret: Uint8Array,
): Promise<[SealContext<P>, ReturnType<typeof openSecret>]> {
  const context = await sealContext(parameters);
  return [context, openSecret(context, packedSecret)];
}

const coefficient = (halves: Uint32Array, i: number): bigint =>
  (BigInt(halves[2 * i + 1] ?? 0) << 32n) | BigInt(halves[2 * i] ?? 0);

/** a^-1 mod t for coprime a and t (Euclid). */
function inverse(a: bigint, t: bigint): bigint {
  let [old, rest, s, next] = [a, t, 1n, 0n];
  while (rest !== 0n) {
    const quotient = old / rest;
    [old, rest, s, next] = [rest, old - quotient * rest, next, s - quotient * next];
  }
  return ((s % t) + t) % t;
}
