import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../../../src/measure/attacks/distinguisher.ts';
import { SeededRandom } from '../../../../src/measure/attacks/seeded-random.ts';
import { SYSTEM_CLOCK } from '../../../../src/measure/bench/clock.ts';
import { histogramOf } from '../../../../src/measure/bench/histogram.ts';
import { attackAtRest } from '../../../../src/measure/bench/privacy/at-rest.ts';
import { volumeAttack } from '../../../../src/measure/bench/privacy/by-query.ts';
import { measurePrivacy } from '../../../../src/measure/bench/privacy/measure-privacy.ts';
import type { Privacy } from '../../../../src/measure/bench/result.ts';
import type { PreparedScheme, Question } from '../../../../src/measure/bench/scheme.ts';
import { truthOf } from '../../../../src/measure/bench/truth.ts';
import { tableOf } from './support.ts';

/** 4,000 rows: 12 colours of Zipf's frequencies, a dense number, a key. */
const table = (() => {
  const random = new SeededRandom(3);
  const colour = random.drawer(Array.from({ length: 12 }, (_, i) => 1 / (i + 1)));
  const rows = Array.from({ length: 4000 }, (_, i) => i);
  return tableOf({
    numbers: { key: random.permutation(4000), size: rows.map(() => random.below(30)) },
    texts: { colour: rows.map(() => `colour ${colour()}`) },
  });
})();
const colours = histogramOf(table, 'colour');
const sizes = histogramOf(table, 'size');
const commonest = Math.max(...colours.counts) / table.rows;

const EFFORT = { seeds: 4, keywords: 12, transcripts: 16, ranges: 1000, budgetMs: 1000 };
const ASKED = { signal: new AbortController().signal, clock: SYSTEM_CLOCK };

const lookup: Question = {
  workload: 'exact-lookup',
  where: { column: 'colour', value: colours.values[0]! },
};
const secret: Question = { workload: 'private-lookup', where: { column: 'key', value: '7' } };

function scheme(given: Partial<PreparedScheme>, seen?: (question: Question) => Exchange[]) {
  return {
    bytes: () => ({ atRest: 0, keys: 0 }),
    answer: (question: Question) =>
      Promise.resolve({
        values: truthOf(question, table),
        ...(seen && { transcript: seen(question) }),
      }),
    shows: () => 'what it shows',
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...given,
  } satisfies PreparedScheme;
}

async function privacy(prepared: PreparedScheme, question = lookup): Promise<Privacy> {
  const answer = await prepared.answer(question)!;
  return await measurePrivacy(prepared, question, answer, table, EFFORT, ASKED);
}

describe('at rest', () => {
  test('sealed rows give the guess and no more', () => {
    const [result] = attackAtRest('colour', colours, undefined, 5);
    expect(result!.guess).toBeCloseTo(commonest, 6);
    expect(Math.abs(result!.recovery.mean - commonest)).toBeLessThan(0.02);
    expect(result!.advantage.mean).toBeLessThan(0.01);
  });

  test('labels that are the same for the same value give skewed values away', () => {
    // Labels in another order than the values: it is frequency that tells.
    const labels = colours.places.map((place) => (place * 7 + 5) % 12);
    const [result] = attackAtRest('colour', colours, { labels, ordered: false }, 5);
    expect(result).toMatchObject({ attack: 'frequency', measure: 'rows', on: 'at-rest' });
    expect(result!.recovery.mean).toBeGreaterThan(0.75);
    expect(result!.advantage.mean).toBeGreaterThan(0.6);
    expect(result!.guess).toBeCloseTo(commonest, 6);
  });

  test('labels in the values’ order give a dense column away whole', () => {
    const labels = sizes.places.map((place) => 1000 + 3 * place);
    const results = attackAtRest('size', sizes, { labels, ordered: true }, 3);
    expect(results.map(({ attack }) => attack)).toEqual(['frequency', 'sorting', 'cumulative']);
    expect(results[1]!.recovery.mean).toBe(1);
    expect(results[2]!.recovery.mean).toBeGreaterThan(results[0]!.recovery.mean);
  });
});

describe('by volume', () => {
  const keywords = colours.counts.map((rows) => ({ rows }));

  test('row counts name skewed values, equal ones none but the commonest', () => {
    const seen = volumeAttack(keywords, colours.counts, 'colour', 5, 'rows');
    expect(seen.recovery.mean).toBeGreaterThan(0.75);
    const blind = volumeAttack(
      keywords,
      keywords.map(() => 4096),
      'colour',
      5,
      'rows',
    );
    expect(blind.recovery.mean).toBeCloseTo(commonest, 6);
    expect(blind.advantage.mean).toBe(0);
  });

  test('volumes that say the opposite mislead it', () => {
    const turned = colours.counts.map((count) => table.rows - count);
    const misled = volumeAttack(keywords, turned, 'colour', 5, 'rows');
    expect(misled.recovery.mean).toBeLessThan(0.3);
    expect(misled.advantage.mean).toBe(0);
  });
});

describe('rows of ranges', () => {
  const range: Question = { workload: 'range', column: 'size', from: 3, to: 9 };
  const finding = (number: (row: number) => number) =>
    scheme({
      rowsFound: (question) => {
        if (question.workload !== 'range') return undefined;
        const { from, to } = question;
        const within = sizes.places.map((place) => {
          const value = Number(sizes.values[place]!);
          return value >= from && value <= to ? 1 : 0;
        });
        const rows = Uint32Array.from(within.keys()).filter((row) => within[row] === 1);
        return Promise.resolve({ rows: rows.map(number), of: table.rows });
      },
    });

  test('give their values away, whatever numbers the store has for them', async () => {
    const numbers = new SeededRandom(8).permutation(table.rows);
    const found = await privacy(
      finding((row) => numbers[row]!),
      range,
    );
    expect(found).toMatchObject({ attack: 'range', measure: 'rows' });
    expect(found.recovery.mean).toBeGreaterThan(0.6);
    // Three of thirty values are within a twentieth of the domain.
    expect(found.guess).toBeLessThan(0.15);
  });

  test('that are numbered anew for each query give nothing away', async () => {
    let query = 0;
    const found = await privacy(
      finding((row) => (row + 997 * query++) % table.rows),
      range,
    );
    const attacks = new Map(found.attacks!.map((one) => [one.attack, one]));
    expect(attacks.get('range')!.advantage.mean).toBeLessThan(0.1);
  });

  test('of a scheme that finds none are not attacked', async () => {
    const found = await privacy(scheme({ rowsFound: () => undefined }), range);
    expect(found.attacks!.map(({ attack }) => attack)).not.toContain('range');
  });
});

describe('a scheme', () => {
  test('that keeps values in the clear has no privacy, and no attack is needed', async () => {
    const found = await privacy(scheme({ atRest: () => 'all' }));
    expect(found).toMatchObject({ attack: null, knowledge: null, shows: 'what it shows' });
    expect(found.advantage.mean).toBe(1);
  });

  test('that seals rows and shows nothing of queries keeps everything', async () => {
    const found = await privacy(scheme({}));
    expect(found.attack).toBe('frequency');
    expect(found.advantage.mean).toBeLessThan(0.01);
  });

  test('whose store finds rows gives values away by their volumes', async () => {
    const found = await privacy(
      scheme({}, (question) => [
        { up: 32, down: 8, touched: [], found: Number(truthOf(question, table)[0]) },
      ]),
    );
    expect(found.attack).toBe('frequency');
    expect(found.recovery.mean).toBeGreaterThan(0.75);
    expect(found.attacks!.map(({ attack, on }) => `${attack} ${on}`)).toEqual([
      'frequency at-rest',
      'frequency queries',
      'distinguisher queries',
    ]);
  });

  test('whose replies are all alike is told apart by nothing', async () => {
    const found = await privacy(
      scheme({}, () => [{ up: 100, down: 5000, touched: [] }]),
      secret,
    );
    expect(found).toMatchObject({ attack: 'distinguisher', measure: 'auc', guess: 0.5 });
    expect(found.recovery.mean).toBe(0.5);
    expect(found.advantage.mean).toBe(0);
  });

  test('whose tokens repeat is told apart by them', async () => {
    const found = await privacy(
      scheme({}, (question) => [{ up: 32, down: 50, touched: [JSON.stringify(question)] }]),
      secret,
    );
    expect(found.measure).toBe('auc');
    expect(found.recovery.mean).toBeGreaterThan(0.7);
  });

  test('that lets the store count groups gives them away', async () => {
    const grouping: Question = { workload: 'group-by', group: 'colour', column: 'size' };
    const counted = scheme({
      answer: () =>
        Promise.resolve({ values: truthOf(grouping, table), groupVolumes: colours.counts }),
    });
    expect((await privacy(counted, grouping)).recovery.mean).toBeGreaterThan(0.75);
    expect((await privacy(scheme({}), grouping)).advantage.mean).toBeLessThan(0.01);
  });
});
