import type { Ciphertext, MainModule, Plaintext } from 'node-seal/throws';
import { loadSeal } from '../../src/engine/seal/seal-module.ts';
import { inverseMod, isPrime, multiplyMod } from '../../src/ring/modular.ts';

const N = 8192;
const LIMBS = 7;
/** Where coefficients begin in SEAL's uncompressed bytes. */
const CIPHERTEXT_WORDS = 113;
export const PLAINTEXT_WORDS = 88;

/** Residues in NTT form, [limb][coefficient]. */
export type Residues = Float64Array;

/** CKKS by node-seal, as the preset `real` has it, with what a store sees of it. */
export class ApproximateScheme {
  readonly scale: number = 2 ** 40;
  readonly slots: number = N / 2;
  private readonly seal: MainModule;
  private readonly coder;
  private readonly encryptor;
  private readonly decryptor;
  private readonly secret;
  private readonly primes: readonly number[];

  private constructor(seal: MainModule) {
    this.seal = seal;
    const parms = new seal.EncryptionParameters(seal.SchemeType.ckks);
    parms.setPolyModulusDegree(N);
    const bits = Int32Array.from([...Array.from({ length: LIMBS }, () => 27), 28]);
    parms.setCoeffModulus(seal.CoeffModulus.Create(N, bits));
    const context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
    const keys = new seal.KeyGenerator(context);
    this.secret = keys.secretKey();
    this.coder = new seal.CKKSEncoder(context);
    this.encryptor = new seal.Encryptor(context, keys.createPublicKey(), this.secret);
    this.decryptor = new seal.Decryptor(context, this.secret);
    const primes: number[] = [];
    for (let p = 2 ** 27 - 2 * N + 1; primes.length < LIMBS; p -= 2 * N) {
      if (isPrime(p)) primes.unshift(p);
    }
    this.primes = primes;
  }

  static async create(): Promise<ApproximateScheme> {
    return new ApproximateScheme(await loadSeal());
  }

  encrypt(values: Float64Array): Ciphertext {
    const plain = this.encode(values, this.scale);
    const ciphertext = new this.seal.Ciphertext();
    this.encryptor.encryptSymmetric(plain, ciphertext);
    return ciphertext;
  }

  /** What the owner decrypts: to the last bit of the doubles. */
  decrypt(ciphertext: Ciphertext): Float64Array {
    const plain = new this.seal.Plaintext();
    this.decryptor.decrypt(ciphertext, plain);
    return this.coder.decodeFloat64(plain) as Float64Array;
  }

  /** The key, to compare with. */
  secretResidues(): Residues {
    return words(this.secret.saveToArray(this.seal.ComprModeType.none), PLAINTEXT_WORDS).subarray(
      0,
      LIMBS * N,
    );
  }

  /** The key from what a store sees and two decryptions. */
  recover(
    known: readonly { readonly ciphertext: Ciphertext; readonly decrypted: Float64Array }[],
  ): Residues {
    const equations = known.map(({ ciphertext, decrypted }) => {
      const bytes = ciphertext.saveToArray(this.seal.ComprModeType.none) as Uint8Array;
      const both = words(bytes, CIPHERTEXT_WORDS);
      const doubled = this.encode(decrypted, 2 * this.scale);
      return {
        c0: both.subarray(0, LIMBS * N),
        c1: both.subarray(LIMBS * N),
        m: words(doubled.saveToArray(this.seal.ComprModeType.none), PLAINTEXT_WORDS),
      };
    });
    return solveSecret(this.primes, [equations[0]!, equations[1]!]);
  }

  private encode(values: Float64Array, scale: number): Plaintext {
    const plain = new this.seal.Plaintext();
    this.coder.encode(values, scale, plain);
    return plain;
  }
}

/** A ciphertext and what its decryption makes of the decoded real parts, doubled. */
export interface Equation {
  readonly c0: Residues;
  readonly c1: Residues;
  readonly m: Residues;
}

/**
 * Li and Micciancio, EUROCRYPT 2021, section 3, on decoded real parts: they determine m(X) + m(1/X),
 * which is c0 + c1·s at a root and at its inverse, so that two ciphertexts with their decryptions are
 * two linear equations in two residues of s.
 */
export function solveSecret(
  primes: readonly number[],
  [first, second]: readonly [Equation, Equation],
): Residues {
  const secret = new Float64Array(primes.length * N);
  primes.forEach((q, limb) => {
    const minus = (a: number, b: number): number => (a - b + q) % q;
    for (let i = 0; i < N / 2; i++) {
      // SEAL keeps the value at a root's inverse at the mirrored place.
      const [at, mirrored] = [limb * N + i, limb * N + N - 1 - i];
      const right = ({ c0, m }: Equation): number => minus(minus(m[at]!, c0[at]!), c0[mirrored]!);
      const [a, b, c, d] = [
        first.c1[at]!,
        first.c1[mirrored]!,
        second.c1[at]!,
        second.c1[mirrored]!,
      ];
      const [u, v] = [right(first), right(second)];
      const times = (x: number, y: number): number => multiplyMod(x, y, q);
      const inverse = inverseMod(minus(times(a, d), times(b, c)), q);
      secret[at] = times(minus(times(u, d), times(b, v)), inverse);
      secret[mirrored] = times(minus(times(a, v), times(u, c)), inverse);
    }
  });
  return secret;
}

export function words(bytes: Uint8Array, from: number): Residues {
  const view = new DataView(bytes.buffer, bytes.byteOffset + from);
  const count = (bytes.length - from) >> 3;
  return Float64Array.from({ length: count }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}
