import { z } from 'zod';
import { MOST_HOURS } from './incident/clock.ts';
import { RELEASE_SETTINGS, type ReleaseSettings } from './release/settings.ts';

/** What a principal may ask for. */
export const OPERATIONS = ['aggregate', 'rows', 'search'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Who asks: a person, a program of the owner's, a tool of somebody else's. */
export const PRINCIPAL_KINDS = ['staff', 'service', 'tool'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** What staff must have been attested. */
export const ATTESTATIONS = ['training', 'vetting', 'assessment'] as const;
export type AttestationKind = (typeof ATTESTATIONS)[number];

export const PERIODS = ['hour', 'day', 'week', 'year'] as const;
export type Period = (typeof PERIODS)[number];

/** So much in each period. */
export interface Limit {
  readonly limit: number;
  readonly per: Period;
}

/** What data may be used for. */
export interface Purpose {
  readonly description: string;
  readonly table: string;
  /** The columns without which the purpose cannot be served; no other may be used. */
  readonly fields: readonly string[];
  /** Versions of the notice; consent to one of them is needed of a subject. Null: of none. */
  readonly consent: { readonly notices: readonly string[] } | null;
  /** Queries of one principal. */
  readonly quota: Limit;
  /** Cells of results released to one principal. */
  readonly derived: Limit;
  /** Signatures of distinct people over a request; 0 where none is needed. */
  readonly approvals: number;
  /** An instant (RFC 3339, UTC); null: never. */
  readonly expires: string | null;
}

export interface Rule {
  readonly effect: 'allow' | 'forbid';
  /** A principal's name, "role:…", "kind:…", or "*" for all. */
  readonly principals: readonly string[];
  /** Names of purposes, or "*" for all. */
  readonly purposes: readonly string[];
  readonly operations: readonly Operation[];
  /** Allow: these columns alone. Forbid: any of these. Left out: all. */
  readonly fields?: readonly string[] | undefined;
}

export interface PolicyDocument {
  /** Greater by one than that of the policy it replaces; the first has 1. */
  readonly revision: number;
  readonly issued: string;
  readonly description: string;
  /** Fewest subjects behind a released figure. */
  readonly cohort: number;
  /** What staff must have been attested. */
  readonly attestations: readonly AttestationKind[];
  /** Nothing is answered but while an assessment of tables, purposes, processors and store is current. Left out: of none. */
  readonly assessment?: 'required' | undefined;
  /**
   * How figures are released, by table: then releases/settings.json counts for nothing, and a table that is not named has
   * the default. Left out: that file counts.
   */
  readonly releases?: Readonly<Record<string, ReleaseSettings>> | undefined;
  /** Hours within which notice of an incident is given; 0: immediately. Left out: 72 (incident/clock.ts). */
  readonly incidents?: { readonly noticeHours: number } | undefined;
  readonly purposes: Readonly<Record<string, Purpose>>;
  readonly rules: readonly Rule[];
}

/** Names of principals, roles and purposes. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name is of a-z, 0-9, ".", "_" and "-"');
/** Tables and columns are named as in schemas. */
const column = z.string().min(1).max(63);
const text = z.string().min(1).max(1000);
const instant = z.iso.datetime();
const atLeastOne = z.int().min(1).max(1_000_000_000);

const limit = z.strictObject({ limit: atLeastOne, per: z.enum(PERIODS) });

const purpose = z.strictObject({
  description: text,
  table: column,
  fields: z.array(column).min(1).max(1000),
  consent: z.strictObject({ notices: z.array(text).min(1).max(100) }).nullable(),
  quota: limit,
  derived: limit,
  approvals: z.int().min(0).max(16),
  expires: instant.nullable(),
});

const rule = z.strictObject({
  effect: z.enum(['allow', 'forbid']),
  principals: z.array(z.string().regex(/^(\*|(role:|kind:)?[a-z0-9][a-z0-9._-]{0,62})$/)).min(1),
  purposes: z.array(z.union([z.literal('*'), name])).min(1),
  operations: z.array(z.enum(OPERATIONS)).min(1),
  fields: z.array(column).min(1).max(1000).optional(),
});

const document: z.ZodType<PolicyDocument> = z
  .strictObject({
    revision: atLeastOne,
    issued: instant,
    description: text,
    cohort: z.int().min(1).max(1_000_000),
    attestations: z.array(z.enum(ATTESTATIONS)),
    assessment: z.literal('required').optional(),
    releases: RELEASE_SETTINGS.optional(),
    incidents: z.strictObject({ noticeHours: z.int().min(0).max(MOST_HOURS) }).optional(),
    purposes: z.record(name, purpose),
    rules: z.array(rule).max(10_000),
  })
  .superRefine(({ purposes, rules }, context) => {
    for (const [i, { purposes: named }] of rules.entries()) {
      for (const one of named) {
        if (one === '*' || Object.hasOwn(purposes, one)) continue;
        context.addIssue({
          code: 'custom',
          path: ['rules', i, 'purposes'],
          message: `no purpose "${one}"`,
        });
      }
    }
  });

/** What is wrong with a value that is no policy: a path and a reason each. */
export interface PolicyIssue {
  readonly path: string;
  readonly reason: string;
}

/** A policy out of parsed JSON, or what is wrong with it. */
export function readDocument(
  json: unknown,
): { readonly document: PolicyDocument } | { readonly issues: readonly PolicyIssue[] } {
  const parsed = document.safeParse(json);
  if (parsed.success) return { document: parsed.data };
  return {
    issues: parsed.error.issues.map(({ path, message }) => ({
      path: path.length === 0 ? 'document' : path.map(String).join('.'),
      reason: message,
    })),
  };
}
