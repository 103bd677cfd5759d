import type { NoteSigner } from '../../../bytes/note-signer.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { bundleHash, type ToolBundle } from '../../../policy/tool/bundle.ts';
import {
  formatCertificate,
  signCertificate,
  type ToolCertificate,
} from '../../../policy/tool/certificate.ts';
import { failedChecks, reportDigest, type ToolReport } from '../../../policy/tool/report.ts';
import type { Schema } from '../../../table/schema.ts';
import type { VaultGovernance } from '../governed-vault.ts';
import { testTool, type ToolTest } from './test-tool.ts';

type TestOptions = Pick<ToolTest, 'now' | 'signal' | 'onProgress' | 'steps'>;

/**
 * Test a tool for a vault: under its policy in force, on rows of the schema of its table and on none of its own.
 * @throws UNKNOWN_TABLE, POLICY_INVALID where no policy is in force, and what testTool throws
 */
export async function testVaultTool(
  governance: VaultGovernance,
  schemas: readonly Schema[],
  bundle: ToolBundle,
  options: TestOptions,
): Promise<ToolReport> {
  const schema = schemas.find(({ table }) => table === bundle.table);
  if (schema === undefined) {
    const known = schemas.map(({ table }) => table);
    throw new OpalineError('UNKNOWN_TABLE', { table: bundle.table, known });
  }
  const hash = bundleHash(bundle);
  const bound = (await governance.principals.list()).find(
    (one) => one.bundle === hash && !one.revoked,
  );
  const named = {
    name: bundle.name,
    kind: 'tool',
    roles: [],
    revoked: false,
    expires: null,
  } as const;
  const policy = await governance.policy.read();
  return await testTool({ bundle, policy, schema, principal: bound ?? named, ...options });
}

/**
 * Certify a tool that passed its test, for at most as long as its officers say.
 * @param signers all of the vault's officers
 * @throws TOOL_INVALID for one that failed, or where an officer's signature is missing
 */
export async function certifyTool(
  governance: VaultGovernance,
  bundle: ToolBundle,
  report: ToolReport,
  signers: readonly NoteSigner[],
  expires: number,
): Promise<ToolCertificate> {
  const failed = failedChecks(report).length;
  if (failed > 0 || report.bundle !== bundleHash(bundle)) {
    throw new OpalineError('TOOL_INVALID', {
      path: 'report',
      reason: failed > 0 ? `${failed} checks failed` : 'it is of another bundle',
    });
  }
  const certificate: ToolCertificate = {
    tool: bundle.name,
    bundle: report.bundle,
    policy: report.policy,
    report: reportDigest(report),
    issued: Date.now(),
    expires,
    limits: bundle.limits,
  };
  const signatures = signers.map(({ key, secret }) =>
    signCertificate(certificate, key.name, secret),
  );
  const note = formatCertificate(certificate, signatures);
  return await governance.tools.certify(bundle, note, report);
}
