import { toHex } from '../../../src/bytes/hex.ts';
import { testVaultTool } from '../../../src/client/governance/tools/vault-tool.ts';
import { isOpalineError } from '../../../src/errors/opaline-error.ts';
import type { Ask, Steps } from '../../../src/gate/governed/cases.ts';
import { STEPS } from '../../../src/gate/governed/steps.ts';
import type { PolicyDocument } from '../../../src/policy/document.ts';
import type { Principal } from '../../../src/policy/principal.ts';
import { bundleHash, type ToolBundle } from '../../../src/policy/tool/bundle.ts';
import { formatCertificate, signCertificate } from '../../../src/policy/tool/certificate.ts';
import type { ToolReport } from '../../../src/policy/tool/report.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { ask, type Governed } from './governed.ts';

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
      parameters: [{ kind: 'text', values: ['a', 'b'] }],
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

export interface BoundTool {
  readonly bundle: ToolBundle;
  /** Bearer token of the tool. */
  readonly token: string;
  /** Certify it as the officer does whose tests it passed. @returns the certificate */
  certify(expires?: number): Promise<string>;
  ask(sql: string, ...parameters: Ask['parameters']): Ask;
}

/** A principal of a bundle in a vault; it is not certified yet. */
export async function boundTool(
  governed: Governed,
  name: string,
  changes: Partial<ToolBundle> = {},
): Promise<BoundTool> {
  const { governance } = governed;
  const bundle = { ...BUNDLE, ...changes, name };
  const token = await governance.principals.add(
    { name, kind: 'tool', roles: [], expires: null, bundle: bundleHash(bundle) },
    Date.now(),
  );
  return {
    bundle,
    token,
    certify: async (expires) => {
      const certificate = await certificateOf(governed, bundle, expires);
      await governance.tools.certify(bundle, certificate);
      return certificate;
    },
    ask: (sql, ...parameters) => ask(token, sql, { parameters }),
  };
}

/** A certificate of a bundle under the policy in force; signed by its officer if by nobody else. */
export async function certificateOf(
  { governance, officer }: Governed,
  bundle: ToolBundle,
  expires: number = Date.now() + 86_400_000,
  secret: Uint8Array = officer.secret,
): Promise<string> {
  const certificate = {
    tool: bundle.name,
    bundle: bundleHash(bundle),
    policy: toHex((await governance.policy.read()).digest),
    report: '0'.repeat(64),
    issued: Date.now(),
    expires,
    limits: bundle.limits,
  };
  return formatCertificate(certificate, [signCertificate(certificate, officer.name, secret)]);
}

/** Test a bundle as `opaline tool test` does. */
export async function tested(
  { governance, vault }: Governed,
  bundle: ToolBundle,
  steps?: Steps,
): Promise<ToolReport> {
  const schemas = (await vault.tables()).map(({ schema }) => schema);
  return await testVaultTool(governance, schemas, bundle, { now: Date.now(), steps });
}

/** The guard on tools turned off: they are taken for programs of the owner's. */
export const TOOLS_OFF: Pick<Steps, 'may' | 'settled'> = {
  may: async (identified, services) => ({
    ...(await STEPS.may({ ...identified, principal: asService(identified.principal) }, services)),
    principal: identified.principal,
  }),
  settled: (computed, services) => {
    const { governance } = services;
    const principal = async (name: string): Promise<Principal | undefined> => {
      const found = await governance.principal(name);
      return found && asService(found);
    };
    return STEPS.settled(computed, { ...services, governance: { ...governance, principal } });
  },
};

const asService = (principal: Principal): Principal => ({
  ...principal,
  kind: 'service',
  roles: ['analyst'],
});

/** Entries of a vault's log. */
export const logSize = ({ governance }: Governed): number => governance.log['log'].head.size;

/** Details of the entries of a kind in a vault's log, from one on, as JSON. */
export async function logged(
  { governance }: Governed,
  kind: string,
  from: number,
): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for (let index = from; ; index++) {
    try {
      const entry = await governance.log['log'].read(index);
      if (entry.kind !== kind) continue;
      found.push(JSON.parse(new TextDecoder().decode(entry.opened[0]!.content)));
    } catch (error) {
      if (isOpalineError(error, 'LOG_INDEX')) return found;
      throw error;
    }
  }
}

/** A link on which the next sum waits, once it is told to. */
export function waitingLink(inner: StoreLink): { link: StoreLink; hold(): Held } {
  let held: { reached: () => void; until: Promise<void> } | undefined;
  const link = new Proxy(inner, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (property === 'aggregate' && held !== undefined) {
          const { reached, until } = held;
          held = undefined;
          reached();
          await until;
        }
        return await Reflect.apply(member, target, args);
      };
    },
  });
  return {
    link,
    hold: () => {
      const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      held = { reached: begun.resolve, until: end.promise };
      return { begun: begun.promise, go: end.resolve };
    },
  };
}

export interface Held {
  /** Resolves once it computes. */
  readonly begun: Promise<void>;
  go(): void;
}
