import { describe, expect, test } from 'vitest';
import { flightsData } from '../../../../src/measure/bench/data.ts';
import { parseResult } from '../../../../src/measure/bench/read-result.ts';
import { Registry } from '../../../../src/measure/bench/registry.ts';
import { resultJson } from '../../../../src/measure/bench/result-json.ts';
import type { BenchResult } from '../../../../src/measure/bench/result.ts';
import { type BenchOptions, runBench } from '../../../../src/measure/bench/run-bench.ts';
import type { Suite, SuiteRun } from '../../../../src/measure/bench/suite.ts';
import { inventedResult } from '../../../support/bench-result.ts';
import { measurement, resultOf } from './support.ts';

const found = (...ms: number[]): SuiteRun => ({
  measurements: ms.map((one) => measurement({ ms: [one] })),
  growth: [],
  ablations: [],
});

/** Finds 1 ms, then 2 ms beside it, and then comes to `end`. */
const suite = (name: string, end: () => Promise<SuiteRun>): Suite => ({
  name,
  title: `Suite ${name}`,
  run: async ({ onFound, onProgress }) => {
    onProgress(0.25, 'the first');
    await onFound?.(found(1));
    onProgress(0.5, 'the second');
    await onFound?.(found(1, 2));
    return await end();
  },
});

const timesOf = ({ suites }: BenchResult): number[][] =>
  suites.map(({ measurements }) => measurements.map(({ ms }) => ms[0]!));

async function run(
  suites: readonly Suite[],
  given: Partial<BenchOptions> = {},
): Promise<{ result: BenchResult | Error; partial: BenchResult[] }> {
  const registry = new Registry();
  for (const one of suites) registry.addSuite(one);
  const partial: BenchResult[] = [];
  const result = await runBench(registry, {
    quick: true,
    data: await flightsData(),
    command: 'opaline bench',
    signal: new AbortController().signal,
    onPartial: (soFar) => {
      partial.push(soFar);
      return Promise.resolve();
    },
    ...given,
  }).catch((error: unknown) => error as Error);
  return { result, partial };
}

describe('runBench', () => {
  test('hands over what there is, marked, and each of it is a result', async () => {
    const suites = [
      suite('one', () => Promise.resolve(found(1, 2, 3))),
      suite('two', () => Promise.resolve(found(4))),
    ];
    const { result, partial } = await run(suites);
    expect(timesOf(result as BenchResult)).toEqual([[1, 2, 3], [4]]);
    expect(result).not.toHaveProperty('incomplete');
    expect(partial.map(timesOf)).toEqual([
      [[1]],
      [[1, 2]],
      [[1, 2, 3], [1]],
      [
        [1, 2, 3],
        [1, 2],
      ],
    ]);
    expect(partial.map(({ incomplete }) => incomplete)).toEqual([
      'this is what there was at 12 %, one: the first',
      'this is what there was at 25 %, one: the second',
      'this is what there was at 62 %, two: the first',
      'this is what there was at 75 %, two: the second',
    ]);
    for (const one of partial) expect(parseResult(JSON.parse(resultJson(one)))).toEqual(one);
  });

  test('a suite that fails leaves what it had, and the suites after it run', async () => {
    const suites = [
      suite('one', () => Promise.reject(new Error('a fall'))),
      suite('two', () => Promise.resolve(found(4))),
    ];
    const { result } = await run(suites);
    expect(timesOf(result as BenchResult)).toEqual([[1, 2], [4]]);
    expect((result as BenchResult).suites[0]!.leftOut).toEqual([
      { scheme: 'all', reason: 'the suite failed: a fall' },
    ]);
  });

  test('the only suite’s failure is the run’s, as is an interrupt; both leave a partial result', async () => {
    const failing = suite('one', () => Promise.reject(new Error('a fall')));
    const alone = await run([failing]);
    expect(alone.result).toMatchObject({ message: 'a fall' });
    expect(alone.partial.map(timesOf).at(-1)).toEqual([[1, 2]]);
    const controller = new AbortController();
    const stopped = suite('two', () => {
      controller.abort();
      return Promise.reject(new Error('stopped'));
    });
    const both = await run(
      [
        suite('one', () => Promise.resolve(found(1, 2, 3))),
        stopped,
        suite('three', () => Promise.resolve(found(5))),
      ],
      { signal: controller.signal },
    );
    expect(both.result).toMatchObject({ message: 'stopped' });
    expect(both.partial.map(timesOf).at(-1)).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
  });
});

describe('resultJson', () => {
  test('is the result again, but for the seventh digit of times', () => {
    const result = inventedResult(2);
    const read = parseResult(JSON.parse(resultJson(result)));
    expect(read.suites[0]!.leftOut).toEqual(result.suites[0]!.leftOut);
    expect(read.schemes).toEqual(result.schemes);
    const [before, after] = [result, read].map(({ suites }) => suites[0]!.measurements[0]!);
    expect(after!.privacy).toEqual(before!.privacy);
    for (const [i, ms] of before!.ms.entries()) {
      expect(Math.abs(after!.ms[i]! - ms)).toBeLessThanOrEqual(5e-6 * ms);
    }
  });

  test('has lists of numbers in a line, and leaves strings as they are', () => {
    const command = 'bench [\n 1,\n 2\n]';
    const text = resultJson({ ...resultOf([measurement({ ms: [1.5, 2] })]), command });
    expect(text).toContain('"ms": [1.5,2]');
    expect((JSON.parse(text) as BenchResult).command).toBe(command);
  });
});
