/** EXPLAIN bounds the replies of order statistics, counts of values included. */
import { expect, it } from 'vitest';
import type { StoreLink } from '../../src/store/link.ts';
import { decodeAggregateReply } from '../../src/plan/fragment-codec.ts';
import { tempVault } from '../support/vaults.ts';

const schema = {
  version: 1,
  table: 't',
  columns: { x: { type: 'timestamp' }, few: { type: 'date' }, g: { type: 'text' } },
};
const textOf = (i: number): string =>
  new Date(i * 61_000).toISOString().slice(0, 19).replace('T', ' ');
const rows = Array.from({ length: 5_000 }, (_, i) => ({
  x: textOf((i * 7) % 5_000),
  few: textOf((i % 40) * 1_500).slice(0, 10),
  g: `g${i % 90}`,
}));

it.each([
  ['SELECT g, COUNT(DISTINCT few) FROM t GROUP BY g', 90 * 40],
  ['SELECT g, MIN(few), MAX(x) FROM t GROUP BY g', 2 * 90 * 5],
  ['SELECT COUNT(DISTINCT few) FROM t WHERE x < $1', 40],
  ["SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY x) FROM t WHERE g <> 'g1' AND x < $1", 5],
])('%s', async (sql, entries) => {
  const replies: Uint8Array[] = [];
  await using temp = await tempVault('memory', (link) => recording(link, replies));
  await temp.vault.ingest(schema, rows);
  const parameters = sql.includes('$1') ? [textOf(4_000)] : [];
  const { cost } = await temp.vault.explain(sql, parameters);
  expect(cost.replyBytes).toBeGreaterThanOrEqual(2 * entries);
  await temp.vault.query(sql, parameters);
  const decoded = replies.map((reply) => ({ reply, ...decodeAggregateReply(reply) }));
  expect(
    decoded.some(({ groups }) => groups.some(({ tallies }) => tallies.numbers.length > 0)),
  ).toBe(true);
  for (const { reply, groups } of decoded) {
    // Beside counts of values: a frame, and a group's key, its few counts and lengths.
    const rest = groups.reduce((all, group) => {
      return all + 16 + 4 * (group.key.length + group.counts.length);
    }, 64);
    expect(reply.length - rest).toBeLessThanOrEqual(cost.replyBytes);
  }
});

it('without a filter, groups and deletions nothing is counted', async () => {
  await using temp = await tempVault('memory');
  await temp.vault.ingest(schema, rows);
  const { cost } = await temp.vault.explain('SELECT MIN(few), COUNT(DISTINCT few) FROM t');
  expect(cost.replyBytes).toBe(0);
});

/** Keeps the replies of aggregate work. */
function recording(link: StoreLink, replies: Uint8Array[]): StoreLink {
  return new Proxy(link, {
    get: (target, property) => {
      if (property === 'aggregate') {
        return async (...args: Parameters<StoreLink['aggregate']>): Promise<Uint8Array> => {
          const reply = await target.aggregate(...args);
          if (Buffer.from(reply).includes('AGGR')) replies.push(reply);
          return reply;
        };
      }
      const member: unknown = Reflect.get(target, property);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
