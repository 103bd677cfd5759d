import type { Period } from '../document.ts';
import { isWithin, type Use, usedOf } from '../limit.ts';
import type { ToolBundle, ToolQuery } from './bundle.ts';
import type { ToolCertificate } from './certificate.ts';
import { mostCellsOf } from './output.ts';
import { isInSlot } from './slot.ts';

/** What is known of a tool that was certified once. */
export interface ToolStanding {
  readonly bundle: ToolBundle;
  /** SHA-256 of the bundle, 64 hex digits. */
  readonly hash: string;
  /** Its signatures were verified. */
  readonly certificate: ToolCertificate;
  /** Milliseconds since 1970; null: it is not. */
  readonly suspended: number | null;
  readonly revoked: number | null;
}

/** What a tool asks for. */
export interface ToolRequest {
  /** Hash of the bundle that the principal is bound to; undefined: to none. */
  readonly bundle: string | undefined;
  readonly purpose: string;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What of the gate a standing is held against. */
export interface StandingFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Hex of the digest of the policy in force. */
  readonly policy: string;
}

/** Its uses for the purpose, beside. */
export interface ToolFacts extends StandingFacts {
  readonly queries: readonly Use[];
  readonly cells: readonly Use[];
}

/** Why a tool is refused. */
export type ToolReason =
  | { readonly kind: 'not-certified' }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'suspended' }
  /** Its certificate is of a later time than now: the clock was put back. */
  | { readonly kind: 'not-yet' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'policy-changed' }
  | { readonly kind: 'purpose'; readonly purpose: string }
  | { readonly kind: 'query' }
  | { readonly kind: 'parameters'; readonly given: number; readonly wanted: number }
  /** `parameter`: its number, from 1. */
  | { readonly kind: 'parameter'; readonly query: string; readonly parameter: number }
  | {
      readonly kind: 'calls' | 'cells';
      readonly used: number;
      readonly limit: number;
      readonly per: Period;
    };

/** `excess`: it asked for more than its certificate lets it, and is to be suspended. */
export type ToolVerdict =
  | { readonly allowed: true; readonly query: ToolQuery }
  | { readonly allowed: false; readonly excess: boolean; readonly reasons: readonly ToolReason[] };

/**
 * Whether a tool may ask this now. Denied unless all officers certified the very bundle that its principal is bound
 * to, under the policy in force, and the request is a query of it with parameters in their slots, within its limits.
 */
export function toolVerdict(
  standing: ToolStanding | undefined,
  request: ToolRequest,
  facts: ToolFacts,
): ToolVerdict {
  const against = standingReasons(standing, request.bundle, facts);
  if (standing === undefined || against.length > 0) {
    return { allowed: false, excess: false, reasons: against };
  }
  const { bundle, certificate } = standing;
  const reasons: ToolReason[] = [];
  if (request.purpose !== bundle.purpose) {
    reasons.push({ kind: 'purpose', purpose: request.purpose });
  }
  const query = bundle.queries.find(({ sql }) => sql === request.sql);
  if (query === undefined) reasons.push({ kind: 'query' });
  else reasons.push(...againstParameters(query, request.parameters));
  const { calls, cells } = certificate.limits;
  if (!isWithin(calls, facts.queries, 1, facts.now)) {
    reasons.push({ kind: 'calls', ...calls, used: usedOf(calls, facts.queries, facts.now) });
  }
  if (query !== undefined && !isWithin(cells, facts.cells, mostCellsOf(query.output), facts.now)) {
    reasons.push({ kind: 'cells', ...cells, used: usedOf(cells, facts.cells, facts.now) });
  }
  if (query === undefined || reasons.length > 0) return { allowed: false, excess: true, reasons };
  return { allowed: true, query };
}

/** What stands against a tool whatever it asks for: looked at before it is worked for, and again before a release. */
export function standingReasons(
  standing: ToolStanding | undefined,
  bound: string | undefined,
  { now, policy }: StandingFacts,
): readonly ToolReason[] {
  if (standing === undefined || bound === undefined) return [{ kind: 'not-certified' }];
  const { hash, certificate, suspended, revoked } = standing;
  const reasons: ToolReason[] = [];
  if (hash !== bound || certificate.bundle !== hash) reasons.push({ kind: 'not-certified' });
  if (revoked !== null) reasons.push({ kind: 'revoked' });
  if (suspended !== null) reasons.push({ kind: 'suspended' });
  if (!(certificate.issued <= now)) reasons.push({ kind: 'not-yet' });
  if (!(now < certificate.expires)) reasons.push({ kind: 'expired' });
  if (certificate.policy !== policy) reasons.push({ kind: 'policy-changed' });
  return reasons;
}

function againstParameters(query: ToolQuery, given: readonly unknown[]): ToolReason[] {
  const { name, parameters } = query;
  if (given.length !== parameters.length) {
    return [{ kind: 'parameters', given: given.length, wanted: parameters.length }];
  }
  return parameters.flatMap((slot, i): ToolReason[] =>
    isInSlot(slot, given[i]) ? [] : [{ kind: 'parameter', query: name, parameter: i + 1 }],
  );
}

/** A reason as a sentence: of the bundle's names and of numbers, of no parameter's value. */
export function toolReasonText(reason: ToolReason): string {
  switch (reason.kind) {
    case 'not-certified':
      return 'the tool is not certified';
    case 'revoked':
      return 'the tool was revoked';
    case 'suspended':
      return 'the tool is suspended';
    case 'not-yet':
      return 'the tool’s certificate is of a later time than now';
    case 'expired':
      return 'the tool’s certificate expired';
    case 'policy-changed':
      return 'the tool was certified under another policy';
    case 'purpose':
      return `the tool is not for the purpose "${reason.purpose}"`;
    case 'query':
      return 'the query is not one of the tool’s';
    case 'parameters':
      return `the tool’s query has ${reason.wanted} parameters, and ${reason.given} are given`;
    case 'parameter':
      return `parameter ${reason.parameter} of the tool’s query "${reason.query}" is not one that it may have`;
    case 'calls':
      return `${reason.used} of the tool’s ${reason.limit} calls a ${reason.per} are used`;
    case 'cells':
      return `${reason.used} of the tool’s ${reason.limit} cells a ${reason.per} are used, and this asks for more`;
    default:
      return reason satisfies never;
  }
}
