import { z } from 'zod';
import { MOST_HOURS } from './clock.ts';

/** What was done at once: the gate frozen, a principal revoked, a table's keys replaced. */
export const MEASURES = ['freeze', 'revoke', 'rotate'] as const;
export type MeasureKind = (typeof MEASURES)[number];

export interface Measure {
  readonly kind: MeasureKind;
  /** The principal or the table; empty of a freeze. */
  readonly what: string;
  /** Milliseconds since 1970, as all times here. */
  readonly time: number;
  /** Number of its entry in the audit log. */
  readonly entry: number;
}

/** That an officer closed it. */
export interface Closed {
  readonly time: number;
  /** What was done about it, in their words. */
  readonly measures: string;
  /** Names of the officers who signed. */
  readonly officers: readonly string[];
  readonly entry: number;
}

/** Something that went wrong, and what is done about it. */
export interface Incident {
  /** 16 hex digits, random. */
  readonly id: string;
  readonly opened: number;
  /** Who opened it, as they say. */
  readonly by: string;
  readonly reason: string;
  /** Principals that are revoked. */
  readonly principals: readonly string[];
  /** Purposes that it is about; none: any. */
  readonly purposes: readonly string[];
  /** While it is open nothing is released. */
  readonly freeze: boolean;
  /** Whether every table gets new keys. */
  readonly rotation: 'none' | 'wanted' | 'done';
  /** Hours after it was opened within which notice is given (clock.ts). */
  readonly noticeHours: number;
  /** Number of the entry of its opening; null until that is logged. */
  readonly entry: number | null;
  readonly measures: readonly Measure[];
  readonly closed: Closed | null;
}

/** What is opened. */
export type NewIncident = Pick<
  Incident,
  'by' | 'reason' | 'principals' | 'purposes' | 'freeze' | 'rotation' | 'noticeHours'
>;

export interface IncidentsValue {
  readonly incidents: readonly Incident[];
}

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const text = z.string().min(1).max(4000);
const time = z.int().min(0).max(8_640_000_000_000_000);
const place = z.int().min(0);

const measure = z.strictObject({
  kind: z.enum(MEASURES),
  what: z.string().max(63),
  time,
  entry: place,
});

const incident: z.ZodType<Incident> = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  opened: time,
  by: text,
  reason: text,
  principals: z.array(name).max(1000),
  purposes: z.array(name).max(1000),
  freeze: z.boolean(),
  rotation: z.enum(['none', 'wanted', 'done']),
  noticeHours: z.int().min(0).max(MOST_HOURS),
  entry: place.nullable(),
  measures: z.array(measure).max(10_000),
  closed: z
    .strictObject({ time, measures: text, officers: z.array(text).min(1).max(16), entry: place })
    .nullable(),
});

/** What incidents.opal holds. */
export const incidentsForm: z.ZodType<IncidentsValue> = z.strictObject({
  incidents: z.array(incident).max(10_000),
});

/** What is wrong with an incident that is to be opened; undefined: nothing. */
export function issueOf(opened: NewIncident): string | undefined {
  const made = { id: '0'.repeat(16), opened: 0, entry: null, measures: [], closed: null };
  const parsed = incident.safeParse({ ...made, ...opened });
  if (parsed.success) return undefined;
  const { path, message } = parsed.error.issues[0]!;
  return `an incident’s ${path.join('.')}: ${message}`;
}

/** The incident that freezes the gate: the first that is open and does; undefined: none. */
export function freezing(incidents: readonly Incident[]): Incident | undefined {
  return incidents.find(({ freeze, closed }) => freeze && closed === null);
}

/** What of an incident's measures is not done, or not on the record, yet. */
export function pending(one: Incident): readonly string[] {
  const { entry, freeze, principals, rotation, measures } = one;
  const done = (kind: MeasureKind, what: string): boolean =>
    measures.some((taken) => taken.kind === kind && taken.what === what);
  return [
    ...(entry === null ? ['that it is logged'] : []),
    ...(freeze && !done('freeze', '') ? ['that its freeze is logged'] : []),
    ...principals
      .filter((principal) => !done('revoke', principal))
      .map((principal) => `that ${principal} is revoked`),
    ...(rotation === 'wanted' ? ['that keys are replaced'] : []),
  ];
}

/** Whether opening this would only go on with an incident whose measures are not all taken. */
export function goesOnWith(one: Incident, wanted: NewIncident): boolean {
  return (
    one.closed === null &&
    pending(one).length > 0 &&
    one.reason === wanted.reason &&
    sameNames(one.principals, wanted.principals) &&
    sameNames(one.purposes, wanted.purposes)
  );
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}

/** Whether an incident stops all releases now; read anew in every call. */
export interface IncidentState {
  /** The id of the one that does; undefined: none. */
  frozenBy(): Promise<string | undefined>;
}
