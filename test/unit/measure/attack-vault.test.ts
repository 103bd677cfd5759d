import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackTable, type AttackOptions, attackVault } from '../../../src/measure/attack-vault.ts';
import type { AttackReport } from '../../../src/measure/report.ts';
import { PASSPHRASE, tempVault } from '../../support/vaults.ts';
import { people, PEOPLE, recordedVault, type Recorded } from './support.ts';

describe('attacks on a vault’s own indexes', () => {
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await recordedVault();
    await recorded.vault.ingest(PEOPLE, people(1200, 3));
  });
  afterAll(() => recorded[Symbol.asyncDispose]() as Promise<void>);

  const attack = (options: Partial<AttackOptions>): Promise<readonly AttackReport[]> => {
    const { vault, link, store } = recorded;
    return attackTable(vault, link, store, { known: [0.5], seeds: 3, queries: 60, ...options });
  };

  test('EXPLAIN’s expected recovery is what frequency matching recovers', async () => {
    for (const column of ['age', 'city', 'smoker']) {
      const { leakage } = await recorded.vault.explain(
        `SELECT ${column}, COUNT(*) FROM people GROUP BY ${column}`,
      );
      const grouped = leakage.find(({ node }) => node === `groupBy on ${column}`);
      const expected = grouped!.expectedRecovery!.fraction;
      const options = { column, attack: 'frequency', known: [1], seeds: 60 } as const;
      const [measured] = await attack(options);
      const { interval } = measured!.recovery;
      expect(interval[0] - 1e-9).toBeLessThanOrEqual(expected);
      expect(interval[1] + 1e-9).toBeGreaterThanOrEqual(expected);
      expect(interval[1] - interval[0]).toBeLessThan(0.1);
    }
  });

  test('the distinguisher tells frequent from rare values by sse, and nothing of shuffled classes', async () => {
    const [report] = await attack({ column: 'city', attack: 'distinguisher', seeds: 5 });
    expect(report).toMatchObject({ measure: 'auc', guessTheMode: 0.5 });
    expect(report!.recovery.mean).toBeGreaterThan(0.95);
    expect(Math.abs(report!.shuffledLabels - 0.5)).toBeLessThan(0.15);
  });

  test('uniform ranges give ages away, more of them more', async () => {
    const of = async (queries: number): Promise<AttackReport> =>
      (await attack({ column: 'age', attack: 'range', queries, seeds: 2 }))[0]!;
    const [few, many] = [await of(16), await of(400)];
    expect(many.recovery.mean).toBeGreaterThan(0.8);
    expect(many.recovery.mean).toBeGreaterThan(few.recovery.mean);
    expect(many.shuffledLabels).toBeLessThan(many.guessTheMode + 0.1);
    expect(many).toMatchObject({ keywords: 40, space: null, known: null });
  });

  test('predicates on all columns: Count with all rows known, RefinedScore with a few tokens', async () => {
    const reports = await attack({ known: [1], index: 'sse', queries: 100 });
    const together = reports.filter(({ column }) => column === null);
    expect(together.map(({ attack: name }) => name)).toEqual(['count', 'refined-score']);
    for (const { recovery, shuffledLabels, keywords } of together) {
      expect(recovery.mean).toBeGreaterThan(0.9);
      expect(shuffledLabels).toBeLessThan(0.3);
      expect(keywords).toBe(12 + 40 + 2);
    }
  });

  test('is the same again, but for the time; progress ends at its total; another seed count is not the same', async () => {
    const steps: [number, number][] = [];
    const options = { column: 'city', attack: 'sap' } as const;
    const [first] = await attack({ ...options, onProgress: (...step) => steps.push(step) });
    const [second] = await attack(options);
    const timeless = (report: AttackReport): unknown => ({
      ...report,
      cost: { ...report.cost, ms: 0 },
    });
    expect(timeless(first!)).toEqual(timeless(second!));
    expect(steps.at(-1)).toEqual([12 + 3 * 60, 12 + 3 * 60]);
    expect((await attack({ ...options, seeds: 4 }))[0]!.recovery).not.toEqual(first!.recovery);
  });

  test('any attack by name; what cannot be is refused', async () => {
    const [report] = await attack({ column: 'city', attack: 'ihop' });
    expect(report).toMatchObject({ attack: 'ihop', column: 'city', measure: 'queries' });
    await expect(attack({ column: 'smoker', attack: 'range' })).rejects.toMatchObject({
      code: 'USAGE',
    });
    await expect(attack({ index: 'pir' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(attack({ column: 'none' })).rejects.toMatchObject({ code: 'UNKNOWN_COLUMN' });
    await expect(attack({ table: 'none' })).rejects.toMatchObject({ code: 'UNKNOWN_TABLE' });
  });

  test('is cancelled', async () => {
    const controller = new AbortController();
    const run = attack({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

test('over HTTP the same comes out; more values than a space holds are attacked in two', async () => {
  await using temp = await tempVault('http');
  const schema = { version: 1, table: 't', columns: { id: { type: 'integer' } } };
  const rows = Array.from({ length: 1500 }, (_, i) => ({ id: i % 700 }));
  await temp.vault.ingest(schema, rows);
  const reports = await attackVault(
    join(temp.folder, 'vault'),
    { passphrase: PASSPHRASE, threads: 0 },
    { attack: 'frequency', known: [1], seeds: 2, queries: 16 },
  );
  expect(reports.map(({ space, keywords }) => [space, keywords])).toEqual([
    ['frequent', 500],
    ['rare', 500],
  ]);
  // 700 values of which 100 occur three times, and all others twice.
  for (const { recovery } of reports) expect(recovery.mean).toBeLessThan(0.05);
});
