import { expect, test } from 'vitest';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { NO_COST } from '../../src/policy/dp/budget.ts';
import type { NoisySettings } from '../../src/policy/release/settings.ts';
import { ask, type Governed, governedVault, PURPOSE } from './support/governed.ts';

const NOISY: NoisySettings = {
  mode: 'dp',
  floor: 10,
  budget: { ...NO_COST, microEpsilon: 10_000_000 },
  query: { ...NO_COST, microEpsilon: 1_000_000 },
  rows: 2,
  bucket: 1,
};
const COUNT = 'SELECT COUNT(*) FROM visits';
const purposes = { quality: { ...PURPOSE, approvals: 1 } };

async function spent({ vault }: Governed): Promise<number> {
  const [report] = await (await vault.releases()).budgets('visits');
  return report!.spent.microEpsilon;
}

/** Approves what waits; a key of their own. */
async function approver(
  { governance }: Governed,
  name: string,
): Promise<(hash: string) => Promise<void>> {
  const secret = new Uint8Array(32).fill(name.length);
  const staff = { name, kind: 'staff', roles: ['approver'], expires: null } as const;
  await governance.principals.add({ ...staff, key: publicKeyOf(secret) }, Date.now());
  return (hash) => governance.approvals.approve(hash, name, secret, Date.now());
}

test('a request that waits for approval spends once, however often it is asked before', async () => {
  await using governed = await governedVault({ release: NOISY, policy: { purposes } });
  await using gate = await governed.openGate();
  const approve = await approver(governed, 'max');
  const waits = new Set<string>();
  for (let i = 0; i < 4; i++) {
    await gate.answer(ask(governed.token, COUNT)).catch((error: unknown) => {
      if (!isOpalineError(error, 'APPROVAL_NEEDED')) throw error;
      waits.add(error.details.request);
    });
  }
  expect(waits.size).toBe(1);
  expect(await spent(governed)).toBe(1_000_000);
  for (const hash of waits) await approve(hash);
  await gate.answer(ask(governed.token, COUNT));
  expect(await spent(governed)).toBe(1_000_000);
});

test('a request that begins anew, for consent was withdrawn, spends once and needs one approval', async () => {
  await using governed = await governedVault({ release: NOISY, policy: { purposes } });
  let attempts = 0;
  await using gate = await governed.openGate({
    steps: {
      ...STEPS,
      computed: async (intended, services) => {
        const computed = await STEPS.computed(intended, services);
        if (attempts++ === 0) {
          const withdrawal = { subject: 'p3', purpose: 'quality', notice: null };
          await governed.governance.consent.withdraw(withdrawal, Date.now());
        }
        return computed;
      },
    },
  });
  const approve = await approver(governed, 'max');
  const refusal: unknown = await gate.answer(ask(governed.token, COUNT)).catch((error) => error);
  if (!isOpalineError(refusal, 'APPROVAL_NEEDED')) throw refusal;
  await approve(refusal.details.request);
  await gate.answer(ask(governed.token, COUNT));
  expect(attempts).toBe(2);
  expect(await spent(governed)).toBe(1_000_000);
  // What was approved was used: the same words asked again are another request.
  await expect(gate.answer(ask(governed.token, COUNT))).rejects.toMatchObject({
    code: 'APPROVAL_NEEDED',
  });
});

test('two different requests spend twice', async () => {
  await using governed = await governedVault({ release: NOISY });
  await using gate = await governed.openGate();
  await gate.answer(ask(governed.token, COUNT));
  await gate.answer(ask(governed.token, `${COUNT} WHERE ward <> 'a'`));
  expect(await spent(governed)).toBe(2_000_000);
});
