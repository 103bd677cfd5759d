import { z } from 'zod';
import type { Attestation } from '../attestation.ts';
import { ATTESTATIONS, type Operation, OPERATIONS, PRINCIPAL_KINDS } from '../document.ts';
import type { Cost } from '../dp/budget.ts';
import type { Principal } from '../principal.ts';

/** An entry of an audit log with what its details say, as far as they could be opened. */
export interface OpenedEntry {
  /** Its number, from 0. */
  readonly index: number;
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** 'gone': shredded or removed; 'sealed': its key is not at hand. */
  readonly details: readonly (Uint8Array | 'gone' | 'sealed')[];
}

/** What is wrong with what a log says, or cannot be told of it; `index` is the entry's. */
export interface ReplayFinding {
  readonly level: 'problem' | 'advice';
  readonly index: number;
  readonly text: string;
}

const hex = (bytes: number): z.ZodString =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
const time = z.int().min(0);
const count = z.int().min(0);
const name = z.string().max(63);
const cost = z.object({ microEpsilon: count, microRho: count, picoDelta: count });

export interface BeginningContent {
  readonly officers: readonly string[];
}
export const beginningForm: z.ZodType<BeginningContent> = z.object({
  officers: z.array(z.string().max(1000)).min(1).max(16),
});

/** A principal as a log tells of it: who was revoked is another entry. */
export interface LoggedPrincipal extends Omit<Principal, 'revoked'> {
  /** Hex of the key by which it approves; null: it cannot. */
  readonly key: string | null;
  /** Of a tool: hex of the hash of the bundle that it asks by. */
  readonly bundle?: string | undefined;
}
export const principalForm: z.ZodType<LoggedPrincipal> = z.object({
  name,
  kind: z.enum(PRINCIPAL_KINDS),
  roles: z.array(name),
  expires: time.nullable(),
  key: hex(32).nullable(),
  bundle: hex(32).optional(),
});

export const revocationForm: z.ZodType<{ readonly name: string }> = z.object({ name });

/** Its signature in hex. */
export interface LoggedAttestation extends Omit<Attestation, 'signature'> {
  readonly signature: string;
}
export const attestationForm: z.ZodType<LoggedAttestation> = z.object({
  principal: name,
  kind: z.enum(ATTESTATIONS),
  issued: time,
  expires: time,
  signature: hex(64),
});

export interface GrantContent {
  readonly id: string;
  readonly subject: string;
  readonly purpose: string;
  readonly notice: string;
  readonly given: number;
  readonly expires: number | null;
}
export const grantForm: z.ZodType<GrantContent> = z.object({
  id: hex(16),
  subject: z.string(),
  purpose: z.string(),
  notice: z.string(),
  given: time,
  expires: time.nullable(),
});

export interface WithdrawalContent {
  /** Ids of the grants that are withdrawn. */
  readonly records: readonly string[];
}
export const withdrawalForm: z.ZodType<WithdrawalContent> = z.object({ records: z.array(hex(16)) });

export interface AssessmentContent {
  readonly issued: number;
  readonly expires: number;
}
export const assessmentForm: z.ZodType<AssessmentContent> = z.object({
  issued: time,
  expires: time,
});

export interface CertificateContent {
  readonly tool: string;
  readonly bundle: string;
  readonly expires: number;
}
export const certificateForm: z.ZodType<CertificateContent> = z.object({
  tool: name,
  bundle: hex(32),
  expires: time,
});

/** Of a tool that was suspended or revoked. */
export const cutOffForm: z.ZodType<{ readonly bundle: string }> = z.object({ bundle: hex(32) });

export interface IntentContent {
  readonly principal: string;
  readonly purpose: string;
  readonly table: string;
  /** Of the table. */
  readonly epoch: number;
  /** When the policy decided. */
  readonly decided: number;
  readonly operations: readonly Operation[];
  readonly fields: readonly string[];
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly policy: { readonly revision: number; readonly digest: string };
  /** `time`: when it was looked up. */
  readonly consent: {
    readonly digest: string;
    readonly subjects: number | null;
    readonly time: number;
  };
  readonly approval?:
    | {
        readonly request: string;
        readonly nonce: string;
        readonly signatures: readonly {
          readonly approver: string;
          readonly key: string;
          readonly signature: string;
        }[];
      }
    | undefined;
  readonly reserved?:
    { readonly reservation: number; readonly cost: Cost; readonly budget: Cost } | undefined;
  /** Digest of the plan, the manifest that it runs on and the rows that are left out. */
  readonly work: string;
  readonly cells: number;
  /** Of a tool: the query of its bundle. */
  readonly tool?: { readonly bundle: string; readonly query: string } | undefined;
}
export const intentForm: z.ZodType<IntentContent> = z.object({
  principal: name,
  purpose: name,
  table: z.string(),
  epoch: count,
  decided: time,
  operations: z.array(z.enum(OPERATIONS)).min(1),
  fields: z.array(z.string()),
  sql: z.string(),
  parameters: z.array(z.unknown()),
  policy: z.object({ revision: count, digest: hex(32) }),
  consent: z.object({ digest: hex(32), subjects: count.nullable(), time }),
  approval: z
    .object({
      request: hex(32),
      nonce: hex(16),
      signatures: z.array(z.object({ approver: name, key: hex(32), signature: hex(64) })),
    })
    .optional(),
  reserved: z.object({ reservation: count, cost, budget: cost }).optional(),
  work: hex(32),
  cells: count,
  tool: z.object({ bundle: hex(32), query: z.string() }).optional(),
});

export interface ReleasedContent {
  readonly released: true;
  readonly intent: number;
  readonly cells: number;
  /** When it was looked at again who asked and on what grounds. */
  readonly checked: number;
  /** Keyed digest of what was computed. */
  readonly computed: string;
}
export interface RefusedContent {
  readonly released: false;
  readonly intent: number | null;
  readonly code: string;
  /** The store served what is not so: from then on nothing is released. */
  readonly froze: boolean;
  /** The request began anew, and its use was taken back. */
  readonly again: boolean;
}
export const outcomeForm: z.ZodType<ReleasedContent | RefusedContent> = z.discriminatedUnion(
  'released',
  [
    z.object({
      released: z.literal(true),
      intent: count,
      cells: count,
      checked: time,
      computed: hex(32),
    }),
    z.object({
      released: z.literal(false),
      intent: count.nullable(),
      code: z.string(),
      froze: z.boolean(),
      again: z.boolean(),
    }),
  ],
);

export interface MeasureContent {
  readonly incident: string;
  readonly measure: string;
}
export const measureForm: z.ZodType<MeasureContent> = z.object({
  incident: z.string(),
  measure: z.string(),
});
export const closingForm: z.ZodType<{ readonly incident: string }> = z.object({
  incident: z.string(),
});
