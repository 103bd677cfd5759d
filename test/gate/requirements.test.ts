import { describe, expect, test } from 'vitest';
import { NOTE_SIGNATURE, noteKeyOfSecret } from '../../src/bytes/note-key.ts';
import { randomBytes } from '../../src/bytes/random.ts';
import { attest } from '../../src/policy/attestation.ts';
import {
  ask,
  type Governed,
  governedVault,
  oracle,
  policyOf,
  PURPOSE,
  ROWS,
  SCHEMA,
} from './support/governed.ts';
import { refused } from './support/refused.ts';

const COUNT = 'SELECT COUNT(*) FROM visits';
const DAY = 86_400_000;

describe('notice and consent in advance, and the right to choose', () => {
  test('withdrawn consent takes effect at the next call', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    expect((await gate.answer(ask(governed.token, COUNT))).result.rows).toEqual(
      await oracle(COUNT),
    );
    const gone = new Set(Array.from({ length: 10 }, (_, i) => `p${i}`));
    for (const subject of gone) {
      const withdrawal = { subject, purpose: 'quality', notice: null };
      await governed.governance.consent.withdraw(withdrawal, Date.now());
    }
    expect((await gate.answer(ask(governed.token, COUNT))).result.rows).toEqual(
      await oracle(COUNT, (patient) => !gone.has(patient)),
    );
  });
});

describe('data directly related to the function, at the minimum frequency and amount', () => {
  test('one extra field is denied, wherever it is named', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    for (const sql of [
      'SELECT SUM(cost) FROM visits',
      'SELECT COUNT(*) FROM visits WHERE cost > 5',
      'SELECT COUNT(*) FROM visits GROUP BY cost',
      'SELECT ward FROM visits GROUP BY ward ORDER BY MAX(cost)',
      'SELECT ward FROM visits GROUP BY ward HAVING SUM(cost) > 1',
    ]) {
      await refused(gate.answer(ask(governed.token, sql)), 'DENIED', '"cost"');
    }
  });

  test('call N+1 is denied, also where N+1 calls come at once', async () => {
    const purposes = { quality: { ...PURPOSE, quota: { limit: 2, per: 'day' as const } } };
    await using governed = await governedVault({ policy: { purposes } });
    await using gate = await governed.openGate();
    const all = await Promise.allSettled(
      [1, 2, 3].map(() => gate.answer(ask(governed.token, COUNT))),
    );
    expect(all.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', '2 of 2 queries');
  });

  test('more derived cells than the cap are denied', async () => {
    const purposes = { quality: { ...PURPOSE, derived: { limit: 2, per: 'day' as const } } };
    await using governed = await governedVault({ policy: { purposes } });
    await using gate = await governed.openGate();
    const groups = 'SELECT ward, COUNT(*) FROM visits GROUP BY ward';
    await refused(gate.answer(ask(governed.token, groups)), 'DENIED', 'cells');
    await gate.answer(ask(governed.token, COUNT));
    await gate.answer(ask(governed.token, COUNT));
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', '2 of 2 cells');
  });

  test('rows and searches need a rule of their own', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    const rows = 'SELECT ward, days FROM visits';
    const search = "SELECT COUNT(*) FROM visits WHERE MATCH(note, 'fever')";
    await refused(gate.answer(ask(governed.token, rows)), 'DENIED', 'rows');
    await refused(gate.answer(ask(governed.token, search)), 'DENIED', 'search');
    await governed.sign(
      policyOf({
        revision: 2,
        rules: [
          {
            effect: 'allow',
            principals: ['ana'],
            purposes: ['quality'],
            operations: ['aggregate', 'rows', 'search'],
          },
        ],
      }),
    );
    const withdrawal = { subject: 'p0', purpose: 'quality', notice: null };
    await governed.governance.consent.withdraw(withdrawal, Date.now());
    const keeps = (patient: string): boolean => patient !== 'p0';
    const found = await gate.answer(ask(governed.token, search));
    expect(found.result.rows).toEqual(await oracle(search, keeps));
    const { result } = await gate.answer(ask(governed.token, rows));
    const expected = ROWS.filter(({ patient }) => keeps(patient)).map(({ ward, days }) => [
      ward,
      `${days}`,
    ]);
    expect(result.rows.map(String).sort()).toEqual(expected.map(String).sort());
  });
});

describe('do not mine true identities', () => {
  test('single values, and figures of few subjects, are denied', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    for (const [sql, reason] of [
      ['SELECT MAX(days) FROM visits', 'one subject’s value'],
      ['SELECT MEDIAN(days) FROM visits', 'one subject’s value'],
      ['SELECT COUNT(DISTINCT days) FROM visits', 'number of distinct values'],
      ['SELECT SUM(days) FROM visits GROUP BY days', 'fewer than'],
      ["SELECT COUNT(*) FROM visits WHERE days = 10 AND ward = 'a' AND note IS NULL", 'fewer than'],
      ['SELECT COUNT(*) FROM visits WHERE days < 10', 'what a figure leaves'],
    ] as const) {
      await refused(gate.answer(ask(governed.token, sql)), 'DENIED', reason);
    }
  });

  test('a policy’s cohort is a floor too, where it is the greater', async () => {
    const groups = 'SELECT ward, COUNT(*) FROM visits GROUP BY ward ORDER BY ward';
    for (const cohort of [10, 11]) {
      await using governed = await governedVault({ policy: { cohort } });
      await using gate = await governed.openGate();
      const answer = gate.answer(ask(governed.token, groups));
      if (cohort === 11) await refused(answer, 'DENIED', 'fewer than 11');
      else expect((await answer).result.rows).toEqual(await oracle(groups));
    }
  });

  test('HAVING, ORDER BY and LIMIT choose among groups that may be shown', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    for (const sql of [
      'SELECT ward FROM visits GROUP BY ward HAVING SUM(days) > 90',
      'SELECT ward, SUM(days) FROM visits GROUP BY ward ORDER BY SUM(days) DESC LIMIT 1',
      'SELECT ward FROM visits GROUP BY ward OFFSET 1',
    ]) {
      const { result } = await gate.answer(ask(governed.token, sql));
      expect(result.rows).toEqual(await oracle(sql));
    }
  });
});

describe('training, background checks, assessment; a person in charge', () => {
  test('an expired attestation is denied', async () => {
    await using governed = await governedVault({ policy: { attestations: ['training'] } });
    const { principals } = governed.governance;
    let now = Date.now();
    await using gate = await governed.openGate({ now: () => now });
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'attestation of training');
    const statement = {
      principal: 'ana',
      kind: 'training',
      issued: now,
      expires: now + DAY,
    } as const;
    await principals.attest(attest(statement, randomBytes(32)));
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'attestation of training');
    await principals.attest(attest(statement, governed.officer.secret));
    await gate.answer(ask(governed.token, COUNT));
    now += DAY;
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'attestation of training');
  });

  test('a policy is in force that the officers signed, and follows the one before', async () => {
    await using governed = await governedVault();
    await using gate = await governed.openGate();
    const before = governed.sign(policyOf());
    await expect(before).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    await governed.sign(policyOf({ revision: 2, rules: [] }));
    await refused(gate.answer(ask(governed.token, COUNT)), 'DENIED', 'no purpose');
  });
});

describe('approvals by distinct people', () => {
  async function approver(
    { governance }: Governed,
    name: string,
    secret = randomBytes(32),
  ): Promise<Uint8Array> {
    const { publicKey } = noteKeyOfSecret(name, NOTE_SIGNATURE, secret);
    const added = {
      name,
      kind: 'staff',
      roles: ['approver'],
      expires: null,
      key: publicKey,
    } as const;
    await governance.principals.add(added, Date.now());
    return secret;
  }

  test('two others sign this very request, and it is used once', async () => {
    const purposes = { quality: { ...PURPOSE, approvals: 2 } };
    await using governed = await governedVault({ policy: { purposes } });
    await using gate = await governed.openGate();
    const { approvals } = governed.governance;
    const asking = ask(governed.token, COUNT);
    const pending = async (): Promise<string> => {
      const error: unknown = await gate.answer(asking).then(
        () => undefined,
        (refusal: unknown) => refusal,
      );
      expect(error).toMatchObject({ code: 'APPROVAL_NEEDED' });
      return (error as { details: { request: string } }).details.request;
    };
    const hash = await pending();
    expect(await pending()).toBe(hash);
    const secret = await approver(governed, 'max');
    await approvals.approve(hash, 'max', secret, Date.now());
    await approvals.approve(hash, 'max', secret, Date.now());
    // The same key under another name is the same person.
    await approver(governed, 'maxim', secret);
    await approvals.approve(hash, 'maxim', secret, Date.now());
    expect(await pending()).toBe(hash);
    const wrong = approvals.approve(hash, 'max', randomBytes(32), Date.now());
    await expect(wrong).rejects.toMatchObject({ code: 'USAGE' });
    await approvals.approve(hash, 'kim', await approver(governed, 'kim'), Date.now());
    const { approvers, result } = await gate.answer(asking);
    expect([...approvers].sort()).toEqual(['kim', 'max']);
    expect(result.rows).toEqual(await oracle(COUNT));
    // Used: the same words are another request now.
    expect(await pending()).not.toBe(hash);
  });

  test('nobody approves their own request, and whoever is revoked approves nothing', async () => {
    const purposes = { quality: { ...PURPOSE, approvals: 1 } };
    const rule = { principals: ['*'], purposes: ['*'], operations: ['aggregate' as const] };
    const rules = [{ effect: 'allow' as const, ...rule }];
    await using governed = await governedVault({ policy: { purposes, rules } });
    await using gate = await governed.openGate();
    const { approvals, principals } = governed.governance;
    const secret = randomBytes(32);
    const { publicKey } = noteKeyOfSecret('max', NOTE_SIGNATURE, secret);
    const own = await principals.add(
      { name: 'max', kind: 'staff', roles: ['approver'], expires: null, key: publicKey },
      Date.now(),
    );
    const error: unknown = await gate.answer(ask(own, COUNT)).catch((refusal: unknown) => refusal);
    const hash = (error as { details: { request: string } }).details.request;
    const self = approvals.approve(hash, 'max', secret, Date.now());
    await expect(self).rejects.toMatchObject({ code: 'USAGE' });
    const other = await approver(governed, 'kim');
    await approvals.approve(hash, 'kim', other, Date.now());
    await principals.revoke('kim');
    await refused(gate.answer(ask(own, COUNT)), 'APPROVAL_NEEDED');
  });
});

describe('collect only what purposes need; notify first', () => {
  test('columns that no purpose needs are refused', async () => {
    await using governed = await governedVault();
    const schema = {
      ...SCHEMA,
      columns: [...SCHEMA.columns, { name: 'faith', type: 'text' }],
    };
    const rows = ROWS.slice(0, 2).map((row) => ({ ...row, faith: 'x' }));
    const other = governed.vault.ingest({ ...schema, table: 'others' }, rows);
    await refused(other, 'NOT_COLLECTED', 'no purpose');
    await governed.sign(
      policyOf({
        revision: 2,
        purposes: { quality: PURPOSE, more: { ...PURPOSE, table: 'others' } },
      }),
    );
    const again = governed.vault.ingest({ ...schema, table: 'others' }, rows);
    await refused(again, 'NOT_COLLECTED', '"cost", "faith"');
  });

  test('rows whose subject was not notified are refused, and nothing of them is stored', async () => {
    await using governed = await governedVault();
    const row = { ...ROWS[0]!, patient: 'stranger' };
    const known = { ...ROWS[0]!, patient: 'p3' };
    const ingest = governed.vault.ingest(SCHEMA, [known, row], { append: true });
    await refused(ingest, 'NOT_COLLECTED', 'not notified');
    expect((await governed.vault.tables())[0]!.rows).toBe(ROWS.length);
    await governed.vault.ingest(SCHEMA, [known], { append: true });
    expect((await governed.vault.tables())[0]!.rows).toBe(ROWS.length + 1);
  });
});

describe('protection in storage, search and computing', () => {
  test('everything passes the gate: nothing else of the vault answers', async () => {
    await using governed = await governedVault();
    const { vault } = governed;
    const model = { weights: { days: 1 }, intercept: 0, link: 'identity' as const };
    for (const asking of [
      () => vault.query(COUNT),
      () => vault.query(COUNT, [], { verified: true }),
      () => vault.regress({ table: 'visits', y: 'days', x: ['cost'] }),
      () => vault.anova({ table: 'visits', y: 'days', by: 'ward' }),
      () => vault.score({ table: 'visits', ...model }),
      () => vault.scoreRows({ table: 'visits', ...model }),
      () => vault.records(SCHEMA as never),
    ]) {
      await refused(asking(), 'DENIED', 'ask its gate');
    }
  });
});
