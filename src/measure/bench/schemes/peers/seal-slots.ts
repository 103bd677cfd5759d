import type {
  Ciphertext,
  Decryptor,
  Encryptor,
  Evaluator,
  MainModule,
  Plaintext,
  RelinKeys,
  SEALContext,
} from 'node-seal/throws';
import { loadSeal } from '../../../../engine/seal/seal-module.ts';
import type { Opened } from '../support/additive-scheme.ts';

/** A set of parameters, at 128 bits of the HE standard; SEAL refuses any that are less. */
export interface SealSetting {
  readonly scheme: 'bfv' | 'bgv' | 'ckks';
  /** Degree n of the ring. */
  readonly degree: number;
  /** Bits of each prime of the coefficient modulus, the last for key switching. */
  readonly primes: readonly number[];
  /** BFV and BGV: bits of the plaintext modulus. CKKS: of the scale. */
  readonly bits: number;
  /** Sums of products come back with two polynomials instead of three. */
  readonly relinearize: boolean;
}

/** Values in slots and back: what the schemes differ in. */
interface Codec {
  readonly slots: number;
  readonly encode: (value: (slot: number) => number, to: Plaintext) => void;
  /** Σ of the slots. */
  readonly total: (from: Plaintext) => bigint | number;
}

/** node-seal as its own examples use it: keys, an encoder of slots, and the evaluator's calls one by one. */
export class SealSlots implements Disposable {
  readonly slots: number;
  /** Greatest magnitude that a slot can hold; none of CKKS, of which precision is the limit. */
  readonly most: number;
  readonly keyBytes: number;
  private readonly seal: MainModule;
  private readonly context: SEALContext;
  private readonly encryptor: Encryptor;
  private readonly decryptor: Decryptor;
  private readonly evaluator: Evaluator;
  private readonly relin: RelinKeys | undefined;
  private readonly plain: Plaintext;
  private readonly codec: Codec;
  private readonly rescales: boolean;

  private constructor(seal: MainModule, setting: SealSetting) {
    const { scheme, degree, primes, bits, relinearize } = setting;
    const parms = new seal.EncryptionParameters(seal.SchemeType[scheme]);
    parms.setPolyModulusDegree(degree);
    parms.setCoeffModulus(seal.CoeffModulus.Create(degree, Int32Array.from(primes)));
    if (scheme !== 'ckks') parms.setPlainModulus(seal.PlainModulus.Batching(degree, bits));
    const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
    const keys = new seal.KeyGenerator(context);
    const secret = keys.secretKey();
    this.seal = seal;
    this.context = context;
    this.rescales = scheme === 'ckks';
    this.most =
      scheme === 'ckks' ? Infinity : Math.floor(Number(parms.plainModulus().value() - 1n) / 2);
    this.encryptor = new seal.Encryptor(context, keys.createPublicKey(), secret);
    this.decryptor = new seal.Decryptor(context, secret);
    this.evaluator = new seal.Evaluator(context);
    this.plain = new seal.Plaintext();
    this.codec = scheme === 'ckks' ? real(seal, context, bits) : exact(seal, context);
    this.slots = this.codec.slots;
    // The store gets them as bytes, half of which are a seed.
    const sent = relinearize
      ? (keys.createRelinKeysSerializable().saveToArray(seal.ComprModeType.none) as Uint8Array)
      : undefined;
    this.keyBytes = sent?.length ?? 0;
    if (sent !== undefined) {
      this.relin = new seal.RelinKeys();
      this.relin.loadFromArray(context, sent);
    }
  }

  static async create(setting: SealSetting): Promise<SealSlots> {
    return new SealSlots(await loadSeal(), setting);
  }

  encrypt(values: Int32Array): Ciphertext[] {
    return Array.from({ length: Math.ceil(values.length / this.slots) }, (_, chunk) => {
      const first = chunk * this.slots;
      this.codec.encode((slot) => values[first + slot] ?? 0, this.plain);
      const ciphertext = new this.seal.Ciphertext();
      this.encryptor.encryptSymmetric(this.plain, ciphertext);
      return ciphertext;
    });
  }

  bytesOf(ciphertext: Ciphertext): number {
    return (ciphertext.saveToArray(this.seal.ComprModeType.none) as Uint8Array).length;
  }

  /** Σ of ciphertexts. */
  sum(column: readonly Ciphertext[]): Ciphertext | undefined {
    return this.gather(column, (ciphertext) => ciphertext);
  }

  /** Σ of the rows that are chosen, by a product with a mask of zeros and ones. */
  masked(column: readonly Ciphertext[], chosen: (row: number) => boolean): Ciphertext | undefined {
    const sum = this.gather(column, (ciphertext, to, chunk) => {
      const first = chunk * this.slots;
      let any = false;
      this.codec.encode((slot) => {
        const wanted = chosen(first + slot);
        any ||= wanted;
        return wanted ? 1 : 0;
      }, this.plain);
      if (!any) return undefined;
      this.evaluator.multiplyPlain(ciphertext, this.plain, to);
      return to;
    });
    if (sum !== undefined && this.rescales) this.evaluator.rescaleToNextInplace(sum);
    return sum;
  }

  /** Σ of the products of two columns, relinearised once. */
  products(x: readonly Ciphertext[], y: readonly Ciphertext[]): Ciphertext | undefined {
    const sum = this.gather(x, (ciphertext, to, chunk) => {
      const other = y[chunk]!;
      if (other === ciphertext) this.evaluator.square(ciphertext, to);
      else this.evaluator.multiply(ciphertext, other, to);
      return to;
    });
    if (sum === undefined) return undefined;
    if (this.relin !== undefined) this.evaluator.relinearizeInplace(sum, this.relin);
    if (this.rescales) this.evaluator.rescaleToNextInplace(sum);
    return sum;
  }

  /** Send a sum to its owner, who opens it and adds up its slots; it is freed. */
  open(sum: Ciphertext): Opened {
    const reply = sum.saveToArray(this.seal.ComprModeType.none) as Uint8Array;
    sum.loadFromArray(this.context, reply);
    this.decryptor.decrypt(sum, this.plain);
    const noiseMarginBits = this.rescales ? undefined : this.decryptor.invariantNoiseBudget(sum);
    sum.delete();
    return {
      value: this.codec.total(this.plain),
      bytes: reply.length,
      ...(noiseMarginBits !== undefined && { noiseMarginBits }),
    };
  }

  /** @param term what a ciphertext adds, made in `to` or itself; undefined: nothing */
  private gather(
    column: readonly Ciphertext[],
    term: (ciphertext: Ciphertext, to: Ciphertext, chunk: number) => Ciphertext | undefined,
  ): Ciphertext | undefined {
    const made = new this.seal.Ciphertext();
    let sum: Ciphertext | undefined;
    for (const [chunk, ciphertext] of column.entries()) {
      const one = term(ciphertext, made, chunk);
      if (one === undefined) continue;
      if (sum === undefined) sum = one.copy();
      else this.evaluator.addInplace(sum, one);
    }
    made.delete();
    return sum;
  }

  [Symbol.dispose](): void {
    for (const held of [this.plain, this.relin, this.evaluator, this.decryptor, this.encryptor]) {
      held?.delete();
    }
    this.context.delete();
  }
}

function exact(seal: MainModule, context: SEALContext): Codec {
  const encoder = new seal.BatchEncoder(context);
  const slots = encoder.slotCount();
  return {
    slots,
    encode: (value, to) => {
      const cells = new BigInt64Array(slots);
      for (let slot = 0; slot < slots; slot++) cells[slot] = BigInt(value(slot));
      encoder.encode(cells, to);
    },
    total: (from) =>
      (encoder.decodeBigInt64(from) as BigInt64Array).reduce((sum, slot) => sum + slot, 0n),
  };
}

function real(seal: MainModule, context: SEALContext, scaleBits: number): Codec {
  const encoder = new seal.CKKSEncoder(context);
  const slots = encoder.slotCount();
  return {
    slots,
    encode: (value, to) =>
      encoder.encode(
        Float64Array.from({ length: slots }, (_, slot) => value(slot)),
        2 ** scaleBits,
        to,
      ),
    total: (from) =>
      (encoder.decodeFloat64(from) as Float64Array).reduce((sum, slot) => sum + slot, 0),
  };
}
