import { toHex } from '../../../bytes/hex.ts';
import type { Steps } from '../../../gate/governed/cases.ts';
import { GovernedGate } from '../../../gate/governed/governed-gate.ts';
import type {
  Governance,
  PolicyInForce,
  ReleaseGuard,
  Tables,
} from '../../../gate/governed/ports.ts';
import { afterEvents, NO_CONSENT } from '../../../policy/consent.ts';
import type { Principal } from '../../../policy/principal.ts';
import { bundleHash, type ToolBundle } from '../../../policy/tool/bundle.ts';
import type { ToolStanding } from '../../../policy/tool/verdict.ts';

/** A gate that a tool is tried at. */
export interface TrialGate {
  readonly gate: GovernedGate;
  /** Whether it was suspended since this was asked last; it is not any more. */
  wasSuspended(): boolean;
}

export interface TrialGateOptions {
  readonly bundle: ToolBundle;
  /** Of the kind "tool". */
  readonly principal: Principal;
  readonly policy: PolicyInForce;
  readonly tables: Tables;
  /** Of the rows; all of them consent. */
  readonly subjects: readonly string[];
  readonly now: number;
  /** Others than the product's are for tests that show what each is for. */
  readonly steps?: Steps | undefined;
}

/** What a trial's principal presents. */
export const TRIAL_TOKEN = 'trial';

/** Milliseconds. */
const WITHIN = { step: 30_000, execution: 600_000 };

/**
 * The steps of the gate, all of them, over synthetic tables. The tool counts as certified and has asked for nothing yet,
 * everybody consents and approves, and every figure is released as it is: none is of anybody.
 */
export function trialGate(options: TrialGateOptions): TrialGate {
  const { bundle, policy, tables, subjects, now } = options;
  const hash = bundleHash(bundle);
  const principal: Principal = { ...options.principal, bundle: hash };
  let suspended = false;
  const standing = (): ToolStanding => ({
    bundle,
    hash,
    certificate: {
      tool: bundle.name,
      bundle: hash,
      policy: toHex(policy.digest),
      report: '',
      issued: now,
      expires: now + 1,
      limits: bundle.limits,
    },
    suspended: suspended ? now : null,
    revoked: null,
  });
  const purpose = policy.document.purposes[bundle.purpose];
  const consent = afterEvents(
    NO_CONSENT,
    subjects.flatMap((subject) =>
      (purpose?.consent?.notices.slice(0, 1) ?? []).map((notice) => {
        const given = { subject, purpose: bundle.purpose, notice, time: now, expires: null };
        return { kind: 'grant', ...given } as const;
      }),
    ),
  );
  const approvers = Array.from({ length: purpose?.approvals ?? 0 }, (_, i) => `approver ${i}`);
  let entries = 0;
  const governance: Governance = {
    now: () => now,
    policy: () => Promise.resolve(policy),
    principalOfToken: (token) => Promise.resolve(token === TRIAL_TOKEN ? principal : undefined),
    principal: () => Promise.resolve(principal),
    attestations: () => Promise.resolve([]),
    consent: () => Promise.resolve(consent),
    assessment: { status: () => Promise.resolve({ current: true, until: now + 1 }) },
    incidents: { frozenBy: () => Promise.resolve(undefined) },
    recordSubjects: (_, { size }) => Promise.resolve({ entry: 0, count: size }),
    tools: {
      find: (wanted) => Promise.resolve(wanted === hash ? standing() : undefined),
      suspend: () => {
        suspended = true;
        return Promise.resolve();
      },
    },
    uses: () => Promise.resolve({ queries: [], cells: [] }),
    reserveUse: () =>
      Promise.resolve({ settle: () => Promise.resolve(), cancel: () => Promise.resolve() }),
    approvals: () =>
      Promise.resolve({
        request: '0'.repeat(64),
        approvers,
        evidence: { nonce: '', signatures: [] },
      }),
    useApproval: () => Promise.resolve(),
    log: (added) =>
      Promise.resolve(
        added.map(() => {
          const proof = { index: entries++, hashes: [], checkpoint: '' };
          return { entry: new Uint8Array(0), proof };
        }),
      ),
  };
  const services = { governance, tables, guard: AS_IT_IS, within: WITHIN };
  const gate = new GovernedGate(services, options.steps);
  return {
    gate,
    wasSuspended: () => {
      const was = suspended;
      suspended = false;
      return was;
    },
  };
}

const AS_IT_IS: ReleaseGuard = {
  review: ({ plan }) => Promise.resolve({ plan, settle: ({ result }) => Promise.resolve(result) }),
};
