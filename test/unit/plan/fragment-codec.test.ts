import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Fragment, SetNode, SparseCounts } from '../../../src/plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  decodeMembersReply,
  decodeRowsReply,
  encodeAggregateReply,
  encodeFragment,
  encodeMembersReply,
  encodeRowsReply,
} from '../../../src/plan/fragment-codec.ts';
import { decodeScoresReply, encodeScoresReply } from '../../../src/plan/fragment-scores.ts';

const id = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));
const words = fc.uint32Array({ maxLength: 5, max: 1000 });

const nodes: fc.Arbitrary<SetNode[]> = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('all' as const, 'none' as const) }),
      fc.record({ kind: fc.constant('posting' as const), token: fc.uint8Array({ maxLength: 32 }) }),
      fc.record({ kind: fc.constant('rows' as const), rows: words }),
      fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        args: fc.array(fc.nat(), { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), arg: fc.nat() }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map((node, i): SetNode => {
      // References point to earlier nodes.
      if (node.kind === 'and' || node.kind === 'or') {
        return { ...node, args: i === 0 ? [] : node.args.map((arg) => arg % i) };
      }
      if (node.kind === 'not')
        return i === 0 ? { kind: 'all' } : { kind: 'not', arg: node.arg % i };
      return node as SetNode;
    }),
  );

const fragments: fc.Arbitrary<Fragment> = fc
  .record({
    table: id,
    epoch: fc.nat(),
    outputs: fc.array(
      fc.record({
        kind: fc.constantFrom('sum' as const, 'product' as const),
        limbs: fc.integer({ min: 1, max: 7 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    counts: fc.nat(4),
    maxGroups: fc.nat(10_000),
    segments: fc.array(fc.record({ segment: id, nodes, pick: fc.nat(), column: fc.nat(100) }), {
      maxLength: 3,
    }),
  })
  .map(({ table, epoch, outputs, counts, maxGroups, segments }) => ({
    version: 1,
    table,
    epoch,
    work: { kind: 'aggregate', outputs, counts, tallies: 7, maxGroups },
    segments: segments.map(({ segment, nodes: list, pick, column }) => ({
      segment,
      nodes: list,
      filter: pick % list.length,
      groups: [[-1, pick % list.length]],
      counts: [-1, 0],
      sums: [
        {
          output: pick % outputs.length,
          column,
          ...(outputs[pick % outputs.length]!.kind === 'product' ? { times: column + 1 } : {}),
          over: -1,
        },
      ],
      tallies: [{ tally: pick % 7, node: pick % list.length }],
      members: [0, pick % list.length],
    })),
  }));

it('a fragment survives its wire form', () => {
  fc.assert(
    fc.property(fragments, (fragment) => {
      expect(decodeFragment(encodeFragment(fragment))).toEqual(fragment);
    }),
  );
});

const tallies: fc.Arbitrary<SparseCounts> = fc
  .uniqueArray(fc.tuple(fc.nat(1 << 20), fc.integer({ min: 1, max: 1 << 18 })), {
    selector: ([number]) => number,
  })
  .map((pairs) => pairs.toSorted(([a], [b]) => a - b))
  .map((pairs) => ({
    numbers: Uint32Array.from(pairs, ([number]) => number),
    counts: Uint32Array.from(pairs, ([, count]) => count),
  }));

it('a fragment of scores survives it, with a model for each segment', () => {
  const scores = fc.record({ columns: fc.array(fc.nat(300), { maxLength: 4 }), constants: words });
  fc.assert(
    fc.property(
      fragments,
      scores,
      fc.constantFrom(1 as const, 3 as const),
      fc.integer({ min: 1, max: 7 }),
      (fragment, model, degree, limbs) => {
        const scored: Fragment = {
          ...fragment,
          work: { kind: 'scores', degree, limbs },
          segments: fragment.segments.map((one) => {
            return { ...one, sums: [], tallies: [], scores: model };
          }),
        };
        expect(decodeFragment(encodeFragment(scored))).toEqual(scored);
      },
    ),
  );
  const work = { kind: 'scores', degree: 1, limbs: 2 } as const;
  const bytes = encodeFragment({
    version: 1,
    table: '00'.repeat(16),
    epoch: 1,
    work,
    segments: [],
  });
  // After the frame, the table, its epoch and the work's kind.
  expect(() => decodeFragment(bytes.with(16 + 16 + 8 + 1, 2))).toThrow(
    expect.objectContaining({ code: 'BYTES_INVALID' }),
  );
});

it('replies survive theirs', () => {
  const sum = fc.record({ limbs: fc.integer({ min: 1, max: 3 }), b: words, a: words });
  const group = fc.record({
    key: fc.array(fc.nat(100), { maxLength: 3 }),
    counts: fc.array(fc.nat(100), { maxLength: 3 }),
    tallies,
    sums: fc.array(sum, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(group, { maxLength: 4 }), (groups) => {
      expect(decodeAggregateReply(encodeAggregateReply({ groups }))).toEqual({ groups });
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ segment: id, rows: words })), (segments) => {
      expect(decodeRowsReply(encodeRowsReply({ segments }))).toEqual({ segments });
    }),
  );
  const members = fc.record({
    segment: id,
    keys: fc.array(fc.array(fc.nat(100), { maxLength: 2 }), { minLength: 3, maxLength: 5 }),
    groups: fc.array(fc.uint32Array({ max: 3, maxLength: 9 }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          segment: id,
          rows: fc
            .uniqueArray(fc.nat(300), { maxLength: 200 })
            .map((rows) => Uint32Array.from(rows).sort()),
          chunks: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 3 }),
        }),
      ),
      (segments) => {
        expect(decodeScoresReply(encodeScoresReply({ segments }))).toEqual({ segments });
      },
    ),
  );
  fc.assert(
    fc.property(fc.array(members, { maxLength: 3 }), (segments) => {
      expect(decodeMembersReply(encodeMembersReply({ segments }))).toEqual({ segments });
    }),
  );
});

it('altered bytes are refused by type or decode to something of the same shape; nothing hangs', () => {
  fc.assert(
    fc.property(
      fragments,
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      fc.nat(),
      (fragment, at, flip, cut) => {
        const bytes = encodeFragment(fragment);
        bytes[at % bytes.length]! ^= flip;
        const altered = bytes.subarray(0, bytes.length - (cut % 4));
        let decoded: Fragment;
        try {
          decoded = decodeFragment(altered);
        } catch (error) {
          expect(error).toMatchObject({ name: 'OpalineError' });
          return;
        }
        for (const { nodes: list, filter } of decoded.segments) {
          expect(filter).toBeLessThan(list.length);
          list.forEach((node, i) => {
            if (node.kind === 'not') expect(node.arg).toBeLessThan(i);
            if (node.kind === 'and' || node.kind === 'or') {
              for (const arg of node.args) expect(arg).toBeLessThan(i);
            }
          });
        }
      },
    ),
    { numRuns: 500 },
  );
});
