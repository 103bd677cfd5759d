import { OpalineError } from '../../../errors/opaline-error.ts';
import type { Accumulator, Ring, Span } from '../../../ring/ring.ts';
import { createWasmRing } from '../../../ring/simd/wasm-ring.ts';
import { POLYNOMIAL_BYTES, type BfvTable } from './format.ts';
import { bfvAnswerBytes, bfvQueryBytes, BLOCK_BYTES, groupBytes, SEED_BYTES } from './layout.ts';
import { PRIMES, REPLY_PRIMES, RING_DEGREE } from './parameters.ts';
import { packedBytes, packResidues, unpackResidues } from './residues.ts';
import { uniformPolynomials } from './uniform.ts';

const LIMBS = PRIMES.length;
const WORDS = LIMBS * RING_DEGREE;
/** Polynomials of the table in the ring's memory at once. */
const RUN = 16;

/** What answering takes: a few megabytes, one for each thread. */
export interface BfvWorkspace {
  readonly ring: Ring;
  readonly run: Span;
  readonly result: Span;
  readonly sums: readonly [Accumulator, Accumulator];
}

export function bfvWorkspace(): BfvWorkspace {
  const ring = createWasmRing(RING_DEGREE, PRIMES);
  const run = ring.allocate(RUN * WORDS);
  const result = ring.allocate(WORDS);
  return { ring, run, result, sums: [ring.accumulator(LIMBS), ring.accumulator(LIMBS)] };
}

/**
 * The answer to a query: per group the sum over blocks of query times table, two limbs of it. The whole table is
 * worked through, whatever the query.
 * @throws BYTES_INVALID for a query of another length, or with a residue out of range
 */
export function answerBfv(table: BfvTable, query: Uint8Array, workspace: BfvWorkspace): Uint8Array {
  if (query.length !== bfvQueryBytes(table)) {
    throw new OpalineError('BYTES_INVALID', { what: 'pir query', reason: 'of the wrong length' });
  }
  const { ring } = workspace;
  const spans = [readQuery(table, query), secondPolynomials(table, query)].map((words) => {
    const span = ring.allocate(words.length);
    ring.view(span).set(words);
    return span;
  });
  try {
    const out = new Uint8Array(bfvAnswerBytes(table));
    for (let k = 0; k < table.groups; k++) addGroup(table, k, spans, workspace, out);
    return out;
  } finally {
    for (const span of spans) ring.release(span);
  }
}

function readQuery({ blocks }: BfvTable, query: Uint8Array): Uint32Array {
  const out = new Uint32Array(blocks * WORDS);
  for (let i = 0; i < blocks; i++) {
    const at = SEED_BYTES + i * BLOCK_BYTES;
    const packed = query.subarray(at, at + BLOCK_BYTES);
    out.set(unpackResidues(packed, RING_DEGREE, PRIMES, 'pir query'), i * WORDS);
  }
  return out;
}

function secondPolynomials({ blocks }: BfvTable, query: Uint8Array): Uint32Array {
  return uniformPolynomials(query.subarray(0, SEED_BYTES), blocks);
}

function addGroup(
  { blocks, words, polynomials }: BfvTable,
  group: number,
  query: readonly Span[],
  { ring, run, result, sums }: BfvWorkspace,
  out: Uint8Array,
): void {
  for (const sum of sums) ring.clear(sum);
  for (let from = 0; from < blocks; from += RUN) {
    const count = Math.min(RUN, blocks - from);
    const place = ring.view(run);
    const at = (group * blocks + from) * POLYNOMIAL_BYTES;
    new Uint8Array(place.buffer, place.byteOffset).set(
      polynomials.subarray(at, at + count * POLYNOMIAL_BYTES),
    );
    query.forEach((span, i) => {
      const some = ring.slice(span, from * WORDS, count * WORDS);
      ring.multiplyAccumulateRun(sums[i]!, some, run, count, WORDS, WORDS);
    });
  }
  let at = group * groupBytes(words);
  [words, RING_DEGREE].forEach((kept, i) => {
    ring.reduce(sums[i]!, result);
    ring.inverseNtt(result);
    ring.modulusSwitch(result, LIMBS);
    const view = ring.view(result);
    const residues = new Uint32Array(REPLY_PRIMES.length * kept);
    for (let limb = 0; limb < REPLY_PRIMES.length; limb++) {
      const from = limb * RING_DEGREE;
      residues.set(view.subarray(from, from + kept), limb * kept);
    }
    packResidues(residues, out, at);
    at += packedBytes(residues.length);
  });
}
