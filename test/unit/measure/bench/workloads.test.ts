import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { pairedAblations } from '../../../../src/measure/bench/ablations/pairs.ts';
import { flightsData } from '../../../../src/measure/bench/data.ts';
import { sizesWithin } from '../../../../src/measure/bench/effort.ts';
import { noRoomFor } from '../../../../src/measure/bench/heap-room.ts';
import { questionsOf } from '../../../../src/measure/bench/questions.ts';
import type { Answer, Scheme } from '../../../../src/measure/bench/scheme.ts';
import { plainJs } from '../../../../src/measure/bench/schemes/plain-js.ts';
import type { SuiteContext } from '../../../../src/measure/bench/suite.ts';
import { measureWorkloads } from '../../../../src/measure/bench/workloads.ts';
import { measurement } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-workloads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plaintext under another name, with something about it that is not as it should be. */
function odd(name: string, given: Partial<Scheme>, alter?: (answer: Answer) => Answer): Scheme {
  return {
    ...plainJs,
    name,
    prepare: async (table, context) => {
      const plain = await plainJs.prepare(table, context);
      return {
        ...plain,
        answer: (question) =>
          plain.answer(question)?.then((answer) => (alter === undefined ? answer : alter(answer))),
      };
    },
    ...given,
  };
}

/** A clock that goes on by 1 ms for each look at it, so that nothing takes long. */
function steps(): { now: () => number } {
  let time = 0;
  return { now: () => time++ };
}

const effort = (sizes: readonly number[]) => ({
  sizes,
  limits: { warmUp: 1, rounds: 3, leastRounds: 3, budgetMs: 1000 },
  prepareMs: 1000,
  answerMs: 1000,
  privacy: { seeds: 2, keywords: 6, transcripts: 8, ranges: 10, budgetMs: 100 },
});

async function measured(
  schemes: readonly Scheme[],
  sizes: readonly number[],
  given: Partial<SuiteContext> = {},
) {
  const context: SuiteContext = {
    schemes,
    data: await flightsData(),
    quick: true,
    rows: undefined,
    clock: steps(),
    folder,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...given,
  };
  return await measureWorkloads(context, effort(sizes), (table) =>
    questionsOf(table).map((question) => ({ label: question.workload, question })),
  );
}

describe('measureWorkloads', () => {
  test('every workload at every size, exactly, with its growth', async () => {
    const { measurements, growth, leftOut } = await measured([plainJs], [300, 600, 1200]);
    expect(leftOut).toEqual([]);
    expect(measurements).toHaveLength(27);
    expect(growth).toHaveLength(9);
    for (const { ms, error, rows, bytesAtRest } of measurements) {
      expect([300, 600, 1200]).toContain(rows);
      expect(ms).toHaveLength(3);
      expect(error).toBe(0);
      expect(bytesAtRest).toBeGreaterThan(0);
    }
    expect(growth.find(({ workload }) => workload === 'sum')!.expected).toBe(1);
  });

  test('what cannot be measured is named, and the rest is', async () => {
    const schemes = [
      plainJs,
      odd('no-table', { prepare: () => Promise.reject(new Error('no room\nfor it')) }),
      odd('no-answer', {}, () => {
        throw new Error('lost');
      }),
      odd('too-many-values', {}, ({ values }) => ({ values: [...values, 1] })),
      odd('few-rows', { mostRows: 250 }),
      odd('a-bit-off', {}, ({ values }) => ({ values: values.map((v) => Number(v) * 1.01) })),
    ];
    const { measurements, leftOut } = await measured(schemes, [300, 600]);
    const of = (name: string) => measurements.filter(({ scheme }) => scheme === name);
    const reasons = (name: string): string[] => [
      ...new Set(leftOut.filter(({ scheme }) => scheme === name).map(({ reason }) => reason)),
    ];
    expect(of('plain-js')).toHaveLength(18);
    expect(of('no-table')).toEqual([]);
    expect(reasons('no-table')).toEqual(['preparing failed: no room']);
    expect(of('no-answer')).toEqual([]);
    expect(reasons('no-answer')).toEqual(['answering failed: lost']);
    expect(of('too-many-values')).toEqual([]);
    expect(reasons('too-many-values')[0]).toMatch(/another number of values/);
    expect(new Set(of('few-rows').map(({ rows }) => rows))).toEqual(new Set([250]));
    expect(reasons('few-rows')).toEqual(['it is measured on at most 250 rows']);
    for (const { error } of of('a-bit-off')) expect(error).toBeCloseTo(0.01, 6);
    // Nothing of theirs stays on the disk.
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what fails in the midst', () => {
  test('of a scheme is named, and the rest of it and of the others is measured', async () => {
    const sick = odd('sick', {
      prepare: async (table, context) => {
        const plain = await plainJs.prepare(table, context);
        let sums = 0;
        return {
          ...plain,
          answer: (question) => {
            // Two rounds go well.
            if (question.workload === 'sum' && ++sums > 2) throw new Error('out of breath');
            return plain.answer(question);
          },
          bytes: (workload) => {
            if (workload === 'range') throw new Error('uncounted');
            return plain.bytes(workload);
          },
          atRest: (column) => {
            if (column === 'note') throw new Error('unseen');
            return plain.atRest?.(column);
          },
          [Symbol.asyncDispose]: () => Promise.reject(new Error('will not go')),
        };
      },
    });
    const { measurements, leftOut } = await measured([sick, plainJs], [300]);
    const of = (name: string) => measurements.filter(({ scheme }) => scheme === name);
    expect(of('plain-js')).toHaveLength(9);
    expect(of('sick')).toHaveLength(6);
    expect(leftOut.map(({ workload, reason }) => [workload, reason])).toEqual([
      ['sum', 'answering failed: out of breath'],
      ['range', 'looking at its answer failed: uncounted'],
      ['keyword', 'attacking it failed: unseen'],
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a table that cannot be made leaves out its size alone', async () => {
    const flights = await flightsData();
    const data = {
      ...flights,
      table: (rows: number) =>
        rows === 600 ? Promise.reject(new Error('no room')) : flights.table(rows),
    };
    const { measurements, leftOut } = await measured([plainJs], [300, 600, 900], { data });
    expect(new Set(measurements.map(({ rows }) => rows))).toEqual(new Set([300, 900]));
    expect(leftOut).toEqual([
      { scheme: 'all', rows: 600, reason: 'making the table failed: no room' },
    ]);
  });

  test('what there is is handed over after each size, with its growth', async () => {
    const sizes: number[][] = [];
    const growths: number[] = [];
    await measured([plainJs], [300, 600, 1200], {
      onFound: ({ measurements, growth }) => {
        sizes.push([...new Set(measurements.map(({ rows }) => rows))]);
        growths.push(growth.length);
        return Promise.resolve();
      },
    });
    expect(sizes).toEqual([[300], [300, 600], [300, 600, 1200]]);
    expect(growths).toEqual([0, 0, 9]);
  });
});

test('a table for which the heap is too small is refused, with what would be enough', () => {
  expect(noRoomFor(10_000, 2 ** 30)).toBeUndefined();
  const reason = noRoomFor(10_000_000, 2 ** 30)!;
  expect(reason).toMatch(/this process may use 1024: /);
  const enough = Number(/--max-old-space-size=(\d+)/.exec(reason)![1]);
  expect(noRoomFor(10_000_000, enough * 2 ** 20)).toBeUndefined();
});

test('sizesWithin ends at what was asked for, or at what there is', () => {
  expect(sizesWithin([10, 100, 1000], Infinity, undefined)).toEqual([10, 100, 1000]);
  expect(sizesWithin([10, 100, 1000], 500, undefined)).toEqual([10, 100, 500]);
  expect(sizesWithin([10, 100, 1000], 500, 60)).toEqual([10, 60]);
  expect(sizesWithin([10, 100, 1000], 5, undefined)).toEqual([5]);
});

test('pairedAblations compares two schemes at the largest size that both have', () => {
  const pair = { what: 'w', kind: 'privacy', with: 'a', without: 'b', workloads: ['sum'] } as const;
  const all = [
    measurement({ scheme: 'a', rows: 10, ms: [1] }),
    measurement({ scheme: 'a', rows: 20, ms: [2] }),
    measurement({ scheme: 'a', rows: 40, ms: [4] }),
    measurement({ scheme: 'b', rows: 20, ms: [7], bytesAtRest: 5 }),
    measurement({ scheme: 'b', rows: 10, ms: [6] }),
  ];
  expect(pairedAblations(all, [pair])).toEqual([
    {
      workload: 'sum',
      what: 'w, 20 rows',
      kind: 'privacy',
      with: { ms: [2], bytesAtRest: null, advantage: 0 },
      without: { ms: [7], bytesAtRest: 5, advantage: 0 },
    },
  ]);
  expect(pairedAblations(all, [{ ...pair, with: 'c' }])).toEqual([]);
});
