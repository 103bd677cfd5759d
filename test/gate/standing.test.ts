import { describe, expect, test } from 'vitest';
import type { Steps } from '../../src/gate/governed/cases.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import { attest } from '../../src/policy/attestation.ts';
import {
  ask,
  type Governed,
  governedVault,
  oracle,
  policyOf,
  PURPOSE,
} from './support/governed.ts';
import { refused } from './support/refused.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const HOUR = 3_600_000;

/** Step 8 turned off: what was computed is released as it is. */
const OFF: Steps = {
  ...STEPS,
  settled: async (computed) => ({
    ...computed,
    result: await computed.reviewed.settle(computed.release),
    checked: 0,
  }),
};

/** An analyst whose training is attested for an hour. */
async function trained(steps: Steps, meanwhile: (governed: Governed) => Promise<void> | void) {
  const governed = await governedVault({ policy: { attestations: ['training'] } });
  await certify(governed, Date.now() + HOUR);
  const clock = { later: 0 };
  const gate = await governed.openGate({
    now: () => Date.now() + clock.later,
    steps: {
      ...steps,
      computed: async (intended, services) => {
        const computed = await STEPS.computed(intended, services);
        await meanwhile(governed);
        return computed;
      },
    },
  });
  return {
    governed,
    gate,
    clock,
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]();
      await governed[Symbol.asyncDispose]();
    },
  };
}

async function certify({ governance, officer }: Governed, expires: number): Promise<void> {
  const statement = {
    principal: 'ana',
    kind: 'training',
    issued: Date.now() - HOUR,
    expires,
  } as const;
  await governance.principals.attest(attest(statement, officer.secret));
}

describe('what ended while an answer was computed is seen before it leaves', () => {
  const inTime = (governed: Governed): Promise<void> => certify(governed, Date.now() + HOUR);

  test('an attestation that expired', async () => {
    const clock: { current?: { later: number } } = {};
    const expire = (): void => void (clock.current!.later = HOUR);
    for (const [steps, answers] of [
      [STEPS, false],
      [OFF, true],
    ] as const) {
      await using one = await trained(steps, expire);
      clock.current = one.clock;
      const answer = one.gate.answer(ask(one.governed.token, COUNT));
      if (answers) expect((await answer).result.rows).toEqual(await oracle(COUNT));
      else await refused(answer, 'DENIED', 'attestation of training');
    }
  });

  test('an attestation in whose place is one that holds no more', async () => {
    const withdrawn = (governed: Governed): Promise<void> => certify(governed, Date.now() - 1);
    await using off = await trained(OFF, withdrawn);
    expect((await off.gate.answer(ask(off.governed.token, COUNT))).result.rows.length).toBe(1);
    await using on = await trained(STEPS, withdrawn);
    await refused(
      on.gate.answer(ask(on.governed.token, COUNT)),
      'DENIED',
      'attestation of training',
    );
    // It was in force until then; a new one is again.
    await using renewed = await trained(STEPS, inTime);
    await renewed.gate.answer(ask(renewed.governed.token, COUNT));
  });

  test('a purpose that is over', async () => {
    const expires = new Date(Date.now() + HOUR).toISOString();
    const policy = policyOf({ purposes: { quality: { ...PURPOSE, expires } } });
    await using governed = await governedVault({ policy });
    let later = 0;
    await using gate = await governed.openGate({
      now: () => Date.now() + later,
      steps: {
        ...STEPS,
        computed: async (intended, services) => {
          const computed = await STEPS.computed(intended, services);
          later = HOUR;
          return computed;
        },
      },
    });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'is over');
  });
});
