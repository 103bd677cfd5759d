/**
 * The vault's engine for products. Secret: only the vault's keys may import this.
 */
import type { ProductParameters } from '../../params/parameters.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import type { ProductEngine } from '../engine.ts';
import { Slots } from '../slots.ts';
import { sealContext } from './context.ts';
import { createProductDecryptor } from './decrypt-product-sums.ts';
import { createEncryptor, type Encryptor, loadSecretKey } from './encrypt.ts';

/**
 * Encryption to slots, and decryption of sums of products, under a packed secret (secret-key.ts).
 * Dispose it: SEAL wipes its copy of the secret then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export async function createSealProductEngine(
  parameters: ProductParameters,
  secretKeyBytes: Uint8Array,
): Promise<ProductEngine> {
  const context = await sealContext(parameters);
  const secret = loadSecretKey(context, secretKeyBytes);
  const sums = createProductDecryptor(parameters, secretKeyBytes);
  const slots = new Slots(createWasmRing(parameters.n, parameters.plainPrimes));
  let encryptor: Encryptor | undefined;
  return {
    parameters,
    encrypt: (values) => {
      encryptor ??= createEncryptor(context, secret.it, slotWriter(slots));
      return encryptor.encrypt(values);
    },
    decryptTotal: (sum) => sums.decryptTotal(sum),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      sums[Symbol.dispose]();
      secret[Symbol.dispose]();
    },
  };
}

function slotWriter(
  slots: Slots,
): (halves: Uint32Array, values: ArrayLike<bigint> | Float64Array) => void {
  const coefficients = new Float64Array(slots.n);
  return (halves, values) => {
    slots.coefficients(values, coefficients);
    slots.wipe();
    for (let i = 0; i < slots.n; i += 1) {
      const signed = coefficients[i] ?? 0;
      const value = signed < 0 ? signed + slots.modulus : signed;
      halves[2 * i] = value;
      halves[2 * i + 1] = value / 2 ** 32;
    }
    coefficients.fill(0);
  };
}
