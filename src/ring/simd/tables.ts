import {
  inverseMod,
  multiplyMod,
  powerMod,
  reverseBits,
  shoup,
  smallestPrimitiveRoot,
} from '../modular.ts';
import type { Arena } from './arena.ts';

/** Bytes between two records of assembly/modulus.ts. */
const RECORD = 64;

/** Where the kernels find the moduli and, for a chain of a given length, p_last^-1 mod q_i. */
export interface Tables {
  readonly moduli: number;
  /** Pointer to the inverses used when limb `limbs − 1` is dropped. */
  inverses(limbs: number): number;
}

/** Compute the constants of every modulus and write them into the arena, where they stay. */
export function writeTables(arena: Arena, n: number, moduli: readonly number[]): Tables {
  const records = arena.allocate(moduli.length * RECORD);
  for (const [limb, q] of moduli.entries()) writeModulus(arena, records + limb * RECORD, n, q);

  const row = moduli.length * 2;
  const inverses = arena.allocate(moduli.length * row * 4);
  const words = new Uint32Array(arena.memory.buffer, inverses, moduli.length * row);
  for (const [last, p] of moduli.entries()) {
    for (const [limb, q] of moduli.slice(0, last).entries()) {
      const inverse = inverseMod(p % q, q);
      words[last * row + 2 * limb] = inverse;
      words[last * row + 2 * limb + 1] = shoup(inverse, q);
    }
  }
  return { moduli: records, inverses: (limbs) => inverses + (limbs - 1) * row * 4 };
}

function writeModulus(arena: Arena, record: number, n: number, q: number): void {
  const psi = smallestPrimitiveRoot(2 * n, q);
  const roots = powers(n, q, psi);
  const inverseRoots = powers(n, q, inverseMod(psi, q));
  const rootTable = writeRoots(arena, q, roots);
  const inverseTable = writeRoots(arena, q, inverseRoots);

  const fold = 2 ** 32 % q;
  const nInverse = inverseMod(n % q, q);
  const withShoup = (value: number): number[] => [value, shoup(value, q)];
  const scaled = [1, 2, 3].map((i) => multiplyMod(inverseRoots[i] ?? 0, nInverse, q));
  const sparse = suitsSparseMask(n)
    ? [writeMaskPowers(arena, n, q, psi), writeMaskRoots(arena, q, roots)]
    : [0, 0];
  new Uint32Array(arena.memory.buffer, record, RECORD / 4).set([
    q,
    (2 ** 32 - fold) / q,
    ...withShoup(fold),
    rootTable,
    inverseTable,
    ...withShoup(nInverse),
    ...scaled.flatMap(withShoup),
    ...sparse,
  ]);
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
function writeRoots(arena: Arena, q: number, roots: Uint32Array): number {
  const n = roots.length;
  const at = arena.allocate(10 * n);
  const words = new Uint32Array(arena.memory.buffer, at, (10 * n) / 4);
  for (let i = 0; i < n / 4; i += 1) {
    words[2 * i] = roots[i] ?? 0;
    words[2 * i + 1] = shoup(roots[i] ?? 0, q);
  }
  for (let pair = 0; pair < n / 8; pair += 1) {
    const two = n / 4 + 2 * pair;
    const one = n / 2 + 4 * pair;
    const lanes = [two, two, two + 1, two + 1, one, one + 2, one + 1, one + 3];
    for (const [i, index] of lanes.entries()) {
      const place = n / 2 + 16 * pair + (i < 4 ? i : i + 4);
      words[place] = roots[index] ?? 0;
      words[place + 4] = shoup(roots[index] ?? 0, q);
    }
  }
  return at;
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
function writeMaskPowers(arena: Arena, n: number, q: number, psi: number): number {
  const at = arena.allocate((MASK_BLOCKS + 1) * MASK_BLOCKS * 4);
  const words = new Uint32Array(arena.memory.buffer, at, (MASK_BLOCKS + 1) * MASK_BLOCKS);
  const step = powerMod(inverseMod(psi, q), n / MASK_BLOCKS, q);
  for (let j = 0; j < MASK_BLOCKS; j += 1) {
    const inverse = powerMod(step, 2 * reverseBits(j, MASK_LEVELS) + 1, q);
    let power = 1;
    for (let a = 0; a <= MASK_BLOCKS; a += 1) {
      words[a * MASK_BLOCKS + j] = power;
      power = multiplyMod(power, inverse, q);
    }
  }
  return at;
}

/**
 * The roots of the levels after the sixth, two levels a pass, in the order in which sparse-mask.ts
 * reads them: per pass, group of rows and four blocks, the four roots of the outer level, their
 * constants, and so for the two halves of the inner level.
 */
function writeMaskRoots(arena: Arena, q: number, roots: Uint32Array): number {
  const n = roots.length;
  const list: number[] = [];
  for (let groups = 1; groups * MASK_BLOCKS < n; groups *= 4) {
    const outer = MASK_BLOCKS * groups;
    for (let group = 0; group < groups; group += 1) {
      for (let j = 0; j < MASK_BLOCKS; j += 4) {
        const lanes = [0, 1, 2, 3].map((lane) => (j + lane) * groups + group);
        for (const indexes of [
          lanes.map((index) => outer + index),
          lanes.map((index) => 2 * (outer + index)),
          lanes.map((index) => 2 * (outer + index) + 1),
        ]) {
          const values = indexes.map((index) => roots[index] ?? 0);
          list.push(...values, ...values.map((value) => shoup(value, q)));
        }
      }
    }
  }
  const at = arena.allocate(list.length * 4);
  new Uint32Array(arena.memory.buffer, at, list.length).set(list);
  return at;
}

/** What assembly/lift.ts needs to lift residues modulo a and b; words in the order it reads them. */
export function writeLiftConstants(
  arena: Arena,
  [a, b]: readonly [number, number],
  moduli: readonly number[],
): number {
  const inverse = inverseMod(a % b, b);
  const words = [b, inverse, shoup(inverse, b), (b - 1) / 2, (a - 1) / 2];
  for (const q of moduli) {
    words.push(a % q, shoup(a % q, q), q - multiplyMod(a % q, b % q, q));
  }
  const at = arena.allocate(words.length * 4);
  new Uint32Array(arena.memory.buffer, at, words.length).set(words);
  return at;
}
