import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import { replayPlans } from '../../src/client/governance/replay-plans.ts';
import { verifyVaultLog } from '../../src/client/governance/verify-vault-log.ts';
import { isOpalineError } from '../../src/errors/opaline-error.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import type { Steps } from '../../src/gate/governed/cases.ts';
import type { OpenGate } from '../../src/client/governance/governed-vault.ts';
import { attest } from '../../src/policy/attestation.ts';
import type { ReplayFinding } from '../../src/policy/replay/entry.ts';
import {
  ask,
  BILLING,
  type Governed,
  governedVault,
  policyOf,
  PURPOSE,
} from './support/governed.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const BY_WARD = 'SELECT ward, SUM(days) AS total FROM visits GROUP BY ward ORDER BY ward';
const HOUR = 3_600_000;
const attestations = ['training'] as const;
const purposes = { quality: PURPOSE, billing: { ...BILLING, approvals: 1 } };

/** Steps that a gate leaves out, by what its log says of it then. */
let off: Partial<Steps> = {};
const steps = Object.fromEntries(
  (Object.keys(STEPS) as (keyof Steps)[]).map((name) => [
    name,
    (from: never, services: never) =>
      ((off[name] ?? STEPS[name]) as (...args: never[]) => unknown)(from, services),
  ]),
) as unknown as Steps;

let governed: Governed;
let gate: OpenGate;
beforeAll(async () => {
  const release = { mode: 'exact', floor: 3 } as const;
  governed = await governedVault({ policy: { attestations, purposes }, release });
  await train(Date.now() + HOUR);
  gate = await governed.openGate({ steps });
  const secret = new Uint8Array(32).fill(3);
  const staff = { name: 'max', kind: 'staff', roles: ['approver'], expires: null } as const;
  await governed.governance.principals.add({ ...staff, key: publicKeyOf(secret) }, Date.now());
});
afterAll(async () => {
  await gate[Symbol.asyncDispose]();
  await governed[Symbol.asyncDispose]();
});

async function train(expires: number): Promise<void> {
  const statement = {
    principal: 'ana',
    kind: 'training',
    issued: Date.now() - HOUR,
    expires,
  } as const;
  await governed.governance.principals.attest(attest(statement, governed.officer.secret));
}

const folder = () => governed.vault['folder'];
const place = () => ({
  folder: folder(),
  link: governed.vault['link'],
  tables: () => governed.vault['known'].load(),
});

async function problems(): Promise<readonly ReplayFinding[]> {
  const { verdict, meaning } = await verifyVaultLog(folder());
  expect(verdict.problems).toBe(0);
  return meaning.findings.filter(({ level }) => level === 'problem');
}

/** Asks until it is approved. */
async function approved(sql: string): Promise<void> {
  const asked = ask(governed.token, sql, { purpose: 'billing' });
  const refusal: unknown = await gate.answer(asked).catch((error: unknown) => error);
  if (!isOpalineError(refusal, 'APPROVAL_NEEDED')) throw refusal;
  const { approvals } = governed.governance;
  await approvals.approve(refusal.details.request, 'max', new Uint8Array(32).fill(3), Date.now());
  await gate.answer(asked);
}

describe('the log of a gate', () => {
  test('says that it keeps its rules, whatever is asked of it', async () => {
    await gate.answer(ask(governed.token, COUNT));
    await gate.answer(ask(governed.token, BY_WARD));
    await approved('SELECT SUM(cost) FROM visits');
    await expect(
      gate.answer(ask(governed.token, 'SELECT SUM(cost) FROM visits')),
    ).rejects.toThrow();
    const { consent } = governed.governance;
    const subjects = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9', 'p10'];
    for (const subject of subjects) {
      await consent.withdraw({ subject, purpose: 'quality', notice: null }, Date.now());
    }
    await gate.answer(ask(governed.token, COUNT));
    await governed.sign(policyOf({ attestations, purposes, revision: 2 }));
    await gate.answer(ask(governed.token, BY_WARD));
    expect(await problems()).toEqual([]);
    const { meaning } = await verifyVaultLog(folder());
    expect(meaning).toMatchObject({ open: 0, refused: 2 });
    expect(meaning.releases.length).toBe(5);
  });

  test('of what was computed the same is computed again, until a table is written to', async () => {
    const { meaning } = await verifyVaultLog(folder());
    const again = await replayPlans(meaning.releases, place());
    expect(again.map(({ state }) => state)).toEqual(meaning.releases.map(() => 'same'));
    // What the log says was computed is not what is.
    const [first] = meaning.releases;
    const lie = { ...first!, computed: '0'.repeat(64) };
    const [other] = await replayPlans([lie], place());
    expect(other).toMatchObject({ state: 'other', reason: 'another result' });
    const elsewhere = { ...first!, intent: { ...first!.intent, sql: BY_WARD } };
    expect(await replayPlans([elsewhere], place())).toMatchObject([{ state: 'other' }]);
    const several = ['p25', 'p26', 'p27', 'p28', 'p29'].map((name) => `'${name}'`).join();
    await governed.vault.delete(`DELETE FROM visits WHERE patient IN (${several})`);
    const gone = await replayPlans(meaning.releases, place());
    for (const { state, reason } of gone) {
      expect([state, reason]).toEqual(['not-replayable', expect.stringContaining('epoch gone')]);
    }
  });

  test.each<[keyof Steps, string, () => Promise<Partial<Steps>>]>([
    [
      'settled',
      'no current attestation of training',
      async () => ({
        computed: async (intended, services) => {
          const computed = await STEPS.computed(intended, services);
          await train(Date.now() - 1);
          return computed;
        },
        settled: async (computed) => ({
          ...computed,
          result: await computed.reviewed.settle(computed.release),
          // Long after, as far as the log can tell.
          checked: Date.now() + HOUR,
        }),
      }),
    ],
    [
      'whose',
      'other consents than those in force',
      async () => ({
        whose: async (permitted, services) => {
          const masked = await STEPS.whose(permitted, services);
          return { ...masked, consent: { ...masked.consent, digest: new Uint8Array(32) } };
        },
      }),
    ],
    [
      'may',
      'does not need "cost"',
      async () => ({
        may: async (identified, services) => {
          const permitted = await STEPS.may(identified, services);
          return { ...permitted, fields: ['cost'] };
        },
      }),
    ],
  ])('shows that step %s was left out', async (_, text, leave) => {
    const before = (await problems()).length;
    off = await leave();
    await gate.answer(ask(governed.token, COUNT));
    off = {};
    const found = await problems();
    expect(
      found
        .slice(before)
        .map((one) => one.text)
        .join('; '),
    ).toContain(text);
    await train(Date.now() + HOUR);
  });
});
