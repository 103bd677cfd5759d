import { inverseMod, multiplyMod, reverseBits, shoup, smallestPrimitiveRoot } from '../modular.ts';
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
  const roots = writeRoots(arena, n, q, psi);
  const inverseRoots = writeRoots(arena, n, q, inverseMod(psi, q));

  const fold = 2 ** 32 % q;
  const nInverse = inverseMod(n % q, q);
  const firstInverseRoot = new Uint32Array(arena.memory.buffer, inverseRoots, 2)[1] ?? 0;
  const last = multiplyMod(firstInverseRoot, nInverse, q);
  new Uint32Array(arena.memory.buffer, record, RECORD / 4).set([
    q,
    (2 ** 32 - fold) / q,
    fold,
    shoup(fold, q),
    nInverse,
    shoup(nInverse, q),
    last,
    shoup(last, q),
    roots,
    roots + 4 * n,
    inverseRoots,
    inverseRoots + 4 * n,
  ]);
}

/** root^i at the bit-reversed index of i, then as many Shoup constants. */
function writeRoots(arena: Arena, n: number, q: number, root: number): number {
  const at = arena.allocate(8 * n);
  const words = new Uint32Array(arena.memory.buffer, at, 2 * n);
  const bits = Math.log2(n);
  let power = 1;
  for (let i = 0; i < n; i += 1) {
    const place = reverseBits(i, bits);
    words[place] = power;
    words[n + place] = shoup(power, q);
    power = multiplyMod(power, root, q);
  }
  return at;
}
