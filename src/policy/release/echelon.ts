import { divide, subtractMultiple } from './prime-field.ts';

interface EchelonRow {
  readonly cells: Uint32Array;
  pivot: number;
}

/**
 * The span of vectors over a prime field, as a basis in reduced echelon form: every row has a pivot, a column in
 * which it is 1 and all other rows are 0. The columns need no order; `preferring` says where pivots shall be.
 */
export class Echelon {
  readonly prime: number;
  readonly columns: number;
  private readonly rows: EchelonRow[] = [];

  constructor(prime: number, columns: number) {
    this.prime = prime;
    this.columns = columns;
  }

  /** The number of vectors in a basis. */
  get rank(): number {
    return this.rows.length;
  }

  /** The same span where column i of the new one is column parents[i] of this one; every column must be among them. */
  spread(parents: Uint32Array): Echelon {
    const first = new Map<number, number>();
    parents.forEach((parent, i) => {
      if (!first.has(parent)) first.set(parent, i);
    });
    const out = new Echelon(this.prime, parents.length);
    for (const { cells, pivot } of this.rows) {
      out.rows.push({
        cells: parents.map((parent) => cells[parent]!),
        pivot: first.get(pivot)!,
      });
    }
    return out;
  }

  /** The same span with one more column, in which every vector is 0. */
  widened(): Echelon {
    const out = new Echelon(this.prime, this.columns + 1);
    for (const { cells, pivot } of this.rows) {
      const wider = new Uint32Array(this.columns + 1);
      wider.set(cells);
      out.rows.push({ cells: wider, pivot });
    }
    return out;
  }

  /** A column in which every vector is 0; −1 where there is none. */
  zeroColumn(): number {
    for (let column = 0; column < this.columns; column++) {
      if (this.rows.every(({ cells }) => cells[column] === 0)) return column;
    }
    return -1;
  }

  /** Add a vector of residues, one for each column. False where the span had it already. */
  insert(vector: Uint32Array): boolean {
    const { prime, rows } = this;
    const cells = vector.slice();
    for (const row of rows) subtractMultiple(cells, row.cells, cells[row.pivot]!, prime);
    const pivot = cells.findIndex((cell) => cell !== 0);
    if (pivot === -1) return false;
    this.add(cells, pivot);
    return true;
  }

  /**
   * A basis of the vectors of the span that are 0 in every column of some. Pivots are moved into these columns for as
   * long as there is a place for one; what rows are left have nothing there.
   */
  vanishing(isMeant: (column: number) => boolean): Uint32Array[] {
    const { prime, rows } = this;
    const meant = Array.from({ length: this.columns }, (_, i) => i).filter(isMeant);
    const rest: Uint32Array[] = [];
    for (const row of rows) {
      if (isMeant(row.pivot)) continue;
      const pivot = meant.find((column) => row.cells[column] !== 0);
      if (pivot === undefined) continue;
      row.pivot = pivot;
      divide(row.cells, row.cells[pivot]!, prime);
      for (const other of rows) {
        if (other !== row) subtractMultiple(other.cells, row.cells, other.cells[pivot]!, prime);
      }
    }
    for (const row of rows) if (!isMeant(row.pivot)) rest.push(row.cells);
    return rest;
  }

  private add(cells: Uint32Array, pivot: number): void {
    const { prime, rows } = this;
    divide(cells, cells[pivot]!, prime);
    for (const row of rows) subtractMultiple(row.cells, cells, row.cells[pivot]!, prime);
    rows.push({ cells, pivot });
  }
}
