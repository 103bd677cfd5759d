import {
  inverseMod,
  multiplyMod,
  powerMod,
  reverseBits,
  shoup,
  smallestPrimitiveRoot,
} from '../modular.ts';

/** What the transforms of degree n under a prime q read, as it lies in the kernels' memory; all values are below q. */
export interface ModulusTables {
  /** 10n/4 words: powers of a primitive 2n-th root with their Shoup constants, level by level. */
  readonly roots: Uint32Array;
  /** The same of its inverse. */
  readonly inverseRoots: Uint32Array;
  /** Inverse roots 1 to 3 times n^-1. */
  readonly scaled: readonly number[];
  /** Of degrees that have a sparse mask (assembly/sparse-mask.ts): 65·64 words, and the roots of the levels after the sixth. */
  readonly mask: { readonly powers: Uint32Array; readonly roots: Uint32Array } | undefined;
}

/** Tables kept: those of every preset and some more. A table of n = 4096 has 0.2 MB. */
const MOST_KEPT = 32;

const kept = new Map<string, ModulusTables>();

/**
 * The tables of a prime, which take longer to compute (about 10 ms at n = 4096) than to copy. They hold nothing
 * secret, and a process makes several rings of the same primes: they are computed once.
 * @param n a power of two, 8 at least
 * @param q a prime that is 1 modulo 2n
 */
export function modulusTables(n: number, q: number): ModulusTables {
  const key = `${n} ${q}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const tables = compute(n, q);
  const [oldest] = kept.keys();
  if (kept.size === MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, tables);
  return tables;
}

function compute(n: number, q: number): ModulusTables {
  const psi = smallestPrimitiveRoot(2 * n, q);
  const roots = powers(n, q, psi);
  const inverseRoots = powers(n, q, inverseMod(psi, q));
  const nInverse = inverseMod(n % q, q);
  return {
    roots: rootWords(q, roots),
    inverseRoots: rootWords(q, inverseRoots),
    scaled: [1, 2, 3].map((i) => multiplyMod(inverseRoots[i] ?? 0, nInverse, q)),
    mask: suitsSparseMask(n)
      ? { powers: maskPowers(n, q, psi), roots: maskRoots(q, roots) }
      : undefined,
  };
}

/** root^i at the bit-reversed index of i, for i < n. */
function powers(n: number, q: number, root: number): Uint32Array {
  const result = new Uint32Array(n);
  const bits = Math.log2(n);
  let power = 1;
  for (let i = 0; i < n; i += 1) {
    result[reverseBits(i, bits)] = power;
    power = multiplyMod(power, root, q);
  }
  return result;
}

/**
 * Twiddles as the transforms read them. A level of b blocks uses roots b to 2b − 1.
 *
 * Levels of gaps of 4 words and more: root and Shoup constant in turn, n/4 pairs. Then for the two
 * innermost levels 16 words for each 8 coefficients a0…a3, b0…b3: four lanes of roots of gap 2 for
 * (a2, a3, b2, b3), their constants, four of gap 1 for (a1, b1, a3, b3), their constants.
 */
function rootWords(q: number, roots: Uint32Array): Uint32Array {
  const n = roots.length;
  const words = new Uint32Array((10 * n) / 4);
  for (let i = 0; i < n / 4; i += 1) putRoot(words, 2 * i, 1, roots[i]!, q);
  for (let pair = 0; pair < n / 8; pair += 1) {
    const two = n / 4 + 2 * pair;
    const one = n / 2 + 4 * pair;
    const place = n / 2 + 16 * pair;
    for (let lane = 0; lane < 4; lane += 1) {
      putRoot(words, place + lane, 4, roots[two + (lane >>> 1)]!, q);
      // Roots 0, 2, 1 and 3.
      putRoot(words, place + 8 + lane, 4, roots[one + ((lane & 1) << 1) + (lane >>> 1)]!, q);
    }
  }
  return words;
}

/** A root, and its constant some words behind. */
function putRoot(words: Uint32Array, at: number, behind: number, root: number, q: number): void {
  words[at] = root;
  words[at + behind] = shoup(root, q);
}

/** log2 of the blocks of assembly/sparse-mask.ts, and how many there are. */
const MASK_LEVELS = 6;
const MASK_BLOCKS = 1 << MASK_LEVELS;

/** The levels that sparse-mask.ts computes come in pairs, and there is at least one. */
export function suitsSparseMask(n: number): boolean {
  const levels = Math.log2(n) - MASK_LEVELS;
  return levels >= 2 && levels % 2 === 0;
}

/** Row a holds ζ_j^-a for each block j: after six levels a polynomial is known modulo X^(n/64) − ζ_j. */
function maskPowers(n: number, q: number, psi: number): Uint32Array {
  const words = new Uint32Array((MASK_BLOCKS + 1) * MASK_BLOCKS);
  const step = powerMod(inverseMod(psi, q), n / MASK_BLOCKS, q);
  for (let j = 0; j < MASK_BLOCKS; j += 1) {
    const inverse = powerMod(step, 2 * reverseBits(j, MASK_LEVELS) + 1, q);
    let power = 1;
    for (let a = 0; a <= MASK_BLOCKS; a += 1) {
      words[a * MASK_BLOCKS + j] = power;
      power = multiplyMod(power, inverse, q);
    }
  }
  return words;
}

/**
 * The roots of the levels after the sixth, two levels a pass, in the order in which sparse-mask.ts
 * reads them: per pass, group of rows and four blocks, the four roots of the outer level, their
 * constants, and so for the two halves of the inner level.
 */
function maskRoots(q: number, roots: Uint32Array): Uint32Array {
  const n = roots.length;
  let passes = 0;
  for (let groups = 1; groups * MASK_BLOCKS < n; groups *= 4) passes += groups;
  // By group and four blocks, four roots and their constants thrice.
  const words = new Uint32Array(passes * (MASK_BLOCKS / 4) * 24);
  let at = 0;
  for (let groups = 1; groups * MASK_BLOCKS < n; groups *= 4) {
    const outer = MASK_BLOCKS * groups;
    for (let group = 0; group < groups; group += 1) {
      for (let j = 0; j < MASK_BLOCKS; j += 4) {
        for (let lane = 0; lane < 4; lane += 1) {
          const index = outer + (j + lane) * groups + group;
          putRoot(words, at + lane, 4, roots[index]!, q);
          putRoot(words, at + 8 + lane, 4, roots[2 * index]!, q);
          putRoot(words, at + 16 + lane, 4, roots[2 * index + 1]!, q);
        }
        at += 24;
      }
    }
  }
  return words;
}
