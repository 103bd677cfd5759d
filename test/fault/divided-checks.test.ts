import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpalineError } from '../../src/errors/opaline-error.ts';
import { CHECK_PRIME } from '../../src/params/check-field.ts';
import {
  adding,
  type AskedCustodians,
  type CheckedCustody,
  checkedCustody,
} from '../support/checked-custody.ts';
import { draws, MaliciousLink } from '../support/malicious-link.ts';
import {
  ingestVisits,
  QUERIES,
  TAMPERING_CASES,
  tamperingRounds,
  visitTruth,
} from '../support/tamperings.ts';
import { subsets } from '../support/threshold-twin.ts';

const T = 1n << 48n;
const P = BigInt(CHECK_PRIME);
/** One sum, and as many checks. */
const ONE = "SELECT SUM(fee) FROM visits WHERE ward = 'w3'";
const GROUPS = QUERIES[1]!;

let custody: CheckedCustody;
let truth: ReadonlyMap<string, string>;
const store = new MaliciousLink();

/** What is answered, or the refusal. */
async function attempt(
  sql: string,
  verified: boolean,
): Promise<string | Pick<OpalineError, 'code' | 'details'>> {
  store.checked = verified;
  store.question = sql;
  return await custody.vault.query(sql, [], { verified }).then(
    ({ rows }) => JSON.stringify(rows),
    ({ code, details }: OpalineError) => ({ code, details }),
  );
}

/** The same of custodians who remember nothing, the refusal by its code. */
async function ask(
  sql: string,
  verified: boolean,
  custodians: AskedCustodians = {},
): Promise<string> {
  custody.ask(custodians);
  const found = await attempt(sql, verified);
  return typeof found === 'string' ? found : found.code;
}

const sumOf = (answer: string): bigint => {
  const [[sum]] = JSON.parse(answer) as [[string]];
  return BigInt(Math.round(Number(sum) * 100));
};

beforeAll(async () => {
  custody = await checkedCustody((link) => store.wrap(link));
  const { vault } = custody;
  await vault.verify();
  await ingestVisits(
    {
      ingest: (schema, rows, options) =>
        vault.ingest({ ...(schema as object), custody: 'divided' }, rows, options),
      delete: (sql) => vault.delete(sql),
    },
    ask,
  );
  truth = await visitTruth();
});
afterAll(() => custody[Symbol.asyncDispose]());

describe('a verified sum of a divided table', () => {
  it.each(QUERIES)('is the plain one: %s', async (sql) => {
    expect(await ask(sql, true)).toBe(truth.get(sql));
  });

  it('is made by every three of five custodians, each asked once', async () => {
    const quorums = subsets([1, 2, 3, 4, 5], 3);
    expect(quorums).toHaveLength(10);
    for (const present of quorums) {
      const asked = custody.ask({ present });
      expect(await attempt(QUERIES[3]!, true)).toBe(truth.get(QUERIES[3]!));
      expect([...asked]).toEqual(expect.arrayContaining(present.map((index) => [index, 1])));
      expect(asked.size).toBe(3);
    }
  });

  it('is answered once an epoch, as others are', async () => {
    custody.ask();
    expect(await attempt(ONE, true)).toMatch(/^\[/);
    expect(await attempt(ONE, true)).toMatchObject({ code: 'CUSTODIAN_REFUSED' });
  });

  it('explains what it takes', async () => {
    const { notes, leakage } = await custody.vault.explain(ONE);
    const [note] = notes.filter((text) => text.includes('is verified'));
    expect(note).toMatch(/1 check sum a group, \d+ bytes more, which custodians answer for/);
    // x and x² of two columns, the last in two limbs; 47.25 bytes each.
    expect(note).toContain(`take ${(5 * 47.25).toFixed(1)} bytes a row`);
    expect(note).not.toContain('computed here again');
    // Which columns are summed is all that the store learns more.
    custody.ask();
    const answer = await custody.vault.query(ONE, [], { verified: true });
    expect(answer.leakage).toEqual(leakage);
    expect(answer.stats.verified).toBe(true);
    const [, more] = /(\d+) bytes more/.exec(note!)!;
    custody.ask();
    const open = await custody.vault.query(ONE);
    expect(answer.stats.bytesDown - open.stats.bytesDown).toBeGreaterThanOrEqual(Number(more));
  });
});

describe('a custodian who answers wrongly', () => {
  const honest = (): Promise<string> => ask(ONE, false);

  it.each([
    ['a sum by a thousand', adding((place, q) => (place === 0 ? (1000n * q) / T : 0n)), 1000n],
    ['a sum by one less', adding((place, q) => (place === 0 ? -q / T : 0n)), -1n],
  ])('moves %s unseen, and is seen where it is verified, in one round', async (_, lie, by) => {
    const right = sumOf(await honest());
    expect(sumOf(await ask(ONE, false, { lies: { 2: lie } }))).toBe(right + by);
    const asked = custody.ask({ lies: { 2: lie } });
    expect(await attempt(ONE, true)).toEqual({
      code: 'PARTIALS_INVALID',
      details: { custodians: ['custodian 1', 'custodian 2', 'custodian 3'] },
    });
    expect([...asked]).toEqual(expect.arrayContaining([1, 2, 3].map((index) => [index, 1])));
    // The store is not at fault, and others are answered.
    expect(await custody.vault.frozenSince()).toBeUndefined();
    expect(sumOf(await ask(ONE, true, { present: [1, 3, 4, 5] }))).toBe(right);
  });

  it.each([
    ['the check alone moved', adding((place, q) => (place === 1 ? q / P : 0n))],
    ['both moved by as much', adding((place, q) => (place === 0 ? (7n * q) / T : (7n * q) / P))],
    ['both moved by a guess', adding((place, q) => (place === 0 ? q / T : (123_456_789n * q) / P))],
    ['both moved by half of their moduli', adding((_place, q) => q / 2n)],
    ['moved by no whole', adding((_place, q) => q / (3n * T))],
    ['an answer that is cut', (answer: Uint8Array) => answer.subarray(0, -4)],
    ['an empty answer', () => new Uint8Array()],
  ])('is refused: %s', async (_, lie) => {
    expect(await ask(ONE, true, { lies: { 3: lie } })).toBe('PARTIALS_INVALID');
    expect(await custody.vault.frozenSince()).toBeUndefined();
  });

  it('is refused who moves one group’s sum alone', async () => {
    const groups = (JSON.parse(truth.get(GROUPS)!) as string[][]).length;
    for (const group of [0, groups - 1]) {
      const lie = adding((place, q) => (place === 2 * group ? q / T : 0n));
      expect(await ask(GROUPS, true, { lies: { 1: lie } }), `${group}`).toBe('PARTIALS_INVALID');
    }
  });

  it('moves nothing by noise that is little beside the flooding', async () => {
    const right = await honest();
    const lies = { 1: adding(() => 1n << 60n), 2: adding(() => -(1n << 40n)) };
    expect(await ask(ONE, true, { lies })).toBe(right);
  });

  it('is asked after others from then on', async () => {
    const right = sumOf(await honest());
    const lie = adding((place, q) => (place === 0 ? q / T : 0n));
    const asked = custody.ask({ lies: { 2: lie } });
    expect(await attempt(ONE, true)).toMatchObject({ code: 'PARTIALS_INVALID' });
    // Of the first three, who have answered for that sum, one is needed still.
    expect(await attempt(ONE, true)).toMatchObject({ code: 'CUSTODIAN_REFUSED' });
    expect(await attempt(QUERIES[3]!, true)).toBe(truth.get(QUERIES[3]!));
    expect(asked.get(2)).toBe(1);
    expect(sumOf(await ask(ONE, true))).toBe(right);
  });
});

describe('a store that answers wrongly of a divided table', () => {
  it('is refused by custodians who compute again, and by counts that are not the vault’s', async () => {
    for (const { name, tamper, asked, believed } of TAMPERING_CASES.filter((_, i) => i % 4 === 1)) {
      store.tamper = tamper;
      store.draw = draws(7);
      const code = await ask(asked[0]!, true);
      expect(code, name).toBe(believed ? 'CUSTODIAN_REFUSED' : 'ANSWER_FALSIFIED');
      store.tamper = undefined;
      if (!believed) await custody.vault.liftFreeze();
    }
    expect(await custody.vault.frozenSince()).toBeUndefined();
  });

  it('is refused though all custodians are at one with it, and believed where nothing is verified', async () => {
    let [rounds, believed] = [0, 0];
    for (const { round, name, tamper, believed: isBelieved, sql, seed } of tamperingRounds(
      TAMPERING_CASES.length,
      draws(20_261_128),
    )) {
      // What counts give away is refused before anybody is asked.
      if (!isBelieved) continue;
      const at = `${round}: ${name}: ${sql}`;
      rounds += 1;
      store.tamper = tamper;
      store.draw = draws(seed);
      const open = await ask(sql, false, { collude: true });
      expect(open, at).not.toBe(truth.get(sql));
      if (open.startsWith('[')) believed += 1;
      store.draw = draws(seed);
      const code = await ask(sql, true, { collude: true });
      expect(code, at).toBe('PARTIALS_INVALID');
      store.tamper = undefined;
    }
    // All but residues that were flipped, which make no sum.
    expect(rounds - believed).toBe(2);
    expect(rounds).toBeGreaterThan(10);
  });
});
