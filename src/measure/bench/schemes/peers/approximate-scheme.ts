import type {
  Ciphertext,
  CKKSEncoder,
  Decryptor,
  Encryptor,
  MainModule,
  Plaintext,
  SecretKey,
} from 'node-seal/throws';
import { own, type Owned } from '../../../../engine/seal/handles.ts';
import { loadSeal } from '../../../../engine/seal/seal-module.ts';
import { isPrime } from '../../../../ring/modular.ts';
import { type Residues, solveSecret } from '../../../attacks/key-recovery.ts';

const N = 8192;
const LIMBS = 7;
/** Where coefficients begin in SEAL's uncompressed bytes. */
const CIPHERTEXT_WORDS = 113;
export const PLAINTEXT_WORDS = 88;

/** A ciphertext, and the numbers that its owner gave away as its decryption. */
export interface Released {
  readonly ciphertext: Owned<Ciphertext>;
  readonly decrypted: Float64Array;
}

/** CKKS by node-seal under a key of its own, in a ring as the preset `real` has it, with what a store sees of it. */
export class ApproximateScheme implements Disposable {
  readonly scale: number = 2 ** 40;
  readonly slots: number = N / 2;
  private readonly seal: MainModule;
  private readonly coder: Owned<CKKSEncoder>;
  private readonly encryptor: Owned<Encryptor>;
  private readonly decryptor: Owned<Decryptor>;
  private readonly secret: Owned<SecretKey>;
  private readonly primes: readonly number[];

  private constructor(seal: MainModule) {
    this.seal = seal;
    using parms = own(new seal.EncryptionParameters(seal.SchemeType.ckks));
    parms.it.setPolyModulusDegree(N);
    const bits = Int32Array.from([...Array.from({ length: LIMBS }, () => 27), 28]);
    parms.it.setCoeffModulus(seal.CoeffModulus.Create(N, bits));
    using context = own(new seal.SEALContext(parms.it, true, seal.SecLevelType.tc128));
    using keys = own(new seal.KeyGenerator(context.it));
    using publicKey = own(keys.it.createPublicKey());
    this.secret = own(keys.it.secretKey());
    this.coder = own(new seal.CKKSEncoder(context.it));
    this.encryptor = own(new seal.Encryptor(context.it, publicKey.it, this.secret.it));
    this.decryptor = own(new seal.Decryptor(context.it, this.secret.it));
    // SEAL's own choice: the largest that are 1 modulo 2n.
    const primes: number[] = [];
    for (let p = 2 ** 27 - 2 * N + 1; primes.length < LIMBS; p -= 2 * N) {
      if (isPrime(p)) primes.unshift(p);
    }
    this.primes = primes;
  }

  static async create(): Promise<ApproximateScheme> {
    return new ApproximateScheme(await loadSeal());
  }

  encrypt(values: Float64Array): Owned<Ciphertext> {
    using plain = this.encode(values, this.scale);
    const ciphertext = own(new this.seal.Ciphertext());
    this.encryptor.it.encryptSymmetric(plain.it, ciphertext.it);
    return ciphertext;
  }

  /** What the owner decrypts: to the last bit of the doubles. */
  decrypt(ciphertext: Owned<Ciphertext>): Float64Array {
    using plain = own(new this.seal.Plaintext());
    this.decryptor.it.decrypt(ciphertext.it, plain.it);
    return this.coder.it.decodeFloat64(plain.it) as Float64Array;
  }

  /** The key, to compare with. */
  secretResidues(): Residues {
    const bytes = this.secret.it.saveToArray(this.seal.ComprModeType.none) as Uint8Array;
    return words(bytes, PLAINTEXT_WORDS).subarray(0, LIMBS * N);
  }

  /** The key from what a store sees and two decryptions; guesses where those are not what it takes them for. */
  recover(known: readonly [Released, Released]): Residues {
    const equation = ({ ciphertext, decrypted }: Released) => {
      const bytes = ciphertext.it.saveToArray(this.seal.ComprModeType.none) as Uint8Array;
      const both = words(bytes, CIPHERTEXT_WORDS);
      using doubled = this.encode(decrypted, 2 * this.scale);
      const plain = doubled.it.saveToArray(this.seal.ComprModeType.none) as Uint8Array;
      return {
        c0: both.subarray(0, LIMBS * N),
        c1: both.subarray(LIMBS * N),
        m: words(plain, PLAINTEXT_WORDS),
      };
    };
    return solveSecret(this.primes, N, [equation(known[0]), equation(known[1])]);
  }

  [Symbol.dispose](): void {
    for (const one of [this.encryptor, this.decryptor, this.coder, this.secret]) {
      one[Symbol.dispose]();
    }
  }

  private encode(values: Float64Array, scale: number): Owned<Plaintext> {
    const plain = own(new this.seal.Plaintext());
    this.coder.it.encode(values, scale, plain.it);
    return plain;
  }
}

/** 64-bit words from a place on in SEAL's bytes, each below 2^53. */
export function words(bytes: Uint8Array, from: number): Residues {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from);
  const count = (bytes.length - from) >> 3;
  return Float64Array.from({ length: count }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}
