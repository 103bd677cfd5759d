/**
 * Rows in the order of their subjects. Subject numbers are below `subjects`; every row has one.
 */
export class SubjectRows {
  readonly subjects: number;
  private readonly starts: Uint32Array;
  private readonly order: Uint32Array;

  constructor(subjectOf: Uint32Array, subjects: number) {
    this.subjects = subjects;
    this.starts = new Uint32Array(subjects + 1);
    for (const subject of subjectOf) this.starts[subject + 1]! += 1;
    for (let i = 0; i < subjects; i++) this.starts[i + 1]! += this.starts[i]!;
    const next = this.starts.slice(0, subjects);
    this.order = new Uint32Array(subjectOf.length);
    for (let row = 0; row < subjectOf.length; row++) this.order[next[subjectOf[row]!]!++] = row;
  }

  /** The rows of a subject: a view. */
  of(subject: number): Uint32Array {
    return this.order.subarray(this.starts[subject]!, this.starts[subject + 1]!);
  }

  /** Most rows that one subject has among those that are 1 in `live`. */
  most(live: Uint8Array): number {
    let most = 0;
    for (let subject = 0; subject < this.subjects; subject++) {
      let rows = 0;
      for (const row of this.of(subject)) rows += live[row]!;
      most = Math.max(most, rows);
    }
    return most;
  }
}
