import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackTable, type AttackOptions } from '../../../src/measure/attack-vault.ts';
import { SeededRandom } from '../../../src/measure/attacks/seeded-random.ts';
import type { AttackReport } from '../../../src/measure/report.ts';
import { recordedVault, type Recorded } from './support.ts';

/** A column for each rung that answers MATCH, all of the same documents. */
const RUNGS = ['sse', 'mitra', 'iex', 'sse-padded', 'pir'] as const;
const SHOWING = ['sse', 'mitra', 'iex'] as const;
const SCHEMA = {
  version: 1,
  table: 'letters',
  columns: Object.fromEntries(
    RUNGS.map((rung) => [rung, { type: 'document', nullable: true, search: rung }]),
  ),
};
const WORDS = 60;
const TOPICS = 8;

/** Documents of two topics each; a word belongs to two, is more frequent there, and rarer the later it comes. */
function letters(count: number, seed: number): (string | null)[] {
  const random = new SeededRandom(seed);
  const topics = Array.from({ length: WORDS }, () => [random.below(TOPICS), random.below(TOPICS)]);
  return Array.from({ length: count }, (_, i) => {
    const own = [random.below(TOPICS), random.below(TOPICS)];
    const words = topics.flatMap((of, word) => {
      const within = of.some((topic) => own.includes(topic)) ? 5 : 1;
      return random.uniform() < 0.12 * (word + 1) ** -0.3 * within ? [`word${word}`] : [];
    });
    // Twice in one document counts once.
    return i % 20 === 19 ? null : [...words, ...words.slice(0, 1)].join(' ');
  });
}

describe('keyword search over documents is attacked', () => {
  let recorded: Recorded;
  let reports: readonly AttackReport[];
  const documents = letters(300, 11);
  beforeAll(async () => {
    recorded = await recordedVault();
    const rows = documents.map((text) => Object.fromEntries(RUNGS.map((rung) => [rung, text])));
    await recorded.vault.ingest(SCHEMA, rows);
    reports = await attack({});
  });
  afterAll(() => recorded[Symbol.asyncDispose]() as Promise<void>);

  const attack = (options: Partial<AttackOptions>): Promise<readonly AttackReport[]> => {
    const { vault, link, store } = recorded;
    return attackTable(vault, link, store, { known: [1], seeds: 2, queries: 60, ...options });
  };
  const of = (index: string, name: string): AttackReport =>
    reports.find((report) => report.index === index && report.attack === name)!;

  test('by the attacks of the ladder, each column on its own', () => {
    expect(reports.map(({ column, index, attack: name }) => `${column} ${index} ${name}`)).toEqual([
      ...SHOWING.flatMap((rung) =>
        ['count', 'refined-score', 'sap', 'distinguisher'].map((name) => `${rung} ${rung} ${name}`),
      ),
      'sse-padded sse-padded sap',
      'sse-padded sse-padded distinguisher',
      'pir pir distinguisher',
    ]);
  });

  test('their keywords are the documents’ words', () => {
    const words = new Set(documents.flatMap((text) => text?.split(' ').filter(Boolean) ?? []));
    for (const report of reports) {
      expect(report).toMatchObject({ space: 'all', keywords: words.size });
    }
  });

  test.each(SHOWING)('%s shows which documents have a word: Count names it', (rung) => {
    const { recovery, shuffledLabels, measure } = of(rung, 'count');
    expect(measure).toBe('queries');
    expect(recovery.mean).toBeGreaterThan(0.9);
    expect(shuffledLabels).toBeLessThan(0.3);
  });

  test.each(SHOWING)('%s: RefinedScore names the rest from one token in ten', (rung) => {
    const { recovery, shuffledLabels, guessTheMode } = of(rung, 'refined-score');
    expect(recovery.mean).toBeGreaterThan(0.9);
    expect(recovery.mean).toBeGreaterThan(guessTheMode);
    expect(shuffledLabels).toBeLessThan(0.3);
  });

  test('padding hides how many documents have a word, and a private lookup all of it', () => {
    expect(of('sse', 'distinguisher').recovery.mean).toBeGreaterThan(0.9);
    expect(Math.abs(of('pir', 'distinguisher').recovery.mean - 0.5)).toBeLessThan(0.2);
    expect(of('sse-padded', 'sap').recovery.mean).toBeLessThan(of('sse', 'sap').recovery.mean);
  });

  test('by name: one that looks at rows finds nothing where none show; values alone have frequencies', async () => {
    const [report] = await attack({ index: 'pir', attack: 'count' });
    expect(report).toMatchObject({ column: 'pir', attack: 'count' });
    expect(report!.recovery.mean).toBeLessThan(0.1);
    await expect(attack({ attack: 'frequency' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(attack({ attack: 'range' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});
