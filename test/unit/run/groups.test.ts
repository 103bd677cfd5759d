import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Combiner } from '../../../src/run/evaluate/combine.ts';
import { onePartition, partition } from '../../../src/run/evaluate/groups.ts';
import { decodePartial, encodePartial } from '../../../src/run/evaluate/partial-codec.ts';
import { BoundedCache } from '../../../src/run/evaluate/cache.ts';
import { createReferenceRing } from '../../../src/ring/reference.ts';
import { RowSet } from '../../../src/table/row-set.ts';

describe('splitting rows into groups', () => {
  const table = fc.array(fc.record({ x: fc.nat(3), y: fc.nat(2), in: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  });

  it('puts each row of the filter in the group of its values', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const filter = RowSet.of(
          rows.length,
          rows.flatMap((row, i) => (row.in ? [i] : [])),
        );
        const where = (column: number, value: number): RowSet =>
          RowSet.of(
            rows.length,
            rows.flatMap((row, i) => ((column === 0 ? row.x : row.y) === value ? [i] : [])),
          );
        const { keys, groupOf, sizes } = partition(filter, [4, 3], where, 100);
        rows.forEach((row, i) => {
          if (row.in) expect(keys[groupOf![i]!]).toEqual([row.x, row.y]);
          else expect(groupOf![i]).toBe(-1);
        });
        expect(sizes).toEqual(
          keys.map(([x, y]) => rows.filter((r) => r.in && r.x === x && r.y === y).length),
        );
        expect(new Set(keys.map(String)).size).toBe(keys.length);
        expect(onePartition(filter).keys.length).toBe(filter.count === 0 ? 0 : 1);
      }),
    );
  });

  it('refuses more groups than allowed', () => {
    const filter = RowSet.full(10);
    const where = (_: number, value: number): RowSet => RowSet.of(10, [value]);
    expect(partition(filter, [10], where, 10).keys.length).toBe(10);
    expect(() => partition(filter, [10], where, 9)).toThrow(
      expect.objectContaining({ code: 'GROUP_LIMIT' }),
    );
  });
});

describe('partial results', () => {
  const ring = createReferenceRing(8, [97, 113]);
  const sample = fc.record({
    b: fc.tuple(fc.nat(96), fc.nat(112)).map((b) => Uint32Array.from(b)),
    a: fc.array(fc.nat(96), { minLength: 16, maxLength: 16 }).map((a) => Uint32Array.from(a)),
  });
  const tallies = fc
    .uniqueArray(fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 50 })), { selector: ([n]) => n })
    .map((pairs) => pairs.toSorted(([a], [b]) => a - b))
    .map((pairs) => ({
      numbers: Uint32Array.from(pairs, ([number]) => number),
      counts: Uint32Array.from(pairs, ([, count]) => count),
    }));
  const partial = fc.uniqueArray(
    fc.record({
      key: fc.tuple(fc.nat(2)),
      counts: fc.tuple(fc.nat(50)),
      tallies,
      sums: fc.tuple(fc.record({ output: fc.constant(0), sample })),
    }),
    { selector: ({ key }) => String(key), maxLength: 3 },
  );
  const work = {
    kind: 'aggregate',
    outputs: [{ kind: 'sum', limbs: 2 }],
    counts: 1,
    tallies: 9,
    maxGroups: 10,
  } as const;

  it('add up the same in any order, after crossing threads as bytes', () => {
    fc.assert(
      fc.property(fc.array(partial, { maxLength: 4 }), (parts) => {
        const run = (list: typeof parts): unknown => {
          const combiner = new Combiner({ sum: ring, product: ring, divided: ring }, work);
          for (const part of list) combiner.add(decodePartial(encodePartial(part)));
          return [...combiner.finish().groups].sort((a, b) => a.key[0]! - b.key[0]!);
        };
        expect(run([...parts].reverse())).toEqual(run(parts));
        const counted = (run(parts) as { counts: number[] }[]).reduce(
          (n, { counts }) => n + counts[0]!,
          0,
        );
        expect(counted).toBe(parts.flat().reduce((n, { counts }) => n + counts[0]!, 0));
        const tallied = (list: typeof partials): string[] =>
          Array.from({ length: 9 }, (_, number) => {
            const sum = list.reduce((n, { tallies: t }) => {
              return n + (t.counts[t.numbers.indexOf(number)] ?? 0);
            }, 0);
            return `${number}: ${sum}`;
          });
        const partials = parts.flat();
        expect(tallied(run(parts) as typeof partials)).toEqual(tallied(partials));
      }),
    );
  });
});

describe('the cache', () => {
  it('keeps within its budget, drops the least recently used, and never what is in use', async () => {
    const dropped: string[] = [];
    const cache = new BoundedCache<{ bytes: number; name: string }>(20, ({ name }) =>
      dropped.push(name),
    );
    const load = (name: string) => (): Promise<{ bytes: number; name: string }> =>
      Promise.resolve({ bytes: 10, name });
    for (const name of ['a', 'b']) {
      await cache.acquire(name, load(name));
      await cache.release(name);
    }
    await cache.acquire('a', load('a again'));
    await cache.acquire('c', load('c'));
    await cache.release('c');
    expect(dropped).toEqual(['b']);
    await cache.acquire('d', load('d'));
    await cache.release('d');
    expect(dropped).toEqual(['b', 'c']);
    await cache.release('a');
    expect((await cache.acquire('a', load('a once more'))).name).toBe('a');
  });

  it('forgets a load that failed', async () => {
    const cache = new BoundedCache<{ bytes: number }>(20);
    await expect(cache.acquire('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.acquire('x', () => Promise.resolve({ bytes: 1 }))).toEqual({ bytes: 1 });
  });
});
