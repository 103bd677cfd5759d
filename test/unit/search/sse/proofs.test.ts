import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { buildIndex } from '../../../../src/search/sse/build.ts';
import { lookupPosting, lookupSealed } from '../../../../src/search/sse/eval.ts';
import { parseIndex, type ParsedIndex } from '../../../../src/search/sse/format.ts';
import { bucketOf } from '../../../../src/search/sse/proof.ts';
import { nullToken, valueToken } from '../../../../src/search/sse/token.ts';
import { labelOf } from '../../../../src/search/sse/token/edge.ts';
import { listHead, openList } from '../../../../src/search/sse/token/list.ts';
import { judgeList, proofKey } from '../../../../src/search/sse/token/proof.ts';
import { canonical, type Cell, columnOf } from './support.ts';

interface Proved {
  readonly key: Uint8Array;
  readonly index: ParsedIndex;
  readonly buckets: number;
}

function prove(cells: readonly Cell[], epoch = 7): Proved {
  const key = randomBytes(32);
  const { part, buckets } = buildIndex(key, cells.length, [columnOf(0, cells)], epoch);
  return { key, index: parseIndex(part), buckets };
}

/** A list as the vault opens it record by record, and what its bucket says. */
function open(
  { key, index, buckets }: Proved,
  token: Uint8Array,
  epoch = 7,
): { rows: number[]; judged: boolean | undefined } {
  const proofs = proofKey(key, epoch);
  const label = labelOf(token);
  const bucket = bucketOf(label, buckets);
  const content = proofs.open(bucket, lookupSealed(index, proofs.place(bucket))!);
  const first = lookupSealed(index, label);
  if (first === undefined) return { rows: [], judged: judgeList(content, label, undefined) };
  const head = listHead(token, first, index.rows);
  const payloads = [first, ...head.labels.map((one) => lookupSealed(index, one))];
  const { set, words } = openList(token, head, payloads, index.rows);
  return {
    rows: [...set.toArray()],
    judged: judgeList(content, label, proofs.mac(token, words)),
  };
}

describe('the MACs of posting lists', () => {
  it('hold of every list that the store finds, and tell of those that there are not', () => {
    const cell = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constant(null));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 800 }), (cells) => {
        const proved = prove(cells);
        for (let value = 0; value <= 300; value += 7) {
          const token = valueToken(proved.key, 0, canonical(value));
          const found = [...lookupPosting(proved.index, token).toArray()];
          const { rows, judged } = open(proved, token);
          expect(rows).toEqual(found);
          expect(judged).toBe(found.length === 0 ? undefined : true);
        }
        const nulls = open(proved, nullToken(proved.key, 0));
        expect(nulls.judged).toBe(cells.includes(null) ? true : undefined);
      }),
      { numRuns: 30 },
    );
  });

  it('are spread over buckets where there are many lists', () => {
    const cells = Array.from({ length: 20_000 }, (_, i) => i);
    const proved = prove(cells);
    expect(proved.buckets).toBeGreaterThan(300);
    for (let value = 0; value < 20_000; value += 97) {
      const { rows, judged } = open(proved, valueToken(proved.key, 0, canonical(value)));
      expect(rows).toEqual([value]);
      expect(judged).toBe(true);
    }
  });

  it('do not open under another epoch', () => {
    const proved = prove([1, 2, 3]);
    const token = valueToken(proved.key, 0, canonical(1));
    const other = proofKey(proved.key, 8);
    const here = proofKey(proved.key, 7);
    expect(lookupSealed(proved.index, other.place(0))).toBeUndefined();
    const sealed = lookupSealed(proved.index, here.place(0))!;
    expect(() => other.open(0, sealed)).toThrow(/authentication failed/);
    expect(() => here.open(1, sealed)).toThrow(/authentication failed/);
    expect(open(proved, token).judged).toBe(true);
  });

  it('refuse a list of other rows, and a list where there is none', () => {
    const proved = prove([1, 1, 2, 2, 2]);
    const { key, index, buckets } = proved;
    const proofs = proofKey(key, 7);
    const token = valueToken(key, 0, canonical(1));
    const label = labelOf(token);
    const content = proofs.open(0, lookupSealed(index, proofs.place(0))!);
    expect(buckets).toBe(1);
    expect(judgeList(content, label, proofs.mac(token, Uint8Array.of(1, 2, 3)))).toBe(false);
    expect(judgeList(content, label, undefined)).toBe(false);
    const absent = valueToken(key, 0, canonical(9));
    expect(
      judgeList(content, labelOf(absent), proofs.mac(absent, Uint8Array.of(1))),
    ).toBeUndefined();
  });

  it('are not there without an epoch', () => {
    const { buckets, part } = buildIndex(randomBytes(32), 3, [columnOf(0, [1, 2, 3])]);
    expect(buckets).toBe(0);
    expect(part.length).toBeLessThan(
      buildIndex(randomBytes(32), 3, [columnOf(0, [1, 2, 3])], 1).part.length,
    );
  });
});
