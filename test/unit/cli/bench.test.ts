import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/measure/attacks/seeded-random.ts';
import { parseResult } from '../../../src/measure/bench/read-result.ts';
import type { BenchResult } from '../../../src/measure/bench/result.ts';
import { opaline, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-bench-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...args: string[]): Promise<Run> => opaline(['bench', ...args]);
const at = (name: string): string => join(folder, name);
const resultIn = (name: string): BenchResult =>
  parseResult(JSON.parse(readFileSync(at(name), 'utf8')));

describe('bench', () => {
  const END_TO_END = { timeout: 300_000 };
  test('a quick tradeoff of plaintext, Opaline and a plug-in, end to end', END_TO_END, async () => {
    const chosen = ['tradeoff', '--quick', '--rows', '6000', '--schemes', 'plain-js,opaline'];
    const { code, stdout, stderr } = await bench(
      ...chosen,
      '--plugin',
      'examples/lab/ashe.ts',
      '--json',
      at('a.json'),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { suites, schemes, data, quick, command } = resultIn('a.json');
    expect({ quick, rows: data.rows, suites: suites.map(({ suite }) => suite) }).toEqual({
      quick: true,
      rows: 6000,
      suites: ['tradeoff'],
    });
    expect(command).toMatch(/^opaline bench tradeoff --quick/);
    expect(schemes.map(({ scheme, whose }) => [scheme, whose])).toEqual([
      ['plain-js', 'peer'],
      ['opaline', 'opaline'],
      ['ashe', 'plug-in'],
    ]);
    const [suite] = suites;
    const of = (scheme: string) => suite!.measurements.filter((one) => one.scheme === scheme);
    expect(of('plain-js').map(({ workload }) => workload)).toEqual([
      'sum',
      'filtered-average',
      'group-by',
      'correlation',
      'exact-lookup',
      'range',
      'keyword',
      'conjunction',
      'private-lookup',
    ]);
    expect(of('ashe').map(({ workload }) => workload)).toEqual(['sum', 'correlation']);
    expect(of('opaline').length).toBeGreaterThanOrEqual(8);
    for (const one of suite!.measurements) {
      expect(one.ms.length).toBeGreaterThanOrEqual(3);
      expect(one.error).toBeLessThan(1e-9);
      expect(one.bytesAtRest).toBeGreaterThan(0);
      expect(one.privacy.advantage.mean).toBeGreaterThanOrEqual(0);
      if (one.scheme === 'plain-js') expect(one.privacy.advantage.mean).toBe(1);
    }
    // What is only summed stays sealed; what is looked up shows how often it occurs.
    const gain = (scheme: string, workload: string): number =>
      of(scheme).find((one) => one.workload === workload)!.privacy.advantage.mean;
    expect(gain('opaline', 'sum')).toBeLessThan(0.05);
    expect(gain('opaline', 'exact-lookup')).toBeGreaterThan(0.2);
    expect(suite!.ablations.map(({ workload }) => workload)).toContain('group-by');
    expect(stdout).toMatch(/workload +scheme +rows +median/);
    expect(stdout).toMatch(/ashe/);
  });

  test('on one’s own table, twice, and the two compared', async () => {
    const random = new SeededRandom(9);
    const lines = Array.from(
      { length: 5200 },
      () =>
        `${random.below(90)},${random.below(1000)},ward ${random.below(7)},doctor ${random.below(30)}`,
    );
    writeFileSync(at('visits.csv'), `age,fee,ward,doctor\n${lines.join('\n')}\n`);
    const columns = {
      age: { type: 'integer' },
      fee: { type: 'integer' },
      ward: { type: 'text' },
      doctor: { type: 'text' },
    };
    writeFileSync(at('schema.json'), JSON.stringify({ version: 1, table: 'visits', columns }));
    for (const name of ['b.json', 'c.json']) {
      const args = ['queries', '--quick', '--schemes', 'plain-js', '--json', at(name)];
      const { code, stderr } = await bench(
        ...args,
        '--data',
        at('visits.csv'),
        '--schema',
        at('schema.json'),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    expect(resultIn('b.json').data).toMatchObject({ name: 'visits.csv', rows: 5200 });
    const { code, stdout } = await bench('--compare', at('b.json'), at('c.json'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/second \/ first/);
    expect(stdout).toMatch(/0 pairs of schemes ranked by both/);
  });

  test.each([
    [['sorting'], 'there is no suite sorting'],
    [['queries', '--schemes', 'rot13'], 'there is no scheme rot13'],
    [['queries', '--data', 'a.csv'], '--data and --schema go together'],
    [['--compare', 'a.json'], '--compare takes two results'],
    [['queries', '--rows', '10'], 'at least 5000 rows'],
  ])('%j is a usage error', async (args, reason) => {
    const { code, stderr } = await bench(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('opaline: USAGE');
    expect(stderr).toContain(reason);
  });

  test('a result that is none is refused', async () => {
    writeFileSync(at('bad.json'), '{"version":1}');
    const { code, stderr } = await bench('--compare', at('bad.json'), at('bad.json'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^opaline: INPUT_MALFORMED/);
  });
});
