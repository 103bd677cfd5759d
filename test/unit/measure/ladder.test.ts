import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attackTable } from '../../../src/measure/attack-vault.ts';
import type { AttackReport } from '../../../src/measure/report.ts';
import { people, recordedVault, type Recorded } from './support.ts';

/** A column for each rung, of the same kind of values. */
const RUNGS = ['sse', 'tag', 'mitra', 'sse-padded', 'smooth', 'pir'] as const;
const SCHEMA = {
  version: 1,
  table: 'people',
  columns: {
    ...Object.fromEntries(RUNGS.map((rung) => [rung, { type: 'text', search: rung }])),
    ore: { type: 'integer', search: 'ore' },
  },
};

describe('every rung is measured as it is built', () => {
  let recorded: Recorded;
  let reports: readonly AttackReport[];
  beforeAll(async () => {
    recorded = await recordedVault();
    const rows = people(600, 5).map(({ city, age }, i) => ({
      ...Object.fromEntries(RUNGS.map((rung) => [rung, city])),
      // A tag takes many values, of which some are frequent.
      tag: `name ${i < 80 ? i : i % 9}`,
      ore: age!,
    }));
    await recorded.vault.ingest(SCHEMA, rows);
    const { vault, link, store } = recorded;
    reports = await attackTable(vault, link, store, { known: [1], seeds: 2, queries: 40 });
  });
  afterAll(() => recorded[Symbol.asyncDispose]() as Promise<void>);

  const of = (index: string, attack: string): AttackReport =>
    reports.find((report) => report.index === index && report.attack === attack)!;

  test('by the attacks of the ladder', () => {
    expect(reports.map(({ index, attack }) => `${index} ${attack}`)).toEqual([
      'sse frequency',
      'sse sap',
      'sse distinguisher',
      'tag frequency',
      'tag distinguisher',
      'mitra frequency',
      'mitra sap',
      'mitra distinguisher',
      'sse-padded sap',
      'sse-padded distinguisher',
      'smooth ihop',
      'smooth sap',
      'smooth distinguisher',
      'pir distinguisher',
      'ore frequency',
      'ore range',
      'ore distinguisher',
    ]);
  });

  test('what shows rows falls to its frequencies', () => {
    for (const index of ['sse', 'mitra']) {
      expect(of(index, 'frequency').recovery.mean).toBeGreaterThan(0.9);
      expect(of(index, 'distinguisher').recovery.mean).toBeGreaterThan(0.85);
    }
  });

  test('a query that repeats is seen as one, also where its tokens are in another order', () => {
    const [sse, mitra] = [of('sse', 'sap'), of('mitra', 'sap')];
    expect(Math.abs(mitra.recovery.mean - sse.recovery.mean)).toBeLessThan(0.25);
    expect(mitra.recovery.mean).toBeGreaterThan(0.5);
  });

  test('a private lookup tells nothing apart', () => {
    const { recovery } = of('pir', 'distinguisher');
    expect(Math.abs(recovery.mean - 0.5)).toBeLessThan(0.2);
  });

  test('padding leaves less to SAP than rows do', () => {
    expect(of('sse-padded', 'sap').recovery.mean).toBeLessThan(of('sse', 'sap').recovery.mean);
  });
});
