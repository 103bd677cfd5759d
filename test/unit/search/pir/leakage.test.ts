import { describe, expect, test } from 'vitest';
import { pirReport } from '../../../../src/search/pir/leakage.ts';
import { buildPir } from '../../../../src/search/pir/build.ts';
import { decodeState } from '../../../../src/search/pir/state.ts';
import { retrievalsOf, sizesOf } from '../../../../src/search/pir/table.ts';
import { postingsOf } from './support.ts';

const use = { kind: 'keyword', asked: 1, matched: [30] } as const;

describe.each(['lwe', 'bfv'] as const)('the report on %s', (scheme) => {
  test('estimates what is then built, to a tenth', () => {
    const sizes = Array.from({ length: 300 }, (_, i) => 1 + (i % 20));
    const rows = sizes.reduce((a, b) => a + b);
    let next = 0;
    const lists = sizes.map((size, i): [string, number[]] => [
      `v${i}`,
      Array.from({ length: size }, () => next++),
    ]);
    const { part, state } = buildPir(
      new Uint8Array(32).fill(1),
      postingsOf(rows, new Map(lists)),
      scheme,
    );
    const { layout } = decodeState(state);
    const { estimate } = pirReport(
      { column: 'c', rows, segments: 1, frequencies: sizes, use },
      { scheme },
    );
    const { queryBytes, answerBytes } = sizesOf(layout);
    expect(Math.abs(estimate.bytes / part.length - 1)).toBeLessThan(0.1);
    expect(Math.abs(estimate.bytesUp / (retrievalsOf(layout) * queryBytes) - 1)).toBeLessThan(0.1);
    expect(Math.abs(estimate.bytesDown / (retrievalsOf(layout) * answerBytes) - 1)).toBeLessThan(
      0.1,
    );
    expect(estimate.rounds).toBe(1);
  });

  test('counts every segment, and takes each row for a value of its own where nothing is known', () => {
    const one = pirReport({ column: 'c', rows: 5000, segments: 1, use }, { scheme });
    const four = pirReport({ column: 'c', rows: 20_000, segments: 4, use }, { scheme });
    expect(four.estimate.bytesUp).toBe(4 * one.estimate.bytesUp);
    expect(four.estimate.bytes).toBe(4 * one.estimate.bytes);
    expect(one.estimate.recovery).toBeNull();
    expect(one.leakage.expectedRecovery).toBeNull();
  });

  test('says that the lookup shows nothing, and that what is found shows in what follows', () => {
    const frequencies = [50, 30, 20];
    const { leakage, estimate } = pirReport(
      { column: 'c', rows: 100, segments: 1, frequencies, use },
      { scheme },
    );
    // An attacker is left with the commonest value.
    expect(estimate.recovery!.fraction).toBe(0.5);
    expect(leakage.expectedRecovery).toBeNull();
    expect(leakage.onQuery.join()).toMatch(/not which.*only when they are then summed/s);
  });
});
