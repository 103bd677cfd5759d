import { toHex } from '../../../src/bytes/hex.ts';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../../src/bytes/note-key.ts';
import { certifyTool, testVaultTool } from '../../../src/client/governance/tools/vault-tool.ts';
import type { PolicyDocument } from '../../../src/policy/document.ts';
import { bundleHash, type ToolBundle } from '../../../src/policy/tool/bundle.ts';
import type { ToolReport } from '../../../src/policy/tool/report.ts';
import { type Governed, type GovernedOptions, governedVault } from './governed.ts';

export const STAYS = 'SELECT ward, SUM(days) FROM visits WHERE days >= $1 GROUP BY ward';
export const IN_WARD = 'SELECT COUNT(*) FROM visits WHERE ward = $1';

/** A tool that asks for what its purpose needs. */
export const BUNDLE: ToolBundle = {
  version: 1,
  name: 'bed-planner',
  vendor: 'Example Systems',
  release: '2.1',
  purpose: 'quality',
  table: 'visits',
  queries: [
    {
      name: 'stays',
      sql: STAYS,
      parameters: [{ kind: 'integer', min: 0, max: 3 }],
      output: {
        columns: [
          { name: 'ward', type: 'text' },
          { name: 'sum', type: 'number' },
        ],
        rows: 40,
      },
    },
    {
      name: 'in-ward',
      sql: IN_WARD,
      parameters: [{ kind: 'text', values: ['a', 'b', 'c'] }],
      output: { columns: [{ name: 'count', type: 'number' }], rows: 1 },
    },
  ],
  limits: { calls: { limit: 100, per: 'day' }, cells: { limit: 10_000, per: 'day' } },
};

/** What lets tools, and the analyst, ask for figures. */
export const RULES: PolicyDocument['rules'] = [
  {
    effect: 'allow',
    principals: ['role:analyst', 'kind:tool'],
    purposes: ['*'],
    operations: ['aggregate'],
  },
];

export interface GovernedTool {
  readonly governed: Governed;
  readonly bundle: ToolBundle;
  /** Bearer token of the tool. */
  readonly token: string;
  test(): Promise<ToolReport>;
  /** Test it, and certify it as the officer. */
  certify(expires?: number): Promise<void>;
}

/** A governed vault, and a principal that is a tool of a bundle; it is not certified yet. */
export async function governedTool(
  bundle: ToolBundle = BUNDLE,
  { policy, ...options }: GovernedOptions = {},
): Promise<GovernedTool & AsyncDisposable> {
  const governed = await governedVault({ ...options, policy: { rules: RULES, ...policy } });
  return Object.assign(await boundTool(governed, bundle), {
    [Symbol.asyncDispose]: () => governed[Symbol.asyncDispose]() as Promise<void>,
  });
}

/** A principal of a bundle in a vault that is there. */
export async function boundTool(governed: Governed, bundle: ToolBundle): Promise<GovernedTool> {
  const { governance, officer, vault } = governed;
  const token = await governance.principals.add(
    { name: bundle.name, kind: 'tool', roles: [], expires: null, bundle: bundleHash(bundle) },
    Date.now(),
  );
  const test = async (): Promise<ToolReport> => {
    const schemas = (await vault.tables()).map(({ schema }) => schema);
    return await testVaultTool(governance, schemas, bundle, { now: Date.now() });
  };
  const signer = {
    key: noteKeyOfSecret(officer.name, NOTE_SIGNATURE, officer.secret),
    secret: officer.secret,
  };
  return {
    governed,
    bundle,
    token,
    test,
    certify: async (expires = Date.now() + 86_400_000) => {
      await certifyTool(governance, bundle, await test(), [signer], expires);
    },
  };
}

/** Hex of the digest of the policy in force. */
export async function policyDigest({ governance }: Governed): Promise<string> {
  return toHex((await governance.policy.read()).digest);
}
