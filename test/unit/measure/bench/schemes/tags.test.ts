import { expect, test } from 'vitest';
import { deterministicTags } from '../../../../../src/measure/bench/schemes/deterministic-tags.ts';
import { findex } from '../../../../../src/measure/bench/schemes/findex.ts';
import { QUESTIONS } from './fixture.ts';
import { describeScheme, every } from './support.ts';

describeScheme(
  { scheme: deterministicTags, answers: every(['range']), remote: true },
  (prepared, table) => {
    test('rows look alike at rest exactly where their values are the same', () => {
      const column = table.columns['origin']!;
      const labels = prepared().atRest!('origin') as Uint32Array;
      const labelOf = new Map<number, number>();
      if (column.kind !== 'text') throw new Error('origin is a text');
      column.codes.forEach((code, row) => {
        expect(labels[row]).toBe(labelOf.get(code) ?? labels[row]);
        labelOf.set(code, labels[row]!);
      });
      expect(new Set(labelOf.values()).size).toBe(labelOf.size);
      expect(prepared().atRest!('delay')).toBeUndefined();
    });
    test('a question asked again touches the same tag', async () => {
      const [first, again, other] = await Promise.all(
        [QUESTIONS.lookup, QUESTIONS.lookup, QUESTIONS['lookup of few']].map(
          async (question) => (await prepared().answer(question)!).transcript!,
        ),
      );
      expect(again).toEqual(first);
      expect(other![0]!.touched).not.toEqual(first![0]!.touched);
    });
  },
);

describeScheme(
  {
    scheme: findex,
    answers: [
      'lookup',
      'lookup of few',
      'lookup of many',
      'lookup of nothing',
      'keyword',
      'keyword of nothing',
      'conjunction',
      'key',
    ],
    remote: false,
  },
  (prepared) => {
    test('entries that a search finds are the same when it comes again', async () => {
      const touched = async (): Promise<unknown> =>
        (await prepared().answer(QUESTIONS.lookup)!).transcript!.map((one) =>
          one.touched.toSorted(),
        );
      expect(await touched()).toEqual(await touched());
    });
  },
);
