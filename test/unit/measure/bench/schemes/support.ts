import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  Answer,
  LabTable,
  PreparedScheme,
  Question,
  Scheme,
} from '../../../../../src/measure/bench/scheme.ts';
import { firstRows, labTable, type QuestionName, QUESTIONS, ROWS, truthOf } from './fixture.ts';

export interface Expected {
  readonly scheme: Scheme;
  /** What it answers; all others it says that it cannot. */
  readonly answers: readonly QuestionName[];
  /** Greatest relative error of sums; default: none. */
  readonly error?: number;
  /** Whether there is a wire that bytes cross. */
  readonly remote: boolean;
}

const ALL = Object.keys(QUESTIONS) as QuestionName[];

export const every = (except: readonly QuestionName[] = []): QuestionName[] =>
  ALL.filter((name) => !except.includes(name));

/** Prepares a scheme once in a folder of its own, and asks it everything. */
export function describeScheme(
  { scheme, answers, error = 0, remote }: Expected,
  more: (prepared: () => PreparedScheme, table: LabTable) => void = () => undefined,
): void {
  describe(scheme.name, () => {
    const table = firstRows(labTable(), Math.min(ROWS, scheme.mostRows ?? ROWS));
    let folder: string;
    let prepared: PreparedScheme | undefined;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'opaline-scheme-'));
      prepared = await scheme.prepare(table, { folder, signal: new AbortController().signal });
    });
    afterAll(async () => {
      await prepared?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    for (const name of ALL) {
      const question: Question = QUESTIONS[name];
      if (!answers.includes(name)) {
        test(`cannot: ${name}`, () => expect(prepared!.answer(question)).toBeUndefined());
        continue;
      }
      test(name, async () => {
        const answer = await prepared!.answer(question)!;
        expectValues(answer.values, truthOf(table, question), error);
        const { atRest, keys } = prepared!.bytes(question.workload);
        expect(atRest).toBeGreaterThan(0);
        expect(keys).toBeGreaterThanOrEqual(0);
        expect(prepared!.shows(question.workload)).not.toContain('nothing: it');
        if (remote && answer.values[0] !== '0') expect(answer.bytesDown).toBeDefined();
      });
    }
    test('begins nothing once it is told to stop', async () => {
      const other = await mkdtemp(join(tmpdir(), 'opaline-scheme-'));
      try {
        const context = { folder: other, signal: AbortSignal.abort() };
        await expect(scheme.prepare(table, context)).rejects.toMatchObject({ code: 'ABORTED' });
      } finally {
        await rm(other, { recursive: true, force: true });
      }
    });
    more(() => prepared!, table);
  });
}

/** Whole numbers are the same to the digit, unless the scheme is inexact; others to the last bit of a double. */
function expectValues(
  found: Answer['values'],
  truth: readonly (bigint | number)[],
  error: number,
): void {
  expect(found).toHaveLength(truth.length);
  truth.forEach((wanted, i) => {
    const value = found[i]!;
    if (error === 0 && typeof wanted === 'bigint') {
      expect(String(value)).toBe(String(wanted));
      return;
    }
    const off = Math.abs(Number(value) - Number(wanted)) / Math.abs(Number(wanted));
    expect(off).toBeLessThanOrEqual(Math.max(error, 2 ** -51));
  });
}
