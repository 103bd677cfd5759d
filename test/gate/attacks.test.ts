import { describe, expect, test } from 'vitest';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import type { Steps } from '../../src/gate/governed/cases.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { policyOf, PURPOSE } from './support/governed.ts';
import { served, type Served } from './support/served.ts';
import { told } from './support/told.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';

/** So many requests at once: how many are answered. */
async function flood(to: Served, requests: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: requests }, () => told(to, COUNT)));
  return all.filter(Array.isArray).length;
}

describe('a hundred requests at once on a budget for ten', () => {
  const purposes = { quality: { ...PURPOSE, quota: { limit: 10, per: 'day' as const } } };

  test('ten are answered', async () => {
    await using to = await served({ policy: { purposes } });
    expect(await flood(to, 100)).toBe(10);
    expect(await told(to, COUNT)).toContain('10 of 10 queries');
  });

  test('where uses are not counted, more are', async () => {
    const may: Steps['may'] = (identified, services) =>
      STEPS.may(identified, {
        ...services,
        governance: {
          ...services.governance,
          uses: () => Promise.resolve({ queries: [], cells: [] }),
        },
      });
    await using to = await served({ policy: { purposes }, gate: { steps: { ...STEPS, may } } });
    expect(await flood(to, 15)).toBe(15);
  });
});

describe('an approval for one version of the policy, used under the next', () => {
  const purposes = { quality: { ...PURPOSE, approvals: 1 } };

  async function approvedThenChanged(to: Served): Promise<unknown> {
    const { governance, sign } = to.governed;
    const secret = randomBytes(32);
    const { publicKey } = noteKeyOfSecret('kim', NOTE_SIGNATURE, secret);
    const kim = { name: 'kim', kind: 'staff', roles: ['approver'], expires: null } as const;
    await governance.principals.add({ ...kim, key: publicKey }, Date.now());
    const { request } = (await told(to, COUNT)) as { request: string };
    await governance.approvals.approve(request, 'kim', secret, Date.now());
    await sign(policyOf({ revision: 2, purposes }));
    return await told(to, COUNT);
  }

  test('is not one for the other', async () => {
    await using to = await served({ policy: { purposes } });
    expect(await approvedThenChanged(to)).toMatchObject({ given: 0, needed: 1 });
  });

  test('would be, were the policy not a part of what is signed', async () => {
    const digest = new Uint8Array(32);
    const approved: Steps['approved'] = async (safe, services) => {
      const { policy } = safe;
      return {
        ...(await STEPS.approved({ ...safe, policy: { ...policy, digest } }, services)),
        policy,
      };
    };
    const steps = { ...STEPS, approved };
    await using to = await served({ policy: { purposes }, gate: { steps } });
    expect(await approvedThenChanged(to)).toEqual([['60']]);
  });
});
