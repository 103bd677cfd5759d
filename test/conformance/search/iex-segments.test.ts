/** A table that has more pairs of keywords than one index may have becomes several segments, however it came to be. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Vault } from '../../../src/client/api.ts';
import { parseManifest } from '../../../src/table/manifest.ts';
import { recordLink, type Recording } from '../../support/recording-link.ts';
import { tempVault, type TempVault } from '../../support/vaults.ts';

vi.mock('../../../src/table/manifest.ts', async (original) => ({
  ...(await original<object>()),
  DELTA_ROWS: 10,
}));
vi.mock('../../../src/search/iex/size.ts', async (original) => ({
  ...(await original<object>()),
  MAX_PAIRS: 200,
  SEGMENT_PAIRS: 100,
  MAX_KEYWORDS: 12,
}));

const schemaOf = (search: string): object => ({
  version: 1,
  table: 'notes',
  columns: { id: { type: 'integer' }, note: { type: 'document', search } },
});
/** 5 words of 23, so 10 pairs in a row. */
const words = (id: number): string[] => [0, 1, 2, 3, 4].map((i) => `w${(id * 7 + i * i) % 23}`);
const rowsOf = (from: number, to: number): { id: number; note: string }[] =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, note: words(from + i).join(' ') }));

let temp: TempVault;
let vault: Vault;
let recording: Recording;
beforeEach(async () => {
  temp = await tempVault('memory', (link) => (recording = recordLink(link)).link);
  ({ vault } = temp);
});
afterEach(() => temp[Symbol.asyncDispose]());

async function segments(): Promise<readonly { id: string; rows: number }[]> {
  const { link } = recording;
  const [table] = await link.tables();
  return parseManifest((await link.head(table!))!).segments;
}

async function expectAnswers(count: number): Promise<void> {
  const { rows, leakage } = await vault.query(
    "SELECT id FROM notes WHERE MATCH(note, 'w1 AND w17 NOT w2') ORDER BY id",
  );
  const wanted = rowsOf(0, count).filter(({ id }) => {
    const own = words(id);
    return own.includes('w1') && own.includes('w17') && !own.includes('w2');
  });
  expect(wanted.length).toBeGreaterThan(0);
  expect(rows.map(([id]) => Number(id))).toEqual(wanted.map(({ id }) => id));
  expect(leakage[0]!.index).toBe('iex');
}

const pairsOf = (id: number): number => {
  const k = new Set(words(id)).size;
  return (k * (k - 1)) / 2;
};

describe('an iex index', () => {
  test('is ingested, appended to and compacted in segments of as many pairs as one may have', async () => {
    await vault.ingest(schemaOf('iex'), rowsOf(0, 95));
    const first = await segments();
    const pairs = rowsOf(0, 95).reduce((sum, { id }) => sum + pairsOf(id), 0);
    expect(first.length).toBe(Math.ceil(pairs / 100));
    await expectAnswers(95);
    await vault.ingest(schemaOf('iex'), rowsOf(95, 130), { append: true });
    await vault.ingest(schemaOf('iex'), rowsOf(130, 133), { append: true });
    await expectAnswers(133);
    await vault.compact();
    await expectAnswers(133);
    const settled = await segments();
    expect(settled.reduce((sum, { rows }) => sum + rows, 0)).toBe(133);
    // Nothing is left to do: full of pairs is full.
    await vault.compact();
    expect((await segments()).map(({ id }) => id)).toEqual(settled.map(({ id }) => id));
    await vault.rotate();
    expect((await segments()).length).toBe(settled.length);
    await expectAnswers(133);
  });

  test('is given to a table of one segment, which becomes several', async () => {
    await vault.ingest(schemaOf('sse'), rowsOf(0, 60));
    await vault.delete('DELETE FROM notes WHERE id > 49');
    expect((await segments()).length).toBe(1);
    await vault.reindex(schemaOf('iex'));
    expect((await segments()).length).toBeGreaterThanOrEqual(5);
    await expectAnswers(50);
    const findings = await vault.check({ deep: true });
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([]);
    // One that fits keeps its columns and stays one.
    const before = await segments();
    await vault.rotate();
    expect((await segments()).map(({ rows }) => rows)).toEqual(before.map(({ rows }) => rows));
  });

  test('of a document that has too many by itself is refused before anything is written', async () => {
    const many = Array.from({ length: 13 }, (_, i) => `w${i}`).join(' ');
    const refused = { code: 'CAPABILITY_MISSING', details: { column: '"note"' } };
    const large = [...rowsOf(0, 30), { id: 30, note: many }];
    await expect(vault.ingest(schemaOf('iex'), large)).rejects.toMatchObject(refused);
    expect(await recording.link.tables()).toEqual([]);
    await vault.ingest(schemaOf('sse'), large);
    const before = await segments();
    await expect(vault.reindex(schemaOf('iex'))).rejects.toMatchObject(refused);
    expect(await segments()).toEqual(before);
    expect((await vault.check()).some(({ text }) => text.includes('unfinished'))).toBe(false);
  });
});
