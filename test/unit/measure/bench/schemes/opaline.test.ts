import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { opaline } from '../../../../../src/measure/bench/schemes/opaline.ts';
import { opalineClustered } from '../../../../../src/measure/bench/schemes/opaline-clustered.ts';
import { opalineIex } from '../../../../../src/measure/bench/schemes/opaline-iex.ts';
import { opalineMitra } from '../../../../../src/measure/bench/schemes/opaline-mitra.ts';
import { opalineOblivious } from '../../../../../src/measure/bench/schemes/opaline-oblivious.ts';
import { opalineOre } from '../../../../../src/measure/bench/schemes/opaline-ore.ts';
import {
  opalinePirBfv,
  opalinePirLwe,
} from '../../../../../src/measure/bench/schemes/opaline-pir.ts';
import { opalineProduct } from '../../../../../src/measure/bench/schemes/opaline-product.ts';
import { opalineSmooth } from '../../../../../src/measure/bench/schemes/opaline-smooth.ts';
import { opalineSsePadded } from '../../../../../src/measure/bench/schemes/opaline-sse-padded.ts';
import { opalineTag } from '../../../../../src/measure/bench/schemes/opaline-tag.ts';
import { parseTags } from '../../../../../src/search/tag/format.ts';
import { labTable, QUESTIONS } from './fixture.ts';
import { describeScheme, every } from './support.ts';

const LOOKUPS = ['lookup', 'lookup of few', 'lookup of many', 'lookup of nothing', 'key'] as const;
const WORDS = ['keyword', 'keyword of nothing'] as const;

describeScheme({ scheme: opaline, answers: every(), remote: true }, (prepared, table) => {
  test('a lookup shows the store its rows, groups their sizes, a sum neither', async () => {
    const lookup = await prepared().answer(QUESTIONS.lookup)!;
    expect(lookup.transcript!.map(({ found }) => found)).toEqual([Number(lookup.values[0])]);
    const groups = await prepared().answer(QUESTIONS.groups)!;
    expect(groups.groupVolumes!.reduce((sum, rows) => sum + rows, 0)).toBe(table.rows);
    const sum = await prepared().answer(QUESTIONS.sum)!;
    expect(sum.groupVolumes).toBeUndefined();
    expect(sum.noiseMarginBits).toBeGreaterThan(0);
  });
});

describeScheme({ scheme: opalineProduct, answers: ['correlation'], remote: true });
describeScheme({
  scheme: opalineClustered,
  answers: ['average', 'average of nothing', 'groups'],
  remote: true,
});
describeScheme(
  {
    scheme: opalineOblivious,
    answers: ['average', 'average of nothing', 'groups', 'lookup of few'],
    remote: true,
  },
  (prepared, table) => {
    test('the store sees no groups', async () => {
      expect((await prepared().answer(QUESTIONS.groups)!).groupVolumes).toBeUndefined();
    });
    test('every condition looks the same to the store: all rows are added up', async () => {
      for (const question of [QUESTIONS.average, QUESTIONS['lookup of few'], QUESTIONS.groups]) {
        const { transcript } = await prepared().answer(question)!;
        expect(transcript!.map(({ found }) => found)).toEqual([table.rows]);
      }
    });
  },
);
describeScheme({ scheme: opalineOre, answers: ['range'], remote: true });
describeScheme({
  scheme: opalineMitra,
  answers: [...LOOKUPS, ...WORDS, 'conjunction'],
  remote: true,
});
describeScheme({ scheme: opalineIex, answers: [...WORDS, 'conjunction'], remote: true });

for (const scheme of [opalineSsePadded, opalineSmooth, opalinePirLwe, opalinePirBfv]) {
  const words = scheme === opalineSmooth ? [] : WORDS;
  describeScheme(
    { scheme, answers: [...LOOKUPS, ...words, 'conjunction'], remote: true },
    (prepared) => {
      test('the store finds no rows', async () => {
        const { transcript } = await prepared().answer(QUESTIONS.lookup)!;
        expect(transcript!.length).toBeGreaterThan(0);
        for (const { found, touched } of transcript!) {
          expect(found).toBeUndefined();
          expect(touched.length).toBeGreaterThan(0);
        }
      });
    },
  );
}

describeScheme(
  { scheme: opalineTag, answers: ['lookup of many', 'lookup of nothing', 'key'], remote: true },
  (prepared) => {
    test('columns that a tag would give away have none', () => {
      expect(prepared().atRest!('origin')).toBeUndefined();
      expect(prepared().atRest!('destination')).toBeUndefined();
    });
  },
);

test('tags are those that lie in the store’s files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-scheme-'));
  try {
    const { signal } = new AbortController();
    await using prepared = await opalineTag.prepare(labTable(), { folder, signal });
    const files = await readdir(join(folder, 'store'), { recursive: true, withFileTypes: true });
    const counted = async (path: string): Promise<string[]> => {
      const bytes = await readFile(path);
      if (bytes.subarray(4, 8).toString() !== 'TAGX') return [];
      const { starts, bits } = parseTags(bytes);
      return [sizes(Array.from({ length: 2 ** bits }, (_, t) => starts[t + 1]! - starts[t]!))];
    };
    const parts = files.filter((file) => file.isFile());
    const stored = await Promise.all(parts.map((f) => counted(join(f.parentPath, f.name))));
    const labelled = ['key', 'tail number'].map((column) => {
      const labels = prepared.atRest!(column) as Uint32Array;
      const counts = new Map<number, number>();
      for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
      return sizes([...counts.values()]);
    });
    expect(labelled.sort()).toEqual(stored.flat().sort());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** How many rows there are under each tag that some row has. */
const sizes = (counts: readonly number[]): string =>
  counts
    .filter(Boolean)
    .sort((a, b) => a - b)
    .join();
