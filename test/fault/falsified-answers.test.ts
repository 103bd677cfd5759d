import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Vault } from '../../src/client/api.ts';
import { toHex } from '../../src/bytes/hex.ts';
import { CHECK_PRIME } from '../../src/params/check-field.ts';
import { sumParameters } from '../../src/params/presets.ts';
import type { AggregateReply, GroupReply } from '../../src/plan/fragment.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import { plainAnswer } from '../support/plain-twin.ts';
import {
  addMessage,
  combine,
  draws,
  forgeList,
  graft,
  type Hands,
  MaliciousLink,
  overRows,
  type Tampering,
} from '../support/malicious-link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const SCHEMA = {
  version: 1,
  table: 'visits',
  columns: {
    ward: { type: 'text' },
    days: { type: 'integer' },
    fee: { type: 'decimal', scale: 2 },
  },
  undeclared: 'none',
};

interface Visit {
  readonly ward: string;
  readonly days: number;
  readonly fee: string;
}

/** No fee is 0 and no two are the same, so that whatever is done to rows is seen in its sum. */
const visit = (i: number): Visit => ({
  ward: `w${(i * 7919) % 11}`,
  days: ((i * 31) % 60) + 1,
  fee: `${i % 3 === 0 ? '-' : ''}${i + 1}.${10 + (i % 90)}`,
});
const FIRST = 4500;
const ALL = 9000;

/** Each has a sum of fees. */
const QUERIES = [
  "SELECT SUM(fee), COUNT(*), SUM(days) FROM visits WHERE ward = 'w3'",
  'SELECT ward, COUNT(*), SUM(fee) FROM visits GROUP BY ward ORDER BY ward',
  'SELECT AVG(fee), VAR_POP(days), SUM(fee) FROM visits WHERE days BETWEEN 7 AND 23',
  'SELECT SUM(fee), SUM(days) FROM visits',
  "SELECT SUM(fee) FROM visits WHERE ward IN ('w1', 'w2') AND NOT days > 30",
];

let temp: TempVault;
let vault: Vault;
const store = new MaliciousLink();
let truth: ReadonlyMap<string, string>;

beforeAll(async () => {
  temp = await tempVault('memory', (link) => store.wrap(link));
  vault = temp.vault;
  await vault.verify();
  const visits = Array.from({ length: ALL }, (_, i) => visit(i));
  await vault.ingest(SCHEMA, visits.slice(0, FIRST));
  await vault.ingest(SCHEMA, visits.slice(FIRST), { append: true });
  for (const sql of QUERIES) for (const verified of [true, false]) await ask(sql, verified);
  await vault.delete("DELETE FROM visits WHERE ward = 'w5' AND days < 20");
  const left = visits.filter(({ ward, days }) => !(ward === 'w5' && days < 20));
  const schema = parseSchema(SCHEMA);
  const rows = left.map(({ ward, days, fee }) => {
    return [ward, BigInt(days), BigInt(fee.replace('.', ''))];
  });
  truth = new Map(
    await Promise.all(
      QUERIES.map(async (sql) => {
        return [sql, JSON.stringify((await plainAnswer(schema, rows, sql)).rows)] as const;
      }),
    ),
  );
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

const change = (
  hands: Hands,
  sums: (group: GroupReply, hands: Hands) => GroupReply['sums'],
): AggregateReply => {
  const { groups } = hands.honest;
  const chosen = hands.draw(groups.length);
  return {
    groups: groups.map((group, g) =>
      g === chosen ? { ...group, sums: sums(group, hands) } : group,
    ),
  };
};

/** Each output's sample of one row. */
async function rowSample(hands: Hands): Promise<AggregateReply> {
  const { draw, fragment } = hands;
  const segments = await hands.rows();
  const position = draw(fragment.segments.length);
  const { rows } = segments.find(
    ({ segment }) => segment === fragment.segments[position]!.segment,
  )!;
  const row = rows[draw(rows.length)]!;
  return await hands.evaluate(
    overRows(fragment, (_, i) => Uint32Array.from(i === position ? [row] : [])),
  );
}

/** Other rows than the filter's, in one segment. */
async function withRows(
  hands: Hands,
  alter: (rows: Uint32Array, draw: Hands['draw']) => Uint32Array,
): Promise<AggregateReply> {
  const { draw, fragment, honest } = hands;
  const segments = await hands.rows();
  const position = draw(fragment.segments.length);
  const altered = overRows(fragment, ({ segment }, i) => {
    const { rows } = segments.find((one) => one.segment === segment)!;
    return i === position ? alter(rows, draw) : rows;
  });
  return graft(honest, await hands.evaluate(altered));
}

const without = (rows: Uint32Array, at: number): Uint32Array =>
  Uint32Array.from([...rows.subarray(0, at), ...rows.subarray(at + 1)]);

/** A sum and its check of one output, changed together. */
const pair =
  (
    alter: (
      sums: GroupReply['sums'],
      output: number,
      check: number,
    ) => [GroupReply['sums'][number], GroupReply['sums'][number]],
  ) =>
  (hands: Hands): AggregateReply =>
    change(hands, ({ sums }) => {
      const check = hands.sums < sums.length ? hands.sums : -1;
      const [one, two] = alter(sums, 0, check);
      return sums.map((sum, o) => (o === 0 ? one : o === check ? two : sum));
    });

const T = 1n << 48n;
const P = BigInt(CHECK_PRIME);
const { dataPrimes } = sumParameters(48);

const TAMPERINGS: readonly (readonly [string, Tampering])[] = [
  ['drops a row', (hands) => withRows(hands, (rows, draw) => without(rows, draw(rows.length)))],
  [
    'puts one row in place of another',
    (hands) =>
      withRows(hands, (rows, draw) => {
        const out = without(rows, draw(rows.length));
        const present = new Set(rows);
        // A row of the filter once more where it takes every one.
        const other = Array.from({ length: 4000 }, (_, i) => i).filter((row) => !present.has(row));
        const taken = other.length === 0 ? out.slice(1) : [...out, other[draw(other.length)]!];
        return Uint32Array.from(taken).sort();
      }),
  ],
  [
    'answers with an earlier reply',
    ({ earlier, honest, draw }) => {
      const fit = earlier.filter(
        (reply) => JSON.stringify(reply.groups[0]?.sums) !== JSON.stringify(honest.groups[0]!.sums),
      );
      const one = fit[draw(fit.length)]!;
      const sums = one.groups[draw(one.groups.length)]!.sums;
      return { groups: honest.groups.map((group, g) => (g === 0 ? { ...group, sums } : group)) };
    },
  ],
  [
    'answers with one row as the sum',
    async (hands) => {
      const row = await rowSample(hands);
      return graft(hands.honest, row);
    },
  ],
  [
    'adds a row of its own making',
    (hands) =>
      change(hands, ({ sums }) =>
        sums.map((sum, o) =>
          o < hands.sums ? addMessage(sum, BigInt(1 + hands.draw(1e6)), T) : sum,
        ),
      ),
  ],
  [
    'adds a known amount to the sum and a guess of it to the check',
    (hands) =>
      pair((sums, output, check) => {
        const amount = BigInt(1 + hands.draw(2 ** 31));
        const guess = BigInt(hands.draw(2 ** 47));
        return [
          addMessage(sums[output]!, amount, T),
          check === -1 ? sums[output]! : addMessage(sums[check]!, (amount * guess) % P, P),
        ];
      })(hands),
  ],
  [
    'adds 2^47 to both columns',
    pair((sums, output, check) => [
      addMessage(sums[output]!, 1n << 47n, T),
      check === -1 ? sums[output]! : addMessage(sums[check]!, 1n << 47n, P),
    ]),
  ],
  [
    'adds a multiple of another row to both columns',
    async (hands) => {
      const row = await rowSample(hands);
      const [{ key, sums: one }] = row.groups as [GroupReply];
      const factor = BigInt(1 + hands.draw(5));
      return {
        groups: hands.honest.groups.map((group) => ({
          ...group,
          sums:
            group.key.join() === key.join()
              ? group.sums.map((sum, o) => combine(sum, factor, one[o]!))
              : group.sums,
        })),
      };
    },
  ],
  [
    'adds multiples of a row’s data to the check and to the data',
    async (hands) => {
      const row = await rowSample(hands);
      const [{ key, sums: one }] = row.groups as [GroupReply];
      const factor = BigInt(1 + hands.draw(1000));
      return {
        groups: hands.honest.groups.map((group) => ({
          ...group,
          sums:
            group.key.join() === key.join()
              ? group.sums.map((sum, o) =>
                  o < hands.sums
                    ? combine(sum, 1n, one[o]!)
                    : combine(sum, factor, one[o - hands.sums]!),
                )
              : group.sums,
        })),
      };
    },
  ],
  [
    'doubles both columns',
    (hands) => change(hands, ({ sums }) => sums.map((sum) => combine(sum, 1n, sum))),
  ],
  [
    'flips residues',
    (hands) =>
      change(hands, ({ sums }) =>
        sums.map((sum, o) => {
          if (o !== 0) return sum;
          const b = sum.b.slice();
          const limb = hands.draw(b.length);
          b[limb] = (b[limb]! + 1 + hands.draw(dataPrimes[limb]! - 1)) % dataPrimes[limb]!;
          return { ...sum, b };
        }),
      ),
  ],
  [
    'flips residues of the polynomial',
    (hands) =>
      change(hands, ({ sums }) =>
        sums.map((sum, o) => {
          if (o !== 0) return sum;
          const a = sum.a.slice();
          for (let i = 0; i < 64; i++) {
            const at = hands.draw(a.length);
            const prime = dataPrimes[Math.floor(at / 4096)]!;
            a[at] = (a[at]! + 1 + hands.draw(prime - 1)) % prime;
          }
          return { ...sum, a };
        }),
      ),
  ],
  [
    'answers for every row instead of the filter’s, or for half of them',
    (hands) =>
      withRows(hands, (rows) =>
        rows.length > 4000
          ? rows.subarray(0, rows.length >>> 1)
          : Uint32Array.from({ length: 4400 }, (_, i) => i),
      ),
  ],
];

/** Seen by whoever checks a reply against itself; without verification refused or believed. */
const COUNTING: readonly (readonly [string, Tampering])[] = [
  [
    'counts a row less',
    ({ honest: { groups } }) => ({
      groups: groups.map((group, g) =>
        g === 0 ? { ...group, counts: group.counts.map((count) => count - 1) } : group,
      ),
    }),
  ],
  ['leaves a group out', ({ honest: { groups } }) => ({ groups: groups.slice(1) })],
  [
    'exchanges two groups',
    ({ honest: { groups } }) => {
      const [one, two, ...rest] = groups;
      if (two === undefined) return { groups: [] };
      return { groups: [{ ...one!, key: two.key }, { ...two, key: one!.key }, ...rest] };
    },
  ],
];

/** Seen of what the deletion changed. */
const STALE: readonly (readonly [string, Tampering])[] = [
  ['goes on at an old epoch', ({ honest, old }) => graft(honest, old!)],
];

/** Each tampering with the queries whose answers it changes; what is counted is in those of the first three. */
const CASES = [
  ...TAMPERINGS.map((one) => ({ one, asked: QUERIES, believed: true })),
  ...COUNTING.map((one) => ({ one, asked: QUERIES.slice(0, 3), believed: false })),
  ...STALE.map((one) => ({ one, asked: QUERIES.slice(1, 4), believed: true })),
];

const ROUNDS = 500;

describe('an answer that is verified', () => {
  it.each(QUERIES)('is the plain one of an honest store: %s', async (sql) => {
    store.tamper = undefined;
    expect(await ask(sql, true)).toBe(truth.get(sql));
    expect(await ask(sql, false)).toBe(truth.get(sql));
  });

  it(`is refused in ${ROUNDS} tamperings, each of which changes what is believed otherwise`, async () => {
    const draw = draws(20_261_127);
    for (let round = 0; round < ROUNDS; round++) {
      const { one, asked, believed: isBelieved } = CASES[round % CASES.length]!;
      const [name, tamper] = one;
      const sql = asked[draw(asked.length)]!;
      const seed = draw(2 ** 31);
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
    store.tamper = TAMPERINGS[0]![1];
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
