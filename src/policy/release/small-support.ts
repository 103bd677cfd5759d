import { Echelon } from './echelon.ts';

/** Subjects whose rows are in the same atoms. */
export interface SubjectClass {
  /** Atoms that hold a row of each of them: columns of the vectors, ascending. */
  readonly atoms: readonly number[];
  readonly subjects: number;
}

/** Steps of the search before it gives up, which counts as having found something. */
const MOST_STEPS = 2000;

/**
 * Whether a span has a vector, not zero, that touches fewer than `fewest` subjects: those with a row in an atom where
 * the vector is not 0. In terms of matroids: whether a cocircuit is smaller than `fewest`, for which no quick
 * algorithm is known in general. This one is quick where every atom has many subjects, exact as long as the search is
 * short, and else answers yes: it errs towards refusing.
 *
 * @param span consumed: its pivots are moved
 */
export function hasSmallSupport(
  span: Echelon,
  classes: readonly SubjectClass[],
  fewest: number,
): boolean {
  const subjects = new Float64Array(span.columns);
  for (const { atoms, subjects: count } of classes) {
    for (const atom of atoms) subjects[atom]! += count;
  }
  // What is not 0 in an atom of many subjects touches them all.
  const basis = span.vanishing((column) => subjects[column]! >= fewest);
  if (basis.length === 0) return false;
  const touched = (column: number): boolean => basis.some((vector) => vector[column] !== 0);
  const columns = Array.from(subjects.keys()).filter(
    (column) => subjects[column]! < fewest && touched(column),
  );
  const place = new Map(columns.map((column, i) => [column, i]));
  const vectors = basis.map((vector) => Uint32Array.from(columns, (column) => vector[column]!));
  const within = classes.flatMap(({ atoms, subjects: count }) => {
    const own = atoms.flatMap((atom) => place.get(atom) ?? []);
    return own.length === 0 ? [] : [{ atoms: own, subjects: count }];
  });
  const search = new Search(span.prime, columns.length);
  return search.finds(vectors, mergeClasses(within), fewest - 1);
}

/** Classes of the same atoms as one. */
export function mergeClasses(classes: Iterable<SubjectClass>): SubjectClass[] {
  const merged = new Map<string, { atoms: readonly number[]; subjects: number }>();
  for (const { atoms, subjects } of classes) {
    const key = atoms.join();
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { atoms, subjects });
    else known.subjects += subjects;
  }
  return [...merged.values()];
}

/** Branch and bound over classes: each is touched, at the cost of its subjects, or the vector is 0 in its atoms. */
class Search {
  private readonly prime: number;
  private readonly columns: number;
  private steps = 0;

  constructor(prime: number, columns: number) {
    this.prime = prime;
    this.columns = columns;
  }

  /**
   * Whether some vector of a span, not zero, touches at most `budget` subjects of these classes. Classes that were
   * chosen to be touched are not among them any more.
   */
  finds(
    vectors: readonly Uint32Array[],
    classes: readonly SubjectClass[],
    budget: number,
  ): boolean {
    if (vectors.length === 0) return false;
    if (++this.steps > MOST_STEPS) return true;
    const { rank, packed } = this.pack(vectors, classes, budget + 1);
    // Something is 0 in all atoms of the classes that are left.
    if (rank < vectors.length) return true;
    // It is not 0 somewhere in each of these sets of subjects, of which no two share any.
    if (packed > budget) return false;
    const affordable = classes.filter(({ subjects }) => subjects <= budget);
    const beyond = classes.filter(({ subjects }) => subjects > budget);
    if (beyond.length > 0) return this.finds(this.zeroIn(vectors, beyond), affordable, budget);
    const chosen = affordable.reduce((most, one) => (one.subjects > most.subjects ? one : most));
    const others = affordable.filter((one) => one !== chosen);
    return (
      this.finds(this.zeroIn(vectors, [chosen]), others, budget) ||
      this.finds(vectors, others, budget - chosen.subjects)
    );
  }

  /**
   * Disjoint sets of subjects, at most `enough`, such that a vector which is 0 in all atoms of one set is zero, taken
   * greedily; and the rank of the vectors in the atoms of all classes.
   */
  private pack(
    vectors: readonly Uint32Array[],
    classes: readonly SubjectClass[],
    enough: number,
  ): { rank: number; packed: number } {
    const left = classes.map(({ subjects }) => subjects);
    let rank = 0;
    for (let packed = 0; packed < enough; packed++) {
      const found = new Echelon(this.prime, vectors.length);
      const order = left
        .flatMap((count, i) => (count > 0 ? [i] : []))
        .sort((a, b) => left[b]! - left[a]!);
      for (const i of order) {
        if (found.rank === vectors.length) break;
        let adds = false;
        for (const atom of classes[i]!.atoms) {
          adds = found.insert(Uint32Array.from(vectors, (vector) => vector[atom]!)) || adds;
        }
        if (adds) left[i]! -= 1;
      }
      if (packed === 0) rank = found.rank;
      if (found.rank < vectors.length) return { rank, packed };
    }
    return { rank, packed: enough };
  }

  /** A basis of the vectors of a span that are 0 in all atoms of some classes. */
  private zeroIn(
    vectors: readonly Uint32Array[],
    classes: readonly SubjectClass[],
  ): readonly Uint32Array[] {
    const meant = new Set(classes.flatMap(({ atoms }) => atoms));
    const span = new Echelon(this.prime, this.columns);
    for (const vector of vectors) span.insert(vector);
    return span.vanishing((column) => meant.has(column));
  }
}
