import { describe, expect, test } from 'vitest';
import { OpalineError } from '../../src/errors/opaline-error.ts';
import type { Steps } from '../../src/gate/governed/cases.ts';
import { Capability } from '../../src/gate/governed/capability.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { planQuery } from '../../src/plan/plan-query.ts';
import {
  ask,
  type Governed,
  governedVault,
  OPEN_GUARD,
  oracle,
  PURPOSE,
} from './support/governed.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';

/** A property of the gate: throws, as a test would, where it does not hold. */
interface Property {
  readonly step: keyof Steps;
  readonly says: string;
  readonly holds: (steps: Steps) => Promise<void>;
  /** The step turned off: it lets pass what it exists to stop. */
  readonly off: Partial<Steps>;
}

async function refused(answer: Promise<unknown>, code: string): Promise<void> {
  await expect(answer).rejects.toMatchObject({ code });
}

async function entriesOf({ governance }: Governed, kind: string): Promise<number> {
  let count = 0;
  for (let index = 0; ; index++) {
    try {
      const entry = await governance.log['log'].read(index);
      if (entry.kind === kind) count++;
    } catch (error) {
      if (error instanceof OpalineError && error.code === 'LOG_INDEX') return count;
      throw error;
    }
  }
}

const ANA = {
  name: 'ana',
  kind: 'staff',
  roles: ['analyst'],
  revoked: false,
  expires: null,
} as const;

const PROPERTIES: readonly Property[] = [
  {
    step: 'who',
    says: 'a token of nobody is refused',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({ steps });
      const stranger = `opg_${'0'.repeat(16)}_${'0'.repeat(64)}`;
      await refused(gate.answer(ask(stranger, COUNT)), 'GATE_UNAUTHORIZED');
    },
    off: { who: (asked) => Promise.resolve({ ask: asked, principal: ANA }) },
  },
  {
    step: 'may',
    says: 'a column that the purpose does not need is denied',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({ steps });
      await refused(gate.answer(ask(governed.token, 'SELECT SUM(cost) FROM visits')), 'DENIED');
    },
    off: {
      may: async (identified, { governance, tables }) => {
        const policy = await governance.policy();
        const table = (await tables.open('visits'))!;
        const schemas = new Map([['visits', table.schema]]);
        const plan = await planQuery(identified.ask.sql, [], { schemas });
        const purpose = policy.document.purposes['quality']!;
        const rest = { operations: ['aggregate'], fields: [], cells: 1, decided: 0 } as const;
        return { ...identified, policy, purpose, table, plan, ...rest };
      },
    },
  },
  {
    step: 'whose',
    says: 'the rows of whoever withdrew count no more',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({ steps });
      const withdrawal = { subject: 'p1', purpose: 'quality', notice: null };
      await governed.governance.consent.withdraw(withdrawal, Date.now());
      const { result } = await gate.answer(ask(governed.token, COUNT));
      expect(result.rows).toEqual(await oracle(COUNT, (patient) => patient !== 'p1'));
    },
    off: {
      whose: (permitted) =>
        Promise.resolve({
          ...permitted,
          counted: permitted.table,
          consent: { live: undefined, digest: new Uint8Array(32), time: 0 },
        }),
    },
  },
  {
    step: 'safe',
    says: 'a figure of fewer subjects than the cohort is not released',
    holds: async (steps) => {
      await using governed = await governedVault({ consenting: ['p1', 'p2'] });
      await using gate = await governed.openGate({ steps });
      await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED');
    },
    off: {
      safe: (masked) =>
        Promise.resolve({
          ...masked,
          reviewed: { plan: masked.plan, settle: ({ result }) => Promise.resolve(result) },
        }),
    },
  },
  {
    step: 'approved',
    says: 'without the approvals that a purpose asks for nothing is answered',
    holds: async (steps) => {
      const purposes = { quality: { ...PURPOSE, approvals: 1 } };
      await using governed = await governedVault({ policy: { purposes } });
      await using gate = await governed.openGate({ steps });
      await refused(gate.answer(ask(governed.token, COUNT)), 'APPROVAL_NEEDED');
    },
    off: { approved: (safe) => Promise.resolve({ ...safe, approvers: [] }) },
  },
  {
    step: 'intended',
    says: 'the intent is in the log before the work',
    holds: async (steps) => {
      await using governed = await governedVault();
      let before = -1;
      await using gate = await governed.openGate({
        steps: {
          ...steps,
          computed: async (intended, services) => {
            before = await entriesOf(governed, 'release.intent');
            return await steps.computed(intended, services);
          },
        },
      });
      await gate.answer(ask(governed.token, COUNT));
      expect(before).toBe(1);
    },
    off: {
      intended: async (approved, { governance }) => {
        const use = await governance.reserveUse('ana', 'quality', 1);
        const capability = new Capability(approved.reviewed.plan, approved.counted);
        const proof = { index: 0, hashes: [], checkpoint: '' };
        return { ...approved, use, capability, intent: { entry: new Uint8Array(0), proof } };
      },
    },
  },
  {
    step: 'computed',
    says: 'work that is not what was logged is not done',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({
        // The product's would notice that the answer is not of the rows that it reviewed.
        guard: OPEN_GUARD,
        steps: {
          ...steps,
          computed: async (intended, services) => {
            // Another table than the one whose intent was logged: with every row.
            return await steps.computed(
              { ...intended, counted: intended.table.without(await someRow(intended.table)) },
              services,
            );
          },
        },
      });
      await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED');
    },
    off: {
      computed: async (intended, { tables }) => ({
        ...intended,
        release: await tables.release(intended.reviewed.plan, intended.counted, {}),
      }),
    },
  },
  {
    step: 'settled',
    says: 'what is computed for a principal who was revoked meanwhile is not released',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({
        steps: {
          ...steps,
          computed: async (intended, services) => {
            const computed = await steps.computed(intended, services);
            await governed.governance.principals.revoke('ana');
            return computed;
          },
        },
      });
      await refused(gate.answer(ask(governed.token, COUNT)), 'GATE_UNAUTHORIZED');
    },
    off: {
      settled: async (computed) => ({
        ...computed,
        result: await computed.reviewed.settle(computed.release),
        checked: 0,
      }),
    },
  },
  {
    step: 'recorded',
    says: 'the outcome is in the log, and its proof with the answer',
    holds: async (steps) => {
      await using governed = await governedVault();
      await using gate = await governed.openGate({ steps });
      const { outcome } = await gate.answer(ask(governed.token, COUNT));
      expect(await entriesOf(governed, 'release.outcome')).toBe(1);
      expect(outcome.proof.checkpoint).not.toBe('');
    },
    off: { recorded: (settled) => Promise.resolve({ ...settled, outcome: settled.intent }) },
  },
];

async function someRow(
  table: Parameters<Steps['whose']>[0]['table'],
): Promise<Parameters<typeof table.without>[0]> {
  expect((await table.deltaRows()).length).toBeGreaterThan(0);
  return { segments: new Map(), delta: new Set([0]) };
}

describe.each(PROPERTIES)('step $step', ({ step, says, holds, off }) => {
  test(says, async () => {
    await holds(STEPS);
  });

  test('turned off, that does not hold', async () => {
    expect(Object.keys(off)).toEqual([step]);
    await expect(holds({ ...STEPS, ...off })).rejects.toThrow();
  });

  test.each([
    ['an error', (): Promise<never> => Promise.reject(new TypeError('broken'))],
    ['nothing', (): Promise<never> => Promise.resolve(undefined as never)],
    ['never', (): Promise<never> => Promise.withResolvers<never>().promise],
  ])('that returns %s denies', async (_, broken) => {
    await using governed = await governedVault();
    await using gate = await governed.openGate({
      steps: { ...STEPS, [step]: broken },
      // Time enough for the other steps; the one that never ends takes all of it.
      within: { step: 3000, execution: 3000 },
    });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED');
  });
});

test('there is a property for every step', () => {
  expect(PROPERTIES.map(({ step }) => step)).toEqual(Object.keys(STEPS));
});
