import { expect, test } from 'vitest';
import { paillier } from '../../../../../src/measure/bench/schemes/paillier.ts';
import { sealBfv } from '../../../../../src/measure/bench/schemes/seal-bfv.ts';
import { sealBgv } from '../../../../../src/measure/bench/schemes/seal-bgv.ts';
import { sealCkks } from '../../../../../src/measure/bench/schemes/seal-ckks.ts';
import type { LabTable, PreparedScheme } from '../../../../../src/measure/bench/scheme.ts';
import { SeededRandom } from '../../../../../src/measure/attacks/seeded-random.ts';
import { QUESTIONS, truthOf } from './fixture.ts';
import { describeScheme } from './support.ts';

const SUMS = ['sum', 'average', 'average of nothing', 'groups'] as const;

const sealed = (prepared: () => PreparedScheme): void => {
  test('numbers are sealed at rest, texts are plain', () => {
    expect(prepared().atRest?.('delay')).toBeUndefined();
    expect(prepared().atRest?.('origin')).toBe('all');
  });
};

describeScheme({ scheme: paillier, answers: SUMS, remote: true }, sealed);

for (const scheme of [sealBfv, sealBgv]) {
  describeScheme({ scheme, answers: [...SUMS, 'correlation'], remote: true }, (prepared) => {
    sealed(prepared);
    test('every answer is told with the noise that was left', async () => {
      for (const question of [QUESTIONS.sum, QUESTIONS.groups, QUESTIONS.correlation]) {
        const { noiseMarginBits } = await prepared().answer(question)!;
        expect(noiseMarginBits).toBeGreaterThan(0);
      }
    });
    test('the keys that products take are counted', () => {
      expect(prepared().bytes('sum').keys).toBe(0);
      expect(prepared().bytes('correlation').keys).toBeGreaterThan(1e5);
    });
  });
}

describeScheme(
  { scheme: sealCkks, answers: [...SUMS, 'correlation'], error: 1e-5, remote: true },
  sealed,
);

test.each([
  ['more sums than one where a slot would not hold them', 2 ** 22 - 1],
  ['a larger ring where a value alone would not fit', 2 ** 27],
])('BFV and BGV take %s', async (_, magnitude) => {
  const random = new SeededRandom(3);
  const rows = 3 * 4096 + 5;
  const values = Int32Array.from(
    { length: rows },
    (_, row) => (row % 3 === 0 ? -1 : 1) * (magnitude - random.below(7)),
  );
  const codes = Uint32Array.from({ length: rows }, (_, row) => row % 2);
  const table: LabTable = {
    name: 'wide',
    rows,
    columns: {
      delay: { kind: 'integer', values },
      origin: { kind: 'text', codes, values: ['ATL', 'DEN'] },
    },
  };
  for (const scheme of [sealBfv, sealBgv]) {
    const { signal } = new AbortController();
    await using prepared = await scheme.prepare(table, { folder: '', signal });
    for (const question of [QUESTIONS.sum, QUESTIONS.average]) {
      const { values: found, noiseMarginBits } = await prepared.answer(question)!;
      expect(Number(found[0])).toBeCloseTo(Number(truthOf(table, question)[0]), 5);
      expect(noiseMarginBits).toBeGreaterThan(0);
    }
  }
});
