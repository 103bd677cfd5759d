import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { draws, forgeList, graft, MaliciousLink, overRows } from '../support/malicious-link.ts';
import {
  ALL,
  FIRST,
  ingestVisits,
  QUERIES,
  TAMPERING_CASES,
  tamperingRounds,
  visitTruth,
} from '../support/tamperings.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

let temp: TempVault;
let vault: Vault;
const store = new MaliciousLink();
let truth: ReadonlyMap<string, string>;

beforeAll(async () => {
  temp = await tempVault('memory', (link) => store.wrap(link));
  vault = temp.vault;
  await vault.verify();
  await ingestVisits(vault, ask);
  truth = await visitTruth();
}, 300_000);
afterAll(() => temp[Symbol.asyncDispose]());

/** The rows of the answer, or the code of the refusal. */
async function ask(sql: string, verified: boolean): Promise<string> {
  store.checked = verified;
  store.question = sql;
  return await vault.query(sql, [], { verified }).then(
    ({ rows }) => JSON.stringify(rows),
    (error: { code: string }) => error.code,
  );
}

/** Each tampering twice; test/gate/falsified.test.ts has hundreds, through the gate. */
const ROUNDS = 2 * TAMPERING_CASES.length;

describe('an answer that is verified', () => {
  it.each(QUERIES)('is the plain one of an honest store: %s', async (sql) => {
    store.tamper = undefined;
    expect(await ask(sql, true)).toBe(truth.get(sql));
    expect(await ask(sql, false)).toBe(truth.get(sql));
  });

  it(`is refused in ${ROUNDS} tamperings, each of which changes what is believed otherwise`, async () => {
    for (const { round, name, tamper, believed: isBelieved, sql, seed } of tamperingRounds(
      ROUNDS,
      draws(20_261_127),
    )) {
      const at = `${round}: ${name}: ${sql}`;
      store.tamper = tamper;
      store.draw = draws(seed);
      const believed = await ask(sql, false);
      expect(believed, at).not.toBe(truth.get(sql));
      if (isBelieved) expect(believed, at).toMatch(/^\[/);
      store.draw = draws(seed);
      expect(await ask(sql, true), at).toBe('ANSWER_FALSIFIED');
      store.tamper = undefined;
      expect(await vault.frozenSince(), at).toBeInstanceOf(Date);
      await vault.liftFreeze();
    }
  }, 600_000);

  it('is refused of rows from before a deletion', async () => {
    // What the store replied then is what it replies if it goes on at that epoch.
    const sql = QUERIES[3]!;
    store.tamper = ({ earlier, honest }) => {
      const old = earlier.find(({ groups }) => groups[0]!.counts.at(-1) === ALL);
      return graft(honest, old!);
    };
    expect(await ask(sql, true)).toBe('ANSWER_FALSIFIED');
    store.tamper = undefined;
    await vault.liftFreeze();
    expect(await ask(sql, true)).toBe(truth.get(sql));
  });

  it('is refused of a store that serves the manifest of an old epoch, as any answer is', async () => {
    store.rollsBack = true;
    for (const verified of [true, false]) {
      for (const sql of QUERIES) expect(await ask(sql, verified)).toBe('EPOCH_ROLLBACK');
    }
    store.rollsBack = false;
    expect(await ask(QUERIES[0]!, true)).toBe(truth.get(QUERIES[0]!));
  });

  it('is refused once releases are frozen, and owner mode goes on', async () => {
    const sql = QUERIES[0]!;
    store.tamper = TAMPERING_CASES[0]!.tamper;
    expect(await ask(sql, true)).toBe('ANSWER_FALSIFIED');
    store.tamper = undefined;
    expect(await ask(sql, true)).toBe('RELEASES_FROZEN');
    expect(await ask(sql, false)).toBe(truth.get(sql));
    await vault.liftFreeze();
    expect(await ask(sql, true)).toBe(truth.get(sql));
  });

  it.each<[string, (reply: Uint8Array | undefined) => Uint8Array | undefined]>([
    ['withholds', () => undefined],
    ['cuts short', (reply) => reply?.subarray(1)],
    ['alters', (reply) => reply?.map((byte, i) => (i === 20 ? byte ^ 1 : byte))],
  ])('is refused where the store %s records of posting lists', async (_, alter) => {
    store.forge = (label, reply) => alter(reply);
    expect(await ask(QUERIES[0]!, true)).toBe('ANSWER_FALSIFIED');
    store.forge = undefined;
    await vault.liftFreeze();
  });

  it('is refused where lists, counts, sums and checks all tell of one other row', async () => {
    const sql = QUERIES[0]!;
    expect(await ask(sql, false)).toBe(truth.get(sql));
    // From an earlier query the store has the tokens, and can write lists of its own.
    const { segments } = store.seen.at(-1)!;
    let swapped: { segment: string; rows: Uint32Array } | undefined;
    store.tamper = async (hands) => {
      const found = await hands.rows();
      const [{ segment, rows }] = found as [(typeof found)[number]];
      const present = new Set(rows);
      const other = Array.from({ length: FIRST }, (_v, row) => row).find(
        (row) => !present.has(row),
      )!;
      swapped = { segment, rows: Uint32Array.from([...rows.subarray(1), other]).sort() };
      return await hands.evaluate(
        overRows(hands.fragment, (share) =>
          share.segment === segment
            ? swapped!.rows
            : found.find((one) => one.segment === share.segment)!.rows,
        ),
      );
    };
    const lie = await ask(sql, false);
    expect(lie).toMatch(/^\[/);
    expect(lie).not.toBe(truth.get(sql));
    const share = segments.find(({ segment }) => segment === swapped!.segment)!;
    const [token] = share.nodes.flatMap((node) => (node.kind === 'posting' ? [node.token] : []));
    const { records } = forgeList(token!, swapped!.rows, FIRST);
    let told = 0;
    store.forge = (label, reply) => {
      const forged = records.get(toHex(label));
      if (forged !== undefined && reply !== undefined) told++;
      return forged ?? reply;
    };
    expect(await ask(sql, true)).toBe('ANSWER_FALSIFIED');
    expect(told).toBeGreaterThan(0);
    store.forge = undefined;
    store.tamper = undefined;
    await vault.liftFreeze();
    expect(await ask(sql, true)).toBe(truth.get(sql));
  });
});
