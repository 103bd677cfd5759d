import { inverseMod, multiplyMod, shoup } from '../modular.ts';
import type { Arena } from './arena.ts';
import { modulusTables } from './modulus-tables.ts';

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
  const { roots, inverseRoots, scaled, mask } = modulusTables(n, q);
  const rootTable = writeWords(arena, roots);
  const inverseTable = writeWords(arena, inverseRoots);

  const fold = 2 ** 32 % q;
  const nInverse = inverseMod(n % q, q);
  const withShoup = (value: number): number[] => [value, shoup(value, q)];
  const sparse =
    mask === undefined ? [0, 0] : [writeWords(arena, mask.powers), writeWords(arena, mask.roots)];
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

function writeWords(arena: Arena, words: Uint32Array): number {
  const at = arena.allocate(words.byteLength);
  new Uint32Array(arena.memory.buffer, at, words.length).set(words);
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
