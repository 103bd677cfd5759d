/** One suite for every rung of the ladder: the construction alone, against an obvious oracle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../../src/bytes/compare.ts';
import { buildRung } from '../../../src/search/build-rung.ts';
import { parseRung } from '../../../src/search/eval-rung.ts';
import { keyword, KEYWORD_KIND } from '../../../src/search/keyword.ts';
import { rungReport } from '../../../src/search/leakage-rung.ts';
import { codedInput, type RungInput } from '../../../src/search/rung-input.ts';
import { canonicalBytes } from '../../../src/table/canonical.ts';
import { answers } from '../../../src/table/search-answers.ts';
import { buildPair, RUNGS } from '../../support/rungs.ts';

/** A column of integers: NULLs are undefined, erased rows are holes. */
interface Cells {
  readonly cells: readonly (number | null | 'erased')[];
  readonly input: RungInput;
}

const canonical = (value: number): Uint8Array => canonicalBytes(BigInt(value), 'integer');

function cellsOf(cells: Cells['cells']): Cells {
  const distinct = [...new Set(cells.filter((cell) => typeof cell === 'number'))];
  const values = distinct.toSorted((a, b) => compareBytes(canonical(a), canonical(b)));
  const codes = Int32Array.from(cells, (cell) =>
    cell === null ? -1 : cell === 'erased' ? -2 : values.indexOf(cell),
  );
  const coded = { values: values.map(canonical), codes };
  return { cells, input: codedInput('integer', cells.length, coded) };
}

/** Enough distinct values that no rung refuses the column: about one for every three rows. */
const columns = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.integer({ min: -40, max: 40 }) },
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constant('erased' as const) },
    ),
    { minLength: 100, maxLength: 240 },
  )
  .map(cellsOf);

const where = ({ cells }: Cells, test: (value: number) => boolean): number[] =>
  cells.flatMap((cell, row) => (typeof cell === 'number' && test(cell) ? [row] : []));

const valueQuery = (value: number) =>
  ({ kind: 'keyword', keyword: keyword(KEYWORD_KIND.value, canonical(value)) }) as const;

describe.each(RUNGS)('$index $pad$scheme', (index) => {
  const ranges = answers(index, 'range');
  const equality = answers(index, 'equals') && !ranges;

  it.runIf(equality)('finds the rows of every value, and none of an absent one', async () => {
    await fc.assert(
      fc.asyncProperty(columns, fc.integer({ min: -45, max: 45 }), async (column, value) => {
        const built = await buildPair(index, column.input);
        expect([...(await built.rows(valueQuery(value)))]).toEqual(
          where(column, (cell) => cell === value),
        );
      }),
      { numRuns: 12 },
    );
  });

  it.runIf(equality)('keeps NULL as a keyword of its own', async () => {
    await fc.assert(
      fc.asyncProperty(columns, async (column) => {
        const built = await buildPair(index, column.input);
        const found = await built.rows({
          kind: 'keyword',
          keyword: keyword(KEYWORD_KIND.null),
        });
        const nulls = column.cells.flatMap((cell, row) => (cell === null ? [row] : []));
        expect([...found]).toEqual(nulls);
      }),
      { numRuns: 4 },
    );
  });

  it.runIf(ranges)('finds the rows of every range', async () => {
    const end = fc.option(
      fc.record({ value: fc.integer({ min: -45, max: 45 }), inclusive: fc.boolean() }),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(columns, end, end, async (column, low, high) => {
        fc.pre(low !== undefined || high !== undefined);
        const built = await buildPair(index, column.input);
        const limit = (given: typeof low) => given && { ...given, value: canonical(given.value) };
        const [from, to] = [limit(low), limit(high)];
        const found = await built.rows({
          kind: 'range',
          ...(from && { low: from }),
          ...(to && { high: to }),
        });
        const inside = (cell: number): boolean =>
          (low === undefined || cell > low.value || (low.inclusive && cell === low.value)) &&
          (high === undefined || cell < high.value || (high.inclusive && cell === high.value));
        expect([...found]).toEqual(where(column, inside));
      }),
      { numRuns: 12 },
    );
  });

  const sample = cellsOf(
    Array.from({ length: 200 }, (_, i) => (i % 31 === 0 ? null : (i * 7) % 61)),
  );

  it.runIf(answers(index, 'equals'))(
    'an append or a rotation is another key: what was asked before finds nothing there',
    async () => {
      const [before, after] = [
        await buildPair(index, sample.input),
        await buildPair(index, sample.input),
      ];
      const end = { value: canonical(14), inclusive: true };
      const query = ranges ? ({ kind: 'range', low: end, high: end } as const) : valueQuery(14);
      expect((await before.rows(query)).length).toBeGreaterThan(0);
      if (before.vault.token === undefined) {
        const replies: (Uint8Array | undefined)[] = [];
        await before.vault.lookup!(query, (queries) => {
          for (const one of queries) {
            try {
              replies.push(after.store.answer!(one)?.slice());
            } catch {
              replies.push(undefined);
            }
          }
          return Promise.resolve(replies.slice(-queries.length));
        }).then(
          (rows) => expect([...rows]).toEqual([]),
          (error: unknown) => expect(error).toMatchObject({ code: 'PART_CORRUPT' }),
        );
      } else {
        const token = before.vault.token(query);
        // An order-revealing token of another key compares as nothing does, which its store refuses.
        if (ranges) {
          expect(() => after.store.find!(token)).toThrow(
            expect.objectContaining({ code: 'BYTES_INVALID' }),
          );
        } else {
          expect([...after.store.find!(token).toArray()]).toEqual([]);
        }
      }
    },
  );

  it('two builds of the same column share no part', async () => {
    const [one, two] = [await buildPair(index, sample.input), await buildPair(index, sample.input)];
    expect(one.part.length).toBeGreaterThan(64);
    const body = (part: Uint8Array): string =>
      Array.from(part.subarray(part.length >> 1, (part.length >> 1) + 32)).join();
    expect(body(one.part)).not.toEqual(body(two.part));
  });

  it('a part cut, extended or altered is refused by type or answers by type', async () => {
    const { part } = buildRung(index, new Uint8Array(32).fill(7), sample.input);
    const context = { what: 'an altered part' };
    const parse = async (bytes: Uint8Array): Promise<unknown> => await parseRung(bytes, context);
    const refused = expect.objectContaining({ code: 'BYTES_INVALID' });
    for (const length of [0, 4, 15, 16, 20, part.length >> 1, part.length - 1]) {
      await expect(parse(part.subarray(0, length))).rejects.toEqual(refused);
    }
    const longer = new Uint8Array(part.length + 1);
    longer.set(part);
    await expect(parse(longer)).rejects.toEqual(refused);
    for (let at = 0; at < part.length; at += Math.max(1, Math.floor(part.length / 200))) {
      const altered = part.slice();
      altered[at]! ^= 0x81;
      try {
        await parse(altered);
      } catch (error) {
        expect(error).toMatchObject({
          code: expect.stringMatching(/^(BYTES_INVALID|VERSION_UNSUPPORTED)$/) as string,
        });
      }
    }
  });

  it('tokens and queries that are none are refused by type', async () => {
    const { store } = await buildPair(index, sample.input);
    const ask = (bytes: Uint8Array): unknown =>
      store.find === undefined ? store.answer!(bytes) : store.find(bytes);
    for (const length of [0, 1, 7, 33, 1000]) {
      try {
        ask(new Uint8Array(length).fill(0xee));
      } catch (error) {
        expect(error).toMatchObject({ code: 'BYTES_INVALID' });
      }
    }
  });

  it('declares what it shows and what it costs', async () => {
    const frequencies = [100, 60, 30, 10];
    const { leakage, estimate } = await rungReport(index, {
      column: 'c',
      rows: 200,
      segments: 1,
      frequencies,
      use: { kind: ranges ? 'range' : 'keyword', asked: 1, matched: [60] },
    });
    expect(leakage.index).toBe(index.index);
    expect(leakage.atRest.length).toBeGreaterThan(0);
    expect(leakage.onQuery.length).toBeGreaterThan(0);
    for (const bytes of [estimate.bytes, estimate.bytesUp, estimate.bytesDown]) {
      expect(bytes).toBeGreaterThanOrEqual(0);
    }
    expect(estimate.rounds).toBeGreaterThanOrEqual(0);
    if (estimate.recovery !== null) {
      expect(estimate.recovery.fraction).toBeGreaterThanOrEqual(0);
      expect(estimate.recovery.fraction).toBeLessThanOrEqual(1);
    }
  });
});

it('the ladder has rungs', () => {
  expect(RUNGS.every(({ index }) => index.length > 0)).toBe(true);
});
