/**
 * The vault's engine for reals. Secret: only the vault's keys may import this.
 */
import type { CKKSEncoder, Decryptor, SecretKey } from 'node-seal/throws';
import { OpalineError } from '../../errors/index.ts';
import type { RealParameters } from '../../params/parameters.ts';
import type { Ring, Span } from '../../ring/ring.ts';
import { createWasmRing } from '../../ring/simd/wasm-ring.ts';
import type { RealCiphertext, RealEngine, SeededCiphertext } from '../engine.ts';
import { sealContext, type SealContext } from './context.ts';
import { openSecret } from './decrypt-bytes.ts';
import { symmetricEncryptor } from './encrypt.ts';
import { guard, own } from './handles.ts';
import { invalidBytes } from './wire-frame.ts';
import { readSeededCiphertext, writeProductCiphertext } from './wire.ts';

/**
 * Encryption to slots, and decryption of ciphertexts of up to four polynomials, under a packed secret
 * (secret-key.ts). Dispose it: SEAL wipes its copy of the secret then.
 *
 * @throws BYTES_INVALID unless the bytes are a packed secret of the parameters' degree
 */
export async function createSealRealEngine(
  parameters: RealParameters,
  secretKeyBytes: Uint8Array,
): Promise<RealEngine> {
  const context = await sealContext(parameters);
  const encoder = guard('INTERNAL', { reason: 'SEAL could not make an encoder' }, () =>
    own(new context.seal.CKKSEncoder(context.context)),
  );
  const opened = openOr(encoder, () => openSecret(context, secretKeyBytes));
  const { secret, decryptor } = opened;
  const ring = createWasmRing(parameters.n, parameters.dataPrimes);
  const span = ring.allocate(parameters.dataPrimes.length * parameters.n);
  let encryptor: RealEncryptor | undefined;
  return {
    parameters,
    encrypt: (values) => {
      encryptor ??= createRealEncryptor(context, secret, encoder.it);
      return encryptor.encrypt(values);
    },
    decrypt: (ciphertext) => {
      const polynomials = toEvaluation(ring, span, ciphertext);
      return decryptSlots(context, decryptor, encoder.it, { ...ciphertext, polynomials });
    },
    [Symbol.dispose]: () => {
      encryptor?.[Symbol.dispose]();
      encoder[Symbol.dispose]();
      opened[Symbol.dispose]();
    },
  };
}

/** What `open` gives; if it throws, `held` is let go. */
function openOr<T>(held: Disposable, open: () => T): T {
  try {
    return open();
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

interface RealEncryptor extends Disposable {
  encrypt(values: Float64Array): SeededCiphertext;
}

function createRealEncryptor(
  sealed: SealContext<RealParameters>,
  secret: SecretKey,
  encoder: CKKSEncoder,
): RealEncryptor {
  const { seal, parameters, fresh } = sealed;
  const encryptor = symmetricEncryptor(sealed, secret);
  const scale = 2 ** parameters.scaleBits;
  return {
    encrypt(values) {
      if (values.length > parameters.n / 2 || values.some((value) => !(Math.abs(value) <= 1))) {
        throw new OpalineError('INTERNAL', { reason: 'values are not as many as slots, up to 1' });
      }
      return guard('INTERNAL', { reason: 'SEAL could not encrypt' }, () => {
        using plaintext = own(new seal.Plaintext());
        encoder.encode(values, scale, plaintext.it);
        using ciphertext = own(encryptor.it.encryptSymmetricSerializable(plaintext.it));
        const bytes: unknown = ciphertext.it.saveToArray(seal.ComprModeType.none);
        return readSeededCiphertext(asBytes(bytes), fresh);
      });
    },
    [Symbol.dispose]: () => encryptor[Symbol.dispose](),
  };
}

/** Throws BYTES_INVALID for a level, length or residue that the parameters do not have. */
function decryptSlots(
  { seal, context, parameters, level }: SealContext<RealParameters>,
  decryptor: Decryptor,
  encoder: CKKSEncoder,
  { limbs, scale, polynomials }: RealCiphertext,
): Float64Array {
  const shape = level(limbs)!;
  const count = polynomials.length / (limbs * parameters.n);
  const bytes = writeProductCiphertext({ ...shape, scale }, polynomials, count, WHAT);
  return guard('BYTES_INVALID', { what: WHAT, reason: 'refused by SEAL' }, () => {
    using ciphertext = own(new seal.Ciphertext());
    using plaintext = own(new seal.Plaintext());
    ciphertext.it.loadFromArray(context, bytes);
    decryptor.decrypt(ciphertext.it, plaintext.it);
    const slots: unknown = encoder.decodeFloat64(plaintext.it);
    if (slots instanceof Float64Array && slots.length === parameters.n / 2) return slots;
    throw new OpalineError('INTERNAL', { reason: 'SEAL decoded no slots' });
  });
}

const WHAT = 'an encrypted score';

/** Throws BYTES_INVALID for limbs, a length or a residue that the ring does not have. */
function toEvaluation(
  ring: Ring,
  whole: Span,
  { limbs, polynomials }: RealCiphertext,
): Uint32Array {
  const { n, moduli } = ring;
  const words = limbs * n;
  if (!Number.isInteger(limbs) || limbs < 1 || limbs > moduli.length) {
    throw invalidBytes(WHAT, `${limbs} limbs are no level of its parameters`);
  }
  const count = polynomials.length / words;
  if (!Number.isInteger(count) || count < 2 || count > 4) {
    throw invalidBytes(WHAT, 'polynomials of the wrong length');
  }
  const out = new Uint32Array(polynomials.length);
  const span = ring.slice(whole, 0, words);
  for (let at = 0; at < polynomials.length; at += words) {
    const residues = polynomials.subarray(at, at + words);
    for (let i = 0; i < words; i += 1) {
      if (residues[i]! >= moduli[Math.floor(i / n)]!) {
        throw invalidBytes(WHAT, 'a coefficient is not below its prime');
      }
    }
    ring.view(span).set(residues);
    ring.forwardNtt(span);
    out.set(ring.view(span), at);
  }
  return out;
}

const asBytes = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array();
