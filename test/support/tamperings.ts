import type { Vault } from '../../src/client/api.ts';
import { CHECK_PRIME } from '../../src/params/check-field.ts';
import type { AggregateReply, GroupReply } from '../../src/plan/fragment.ts';
import { parseSchema } from '../../src/table/schema-json.ts';
import type { Value } from '../../src/table/value.ts';
import {
  addMessage,
  combine,
  type Draw,
  graft,
  type Hands,
  overRows,
  ringOf,
  type Tampering,
} from './malicious-link.ts';
import { plainAnswer } from './plain-twin.ts';

/** Visits of patients; what is not declared is not multiplied. */
export const VISITS = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  columns: {
    patient: { type: 'text' },
    ward: { type: 'text' },
    days: { type: 'integer' },
    fee: { type: 'decimal', scale: 2 },
  },
  undeclared: 'none',
};

export interface Visit {
  readonly patient: string;
  readonly ward: string;
  readonly days: number;
  readonly fee: string;
}

/** No fee is 0 and no two are the same, so that whatever is done to rows is seen in its sum. */
const visit = (i: number): Visit => ({
  patient: `p${i % 900}`,
  ward: `w${(i * 7919) % 11}`,
  days: ((i * 31) % 60) + 1,
  fee: `${i % 3 === 0 ? '-' : ''}${i + 1}.${10 + (i % 90)}`,
});
/** Rows of the first segment, and of both. */
export const FIRST = 4500;
export const ALL = 9000;

/** Each has a sum of fees. */
export const QUERIES: readonly string[] = [
  "SELECT SUM(fee), COUNT(*), SUM(days) FROM visits WHERE ward = 'w3'",
  'SELECT ward, COUNT(*), SUM(fee) FROM visits GROUP BY ward ORDER BY ward',
  'SELECT AVG(fee), VAR_POP(days), SUM(fee) FROM visits WHERE days BETWEEN 7 AND 23',
  'SELECT SUM(fee), SUM(days) FROM visits',
  "SELECT SUM(fee) FROM visits WHERE ward IN ('w1', 'w2') AND NOT days > 30",
];

const DELETE = "DELETE FROM visits WHERE ward = 'w5' AND days < 20";

/** All visits in two segments; the store sees each query once before some of them are deleted. */
export async function ingestVisits(
  vault: Pick<Vault, 'ingest' | 'delete'>,
  ask: (sql: string, verified: boolean) => Promise<unknown>,
): Promise<void> {
  const visits = Array.from({ length: ALL }, (_, i) => visit(i));
  await vault.ingest(VISITS, visits.slice(0, FIRST));
  await vault.ingest(VISITS, visits.slice(FIRST), { append: true });
  for (const sql of QUERIES) for (const verified of [true, false]) await ask(sql, verified);
  await vault.delete(DELETE);
}

/** The rows of each query's true answer after that, as JSON, from the visits of some patients. */
export async function visitTruth(
  counts: (patient: string) => boolean = () => true,
): Promise<ReadonlyMap<string, string>> {
  const schema = parseSchema(VISITS);
  const rows = Array.from({ length: ALL }, (_, i) => visit(i))
    .filter(({ patient, ward, days }) => counts(patient) && !(ward === 'w5' && days < 20))
    .map(({ patient, ward, days, fee }): Value[] => {
      return [patient, ward, BigInt(days), BigInt(fee.replace('.', ''))];
    });
  return new Map(
    await Promise.all(
      QUERIES.map(async (sql) => {
        return [sql, JSON.stringify((await plainAnswer(schema, rows, sql)).rows)] as const;
      }),
    ),
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

/** What a malicious store does to sums: without verification each of these is believed. */
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
          const { dataPrimes } = ringOf(sum);
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
          const { n, dataPrimes } = ringOf(sum);
          const a = sum.a.slice();
          for (let i = 0; i < 64; i++) {
            const at = hands.draw(a.length);
            const prime = dataPrimes[Math.floor(at / n)]!;
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

/** A tampering, and the queries whose answers it changes. */
export interface TamperingCase {
  readonly name: string;
  readonly tamper: Tampering;
  readonly asked: readonly string[];
  /** Whoever does not verify believes the answer; else they refuse some, or believe it. */
  readonly believed: boolean;
}

const casesOf = (
  tamperings: readonly (readonly [string, Tampering])[],
  asked: readonly string[],
  believed: boolean,
): TamperingCase[] => tamperings.map(([name, tamper]) => ({ name, tamper, asked, believed }));

/** What is counted is in the answers of the first three queries. */
export const TAMPERING_CASES: readonly TamperingCase[] = [
  ...casesOf(TAMPERINGS, QUERIES, true),
  ...casesOf(COUNTING, QUERIES.slice(0, 3), false),
  ...casesOf(STALE, QUERIES.slice(1, 4), true),
];

/** Round-robin over the cases, each with a query of its own and a seed for what it draws. */
export function* tamperingRounds(
  rounds: number,
  draw: Draw,
): Generator<
  TamperingCase & { readonly round: number; readonly sql: string; readonly seed: number }
> {
  for (let round = 0; round < rounds; round++) {
    const one = TAMPERING_CASES[round % TAMPERING_CASES.length]!;
    const sql = one.asked[draw(one.asked.length)]!;
    yield { ...one, round, sql, seed: draw(2 ** 31) };
  }
}
