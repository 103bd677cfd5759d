/**
 * The vault's engine for products. Secret: only the vault's keys may import this.
 */
import type { Decryptor } from 'node-seal/throws';
import type { ProductParameters } from '../../params/parameters.ts';
import { plainModulus } from '../../params/plain-modulus.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import type { ProductEngine, ProductSum } from '../engine.ts';
import { Slots } from '../slots.ts';
import { sealContext, type SealContext } from './context.ts';
import { createEncryptor, loadSecretKey, type Encryptor } from './encrypt.ts';
import { guard, own, type Owned } from './handles.ts';
import { invalidBytes } from './wire-frame.ts';
import { readPlaintext } from './wire-plaintext.ts';
import { writeProductCiphertext } from './wire.ts';

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
  let decryptor: Owned<Decryptor>;
  try {
    decryptor = guard('INTERNAL', { reason: 'SEAL could not make a decryptor' }, () =>
      own(new context.seal.Decryptor(context.context, secret.it)),
    );
  } catch (error) {
    secret[Symbol.dispose]();
    throw error;
  }
  const slots = new Slots(createWasmRing(parameters.n, parameters.plainPrimes));
  let encryptor: Encryptor | undefined;
  return {
    parameters,
    encrypt: (values) => {
      encryptor ??= createEncryptor(context, secret.it, slotWriter(slots));
      return encryptor.encrypt(values);
    },
    decryptTotal: (sum) => decryptTotal(context, decryptor.it, slots, sum),
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      decryptor[Symbol.dispose]();
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

/** Throws BYTES_INVALID for a level, length or residue that the parameters do not have. */
function decryptTotal(
  sealed: SealContext<ProductParameters>,
  decryptor: Decryptor,
  slots: Slots,
  { limbs, polynomials }: ProductSum,
): bigint {
  const what = 'an encrypted sum of products';
  const { seal, context, parameters } = sealed;
  const level = sealed.level(limbs);
  if (level === undefined) {
    throw invalidBytes(what, `${limbs} limbs are no level of its parameters`);
  }
  const t = plainModulus(parameters);
  const correction = correctionFactor(parameters, limbs);
  const bytes = writeProductCiphertext({ ...level, correction }, polynomials);
  return guard('BYTES_INVALID', { what, reason: 'refused by SEAL' }, () => {
    using ciphertext = own(new seal.Ciphertext());
    using plaintext = own(new seal.Plaintext());
    ciphertext.it.loadFromArray(context, bytes);
    decryptor.decrypt(ciphertext.it, plaintext.it);
    const saved: unknown = plaintext.it.saveToArray(seal.ComprModeType.none);
    const out = saved instanceof Uint8Array ? saved : new Uint8Array();
    const halves = readPlaintext(out, parameters.n, t);
    const total = slots.total(halves);
    slots.wipe();
    halves.fill(0);
    out.fill(0);
    return total;
  });
}

/** What switching from all data primes to `limbs` of them multiplies a plaintext by: ∏ p^-1 mod t. */
function correctionFactor(parameters: ProductParameters, limbs: number): bigint {
  const t = plainModulus(parameters);
  const dropped = parameters.dataPrimes.slice(limbs);
  return dropped.reduce((factor, prime) => (factor * inverseModulo(BigInt(prime), t)) % t, 1n);
}

/** a^-1 mod t for coprime a and t (Euclid). */
function inverseModulo(a: bigint, t: bigint): bigint {
  let [old, rest] = [a % t, t];
  let [s, next] = [1n, 0n];
  while (rest !== 0n) {
    const quotient = old / rest;
    [old, rest] = [rest, old - quotient * rest];
    [s, next] = [next, s - quotient * next];
  }
  return ((s % t) + t) % t;
}
