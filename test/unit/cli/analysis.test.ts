import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { opaline, type Run } from './run.ts';

const PASSPHRASE = 'a long enough passphrase';

const folder = mkdtempSync(join(tmpdir(), 'opaline-analysis-'));
const vault = join(folder, 'vault');
const NOTICE = 'No policy file: owner mode, exact answers, no cohort floor.\n';

const CSV = `ward,days,"unit, price",fee
A,0,1,1
A,1,2,2
B,2,4,4
B,3,9,4
,4,1,
`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cli = (args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: PASSPHRASE } });
const regress = (...args: string[]): Promise<Run> =>
  cli(['regress', vault, 'stays', '--y', 'fee', ...args]);
const anova = (...args: string[]): Promise<Run> =>
  cli(['anova', vault, 'stays', '--y', 'fee', ...args]);

beforeAll(async () => {
  const csv = join(folder, 'stays.csv');
  writeFileSync(csv, CSV);
  expect(await cli(['init', vault, '--store', join(folder, 'store')])).toMatchObject({ code: 0 });
  await sealCheaply(vault, PASSPHRASE);
  expect(await cli(['ingest', vault, csv])).toMatchObject({ code: 0 });
});

describe('regress', () => {
  test('aligned tables, and one notice on stderr', async () => {
    const { code, stdout, stderr } = await regress('--x', 'days');
    expect({ code, stderr }).toEqual({ code: 0, stderr: NOTICE });
    expect(stdout.split('\n')).toEqual([
      'term         estimate                    standard error                                t',
      '───────────  ────────  ────────────────────────────────  ───────────────────────────────',
      '(intercept)       1.1  0.494974746830583267080591053473  2.22233559801486364811693942376',
      'days              1.1  0.264575131106459059050161575364  4.15760920310149949935968189858',
      '',
      'source      df  sum of squares  mean square                                F',
      '──────────  ──  ──────────────  ───────────  ───────────────────────────────',
      'regression   1            6.05         6.05  17.2857142857142857142857142857',
      'residual     2             0.7         0.35',
      'total        3            6.75',
      '',
      'statistic                                               value',
      '───────────────────────────  ────────────────────────────────',
      'rows                                                        4',
      'residual standard deviation  0.591607978309961604256732829156',
      'R²                           0.896296296296296296296296296296',
      '',
    ]);
  });

  test('--format csv: one value a line; a name with a comma is quoted', async () => {
    const { stdout } = await regress('--x', '"unit, price", days', '--format', 'csv');
    const lines = stdout.split('\r\n');
    expect(lines.slice(0, 2)).toEqual([
      'part,of,statistic,value',
      'coefficient,(intercept),estimate,1.13095238095238095238095238095',
    ]);
    expect(lines).toContain('coefficient,"unit, price",estimate,-0.309523809523809523809523809524');
    expect(lines).toContain('anova,total,f,');
    expect(lines.slice(-4)).toEqual([
      'summary,,rows,4',
      'summary,,residualSd,0.545544725589980953165243713539',
      'summary,,r2,0.955908289241622574955908289242',
      '',
    ]);
  });

  test('--format json: exact texts, leakage and stats', async () => {
    const where = ['--where', 'days < $1 AND ward = $2', '--param', '3', '--param', 'A'];
    const { stdout } = await regress('--x', 'days', '--no-intercept', ...where, '--format', 'json');
    expect(stdout.split('\n')).toHaveLength(2);
    const result = JSON.parse(stdout) as object;
    expect(Object.keys(result)).toEqual([
      'rows',
      'coefficients',
      'anova',
      'residualSd',
      'r2',
      'leakage',
      'stats',
    ]);
    // Through the origin and (0, 1), (1, 2): slope 2, residual 1.
    expect(result).toMatchObject({
      rows: '2',
      coefficients: [{ term: 'days', estimate: '2', standardError: '1', t: '2' }],
      anova: [{ source: 'regression', df: '1', sumOfSquares: '4', f: '4' }, {}, {}],
      residualSd: '1',
      r2: '0.8',
      stats: { rowsMatched: 2, rounds: 2, error: null },
    });
  });

  test('a refusal is one line', async () => {
    expect(await regress('--x', 'days,days^2')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'opaline: CAPABILITY_MISSING: regression on the sum of days^3 needs what this table does not ' +
        'have: declare "derived": {"days2":"days*days"} in the schema, and ingest again\n',
    });
    expect(await regress('--x', 'days', '--x', 'days')).toMatchObject({
      code: 1,
      stderr: 'opaline: DESIGN_SINGULAR: the term days is a combination of days\n',
    });
    expect(await regress('--x', 'ward')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^opaline: TYPE_MISMATCH: /) as string,
    });
  });

  test('usage', async () => {
    expect(await regress()).toMatchObject({ code: 2, stdout: '' });
    expect(await regress('--x', '')).toMatchObject({
      code: 2,
      stderr: 'opaline: USAGE: give at least one term\n',
    });
    expect(await cli(['regress', vault, 'stays', '--x', 'days'])).toMatchObject({ code: 2 });
    const { stdout } = await cli(['regress', '--help']);
    expect(stdout).toContain('--no-intercept');
    expect(stdout).toContain('No p-values');
  });
});

describe('anova', () => {
  test('aligned tables', async () => {
    const { code, stdout, stderr } = await anova('--by', 'ward');
    expect({ code, stderr }).toEqual({ code: 0, stderr: NOTICE });
    expect(stdout.split('\n')).toEqual([
      'source   df  sum of squares  mean square   F',
      '───────  ──  ──────────────  ───────────  ──',
      'between   1            6.25         6.25  25',
      'within    2             0.5         0.25',
      'total     3            6.75',
      '',
      'statistic                                               value',
      '───────────────────────────  ────────────────────────────────',
      'rows                                                        4',
      'groups                                                      2',
      'residual standard deviation                               0.5',
      'R²                           0.925925925925925925925925925926',
      '',
    ]);
  });

  test('--format json', async () => {
    const { stdout } = await anova('--by', 'ward', '--format', 'json');
    const result = JSON.parse(stdout) as object;
    expect(Object.keys(result)).toEqual([
      'rows',
      'groups',
      'anova',
      'residualSd',
      'r2',
      'leakage',
      'stats',
    ]);
    const { leakage } = result as { leakage: { node: string }[] };
    expect(leakage.map(({ node }) => node)).toEqual(['groupBy on ward', 'null on fee', 'sum']);
  });

  test('one group is too few', async () => {
    const where = ['--where', 'ward = $1', '--param', 'A'];
    expect(await anova('--by', 'ward', ...where)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'opaline: TOO_FEW_ROWS: at least 2 groups without NULL are needed, and there is 1\n',
    });
  });
});
