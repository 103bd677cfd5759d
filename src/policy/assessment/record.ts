import { z } from 'zod';
import { equalBytes } from '../../bytes/compare.ts';
import { fromHex } from '../../bytes/hex.ts';
import { type Context, contextForm, MOST_DAYS, type Processor } from './context.ts';

/** What is kept of an assessment: enough to know whether it still holds. */
export interface AssessmentRecord {
  readonly version: 1;
  /** Milliseconds since 1970. */
  readonly issued: number;
  /** Not later than a year after it was issued. */
  readonly expires: number;
  /** SHA-256 of its scope, 64 hex digits. */
  readonly scope: string;
  /** Ids of risks to be stopped that nobody has accepted. */
  readonly stopped: readonly string[];
  readonly checks: readonly { readonly id: string; readonly status: string }[];
  readonly context: Context;
  /** Number of its entry in the audit log. */
  readonly entry: number;
}

const time = z.int().min(0);

const form: z.ZodType<AssessmentRecord> = z.strictObject({
  version: z.literal(1),
  issued: time,
  expires: time,
  scope: z.string().regex(/^[0-9a-f]{64}$/),
  stopped: z.array(z.string().max(100)).max(1000),
  checks: z
    .array(z.strictObject({ id: z.string().max(100), status: z.string().max(20) }))
    .max(1000),
  context: contextForm,
  entry: time,
});

const DAY_MS = 86_400_000;

/** A record out of parsed JSON; undefined: it is none. */
export function readRecord(json: unknown): AssessmentRecord | undefined {
  const parsed = form.safeParse(json);
  if (!parsed.success) return undefined;
  const { issued, expires } = parsed.data;
  return expires > issued && expires <= expiryOf(issued, MOST_DAYS) ? parsed.data : undefined;
}

/** When an assessment ends that holds for so many days. */
export const expiryOf = (issued: number, days: number): number => issued + days * DAY_MS;

/** Whether an assessment holds now, and why not. */
export type AssessmentStatus =
  | { readonly current: true; readonly until: number }
  | { readonly current: false; readonly reason: AssessmentReason };

export type AssessmentReason =
  | { readonly kind: 'none' }
  | { readonly kind: 'expired'; readonly since: number }
  /** Its time is later than now: the clock was put back, or the record is not of this clock. */
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'scope-changed' }
  | { readonly kind: 'processor-expired'; readonly processor: string }
  | { readonly kind: 'stopped'; readonly risks: readonly string[] };

/**
 * Whether the assessment of a record is current. Anything that does not show that it is counts against it.
 * @param scope today's, of 32 bytes (scope.ts), with the processors of the record
 * @param now milliseconds since 1970
 */
export function assessmentStatus(
  record: AssessmentRecord | undefined,
  scope: Uint8Array,
  now: number,
): AssessmentStatus {
  if (record === undefined) return against({ kind: 'none' });
  if (!(record.issued <= now)) return against({ kind: 'not-yet' });
  if (!(now < record.expires)) return against({ kind: 'expired', since: record.expires });
  if (!equalBytes(fromHex(record.scope, 'the scope'), scope)) {
    return against({ kind: 'scope-changed' });
  }
  const { processors } = record.context;
  const late = expiredProcessor(record, now);
  if (late !== undefined) return against({ kind: 'processor-expired', processor: late.name });
  if (record.stopped.length > 0) return against({ kind: 'stopped', risks: record.stopped });
  return { current: true, until: Math.min(record.expires, soonest(processors)) };
}

/** A processor whose qualification does not hold any more. */
export function expiredProcessor(
  { context }: Pick<AssessmentRecord, 'context'>,
  now: number,
): Processor | undefined {
  return context.processors.find(({ expires }) => !(now < Date.parse(expires)));
}

const against = (reason: AssessmentReason): AssessmentStatus => ({ current: false, reason });

const soonest = (processors: readonly Processor[]): number =>
  Math.min(Infinity, ...processors.map(({ expires }) => Date.parse(expires)));

/** A reason as a sentence for whoever is refused. */
export function assessmentReasonText(reason: AssessmentReason): string {
  switch (reason.kind) {
    case 'none':
      return 'the data was not assessed';
    case 'expired':
      return `the assessment expired on ${new Date(reason.since).toISOString()}`;
    case 'not-yet':
      return 'the assessment is of a later time than now';
    case 'scope-changed':
      return 'tables, purposes, processors or store are not those that were assessed';
    case 'processor-expired':
      return `the qualification of the processor "${reason.processor}" expired`;
    case 'stopped':
      return `the assessment stops processing until a risk is treated: ${reason.risks.join(', ')}`;
    default:
      return reason satisfies never;
  }
}

/** What a gate asks: absent where its policy requires no assessment. */
export interface AssessmentState {
  /** @param now milliseconds since 1970 */
  status(now: number): Promise<AssessmentStatus>;
}
