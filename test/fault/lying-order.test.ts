/** Counts and members of order statistics from a store that lies: refused, or what SECURITY.md says is not seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AggregateReply, MembersReply, SparseCounts } from '../../src/plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  decodeMembersReply,
  encodeAggregateReply,
  encodeMembersReply,
} from '../../src/plan/fragment-codec.ts';
import type { StoreLink } from '../../src/store/link.ts';
import { tempVault, type TempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: {
    /** So many values that blocks of ranks are counted and opened. */
    x: { type: 'integer' },
    /** So few that each is counted by itself. */
    few: { type: 'integer', nullable: true },
    g: { type: 'text' },
  },
  undeclared: 'none',
};
const ROWS = 2_500;
const rows = Array.from({ length: ROWS }, (_, i) => ({
  x: (i * 7) % ROWS,
  few: i % 50 === 7 ? null : (i * i) % 11,
  g: `g${i % 3}`,
}));

type Lie = (reply: Uint8Array) => Uint8Array;
interface Lies {
  readonly aggregate?: Lie;
  readonly members?: Lie;
}

const same: Lie = (reply) => reply;

describe('a store that lies about', () => {
  let temp: TempVault;
  let lies: Lies = {};
  const asked = { aggregate: 0, members: 0 };

  beforeAll(async () => {
    temp = await tempVault('memory', (link) => lying(link));
    await temp.vault.ingest(schema, rows);
  });
  afterAll(() => temp[Symbol.asyncDispose]());

  function lying(link: StoreLink): StoreLink {
    return new Proxy(link, {
      get: (target, property) => {
        if (property === 'aggregate') {
          return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> => {
            const { kind } = decodeFragment(args[0]).work;
            const reply = await target.aggregate(...args);
            if (kind === 'rows' || kind === 'scores') return reply;
            asked[kind]++;
            return (lies[kind] ?? same)(reply);
          };
        }
        const member: unknown = Reflect.get(target, property);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
  }

  async function ask(sql: string, told: Lies): Promise<string> {
    lies = told;
    try {
      return JSON.stringify((await temp.vault.query(sql)).rows);
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      lies = {};
    }
  }

  const aggregate = (change: (reply: AggregateReply) => AggregateReply): Lies => ({
    aggregate: (bytes) => encodeAggregateReply(change(decodeAggregateReply(bytes))),
  });
  const tallies = (change: (tallies: SparseCounts) => SparseCounts): Lies =>
    aggregate(({ groups }) => ({
      groups: groups.map((group) => ({ ...group, tallies: change(group.tallies) })),
    }));
  const members = (change: (reply: MembersReply) => MembersReply): Lies => ({
    members: (bytes) => encodeMembersReply(change(decodeMembersReply(bytes))),
  });
  const memberGroups = (change: (groups: readonly Uint32Array[]) => Uint32Array[]): Lies =>
    members(({ segments }) => ({
      segments: segments.map((segment) => ({ ...segment, groups: change(segment.groups) })),
    }));

  const FEW = 'SELECT g, MIN(few), COUNT(DISTINCT few) FROM t WHERE x < 2000 GROUP BY g';
  const MEDIANS = 'SELECT g, MEDIAN(x) FROM t GROUP BY g';

  it('nothing is believed (the control)', async () => {
    const plain = (keep: (row: (typeof rows)[number]) => boolean): typeof rows => rows.filter(keep);
    const groups = ['g0', 'g1', 'g2'];
    const few = groups.map((g) => {
      const some = plain((row) => row.g === g && row.x < 2000).flatMap((row) => row.few ?? []);
      return [g, String(Math.min(...some)), String(new Set(some).size)];
    });
    expect(await ask(FEW, {})).toBe(JSON.stringify(few));
    const before = { ...asked };
    const medians = groups.map((g) => {
      const some = plain((row) => row.g === g).map(({ x }) => x);
      some.sort((a, b) => a - b);
      const [low, high] = [some[(some.length - 1) >> 1]!, some[some.length >> 1]!];
      return [g, String((low + high) / 2)];
    });
    expect(await ask(MEDIANS, {})).toBe(JSON.stringify(medians));
    // These lies are told: the queries ask for counts and for members.
    expect(asked.members).toBeGreaterThan(before.members);
    expect(asked.aggregate).toBeGreaterThan(before.aggregate);
  });

  const changed = (
    { numbers, counts }: SparseCounts,
    by: (count: number, i: number) => number,
  ): SparseCounts => ({ numbers, counts: counts.map(by) });

  describe.each([
    ['values', FEW],
    ['blocks', MEDIANS],
  ])('counts of %s', (_, sql) => {
    it.each<[string, Lies, string]>([
      [
        'one too many',
        tallies((some) => changed(some, (n, i) => (i === 0 ? n + 1 : n))),
        'PART_CORRUPT',
      ],
      [
        'one too few',
        tallies((some) => changed(some, (n, i) => (i === 0 ? n - 1 : n))),
        'PART_CORRUPT',
      ],
      ['zero', tallies((some) => changed(some, (n, i) => (i === 0 ? 0 : n))), 'BYTES_INVALID'],
      // Less than nothing does not exist on the wire: it arrives as more than four billion.
      ['minus one', tallies((some) => changed(some, (n, i) => (i === 0 ? -1 : n))), 'PART_CORRUPT'],
      [
        'the last absent',
        tallies(({ numbers, counts }) => ({
          numbers: numbers.slice(0, -1),
          counts: counts.slice(0, -1),
        })),
        'PART_CORRUPT',
      ],
      [
        'all absent',
        tallies(() => ({ numbers: new Uint32Array(0), counts: new Uint32Array(0) })),
        'PART_CORRUPT',
      ],
      [
        'one that was not asked for',
        tallies(({ numbers, counts }) => ({
          numbers: Uint32Array.of(...numbers, 900_000),
          counts: Uint32Array.of(...counts, 1),
        })),
        'BYTES_INVALID',
      ],
      [
        'one twice',
        tallies(({ numbers, counts }) => ({
          numbers: Uint32Array.of(numbers[0]!, ...numbers),
          counts: Uint32Array.of(1, ...counts),
        })),
        'BYTES_INVALID',
      ],
      [
        'descending',
        tallies(({ numbers, counts }) => ({
          numbers: numbers.toReversed(),
          counts: counts.toReversed(),
        })),
        'BYTES_INVALID',
      ],
      [
        'more of one than rows have it, and less of the others',
        tallies((some) => {
          const all = some.counts.reduce((sum, n) => sum + n, 0);
          return changed(some, (_n, i) => (i === 0 ? all - some.counts.length + 1 : 1));
        }),
        'PART_CORRUPT',
      ],
    ])('%s', async (_name, told, code) => {
      expect(await ask(sql, told)).toBe(code);
    });
  });

  it.each<[string, Lies, string]>([
    [
      'of a group that does not exist',
      memberGroups((groups) => groups.map((some) => some.with(0, 9))),
      'BYTES_INVALID',
    ],
    [
      'of a row less',
      memberGroups((groups) => groups.map((some) => some.slice(1))),
      'BYTES_INVALID',
    ],
    [
      'of a row more',
      memberGroups((groups) => groups.map((some) => Uint32Array.of(...some, 1))),
      'BYTES_INVALID',
    ],
    ['of no set of rows', memberGroups(() => []), 'BYTES_INVALID'],
    ['of a set too many', memberGroups((groups) => [...groups, groups[0]!]), 'BYTES_INVALID'],
    ['of no segment', members(() => ({ segments: [] })), 'BYTES_INVALID'],
    [
      'of a segment twice',
      members(({ segments }) => ({ segments: [...segments, ...segments] })),
      'BYTES_INVALID',
    ],
    [
      'of another segment',
      members(({ segments }) => ({
        segments: segments.map((one) => ({ ...one, segment: 'ab'.repeat(16) })),
      })),
      'BYTES_INVALID',
    ],
    [
      'of a group that was not asked for',
      members(({ segments }) => ({
        segments: segments.map((one) => ({ ...one, keys: one.keys.map(() => [77]) })),
      })),
      'BYTES_INVALID',
    ],
    [
      'of one group under two names',
      members(({ segments }) => ({
        segments: segments.map((one) => ({ ...one, keys: one.keys.map(() => one.keys[0]!) })),
      })),
      'BYTES_INVALID',
    ],
    [
      'of a row in another group',
      memberGroups((groups) => groups.map((some) => some.with(0, (some[0]! % 3) + 1))),
      'PART_CORRUPT',
    ],
    [
      'of a row that no group has',
      memberGroups((groups) =>
        groups.map((some) =>
          some.with(
            some.findIndex((g) => g > 0),
            0,
          ),
        ),
      ),
      'PART_CORRUPT',
    ],
    ['that are no reply', { members: () => new Uint8Array(100) }, 'BYTES_INVALID'],
    ['that were cut', { members: (reply) => reply.subarray(0, 60) }, 'BYTES_INVALID'],
  ])('members %s', async (_, told, code) => {
    expect(await ask(MEDIANS, told)).toBe(code);
  });

  /** Its lists are consistent, and of other rows: SECURITY.md, non-guarantees. */
  describe('what this version does not see', () => {
    it('which rows of an opened block count, if they are as many', async () => {
      const filtered = 'SELECT MEDIAN(x) FROM t WHERE few = 1';
      const truth = await ask(filtered, {});
      const told = new Set<string>();
      for (let by = 1; by <= 12; by++) {
        const turned = memberGroups((groups) =>
          groups.map((some) => some.map((_, i) => some[(i + by) % some.length]!)),
        );
        told.add(await ask(filtered, turned));
      }
      told.delete(truth);
      expect(told.size).toBeGreaterThan(0);
      for (const answer of told) expect(answer).toMatch(/^\[\["\d+(\.5)?"\]\]$/);
    });

    it('counts moved to another value that has so many rows', async () => {
      const filtered = 'SELECT MIN(few), MAX(few), COUNT(few) FROM t WHERE x < 100';
      const count = rows.filter(({ x, few }) => x < 100 && few !== null).length;
      expect(await ask(filtered, {})).toBe(`[["0","9","${count}"]]`);
      const moved = tallies(({ numbers, counts }) => ({
        numbers: numbers.slice(0, 1),
        counts: Uint32Array.of(counts.reduce((sum, n) => sum + n, 0)),
      }));
      const [told] = JSON.parse(await ask(filtered, moved)) as string[][];
      expect(told![0]).toBe(told![1]);
      expect(told![2]).toBe(String(count));
    });
  });
});
