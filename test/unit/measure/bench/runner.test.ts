import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { type Contender, takeTurns } from '../../../../src/measure/bench/runner.ts';

/** A clock that only runs turn. */
function fakeTime(): {
  now: () => number;
  run: (ms: number, name?: string) => Contender<string>;
} & {
  readonly order: string[];
} {
  let time = 1000;
  const order: string[] = [];
  return {
    order,
    now: () => time,
    run: (ms, name = String(ms)) => ({
      run: () => {
        time += ms;
        order.push(name);
        return Promise.resolve(name);
      },
    }),
  };
}

const LIMITS = { warmUp: 1, rounds: 6, leastRounds: 2, budgetMs: 1e9 };

describe('takeTurns', () => {
  test('times every contender once a round, and leaves the warm-up out', async () => {
    const clock = fakeTime();
    const outcomes = await takeTurns([clock.run(3), clock.run(7)], LIMITS, {
      clock,
      random: new SeededRandom(1),
    });
    expect(outcomes.map(({ ms }) => ms)).toEqual([Array(6).fill(3), Array(6).fill(7)]);
    expect(outcomes.map(({ last }) => last)).toEqual(['3', '7']);
    expect(clock.order).toHaveLength(14);
    for (let round = 0; round < 7; round++) {
      expect(clock.order.slice(2 * round, 2 * round + 2).toSorted()).toEqual(['3', '7']);
    }
  });

  test('the order is drawn anew each round, the same for the same seed', async () => {
    const orders = [];
    for (const seed of [1, 1, 2]) {
      const clock = fakeTime();
      const contenders = ['a', 'b', 'c', 'd'].map((name) => clock.run(1, name));
      await takeTurns(contenders, LIMITS, { clock, random: new SeededRandom(seed) });
      orders.push(clock.order.join(''));
    }
    expect(orders[0]).toBe(orders[1]);
    expect(orders[0]).not.toBe(orders[2]);
    const rounds = orders[0]!.match(/.{4}/g)!;
    expect(new Set(rounds).size).toBeGreaterThan(3);
  });

  test('one that is slow is run a few times, others as often as before', async () => {
    const clock = fakeTime();
    const limits = { ...LIMITS, leastRounds: 4, budgetMs: 10, slowMs: 100, slowRounds: 2 };
    const outcomes = await takeTurns([clock.run(101), clock.run(100)], limits, {
      clock,
      random: new SeededRandom(1),
    });
    expect(outcomes.map(({ ms }) => ms.length)).toEqual([2, 4]);
  });

  test('one that has used up its time sits out, once it was run often enough', async () => {
    const clock = fakeTime();
    const outcomes = await takeTurns(
      [clock.run(100), clock.run(1)],
      { ...LIMITS, leastRounds: 3, budgetMs: 250 },
      { clock, random: new SeededRandom(1) },
    );
    // The warm-up counts for the time and not for the rounds.
    expect(outcomes.map(({ ms }) => ms.length)).toEqual([3, 6]);
  });

  test('one that fails is not run again, and the others go on', async () => {
    const clock = fakeTime();
    let runs = 0;
    const failing = {
      run: () => {
        runs++;
        return runs < 3 ? Promise.resolve('ok') : Promise.reject(new Error('enough'));
      },
    };
    const [bad, good] = await takeTurns([failing, clock.run(2)], LIMITS, {
      clock,
      random: new SeededRandom(1),
    });
    expect(runs).toBe(3);
    expect(bad).toMatchObject({ failure: new Error('enough') });
    expect(good!.ms).toHaveLength(6);
    expect(good).not.toHaveProperty('failure');
  });

  test('memory is the most that one of its runs took', async () => {
    const clock = fakeTime();
    let marks = 0;
    const memory = {
      mark: () => {
        const rss = (marks++ % 3) * 100;
        return () => ({ rss, wasm: 5 });
      },
    };
    const [outcome] = await takeTurns([clock.run(1)], LIMITS, {
      clock,
      random: new SeededRandom(1),
      memory,
    });
    expect(outcome).toMatchObject({ rssPeakBytes: 200, wasmPeakBytes: 5 });
  });

  test('stops when it is told to', async () => {
    const clock = fakeTime();
    const controller = new AbortController();
    const aborting = {
      run: () => {
        controller.abort();
        return Promise.resolve('done');
      },
    };
    const { signal } = controller;
    const turns = takeTurns([aborting, clock.run(1)], LIMITS, {
      clock,
      random: new SeededRandom(1),
      signal,
    });
    await expect(turns).rejects.toMatchObject({ code: 'ABORTED' });
    expect(clock.order.length).toBeLessThanOrEqual(1);
  });

  test('progress ends at the whole', async () => {
    const clock = fakeTime();
    const seen: [number, number][] = [];
    await takeTurns([clock.run(1), clock.run(1)], LIMITS, {
      clock,
      random: new SeededRandom(1),
      onProgress: (done, total) => seen.push([done, total]),
    });
    expect(seen.at(-1)).toEqual([14, 14]);
    expect(seen).toEqual(seen.toSorted(([a], [b]) => a - b));
  });
});
