import { loadSeal } from '../../../engine/seal/seal-module.ts';
import type { MadeByOperation, MicroCase } from './micro-case.ts';

type Seal = Awaited<ReturnType<typeof loadSeal>>;
type Ciphertext = InstanceType<Seal['Ciphertext']>;
type Plaintext = InstanceType<Seal['Plaintext']>;
type Name = 'bfv' | 'bgv' | 'ckks';

/** Degree and bits of the primes, the last for key switching: within 128 bits of the HE standard. */
const MODULI: readonly (readonly [n: number, bits: readonly number[]])[] = [
  [4096, [36, 36, 37]],
  [8192, [43, 43, 44, 44, 44]],
  [16384, [48, 48, 48, 49, 49, 49, 49, 49, 49]],
];
const PLAIN_BITS = 20;
/** CKKS: bits of the scale; a product has twice as many. */
const SCALE_BITS = 30;
const LARGEST = 100;

/**
 * Microsoft SEAL's operations through node-seal: what a scheme that is written on it cannot be faster than. Products of
 * fresh ciphertexts, with what each leaves of the noise budget. Objects live as long as the process.
 * @param quick leaves out the largest degree
 */
export async function sealCases(quick: boolean): Promise<MicroCase[]> {
  const seal = await loadSeal();
  const degrees = quick ? MODULI.slice(0, 2) : MODULI;
  const names: readonly Name[] = ['bfv', 'bgv', 'ckks'];
  return degrees.flatMap(([n, bits]) =>
    names.flatMap((name) => new Subject(seal, name, n, bits).cases()),
  );
}

/** One scheme at one set of parameters. */
class Subject {
  private readonly seal: Seal;
  private readonly name: Name;
  private readonly n: number;
  private readonly parameters: string;
  private readonly context: InstanceType<Seal['SEALContext']>;
  private readonly x: readonly number[];
  private readonly y: readonly number[];

  constructor(seal: Seal, name: Name, n: number, bits: readonly number[]) {
    this.seal = seal;
    this.name = name;
    this.n = n;
    const parms = new seal.EncryptionParameters(seal.SchemeType[name]);
    parms.setPolyModulusDegree(n);
    parms.setCoeffModulus(seal.CoeffModulus.Create(n, Int32Array.from(bits)));
    if (name !== 'ckks') parms.setPlainModulus(seal.PlainModulus.Batching(n, PLAIN_BITS));
    this.context = new seal.SEALContext(parms, true, seal.SecLevelType.tc128);
    const values = name === 'ckks' ? `scale 2^${SCALE_BITS}` : `t of ${PLAIN_BITS} bits`;
    this.parameters = `n = ${n}, primes of ${bits.join(', ')} bits, ${values}`;
    const slots = name === 'ckks' ? n / 2 : n;
    this.x = Array.from({ length: slots }, (_, i) => (i * 7) % LARGEST);
    this.y = Array.from({ length: slots }, (_, i) => (i * 13 + 1) % LARGEST);
  }

  cases(): MicroCase[] {
    const { seal, context, name } = this;
    const keys = new seal.KeyGenerator(context);
    const secret = keys.secretKey();
    const encryptor = new seal.Encryptor(context, keys.createPublicKey(), secret);
    const evaluator = new seal.Evaluator(context);
    const decryptor = new seal.Decryptor(context, secret);
    const coder = this.coder();
    const [plainX, plainY, scratch] = [1, 2, 3].map(() => new seal.Plaintext()) as [
      Plaintext,
      Plaintext,
      Plaintext,
    ];
    coder.encode(this.x, plainX);
    coder.encode(this.y, plainY);
    const [a, b, sum, masked, product, short, turned] = Array.from(
      { length: 7 },
      () => new seal.Ciphertext(),
    ) as [Ciphertext, Ciphertext, Ciphertext, Ciphertext, Ciphertext, Ciphertext, Ciphertext];
    encryptor.encryptSymmetric(plainX, a);
    encryptor.encryptSymmetric(plainY, b);
    evaluator.multiply(a, b, product);
    const relin = keys.createRelinKeys();
    const galois = keys.createGaloisKeysWithSteps(Int32Array.of(1));
    const bytesOf = (one: { saveToArray(mode: Seal['ComprModeType']['none']): unknown }): number =>
      (one.saveToArray(seal.ComprModeType.none) as Uint8Array).length;
    const judged =
      (found: Ciphertext, wanted: readonly number[], keyBytes?: number) => (): MadeByOperation => {
        decryptor.decrypt(found, scratch);
        const error = greatestError(coder.decode(scratch), wanted);
        return {
          bytes: bytesOf(found),
          error,
          ...(keyBytes !== undefined && { keyBytes }),
          // CKKS has no budget that SEAL could tell: its noise is the error.
          ...(name !== 'ckks' && { noiseMarginBits: decryptor.invariantNoiseBudget(found) }),
        };
      };
    const { x, y } = this;
    const products = x.map((value, i) => value * y[i]!);
    const relinBytes = bytesOf(relin);
    const galoisBytes = bytesOf(galois);
    const of = (operation: string, call: () => void, made?: () => MadeByOperation): MicroCase => ({
      operation,
      scheme: `node-seal-${name}`,
      parameters: this.parameters,
      values: x.length,
      call,
      ...(made && { made }),
    });
    return [
      of('encode', () => coder.encode(x, scratch)),
      of('encrypt', () => encryptor.encryptSymmetric(plainX, a), judged(a, x)),
      of('decrypt', () => decryptor.decrypt(a, scratch)),
      of(
        'add',
        () => evaluator.add(a, b, sum),
        judged(
          sum,
          x.map((v, i) => v + y[i]!),
        ),
      ),
      of(
        'multiply by a plaintext',
        () => evaluator.multiplyPlain(a, plainY, masked),
        judged(masked, products),
      ),
      of('multiply', () => evaluator.multiply(a, b, product), judged(product, products)),
      of(
        'relinearize',
        () => evaluator.relinearize(product, relin, short),
        judged(short, products, relinBytes),
      ),
      of(
        'rotate by one',
        () =>
          name === 'ckks'
            ? evaluator.rotateVector(a, 1, galois, turned)
            : evaluator.rotateRows(a, 1, galois, turned),
        judged(turned, rotated(x, name === 'ckks' ? 1 : 2), galoisBytes),
      ),
    ];
  }

  private coder(): {
    encode: (values: readonly number[], to: Plaintext) => void;
    decode: (from: Plaintext) => ArrayLike<number | bigint>;
  } {
    const { seal, context } = this;
    if (this.name === 'ckks') {
      const encoder = new seal.CKKSEncoder(context);
      return {
        encode: (values, to) => encoder.encode(Float64Array.from(values), 2 ** SCALE_BITS, to),
        decode: (from) => encoder.decodeFloat64(from) as Float64Array,
      };
    }
    const encoder = new seal.BatchEncoder(context);
    return {
      encode: (values, to) => encoder.encode(BigInt64Array.from(values, BigInt), to),
      decode: (from) => encoder.decodeBigInt64(from) as BigInt64Array,
    };
  }
}

/** By one place to the left in each of so many rows of slots. */
function rotated(values: readonly number[], rows: number): number[] {
  const width = values.length / rows;
  return values.map((_, i) => {
    const row = Math.floor(i / width);
    return values[row * width + ((i + 1) % width)]!;
  });
}

/** Relative to the greatest value: in a vector of slots small ones have the error of large ones. */
function greatestError(found: ArrayLike<number | bigint>, wanted: readonly number[]): number {
  const scale = Math.max(...wanted.map(Math.abs));
  return wanted.reduce(
    (most, value, i) => Math.max(most, Math.abs(Number(found[i]) - value) / scale),
    0,
  );
}
