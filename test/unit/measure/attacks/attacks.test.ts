import { describe, expect, test } from 'vitest';
import { approximateValues } from '../../../../src/measure/attacks/approx-value.ts';
import { countAttack } from '../../../../src/measure/attacks/count.ts';
import { cumulativeAttack, sortingAttack } from '../../../../src/measure/attacks/cumulative.ts';
import { frequencyMatching, lpMatching } from '../../../../src/measure/attacks/frequency.ts';
import { ihopAttack } from '../../../../src/measure/attacks/ihop.ts';
import { countTogether, type Guess } from '../../../../src/measure/attacks/observation.ts';
import { recoveryOf } from '../../../../src/measure/attacks/recovery.ts';
import { refinedScore } from '../../../../src/measure/attacks/refined-score.ts';
import { sapAttack } from '../../../../src/measure/attacks/sap.ts';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { documents, knowledgeOf, mean, type Scene, sceneOf, seeds } from './support.ts';

/** What an attack recovers of the tokens, and what against labels in a random order. */
function outcome({ observed, truth }: Scene, guess: Guess, random: SeededRandom): [number, number] {
  return [truth, random.shuffled(truth)].map(
    (labels) => recoveryOf(observed, labels, guess).recoveryRate,
  ) as [number, number];
}

/** Runs a trial for each seed: mean recovery, and mean recovery against shuffled labels. */
function over(count: number, trial: (random: SeededRandom) => [number, number]): [number, number] {
  const results = seeds(count).map((seed) => trial(new SeededRandom(seed)));
  return [mean(results.map(([right]) => right)), mean(results.map(([, chance]) => chance))];
}

describe('frequency matching', () => {
  const column = (random: SeededRandom): Uint32Array[] => {
    // 40 values of different frequencies.
    const order = random.permutation(40 * 41);
    let at = 0;
    return Array.from({ length: 40 }, (_, v) =>
      Uint32Array.from(order.slice(at, (at += 2 * v + 1))).sort(),
    );
  };

  test.each([
    ['by rank', frequencyMatching],
    ['by least difference', lpMatching],
  ])('%s: names all values of different frequencies, nothing of shuffled labels', (_, attack) => {
    const [right, chance] = over(10, (random) => {
      const lists = column(random);
      const scene = sceneOf(lists, 1640, seeds(40), random);
      return outcome(scene, attack(scene.observed, knowledgeOf(lists, 1640), random), random);
    });
    expect(right).toBe(1);
    expect(chance).toBeLessThan(0.08);
  });

  test('values of one frequency are a matter of chance, not of their numbers', () => {
    const [right] = over(200, (random) => {
      const lists = seeds(10).map((v) => Uint32Array.of(2 * v, 2 * v + 1));
      const scene = sceneOf(lists, 20, seeds(10), random);
      return outcome(
        scene,
        frequencyMatching(scene.observed, knowledgeOf(lists, 20), random),
        random,
      );
    });
    expect(right).toBeGreaterThan(0.07);
    expect(right).toBeLessThan(0.13);
  });

  test('a boolean column falls completely', () => {
    const [right] = over(20, (random) => {
      const rows = random.permutation(100);
      const lists = [Uint32Array.from(rows.slice(0, 30)), Uint32Array.from(rows.slice(30))];
      const scene = sceneOf(lists, 100, [0, 1], random);
      // Even of a sample of the rows.
      const known = Uint8Array.from({ length: 100 }, () => (random.uniform() < 0.5 ? 1 : 0));
      const guess = frequencyMatching(scene.observed, knowledgeOf(lists, 100, known), random);
      return outcome(scene, guess, random);
    });
    expect(right).toBe(1);
  });

  test('of some of the values, the least difference finds which', () => {
    const random = new SeededRandom(1);
    const lists = column(random);
    const scene = sceneOf(lists, 1640, [3, 17, 30], random);
    const auxiliary = knowledgeOf(lists, 1640);
    expect(outcome(scene, lpMatching(scene.observed, auxiliary, random), random)[0]).toBe(1);
    expect(outcome(scene, frequencyMatching(scene.observed, auxiliary, random), random)[0]).toBe(0);
  });

  test('more tokens than values: some are not named', () => {
    const random = new SeededRandom(1);
    const observed = { rows: 6, volumes: [1, 2, 3] };
    const auxiliary = { rows: 6, volumes: [3, 2] };
    expect([...frequencyMatching(observed, auxiliary, random)]).toEqual([-1, 1, 0]);
    expect([...lpMatching(observed, auxiliary, random)]).toEqual([-1, 1, 0]);
  });
});

describe('attacks on an order', () => {
  test('a dense column falls to sorting', () => {
    expect([...sortingAttack(3, 3)]).toEqual([0, 1, 2]);
    expect([...sortingAttack(2, 3)]).toEqual([-1, -1]);
  });

  test('the cumulative attack finds which values are missing, from another sample', () => {
    const values = 60;
    const [right, chance] = over(10, (random) => {
      const weights = seeds(values).map((v) => 20 + ((v * 37) % 60));
      const draw = random.drawer(weights);
      const sample = (rows: number): number[] => {
        const counts = seeds(values).map(() => 0);
        for (let i = 0; i < rows; i++) counts[draw()]! += 1;
        return counts;
      };
      const column = sample(20_000).map((count, v) => (v % 7 === 3 ? 0 : count));
      const truth = seeds(values).filter((v) => column[v]! > 0);
      const auxiliary = sample(20_000).map((count, v) => (v % 7 === 3 ? 0 : count));
      const guess = cumulativeAttack(
        truth.map((v) => column[v]!),
        auxiliary,
      );
      const right = (labels: readonly number[]): number =>
        mean(labels.map((v, i) => (guess[i] === v ? 1 : 0)));
      return [right(truth), right(random.shuffled(truth))];
    });
    expect(right).toBeGreaterThan(0.95);
    expect(chance).toBeLessThan(0.08);
  });
});

describe('the count attack', () => {
  const ROWS = 1000;
  const trial =
    (share: number) =>
    (random: SeededRandom): [number, number] => {
      const lists = documents(ROWS, 100, 10, random);
      const scene = sceneOf(lists, ROWS, random.permutation(100).slice(0, 60), random);
      const counted = Uint8Array.from({ length: ROWS }, () => (random.uniform() < share ? 1 : 0));
      const guess = countAttack(scene.observed, knowledgeOf(lists, ROWS, counted), random);
      return outcome(scene, guess, random);
    };

  test('recovers nearly all with all documents known, nothing of shuffled labels', () => {
    const [right, chance] = over(5, trial(1));
    expect(right).toBeGreaterThan(0.97);
    expect(chance).toBeLessThan(0.05);
  });

  test('collapses with a part of them', () => {
    expect(over(5, trial(0.5))[0]).toBeLessThan(0.5);
    expect(over(5, trial(0.1))[0]).toBeLessThan(0.2);
  });

  test('without a unique count nothing is named; two tokens never share a keyword', () => {
    const lists = [Uint32Array.of(0, 1), Uint32Array.of(2, 3), Uint32Array.of(4, 5)];
    const random = new SeededRandom(1);
    const scene = sceneOf(lists, 6, [0, 1, 2], random);
    expect([...countAttack(scene.observed, knowledgeOf(lists, 6), random)]).toEqual([-1, -1, -1]);
    const guess = countAttack(
      scene.observed,
      { ...knowledgeOf(lists, 6), known: [{ token: 0, keyword: scene.truth[0]! }] },
      random,
    );
    expect(guess[0]).toBe(scene.truth[0]);
  });
});

describe('the refined score attack', () => {
  const ROWS = 6000;
  const trial =
    (known: number, how: 'same' | 'similar' | 'misled') =>
    (random: SeededRandom): [number, number] => {
      // Similar documents, not the same: one draw of topics, two of documents.
      const all = documents(2 * ROWS, 60, 6, random);
      const indexed = all.map((list) => list.filter((row) => row < ROWS));
      const similar = all.map((list) => list.filter((row) => row >= ROWS).map((row) => row - ROWS));
      const scene = sceneOf(indexed, ROWS, random.permutation(60).slice(0, 40), random);
      const labels = how === 'misled' ? random.shuffled(scene.truth) : scene.truth;
      const told = seeds(known).map((token) => ({ token, keyword: labels[token]! }));
      const guess = refinedScore(
        scene.observed,
        { ...knowledgeOf(how === 'same' ? indexed : similar, ROWS), known: told },
        random,
      );
      const tokens = new Set(told.map(({ token }) => token));
      return [scene.truth, random.shuffled(scene.truth)].map(
        (truth) => recoveryOf(scene.observed, truth, guess, tokens).recoveryRate,
      ) as [number, number];
    };

  test('recovers nearly all from the documents themselves, much from similar ones', () => {
    const [same, chance] = over(5, trial(10, 'same'));
    expect(same).toBeGreaterThan(0.95);
    expect(chance).toBeLessThan(0.07);
    const [similar] = over(5, trial(10, 'similar'));
    expect(similar).toBeGreaterThan(0.35);
    expect(similar).toBeLessThan(same);
  });

  test('is led astray by known queries that are wrong', () => {
    expect(over(5, trial(10, 'misled'))[0]).toBeLessThan(0.15);
  });

  test('known queries stay what they are', () => {
    const random = new SeededRandom(1);
    const lists = documents(200, 20, 4, random);
    const scene = sceneOf(lists, 200, seeds(20), random);
    const known = [{ token: 3, keyword: scene.truth[3]! }];
    expect(refinedScore(scene.observed, { ...knowledgeOf(lists, 200), known }, random)[3]).toBe(
      scene.truth[3],
    );
  });
});

describe('the search and access pattern attack', () => {
  const KEYWORDS = 50;
  /** Every keyword has a popularity and a volume of its own. */
  const trial =
    (shown: 'told' | 'padded', weight: number) =>
    (random: SeededRandom): [number, number] => {
      const rows = 20_000;
      const volumes = seeds(KEYWORDS).map((k) => 400 + 300 * k);
      const popularity = seeds(KEYWORDS).map((k) => 2 ** (-k / 8));
      const total = popularity.reduce((sum, share) => sum + share, 0);
      const draw = random.drawer(popularity);
      const nothing = seeds(KEYWORDS).map(() => new Uint32Array(0));
      const scene = sceneOf(nothing, 1, Array.from({ length: 3000 }, draw), random);
      const observed = {
        rows,
        volumes: scene.truth.map((k) => (shown === 'told' ? volumes[k]! : 5000)),
        sequence: scene.observed.sequence,
      };
      const auxiliary = { rows, volumes, popularity: popularity.map((p) => p / total) };
      return outcome(scene, sapAttack(observed, auxiliary, random, weight), random);
    };

  test('recovers nearly all by volumes, most of popular ones by popularity, nothing of shuffled labels', () => {
    const [byVolume, chance] = over(5, trial('told', 0.5));
    expect(byVolume).toBeGreaterThan(0.9);
    expect(chance).toBeLessThan(0.08);
    expect(over(5, trial('told', 0))[0]).toBe(1);
    expect(over(5, trial('told', 1))[0]).toBeGreaterThan(0.3);
  });

  test('is down to popularity where volumes are padded', () => {
    const [padded] = over(5, trial('padded', 0.5));
    const [popularity] = over(5, trial('told', 1));
    expect(Math.abs(padded - popularity)).toBeLessThan(0.08);
    expect(over(5, trial('padded', 0))[0]).toBeLessThan(0.1);
  });
});

describe('IHOP in frequency mode', () => {
  const KEYWORDS = 30;
  /** A chain in which all keywords are equally popular: only what follows what tells them apart. */
  const trial =
    (correlated: boolean) =>
    (random: SeededRandom): [number, number] => {
      const rows = seeds(KEYWORDS).map(() => {
        const near = random.permutation(KEYWORDS).slice(0, 3);
        return seeds(KEYWORDS).map((k) => (correlated && near.includes(k) ? 30 : 1));
      });
      const transitions = Float64Array.from(
        rows.flatMap((row) => {
          const total = row.reduce((sum, weight) => sum + weight, 0);
          return row.map((weight) => weight / total);
        }),
      );
      const draws = rows.map((row) => random.drawer(row));
      const queries = [random.below(KEYWORDS)];
      while (queries.length < 3000) queries.push(draws[queries.at(-1)!]!());
      const lists = seeds(KEYWORDS).map(() => new Uint32Array(0));
      const scene = sceneOf(lists, 1, queries, random);
      const popularity = seeds(KEYWORDS).map(() => 1 / KEYWORDS);
      const guess = ihopAttack(scene.observed, { popularity, transitions }, random, {
        rounds: 400,
      });
      return outcome(scene, guess, random);
    };

  test('recovers a correlated sequence, nothing of an independent one or of shuffled labels', () => {
    const [right, chance] = over(4, trial(true));
    expect(right).toBeGreaterThan(0.8);
    expect(chance).toBeLessThan(0.12);
    expect(over(4, trial(false))[0]).toBeLessThan(0.15);
  });
});

describe('approximate values from ranges', () => {
  const DOMAIN = 50;
  const ROWS = 400;
  /** The mean distance to the truth, as a share of the domain, up to reflection. */
  const errorOf = (estimates: Float64Array, values: readonly number[]): number =>
    Math.min(
      ...[estimates, estimates.map((v) => DOMAIN + 1 - v)].map(
        (side) => mean(values.map((v, i) => Math.abs(side[i]! - v))) / DOMAIN,
      ),
    );
  const trial =
    (queries: number) =>
    (random: SeededRandom): [number, number] => {
      const values = seeds(ROWS).map(
        () => 1 + Math.min(random.below(DOMAIN), random.below(DOMAIN)),
      );
      const results = seeds(queries).map(() => {
        for (;;) {
          const [low, high] = [1 + random.below(DOMAIN), 1 + random.below(DOMAIN)];
          if (low <= high)
            return seeds(ROWS).filter((row) => low <= values[row]! && values[row]! <= high);
        }
      });
      const estimates = approximateValues(results, ROWS, DOMAIN);
      return [errorOf(estimates, values), errorOf(estimates, random.shuffled(values))];
    };

  test('come closer with more queries; shuffled values are far', () => {
    const [few] = over(5, trial(50));
    const [many, chance] = over(5, trial(5000));
    expect(many).toBeLessThan(0.02);
    expect(few).toBeLessThan(0.15);
    expect(many).toBeLessThan(few);
    expect(chance).toBeGreaterThan(0.15);
  });
});

describe('rows that lists share', () => {
  test('are counted as sets intersect', () => {
    const random = new SeededRandom(8);
    const lists = seeds(6).map(() => seeds(50).filter(() => random.below(3) === 0));
    const counted = Uint8Array.from({ length: 50 }, () => random.below(2));
    for (const mask of [undefined, counted]) {
      const found = countTogether(lists, 50, mask);
      lists.forEach((a, i) => {
        lists.forEach((b, j) => {
          const shared = a.filter((row) => b.includes(row) && mask?.[row] !== 0);
          expect(found[i * 6 + j]).toBe(shared.length);
        });
      });
    }
  });
});
