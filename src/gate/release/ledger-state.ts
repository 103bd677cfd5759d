import { Reader } from '../../bytes/codec.ts';
import { toHex } from '../../bytes/hex.ts';
import { type Cost, NO_COST, plus } from '../../policy/dp/budget.ts';
import { Auditor } from '../../policy/release/auditor.ts';
import type { LedgerRecord, ReserveRecord } from './ledger-record.ts';
import { RowNumbers } from './row-numbers.ts';
import { type NewRow, TableRows } from './table-rows.ts';

type Start = Extract<LedgerRecord, { kind: 'start' }>;

/** What a ledger's records add up to. */
export class LedgerState {
  readonly rows: TableRows;
  readonly reserved: Omit<ReserveRecord, 'partitions'>[] = [];
  /** By number: who each reservation is for. An answered one is nobody's any more. */
  private readonly claims = new Map<number, { readonly query: string; readonly request: string }>();
  private readonly numbers = new RowNumbers();
  private readonly subjects = new Map<string, number>();
  private readonly answers = new Map<string, string>();
  private opening: { readonly start: Start; readonly auditor: Auditor } | undefined;
  private cost: Cost = NO_COST;

  /** @param key of hashes of rows, 32 bytes */
  constructor(key: Uint8Array) {
    this.rows = new TableRows(key, this.numbers);
  }

  get start(): Start | undefined {
    return this.opening?.start;
  }

  get auditor(): Auditor {
    return this.opened().auditor;
  }

  get spent(): Cost {
    return this.cost;
  }

  get rowCount(): number {
    return this.numbers.count;
  }

  /** The stored answer to a query, of its 32 bytes. */
  answer(query: Uint8Array): string | undefined {
    return this.answers.get(toHex(query));
  }

  /** Whether a reservation is still to be answered, with the answer to a query. */
  isFor(reservation: number, query: Uint8Array): boolean {
    return this.claims.get(reservation)?.query === toHex(query);
  }

  /**
   * A reservation that nothing was released for, and which may be used for a query: one of the same query, whoever
   * asked, or one of the same request, whose rows changed since. Its cost must be the same. It has one answer, so that
   * what it cost covers it whichever of them that is.
   */
  unanswered(query: Uint8Array, request: Uint8Array, cost: Cost): number | undefined {
    const [asked, own] = [toHex(query), toHex(request)];
    let found: number | undefined;
    for (const [number, claim] of this.claims) {
      if (!equalCosts(this.reserved[number]!.cost, cost)) continue;
      if (claim.query === asked) return number;
      if (claim.request === own) found ??= number;
    }
    return found;
  }

  /** Rows that were just numbered, as a record. */
  recordOf(fresh: readonly NewRow[]): Extract<LedgerRecord, { kind: 'rows' }> {
    const added = new Map<string, Uint8Array>();
    const subjectOf: number[] = [];
    if (this.opened().start.hasSubject) {
      const places = new Map<string, number>();
      for (const { subject } of fresh) {
        const name = toHex(subject);
        let number = this.subjects.get(name) ?? places.get(name);
        if (number === undefined) {
          number = this.subjects.size + places.size;
          places.set(name, number);
          added.set(name, subject);
        }
        subjectOf.push(number);
      }
    }
    return {
      kind: 'rows',
      newSubjects: joined([...added.values()]),
      rows: joined(fresh.map(({ hash }) => hash)),
      subjectOf: Uint32Array.from(subjectOf),
    };
  }

  /**
   * Count a record.
   * @param isOwn of this process: its rows have their numbers, its figures are the auditor's already
   * @throws BYTES_INVALID where it does not follow from those before it
   */
  apply(record: LedgerRecord, isOwn: boolean): void {
    switch (record.kind) {
      case 'start':
        if (this.opening !== undefined) fail('it begins twice');
        this.opening = { start: record, auditor: new Auditor(record.primes) };
        break;
      case 'rows':
        this.addRows(record, isOwn);
        break;
      case 'reserve': {
        const { partitions, ...reserved } = record;
        const { auditor } = this.opened();
        if (!isOwn && partitions.length > 0) {
          if (partitions.some(({ groupOf }) => groupOf.length !== this.rowCount)) {
            fail('a release is of other rows');
          }
          const groups = partitions[0]!.groups;
          auditor.accept(
            partitions,
            Array.from({ length: groups }, (_, i) => i),
          );
        }
        this.cost = plus(this.cost, record.cost);
        // What costs nothing is not waited for: figures that left exactly have no answers here.
        if (!equalCosts(record.cost, NO_COST)) {
          const query = toHex(record.query);
          this.claims.set(this.reserved.length, { query, request: query });
        }
        this.reserved.push(reserved);
        break;
      }
      case 'answer': {
        const reserved = this.reserved[record.reservation];
        if (reserved === undefined) return fail('an answer was not reserved');
        const claim = this.claims.get(record.reservation);
        if (claim === undefined) return fail('a reservation was answered twice');
        this.claims.delete(record.reservation);
        this.answers.set(claim.query, record.result);
        break;
      }
      case 'claim': {
        const { reservation, query, request } = record;
        if (!this.claims.has(reservation)) return fail('a claim on what is not to be answered');
        this.claims.set(reservation, { query: toHex(query), request: toHex(request) });
        break;
      }
      default:
        record satisfies never;
    }
  }

  private addRows(
    { newSubjects, rows, subjectOf }: Extract<LedgerRecord, { kind: 'rows' }>,
    isOwn: boolean,
  ): void {
    const { start, auditor } = this.opened();
    for (let at = 0; at < newSubjects.length; at += 8) {
      this.subjects.set(toHex(newSubjects.subarray(at, at + 8)), this.subjects.size);
    }
    const count = rows.length / 8;
    if (subjectOf.length !== (start.hasSubject ? count : 0)) fail('rows without their subjects');
    if (subjectOf.some((subject) => subject >= this.subjects.size)) fail('a row of nobody');
    if (!isOwn) {
      const reader = new Reader(rows, 'rows');
      for (let row = 0; row < count; row++) {
        const high = reader.u32();
        this.numbers.add(high, reader.u32());
      }
    }
    const before = auditor.rowCount;
    auditor.addRows(
      start.hasSubject ? subjectOf : Uint32Array.from({ length: count }, (_, i) => before + i),
    );
  }

  private opened(): { readonly start: Start; readonly auditor: Auditor } {
    return this.opening ?? fail('it has no beginning');
  }
}

function equalCosts(a: Cost, b: Cost): boolean {
  return (
    a.microEpsilon === b.microEpsilon && a.microRho === b.microRho && a.picoDelta === b.picoDelta
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(8 * parts.length);
  for (const [i, part] of parts.entries()) out.set(part, 8 * i);
  return out;
}

function fail(reason: string): never {
  return new Reader(new Uint8Array(0), 'a ledger of releases').fail(reason);
}
