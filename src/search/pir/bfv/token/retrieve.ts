import { randomBytes } from '../../../../bytes/random.ts';
import { OpalineError } from '../../../../errors/opaline-error.ts';
import { fromResidues } from '../../../../ring/residues.ts';
import type { Ring, Span } from '../../../../ring/ring.ts';
import { createWasmRing } from '../../../../ring/simd/wasm-ring.ts';
import type { Ask } from '../../../rung.ts';
import { WHAT } from '../../records.ts';
import { gaussianSampler } from '../../token/gaussian.ts';
import { bfvAnswerBytes, bfvQueryBytes, BLOCK_BYTES, groupBytes, SEED_BYTES } from '../layout.ts';
import {
  ERROR_VARIANCE,
  heightOf,
  PRIMES,
  REPLY_PRIMES,
  RING_DEGREE,
  WORD_BITS,
  type BfvDimensions,
} from '../parameters.ts';
import { packedBytes, packResidues, unpackResidues } from '../residues.ts';
import { uniformPolynomials } from '../uniform.ts';

const LIMBS = PRIMES.length;
const WORDS = LIMBS * RING_DEGREE;
/** ⌊q/t⌉. */
const Q = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n);
const SCALE = ((Q << 1n) + (1n << WORD_BITS)) >> (WORD_BITS + 1n);
const REPLY_Q = BigInt(REPLY_PRIMES[0]) * BigInt(REPLY_PRIMES[1]);
const WORD_MASK = (1n << WORD_BITS) - 1n;
/** Most bytes of queries in one request. */
const MOST_ASKED = 1 << 25;

const sample = gaussianSampler(ERROR_VARIANCE);

/**
 * Fetches buckets, each as the store's table has it, sealed: the store learns how many. One round trip, or as many as
 * the size of the queries takes.
 * @throws BYTES_INVALID for answers of wrong number, length or range
 */
export async function retrieveBfv(
  dimensions: BfvDimensions,
  buckets: readonly number[],
  ask: Ask,
): Promise<Uint8Array[]> {
  const ring = createWasmRing(RING_DEGREE, PRIMES);
  const most = Math.max(1, Math.floor(MOST_ASKED / bfvQueryBytes(dimensions)));
  const out: Uint8Array[] = [];
  for (let from = 0; from < buckets.length; from += most) {
    const some = buckets.slice(from, from + most);
    const secrets = some.map(ternary);
    const queries = some.map((bucket, i) => encryptQuery(ring, dimensions, bucket, secrets[i]!));
    const answers = await ask(queries);
    if (answers.length !== queries.length) wrong('not one a query');
    out.push(...answers.map((answer, i) => decryptAnswer(dimensions, answer, secrets[i]!)));
    for (const secret of secrets) secret.fill(0);
  }
  return out;
}

/** A secret for one retrieval: uniform in {−1, 0, 1}. */
function ternary(): Int8Array {
  const out = new Int8Array(RING_DEGREE);
  for (let i = 0; i < out.length;) {
    for (const byte of randomBytes(RING_DEGREE)) {
      // What is below 255 is uniform modulo 3.
      if (byte < 255 && i < out.length) out[i++] = (byte % 3) - 1;
    }
  }
  return out;
}

/** Per block −a·s + e, and ⌊q/t⌉·X^(−j·w) besides in the block of the bucket; a from a fresh seed. */
function encryptQuery(
  ring: Ring,
  { words, blocks }: BfvDimensions,
  bucket: number,
  secret: Int8Array,
): Uint8Array {
  const perBlock = RING_DEGREE / words;
  const seed = randomBytes(SEED_BYTES);
  const uniform = uniformPolynomials(seed, blocks);
  const out = new Uint8Array(bfvQueryBytes({ blocks }));
  out.set(seed);
  const negated = signedSpan(
    ring,
    secret.map((digit) => -digit),
  );
  ring.forwardNtt(negated);
  const [a, product] = [ring.allocate(WORDS), ring.allocate(WORDS)];
  const sum = ring.accumulator(LIMBS);
  for (let i = 0; i < blocks; i++) {
    const exponent = i === Math.floor(bucket / perBlock) ? (bucket % perBlock) * words : undefined;
    const noisy = message(ring, exponent);
    ring.forwardNtt(noisy);
    ring.view(a).set(uniform.subarray(i * WORDS, (i + 1) * WORDS));
    ring.clear(sum);
    ring.multiplyAccumulate(sum, a, negated);
    ring.reduce(sum, product);
    ring.add(product, product, noisy);
    packResidues(ring.view(product), out, SEED_BYTES + i * BLOCK_BYTES);
    ring.release(noisy);
  }
  ring.releaseAccumulator(sum);
  ring.view(negated).fill(0);
  for (const span of [negated, a, product]) ring.release(span);
  return out;
}

/** Error, and ⌊q/t⌉·X^−exponent where there is one. X^−e = −X^(n−e). */
function message(ring: Ring, exponent: number | undefined): Span {
  const error = new Int32Array(sample(RING_DEGREE, randomBytes).buffer);
  const span = signedSpan(ring, error);
  error.fill(0);
  const view = ring.view(span);
  for (const [limb, prime] of PRIMES.entries()) {
    // The same work in every block, and a term of zero in all but one.
    const at = exponent === undefined ? 0 : (RING_DEGREE - exponent) % RING_DEGREE;
    const scale = exponent === undefined ? 0 : Number(SCALE % BigInt(prime));
    const term = at === 0 ? scale : (prime - scale) % prime;
    const place = limb * RING_DEGREE + at;
    view[place] = (view[place]! + term) % prime;
  }
  return span;
}

function signedSpan(ring: Ring, signed: Int8Array | Int32Array): Span {
  const limbs = ring.moduli.length;
  const span = ring.allocate(limbs * RING_DEGREE);
  const view = ring.view(span);
  for (const [limb, prime] of ring.moduli.entries()) {
    for (let i = 0; i < RING_DEGREE; i++) {
      const value = signed[i]!;
      view[limb * RING_DEGREE + i] = value + (prime & (value >> 31));
    }
  }
  return span;
}

/** The bucket: per group and word ⌊t·(c0 + c1·s)/q'⌉. Any answer in range gives some bucket, for its seal to judge. */
function decryptAnswer(
  dimensions: BfvDimensions,
  answer: Uint8Array | undefined,
  secret: Int8Array,
): Uint8Array {
  if (answer?.length !== bfvAnswerBytes(dimensions)) wrong('of the wrong length');
  const { words, groups } = dimensions;
  const ring = createWasmRing(RING_DEGREE, REPLY_PRIMES);
  const s = signedSpan(ring, secret);
  ring.forwardNtt(s);
  const product = ring.allocate(REPLY_PRIMES.length * RING_DEGREE);
  const sum = ring.accumulator(REPLY_PRIMES.length);
  const out = new Uint8Array(heightOf(dimensions));
  const bytes = new DataView(out.buffer);
  const first = packedBytes(REPLY_PRIMES.length * words);
  for (let k = 0; k < groups; k++) {
    const group = answer.subarray(k * groupBytes(words), (k + 1) * groupBytes(words));
    const c0 = unpackResidues(group.subarray(0, first), words, REPLY_PRIMES, WHAT);
    const c1 = unpackResidues(group.subarray(first), RING_DEGREE, REPLY_PRIMES, WHAT);
    ring.view(product).set(c1);
    ring.forwardNtt(product);
    ring.clear(sum);
    ring.multiplyAccumulate(sum, product, s);
    ring.reduce(sum, product);
    ring.inverseNtt(product);
    const view = ring.view(product);
    for (let c = 0; c < words; c++) {
      const residues = REPLY_PRIMES.map(
        (prime, limb) => (c0[limb * words + c]! + view[limb * RING_DEGREE + c]!) % prime,
      );
      bytes.setUint32(4 * (k * words + c), roundedWord(fromResidues(residues, REPLY_PRIMES)), true);
    }
  }
  return out;
}

/** ⌊t·x/q'⌉ mod t. */
function roundedWord(x: bigint): number {
  return Number((((x << (WORD_BITS + 1n)) + REPLY_Q) / (2n * REPLY_Q)) & WORD_MASK);
}

function wrong(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
