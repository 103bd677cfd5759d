import { describe, expect, test } from 'vitest';
import { verifyProof, parseProof } from '../../src/audit/tlog-proof.ts';
import { fromBase64 } from '../../src/bytes/base64.ts';
import { utf8 } from '../../src/bytes/codec.ts';
import { noteKey, NOTE_SIGNATURE } from '../../src/bytes/note-key.ts';
import { publicKeyOf } from '../../src/bytes/signature.ts';
import type { ReleaseGuard } from '../../src/gate/governed/ports.ts';
import { STEPS } from '../../src/gate/governed/steps.ts';
import {
  ask,
  type Governed,
  governedVault,
  OPEN_GUARD,
  oracle,
  SCHEMA,
} from './support/governed.ts';

const QUERIES = [
  'SELECT SUM(days) FROM visits',
  'SELECT COUNT(*) FROM visits',
  'SELECT ward, SUM(days), AVG(days), COUNT(*) FROM visits GROUP BY ward ORDER BY ward',
  'SELECT COUNT(*), SUM(days) FROM visits WHERE days > 2',
  "SELECT COUNT(*) FROM visits WHERE ward <> 'b'",
  'SELECT COUNT(DISTINCT ward), COUNT(note) FROM visits',
];

async function withdraw({ governance }: Governed, subject: string): Promise<void> {
  await governance.consent.withdraw({ subject, purpose: 'quality', notice: null }, Date.now());
}

/** As many as a figure rests on at least, so that what they change of one tells of no fewer. */
const TEN = Array.from({ length: 10 }, (_, i) => `p${i}`);
const TWELVE = Array.from({ length: 12 }, (_, i) => `p${i}`);

describe('consent as the row mask of every computation', () => {
  // One person's withdrawal is seen in the difference of two answers: the guard would refuse the second.
  test.each(QUERIES)('%s', async (sql) => {
    await using governed = await governedVault();
    await using gate = await governed.openGate({ guard: OPEN_GUARD });
    const gone = new Set<string>();
    // The last ones have rows in the delta too.
    for (const subject of ['p0', 'p7', 'p25']) {
      await withdraw(governed, subject);
      gone.add(subject);
      const { result } = await gate.answer(ask(governed.token, sql));
      expect(result.rows).toEqual(await oracle(sql, (patient) => !gone.has(patient)));
    }
  });

  describe('where single values may be released', () => {
    const rule = { effect: 'allow' as const, principals: ['ana'], purposes: ['quality'] };
    const policy = { rules: [{ ...rule, operations: ['aggregate' as const] }] };
    // All who have the greatest number of days, of which one is in the delta.
    const greatest = new Set(['p3', 'p14', 'p25', 'p6', 'p17', 'p28']);

    test.each([
      'SELECT MIN(days), MAX(days) FROM visits',
      'SELECT ward, MAX(days) FROM visits GROUP BY ward ORDER BY ward',
      'SELECT MEDIAN(days) FROM visits',
      'SELECT COUNT(*) FROM visits WHERE days >= 10',
    ])('%s', async (sql) => {
      await using governed = await governedVault({ policy });
      await using gate = await governed.openGate({ guard: OPEN_GUARD });
      const before = await gate.answer(ask(governed.token, sql));
      expect(before.result.rows).toEqual(await oracle(sql));
      for (const subject of greatest) await withdraw(governed, subject);
      const { result } = await gate.answer(ask(governed.token, sql));
      const expected = await oracle(sql, (patient) => !greatest.has(patient));
      expect(result.rows).toEqual(expected);
    });
  });

  test('counts the rows of whoever consented, and no other', async () => {
    await using governed = await governedVault({ consenting: TWELVE });
    await using gate = await governed.openGate();
    const { result } = await gate.answer(ask(governed.token, 'SELECT COUNT(*) FROM visits'));
    expect(result.rows).toEqual(
      await oracle('SELECT COUNT(*) FROM visits', (patient) => TWELVE.includes(patient)),
    );
    expect(result.rows).toEqual([['24']]);
  });

  test('is nobody’s by default, and ends with its time', async () => {
    await using governed = await governedVault({ consenting: [] });
    await using gate = await governed.openGate();
    const count = ask(governed.token, 'SELECT COUNT(*) FROM visits');
    await expect(gate.answer(count)).rejects.toMatchObject({ code: 'DENIED' });
    const consents = TWELVE.map((subject) => {
      return { subject, purpose: 'quality', notice: '1', expires: Date.now() + 3_600_000 };
    });
    await governed.governance.consent.grant(consents, Date.now() - 1);
    expect((await gate.answer(count)).result.rows).toEqual([['24']]);
    await gate[Symbol.asyncDispose]();
    await using later = await governed.openGate({ now: () => Date.now() + 3_600_001 });
    await expect(later.answer(count)).rejects.toMatchObject({ code: 'DENIED' });
  });

  test('of another notice’s version counts for nothing', async () => {
    await using governed = await governedVault({ consenting: [] });
    await using gate = await governed.openGate();
    const consents = TWELVE.map((subject) => {
      return { subject, purpose: 'quality', notice: '0', expires: null };
    });
    await governed.governance.consent.grant(consents, Date.now() - 1);
    const answer = gate.answer(ask(governed.token, 'SELECT COUNT(*) FROM visits'));
    await expect(answer).rejects.toMatchObject({ code: 'DENIED' });
  });

  describe.each(['before', 'after'] as const)(
    'withdrawn between request and execution, %s the computation',
    (when) => {
      /** What is answered where some withdraw meanwhile. */
      async function answered(
        governed: Governed,
        sql: string,
        subjects: readonly string[],
        guard?: ReleaseGuard,
      ): Promise<readonly (readonly unknown[])[]> {
        let first = true;
        const leave = async (): Promise<void> => {
          for (const subject of subjects) await withdraw(governed, subject);
        };
        await using gate = await governed.openGate({
          ...(guard === undefined ? {} : { guard }),
          steps: {
            ...STEPS,
            computed: async (intended, services) => {
              const isFirst = first;
              first = false;
              if (isFirst && when === 'before') await leave();
              const computed = await STEPS.computed(intended, services);
              if (isFirst && when === 'after') await leave();
              return computed;
            },
          },
        });
        return (await gate.answer(ask(governed.token, sql))).result.rows;
      }
      const total = 'SELECT SUM(days), COUNT(*) FROM visits';
      const grouped = 'SELECT ward, SUM(days) FROM visits GROUP BY ward ORDER BY ward';

      test('is left out', async () => {
        await using governed = await governedVault();
        const rows = await answered(governed, grouped, ['p4'], OPEN_GUARD);
        expect(rows).toEqual(await oracle(grouped, (patient) => patient !== 'p4'));
        expect(rows).not.toEqual(await oracle(grouped));
      });

      test('is left out where no figure tells of them', async () => {
        await using governed = await governedVault();
        const rows = await answered(governed, total, TEN);
        expect(rows).toEqual(await oracle(total, (patient) => !TEN.includes(patient)));
      });

      test('is refused where the figures of both attempts would tell of one person', async () => {
        await using governed = await governedVault();
        const answer = answered(governed, total, ['p4']);
        await expect(answer).rejects.toMatchObject({ code: 'DENIED' });
      });
    },
  );

  test('a table without a subject is refused for a purpose that asks consent', async () => {
    const { subject: _, ...schema } = SCHEMA;
    await using governed = await governedVault({ schema });
    await using gate = await governed.openGate();
    const answer = gate.answer(ask(governed.token, 'SELECT COUNT(*) FROM visits'));
    await expect(answer).rejects.toMatchObject({ code: 'DENIED' });
  });
});

test('a receipt carries proofs that verify against the vault’s log alone', async () => {
  await using governed = await governedVault();
  const { consent, log } = governed.governance;
  const [record] = await consent.records('p3');
  await withdraw(governed, 'p3');
  const receipt = (await governed.governance.receipt(record!.id, Date.now())) as {
    'dpv:hasRecordOfActivity': Record<string, unknown>;
    'schema:encoding': { 'schema:identifier': string; 'schema:text': string }[];
  };
  expect(receipt['dpv:hasRecordOfActivity']).toMatchObject({
    'dpv:hasDataSubject': 'p3',
    'dpv:hasConsentStatus': { '@id': 'dpv:ConsentWithdrawn' },
  });
  const secret = governed.vault['folder'].secrets.localKey('audit-signing');
  const key = noteKey(log.origin, NOTE_SIGNATURE, publicKeyOf(secret));
  const proofs = receipt['schema:encoding'];
  expect(proofs).toHaveLength(2);
  for (const { 'schema:identifier': entry, 'schema:text': text } of proofs) {
    const proof = parseProof(utf8(text));
    expect(verifyProof(proof, fromBase64(entry, 'an entry'), key).size).toBeGreaterThan(
      proof.index,
    );
  }
});
