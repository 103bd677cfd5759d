import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttackReport } from '../../../src/measure/report.ts';
import { SeededRandom } from '../../../src/measure/attacks/seeded-random.ts';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const PASSPHRASE = 'a long enough passphrase';

const folder = mkdtempSync(join(tmpdir(), 'opaline-attack-'));
const vault = join(folder, 'vault');

/** 600 rows: a city of 12 with different frequencies, an age of 40, a flag. */
function csv(): string {
  const random = new SeededRandom(1);
  const city = random.drawer(Array.from({ length: 12 }, (_, i) => 1 / (i + 1)));
  const lines = Array.from(
    { length: 600 },
    () => `city ${city()},${20 + random.below(40)},${random.below(4) === 0}`,
  );
  return `city,age,smoker\n${lines.join('\n')}\n`;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });
const attack = (...args: string[]): Promise<Run> => cli(['attack', vault, ...args]);
const reports = async (...args: string[]): Promise<AttackReport[]> => {
  const { code, stdout, stderr } = await attack(...args, '--format', 'json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as AttackReport[];
};

beforeAll(async () => {
  const file = join(folder, 'people.csv');
  writeFileSync(file, csv());
  expect(await cli(['init', vault, '--store', join(folder, 'store')])).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli(['ingest', vault, file])).toMatchObject({ code: 0 });
});

describe('attack', () => {
  test('each column’s index by the attacks that measure it, then predicates on all columns', async () => {
    const all = await reports('--seeds', '2', '--queries', '40', '--known', '0.5,1');
    expect(all.map(({ column, attack: name, known }) => `${column} ${name} ${known}`)).toEqual([
      'city frequency 0.5',
      'city frequency 1',
      'city sap 0.5',
      'city sap 1',
      'city distinguisher null',
      'age frequency 0.5',
      'age frequency 1',
      'age sap 0.5',
      'age sap 1',
      'age range null',
      'age distinguisher null',
      'smoker frequency 0.5',
      'smoker frequency 1',
      'smoker sap 0.5',
      'smoker sap 1',
      'smoker distinguisher null',
      'null count 0.5',
      'null count 1',
      'null refined-score 0.5',
      'null refined-score 1',
    ]);
    for (const report of all) {
      const { recovery, guessTheMode, advantageOverMode, cost } = report;
      expect(report).toMatchObject({ table: 'people', index: 'sse', seeds: 2 });
      expect(recovery.interval[0]).toBeLessThanOrEqual(recovery.mean);
      expect(recovery.interval[1]).toBeGreaterThanOrEqual(recovery.mean);
      expect(advantageOverMode).toBeCloseTo((recovery.mean - guessTheMode) / (1 - guessTheMode), 9);
      expect(cost.ms).toBeGreaterThan(0);
      expect(cost.bytesUp).toBeGreaterThan(0);
    }
    const of = (column: string | null, name: string, known: number | null): number =>
      all.find((r) => r.column === column && r.attack === name && r.known === known)!.recovery.mean;
    // A boolean column falls completely; so does everything to Count with all rows known; sse shows volumes.
    expect(of('smoker', 'frequency', 0.5)).toBe(1);
    expect(of(null, 'count', 1)).toBeGreaterThan(0.9);
    expect(of('city', 'distinguisher', null)).toBeGreaterThan(0.95);
    expect(of('city', 'frequency', 1)).toBeGreaterThanOrEqual(of('city', 'frequency', 0.5));
    const distinguisher = all.find(({ attack: name }) => name === 'distinguisher')!;
    expect(distinguisher).toMatchObject({ measure: 'auc', guessTheMode: 0.5 });
  });

  test('a table with what each attacker knew below', async () => {
    const args = ['--column', 'smoker', '--attack', 'frequency', '--seeds', '2'];
    const { code, stdout, stderr } = await attack(...args);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'No policy file: owner mode, exact answers, no cohort floor.\n',
    });
    const [header, , line, , note] = stdout.split('\n');
    expect(header).toMatch(
      /^column +index +attack +values +recovers +95 % +of +mode guess +advantage/,
    );
    expect(line).toMatch(
      /^smoker +sse +frequency \[1\] +2 +1\.00 +1\.00 – 1\.00 +rows +0\.\d\d +1\.00/,
    );
    expect(note).toBe(
      '[1] knows the histogram of 50 % of the rows; every value asked for once, 2 trials',
    );
  });

  test('usage', async () => {
    expect(await attack('--table', 'none')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^opaline: UNKNOWN_TABLE: /) as string,
    });
    expect(await attack('--column', 'smoker', '--attack', 'range')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'opaline: USAGE: no column has an index that these attacks measure\n',
    });
    const usage = [
      ['--known', '0.5,0'],
      ['--seeds', '1'],
      ['--attack', 'guessing'],
    ];
    for (const run of await Promise.all(usage.map((args) => attack(...args)))) {
      expect(run).toMatchObject({ code: 2, stdout: '' });
    }
    expect((await cli(['attack', '--help'])).stdout).toContain('--known <shares>');
  });
});
