import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { canonical } from '../assessment/scope.ts';

/** What a tool is tested for, on rows that are nobody's. */
export const TOOL_CHECKS = {
  purpose: 'Its purpose is one of the policy, of its table',
  limits: 'One call of each query stays within its limits, and the purpose’s',
  strangers: 'A query that is not one of its own is refused, and suspends it',
  plans: 'The query can be planned, with parameters of all of its slots',
  fields: 'It uses no column but those that the purpose needs',
  rules: 'Rules of the policy allow what it does',
  answers: 'The gate answers what the same plan gives on the rows in clear, in the shape stated',
  refusals: 'Parameters out of their slots are refused, and suspend it',
} as const;

export type ToolCheckId = keyof typeof TOOL_CHECKS;

export interface ToolCheck {
  readonly id: ToolCheckId;
  /** The query that it is of; null: of the tool. */
  readonly query: string | null;
  readonly status: 'passed' | 'failed';
  /** In a sentence. */
  readonly found: string;
}

/** The result of a tool's test. The same bundle, policy and schema give the same. */
export interface ToolReport {
  readonly version: 1;
  readonly tool: string;
  readonly release: string;
  /** SHA-256, 64 hex digits: of the bundle, the policy in force and the table's schema. */
  readonly bundle: string;
  readonly policy: string;
  readonly schema: string;
  /** Synthetic rows that it was asked of. */
  readonly rows: number;
  readonly checks: readonly ToolCheck[];
}

/** SHA-256 of a report, 64 hex digits: what a certificate names. */
export function reportDigest(report: ToolReport): string {
  return toHex(sha256(utf8(`opaline tool report v1\n${canonical(report)}\n`)));
}

export const failedChecks = ({ checks }: ToolReport): readonly ToolCheck[] =>
  checks.filter(({ status }) => status === 'failed');
