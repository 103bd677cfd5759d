import type { ToolInfo } from '../../client/governance/tools/tools.ts';
import { failedChecks, TOOL_CHECKS, type ToolReport } from '../../policy/tool/report.ts';
import { tableText } from './table-text.ts';

/** A tool's test for a person: a line a check, and what failed spelled out. */
export function toolReportText(report: ToolReport): string {
  const { tool, release, rows, checks } = report;
  const table = tableText(
    ['query', 'check', 'status', 'found'],
    checks.map(({ query, id, status, found }) => [query ?? '', id, status, found]),
  );
  const failed = [...new Set(failedChecks(report).map(({ id }) => id))];
  const meant = failed.map((id) => `Not so: ${TOOL_CHECKS[id]}.\n`).join('');
  return `${tool} ${release}, on ${rows} synthetic rows\n${table}${meant}`;
}

/** What stands for a tool, as its owner reads it. */
export type ToolState = 'certified' | 'expired' | 'of another policy' | 'suspended' | 'revoked';

/** @param policy hex of the digest of the policy in force */
export function toolState(
  { certificate, suspended, revoked }: ToolInfo,
  policy: string | undefined,
  now: number,
): ToolState {
  if (revoked !== null) return 'revoked';
  if (suspended !== null) return 'suspended';
  if (certificate.expires <= now) return 'expired';
  return certificate.policy === policy ? 'certified' : 'of another policy';
}

/** A tool as a line of JSON. */
export function toolJson(tool: ToolInfo, state: ToolState): object {
  const { bundle, hash, certificate, suspended, revoked } = tool;
  const { name, vendor, release, purpose, table, queries, limits } = bundle;
  const instant = (time: number): string => new Date(time).toISOString();
  const cut = (one: ToolInfo['revoked']): object | null =>
    one && { time: instant(one.time), reason: one.reason };
  return {
    name,
    vendor,
    release,
    state,
    purpose,
    table,
    limits,
    bundle: hash,
    queries: queries.map((query) => query.name),
    certificate: {
      ...certificate,
      issued: instant(certificate.issued),
      expires: instant(certificate.expires),
    },
    suspended: cut(suspended),
    revoked: cut(revoked),
  };
}

/** Tools and what stands for each, as a table. */
export function toolListText(
  tools: readonly { readonly tool: ToolInfo; readonly state: ToolState }[],
): string {
  if (tools.length === 0) return 'no tools\n';
  return tableText(
    ['name', 'release', 'vendor', 'purpose', 'state', 'expires', 'why'],
    tools.map(({ tool: { bundle, certificate, suspended, revoked }, state }) => [
      bundle.name,
      bundle.release,
      bundle.vendor,
      bundle.purpose,
      state,
      new Date(certificate.expires).toISOString(),
      (revoked ?? suspended)?.reason ?? '',
    ]),
  );
}
