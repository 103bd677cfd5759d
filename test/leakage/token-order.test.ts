/** The order in which tokens are sent says nothing of the order of what they stand for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeFragment } from '../../src/plan/fragment-codec.ts';
import type { Fragment, SegmentFragment, SetNode } from '../../src/plan/fragment.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: { x: { type: 'date' }, word: { type: 'text' }, mark: { type: 'text', nullable: true } },
};
const ROWS = 7_168;
const BLOCK = 1_024;
const dayOf = (i: number): string =>
  new Date(Date.UTC(2000, 0, 1) + i * 86_400_000).toISOString().slice(0, 10);
const WORDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const rows = Array.from({ length: ROWS }, (_, i) => ({
  x: dayOf(i),
  word: WORDS[i % 8]!,
  mark: [null, 'p', 'q'][i % 3],
}));

const RUNS = 100;
/** Of 100 fair coins: six standard deviations around 50, missed once in 10^9. */
const [LEAST, MOST] = [20, 80];

/** What the store sees of one query. */
interface Transcript {
  readonly fragments: Fragment[];
  readonly labels: string[][];
}

let temp: TempVault;
let transcript: Transcript;
beforeAll(async () => {
  temp = await tempVault('memory', recorded);
  await temp.vault.ingest(schema, rows);
});
afterAll(() => temp[Symbol.asyncDispose]());

function recorded(link: StoreLink): StoreLink {
  return new Proxy(link, {
    get: (target, property) => {
      const member: unknown = Reflect.get(target, property);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (property === 'aggregate') {
          transcript.fragments.push(decodeFragment(args[0] as Uint8Array));
        } else if (property === 'search') {
          const { labels } = args[0] as Parameters<StoreLink['search']>[0];
          transcript.labels.push(labels.map((label) => Buffer.from(label).toString('hex')));
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
}

async function seen(sql: string): Promise<Transcript> {
  transcript = { fragments: [], labels: [] };
  await temp.vault.query(sql);
  return transcript;
}

const isPosting = (node: SetNode | undefined): node is Extract<SetNode, { kind: 'posting' }> =>
  node?.kind === 'posting';
const tokenText = (token: Uint8Array): string => Buffer.from(token).toString('hex');
const tokensOf = ({ nodes }: SegmentFragment): string[] =>
  nodes.filter(isPosting).map(({ token }) => tokenText(token));
const firstSegment = ({ fragments }: Transcript): SegmentFragment => fragments[0]!.segments[0]!;

/** The one token of a query; tokens are the same whenever the same is asked. */
async function tokenOf(where: string): Promise<string> {
  const [token, ...more] = tokensOf(
    firstSegment(await seen(`SELECT COUNT(*) FROM t WHERE ${where}`)),
  );
  expect(more).toEqual([]);
  return token!;
}

/** Of any two of `ascending`, each comes first about as often as the other. */
async function expectNoOrder(
  ascending: readonly string[],
  ask: () => Promise<readonly string[]>,
): Promise<void> {
  const rising = new Map<string, number>();
  for (let run = 0; run < RUNS; run++) {
    const places = new Map((await ask()).map((token, place) => [token, place]));
    ascending.forEach((low, i) => {
      ascending.slice(i + 1).forEach((high, j) => {
        const pair = `${i} ${i + 1 + j}`;
        const [a, b] = [places.get(low), places.get(high)];
        if (a === undefined || b === undefined) throw new Error(`${pair} is not asked for`);
        rising.set(pair, (rising.get(pair) ?? 0) + (a < b ? 1 : 0));
      });
    });
  }
  expect(rising.size).toBe((ascending.length * (ascending.length - 1)) / 2);
  for (const count of rising.values()) {
    expect(count).toBeGreaterThan(LEAST);
    expect(count).toBeLessThan(MOST);
  }
}

const inRanks = (from: number, to: number): string =>
  `x BETWEEN '${dayOf(from)}' AND '${dayOf(to - 1)}'`;

describe('tokens of neighbouring values', () => {
  let words: string[];
  beforeAll(async () => {
    words = [];
    for (const word of WORDS) words.push(await tokenOf(`word = '${word}'`));
    expect(new Set(words).size).toBe(WORDS.length);
  });

  it('of a grouping column come in a random order, and so do its groups', async () => {
    const sql = 'SELECT word, COUNT(*) FROM t GROUP BY word';
    await expectNoOrder(words, async () => tokensOf(firstSegment(await seen(sql))));
    await expectNoOrder(words, async () => {
      const { groups, nodes } = firstSegment(await seen(sql));
      return groups[0]!.map((node) => {
        const posting = nodes[node];
        return isPosting(posting) ? tokenText(posting.token) : '';
      });
    });
  });

  it('of a grouping column with NULL, which is anywhere among them', async () => {
    const marks = [
      await tokenOf("mark = 'p'"),
      await tokenOf("mark = 'q'"),
      await tokenOf('mark IS NULL'),
    ];
    const sql = 'SELECT mark, COUNT(*) FROM t GROUP BY mark';
    await expectNoOrder(marks, async () => tokensOf(firstSegment(await seen(sql))));
  });

  it('of a range of few values, and of an IN list', async () => {
    for (const where of [`word BETWEEN 'b' AND 'f'`, `word IN ('b', 'c', 'd', 'e', 'f')`]) {
      const sql = `SELECT COUNT(*) FROM t WHERE ${where}`;
      const some = words.slice(1, 6);
      await expectNoOrder(some, async () => tokensOf(firstSegment(await seen(sql))));
      await expectNoOrder(some, async () => {
        const { nodes, filter } = firstSegment(await seen(sql));
        const top = nodes[filter];
        const args = top?.kind === 'or' ? top.args : [];
        return args.map((node) => {
          const posting = nodes[node];
          return isPosting(posting) ? tokenText(posting.token) : '';
        });
      });
    }
  });

  it('of values that are counted for MIN, and their numbers', async () => {
    const sql = `SELECT MIN(word) FROM t WHERE ${inRanks(0, BLOCK)}`;
    const tallied = async (): Promise<string[]> => {
      const { nodes, tallies } = firstSegment(await seen(sql));
      return tallies
        .toSorted((a, b) => a.tally - b.tally)
        .map(({ node }) => {
          const posting = nodes[node];
          return isPosting(posting) ? tokenText(posting.token) : '';
        });
    };
    await expectNoOrder(words, tallied);
    await expectNoOrder(words, async () => tokensOf(firstSegment(await seen(sql))));
  });
});

describe('tokens of neighbouring blocks', () => {
  it('that cover a range come in a random order', async () => {
    // Blocks 1 to 5: a leaf, and two nodes of two blocks.
    const cover = [
      await tokenOf(inRanks(BLOCK, 2 * BLOCK)),
      await tokenOf(inRanks(2 * BLOCK, 4 * BLOCK)),
      await tokenOf(inRanks(4 * BLOCK, 6 * BLOCK)),
    ];
    const sql = `SELECT COUNT(*) FROM t WHERE ${inRanks(BLOCK, 6 * BLOCK)}`;
    await expectNoOrder(cover, async () => tokensOf(firstSegment(await seen(sql))));
  });

  it('and the labels of the blocks that the ends of a range cut', async () => {
    const labelOf = async (where: string): Promise<string> => {
      const { labels } = await seen(`SELECT COUNT(*) FROM t WHERE ${where}`);
      expect(labels.map((some) => some.length)).toEqual([1]);
      return labels[0]![0]!;
    };
    const ends = [
      await labelOf(inRanks(100, BLOCK)),
      await labelOf(inRanks(3 * BLOCK, 3 * BLOCK + 500)),
    ];
    const sql = `SELECT COUNT(*) FROM t WHERE ${inRanks(100, 3 * BLOCK + 500)}`;
    await expectNoOrder(ends, async () => (await seen(sql)).labels[0]!);
  });

  it('that are counted for a quantile', async () => {
    const blocks: string[] = [];
    for (let block = 0; block < 6; block++) {
      blocks.push(await tokenOf(inRanks(block * BLOCK, (block + 1) * BLOCK)));
    }
    const sql = `SELECT PERCENTILE_DISC(0.4) WITHIN GROUP (ORDER BY x) FROM t WHERE word = 'c'`;
    await expectNoOrder(blocks, async () => tokensOf(firstSegment(await seen(sql))));
  });
});
