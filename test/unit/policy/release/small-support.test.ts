import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Echelon } from '../../../../src/policy/release/echelon.ts';
import { isFieldPrime } from '../../../../src/policy/release/prime-field.ts';
import {
  hasSmallSupport,
  type SubjectClass,
} from '../../../../src/policy/release/small-support.ts';

const PRIME = 33_554_467;

/** The rank of vectors modulo the prime, by elimination on BigInts. */
function rankOf(vectors: readonly (readonly bigint[])[]): number {
  const p = BigInt(PRIME);
  const power = (base: bigint, exponent: bigint): bigint => {
    let [out, square] = [1n, base % p];
    for (let e = exponent; e > 0n; e >>= 1n) {
      if (e & 1n) out = (out * square) % p;
      square = (square * square) % p;
    }
    return out;
  };
  const rows = vectors.map((vector) => vector.map((cell) => ((cell % p) + p) % p));
  let rank = 0;
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    const at = rows.findIndex((row, i) => i >= rank && row[column] !== 0n);
    if (at === -1) continue;
    [rows[rank], rows[at]] = [rows[at]!, rows[rank]!];
    const inverse = power(rows[rank]![column]!, p - 2n);
    for (let i = rank + 1; i < rows.length; i++) {
      const factor = (rows[i]![column]! * inverse) % p;
      rows[i] = rows[i]!.map((cell, j) => (((cell - factor * rows[rank]![j]!) % p) + p) % p);
    }
    rank++;
  }
  return rank;
}

/**
 * Of every set of fewer subjects, whether something in the span is 0 in the atoms of all others: the rank there is
 * then below that of the whole.
 */
function bySubsets(vectors: number[][], classes: readonly SubjectClass[], fewest: number): boolean {
  const people = classes.flatMap(({ atoms, subjects }) =>
    Array.from({ length: subjects }, () => atoms),
  );
  const whole = rankOf(vectors.map((vector) => vector.map(BigInt)));
  for (let subset = 0; subset < 2 ** people.length; subset++) {
    const touched = people.filter((_, i) => ((subset >> i) & 1) === 1);
    if (touched.length >= fewest) continue;
    const others = people.filter((_, i) => ((subset >> i) & 1) === 0);
    const columns = [...new Set(others.flat())];
    const rank = rankOf(vectors.map((vector) => columns.map((column) => BigInt(vector[column]!))));
    if (rank < whole) return true;
  }
  return false;
}

const cases = fc
  .record({ columns: fc.integer({ min: 1, max: 7 }), fewest: fc.integer({ min: 1, max: 5 }) })
  .chain(({ columns, fewest }) =>
    fc.record({
      columns: fc.constant(columns),
      fewest: fc.constant(fewest),
      vectors: fc.array(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: columns, maxLength: columns }),
        { minLength: 1, maxLength: 5 },
      ),
      // Every atom is somebody's: there is no atom without rows.
      own: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: columns, maxLength: columns }),
      shared: fc.array(
        fc.record({
          atoms: fc.uniqueArray(fc.integer({ min: 0, max: columns - 1 }), {
            minLength: 1,
            maxLength: 3,
          }),
          subjects: fc.integer({ min: 1, max: 2 }),
        }),
        { maxLength: 2 },
      ),
      alone: fc.array(fc.boolean(), { minLength: columns, maxLength: columns }),
    }),
  )
  .map(({ shared, own, alone, ...rest }) => {
    const classes: SubjectClass[] = shared.map(({ atoms, subjects }) => ({
      atoms: atoms.toSorted((a, b) => a - b),
      subjects,
    }));
    own.forEach((subjects, atom) => {
      const covered = classes.some(({ atoms }) => atoms.includes(atom));
      if (!covered || alone[atom] === true) classes.push({ atoms: [atom], subjects });
    });
    return { ...rest, classes };
  })
  .filter(({ classes }) => classes.reduce((sum, { subjects }) => sum + subjects, 0) <= 11);

it('finds a combination of few subjects exactly where trying all sets of subjects finds one', () => {
  expect(isFieldPrime(PRIME)).toBe(true);
  let [found, none] = [0, 0];
  fc.assert(
    fc.property(cases, ({ columns, vectors, classes, fewest }) => {
      const span = new Echelon(PRIME, columns);
      for (const vector of vectors) span.insert(Uint32Array.from(vector));
      const expected = bySubsets(vectors, classes, fewest);
      if (expected) found++;
      else none++;
      expect(hasSmallSupport(span, classes, fewest)).toBe(expected);
    }),
    { numRuns: 400, seed: 8 },
  );
  // Both answers were met.
  expect(Math.min(found, none)).toBeGreaterThan(40);
});
