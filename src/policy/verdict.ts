import { type AssessmentReason, assessmentReasonText } from './assessment/record.ts';
import type { AttestationKind, Operation, Period } from './document.ts';

/** Why a request is refused. Names are of the policy's and the request's, never values of data. */
export type Reason =
  | { readonly kind: 'principal-unknown' }
  | { readonly kind: 'principal-revoked' }
  | { readonly kind: 'principal-expired' }
  | { readonly kind: 'attestation-missing'; readonly attestation: AttestationKind }
  | { readonly kind: 'not-assessed'; readonly why: AssessmentReason }
  | { readonly kind: 'purpose-unknown'; readonly purpose: string }
  | { readonly kind: 'purpose-expired'; readonly purpose: string }
  | { readonly kind: 'table-of-another-purpose'; readonly table: string }
  | { readonly kind: 'not-necessary'; readonly fields: readonly string[] }
  | { readonly kind: 'not-allowed'; readonly operation: Operation }
  | { readonly kind: 'forbidden'; readonly rule: number }
  | { readonly kind: 'quota'; readonly used: number; readonly limit: number; readonly per: Period }
  | {
      readonly kind: 'derived';
      readonly used: number;
      readonly limit: number;
      readonly per: Period;
    };

/** A decision: allowed by a rule, or refused for reasons, all that there are. */
export type Verdict =
  | { readonly allowed: true; readonly rule: number }
  | { readonly allowed: false; readonly reasons: readonly Reason[] };

/** A reason as a sentence for whoever was refused. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'principal-unknown':
      return 'nobody known asks';
    case 'principal-revoked':
      return 'the principal was revoked';
    case 'principal-expired':
      return 'the principal’s time is over';
    case 'attestation-missing':
      return `no current attestation of ${reason.attestation}`;
    case 'not-assessed':
      return assessmentReasonText(reason.why);
    case 'purpose-unknown':
      return `no purpose "${reason.purpose}"`;
    case 'purpose-expired':
      return `the purpose "${reason.purpose}" is over`;
    case 'table-of-another-purpose':
      return `the table "${reason.table}" is not the purpose’s`;
    case 'not-necessary':
      return `the purpose does not need ${reason.fields.map((one) => `"${one}"`).join(', ')}`;
    case 'not-allowed':
      return `no rule allows it to ask for ${reason.operation}`;
    case 'forbidden':
      return `rule ${reason.rule} forbids it`;
    case 'quota':
      return `${reason.used} of ${reason.limit} queries a ${reason.per} are used`;
    case 'derived':
      return `${reason.used} of ${reason.limit} cells a ${reason.per} are used, and this asks for more`;
  }
}
