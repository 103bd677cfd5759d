import type { RecordOf, RowOf } from '../../src/client/typed/schema.ts';

/** A table of every type of column, told apart by a key of two. */
export const VISITS = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  key: ['patient', 'number'],
  columns: {
    patient: { type: 'text' },
    number: { type: 'integer' },
    ward: { type: 'text', nullable: true },
    admitted: { type: 'date' },
    seen: { type: 'timestamp', nullable: true },
    fee: { type: 'decimal', scale: 2, nullable: true },
    weight: { type: 'real', nullable: true },
    urgent: { type: 'boolean', nullable: true },
    notes: { type: 'document', nullable: true },
  },
  derived: { cost: 'fee*number' },
} as const;

export type Visit = RecordOf<typeof VISITS>;
export type VisitRow = RowOf<typeof VISITS>;

/** Visit i of a patient, with cells that change with `version`. */
export function visit(i: number, version = 0): Visit {
  return {
    patient: `patient ${i % 7}`,
    number: i,
    ward: i % 5 === 0 ? null : `ward ${(i + version) % 3}`,
    admitted: `2025-03-0${1 + (i % 9)}`,
    fee: i % 4 === 0 ? null : (`${i + 0.5}` as `${number}`),
    urgent: i % 2 === 0,
    notes: version === 0 ? undefined : `version ${version}`,
  };
}

/** What is read of it. */
export function rowOf(i: number, version = 0): VisitRow {
  return {
    patient: `patient ${i % 7}`,
    number: `${i}` as `${bigint}`,
    ward: i % 5 === 0 ? null : `ward ${(i + version) % 3}`,
    admitted: `2025-03-0${1 + (i % 9)}`,
    seen: null,
    fee: i % 4 === 0 ? null : (`${i + 0.5}` as `${number}`),
    weight: null,
    urgent: i % 2 === 0,
    notes: version === 0 ? null : `version ${version}`,
    cost: i % 4 === 0 ? null : (`${(i + 0.5) * i}` as `${number}`),
  };
}

export const keyOf = (i: number): { patient: string; number: number } => ({
  patient: `patient ${i % 7}`,
  number: i,
});

export function byNumber(rows: readonly VisitRow[]): VisitRow[] {
  return rows.toSorted((a, b) => Number(a.number) - Number(b.number));
}
