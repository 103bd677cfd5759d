import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectBytes } from '../../../src/cli/inspect/inspect-file.ts';
import { sealCheaply } from '../../support/seal-cheaply.ts';
import { type Run, type RunOptions, opaline } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-commands-'));
const vault = join(folder, 'vault');
const store = join(folder, 'store');
const csv = join(folder, 'visits.csv');
const PASSPHRASE = 'a long enough passphrase';
const SECRET_CELL = 'Weatherwax';

const CSV = `patient,ward,days,fee
${SECRET_CELL},B2,3,120.50
Ogg,B2,1,80.25
Garlick,A1,8,
Ogg,B2,2,99.99
`;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command with the passphrase in the environment. */
function cli(args: string[], options: RunOptions = {}): Promise<Run> {
  return opaline(args, { ...options, env: { OPALINE_PASSPHRASE: PASSPHRASE, ...options.env } });
}

const query = (sql: string, ...more: string[]): Promise<Run> => cli(['query', vault, sql, ...more]);

beforeAll(async () => {
  writeFileSync(csv, CSV);
  const init = await cli(['init', vault, '--store', store]);
  expect(init).toMatchObject({ code: 0 });
  expect(init.stdout).toContain(store);
  expect(init.stderr).toMatch(/^Keep .*[Vv]ault lost = data lost.*\n$/);
  await sealCheaply(vault, PASSPHRASE);
  const ingest = await cli(['ingest', vault, csv]);
  expect(ingest).toMatchObject({ code: 0, stderr: '' });
  expect(ingest.stdout).toMatch(/^visits: 4 rows in 1 segment, epoch 1, [^\n]+\n$/);
});

describe('query', () => {
  test('a table, and one notice line on stderr', async () => {
    const { code, stdout, stderr } = await query(
      'SELECT ward, COUNT(*), AVG(fee) FROM visits GROUP BY ward ORDER BY ward',
    );
    expect(stdout.split('\n')).toEqual([
      'ward  count                              avg',
      '────  ─────  ───────────────────────────────',
      'A1        1                             NULL',
      'B2        3  100.246666666666666666666666667',
      '',
    ]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^No policy file: owner mode[^\n]*\n$/);
  });

  test('--format csv', async () => {
    const sql = 'SELECT ward, SUM(fee) AS "total, all" FROM visits GROUP BY ward ORDER BY ward';
    const { stdout } = await query(sql, '--format', 'csv');
    expect(stdout).toBe('ward,"total, all"\r\nA1,\r\nB2,300.74\r\n');
  });

  test('--format json: exact values are strings, leakage and stats are there', async () => {
    const { stdout } = await query('SELECT AVG(days) FROM visits', '--format', 'json');
    expect(stdout.split('\n')).toHaveLength(2);
    const result: unknown = JSON.parse(stdout);
    expect(Object.keys(result as object)).toEqual(['columns', 'rows', 'leakage', 'stats']);
    expect(result).toMatchObject({ columns: ['avg'], rows: [['3.5']], stats: { error: null } });
    expect(Object.keys((result as { stats: object }).stats)).toEqual([
      'ms',
      'rowsMatched',
      'bytesUp',
      'bytesDown',
      'rounds',
      'bound',
      'error',
    ]);
  });

  test('--param in order', async () => {
    const sql = 'SELECT COUNT(*) FROM visits WHERE ward = $1 AND days BETWEEN $2 AND $3';
    const { stdout } = await query(
      sql,
      '--param',
      'B2',
      '--param',
      '-1',
      '--param',
      '2',
      '--format',
      'csv',
    );
    expect(stdout).toBe('count\r\n2\r\n');
  });

  test.each<[string, string, string[], string]>([
    ['SQL that does not parse', 'SELEC 1', [], 'SQL_SYNTAX'],
    ['a spare parameter', 'SELECT COUNT(*) FROM visits', ['--param', '1'], 'PARAMETER_UNUSED'],
  ])('%s: exit 1, one line on stderr, nothing on stdout', async (_, sql, more, code) => {
    const result = await query(sql, ...more);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^opaline: ${code}: [^\\n]+\\n$`));
  });
});

describe('query --file', () => {
  const sql = `SELECT COUNT(*) FROM visits; -- a comment; with a semicolon
SELECT nope FROM visits;
SELECT ward FROM visits WHERE patient = 'O''gg;';`;

  test('a file: one JSON line a statement, the rest still run, exit 1', async () => {
    const file = join(folder, 'queries.sql');
    writeFileSync(file, `\ufeff${sql}`);
    const { code, stdout, stderr } = await cli(['query', vault, '--file', file]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    const [first, second, third] = lines.map((line): unknown => JSON.parse(line));
    expect(first).toMatchObject({ columns: ['count'], rows: [['4']] });
    expect(second).toEqual({
      error: {
        code: 'UNKNOWN_COLUMN',
        message: expect.any(String) as string,
        hint: expect.any(String) as string,
        retryable: false,
      },
    });
    expect(third).toMatchObject({ columns: ['ward'], rows: [] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^No policy file: owner mode[^\n]*\n$/);
  });

  test('stdin; all answered, so exit 0', async () => {
    const args = ['query', vault, '--file', '-', '--format', 'json'];
    const { code, stdout } = await cli(args, { input: 'SELECT COUNT(*) FROM visits;;\n' });
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await cli(['query', vault, '--file', join(folder, 'none.sql')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^opaline: INPUT_NOT_FOUND: [^\n]+\n$/);
  });
});

describe('ingest', () => {
  test('--print-schema prints a schema that ingest takes, and needs no vault', async () => {
    const printed = await opaline(['ingest', join(folder, 'nowhere'), csv, '--print-schema']);
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const schema = JSON.parse(printed.stdout) as Record<string, unknown>;
    expect(schema).toMatchObject({
      version: 1,
      table: 'visits',
      columns: {
        days: { type: 'integer' },
        fee: { type: 'decimal', scale: 2, nullable: true },
      },
    });
    const file = join(folder, 'schema.json');
    writeFileSync(file, JSON.stringify({ ...schema, table: 'again' }));
    const result = await cli(['ingest', vault, csv, '--schema', file]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^again: 4 rows/);
  });

  test('an existing table needs --append', async () => {
    const named = ['ingest', vault, csv, '--table', 'appended'];
    expect((await cli(named)).code).toBe(0);
    const refused = await cli(named);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^opaline: TABLE_EXISTS: [^\n]+\n$/);
    expect((await cli([...named, '--append'])).stdout).toMatch(/^appended: 4 rows/);
    const { stdout } = await query('SELECT COUNT(*) FROM appended', '--format', 'csv');
    expect(stdout).toBe('count\r\n8\r\n');
  });

  test('--input-format for a name that tells nothing', async () => {
    const file = join(folder, 'data.txt');
    writeFileSync(file, '{"x":1}\n{"x":2}\n');
    const refused = await cli(['ingest', vault, file]);
    expect(refused.stderr).toMatch(/^opaline: INPUT_FORMAT_UNKNOWN: /);
    const result = await cli(['ingest', vault, file, '--input-format', 'ndjson', '--table', 'j']);
    expect(result.stdout).toMatch(/^j: 2 rows/);
  });

  test('a schema that is a program runs only when trusted', async () => {
    const file = join(folder, 'schema.ts');
    const ran = join(folder, 'ran');
    writeFileSync(
      file,
      `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(ran)}, '');
export const schema: object = { version: 1, table: 'typed', columns: {
  patient: { type: 'text' }, ward: { type: 'text' }, days: { type: 'integer' },
  fee: { type: 'decimal', scale: 2, nullable: true } } };
`,
    );
    const refused = await cli(['ingest', vault, csv, '--schema', file]);
    expect(refused.stderr).toMatch(/^opaline: SCHEMA_UNTRUSTED: /);
    expect(readdirSync(folder)).not.toContain('ran');
    const trusted = await cli(['ingest', vault, csv, '--schema', file, '--trust-schema']);
    expect(trusted.stdout).toMatch(/^typed: 4 rows/);
  });

  test('a malformed cell: its place is told, its value is not', async () => {
    const schema = join(folder, 'schema.json');
    writeFileSync(
      schema,
      JSON.stringify({ version: 1, table: 'bad', columns: { a: { type: 'integer' } } }),
    );
    const file = join(folder, 'bad.csv');
    writeFileSync(file, `a\n1\n${SECRET_CELL}\n`);
    const { code, stderr } = await cli(['ingest', vault, file, '--schema', schema]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^opaline: VALUE_INVALID: line 3[^\n]*\n$/);
    expect(stderr).not.toContain(SECRET_CELL);
  });
});

describe('interrupted', () => {
  test('SIGINT: exit 130, one line, and the table is not there', async () => {
    const file = join(folder, 'large.csv');
    writeFileSync(file, `x\n${'1\n'.repeat(300_000)}`);
    const tables = readdirSync(store).length;
    // The first segment is at the store, the manifest is not: nobody may see the table.
    const interruptWhen = (): boolean => readdirSync(store).length > tables;
    const result = await cli(['ingest', vault, file], { interruptWhen });
    expect(result).toMatchObject({ code: 130, stdout: '' });
    expect(result.stderr).toMatch(/^opaline: ABORTED: [^\n]+\n$/);
    const { stderr } = await query('SELECT COUNT(*) FROM large');
    expect(stderr).toMatch(/^opaline: UNKNOWN_TABLE: /);
  });
});

describe('tables, explain', () => {
  test('tables lists sizes and columns', async () => {
    const { code, stdout, stderr } = await cli(['tables', vault]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^table +rows +pending +deleted +segments +epoch +columns +B\/row\n/);
    expect(stdout).toMatch(/^visits +4 +0 +0 +1 +1 +4 /m);
    expect(stdout).toMatch(/^ {2}6 ciphertext columns, bytes a row in each: [\d.]+ uploaded, /m);
    expect(stdout).toContain('\nvisits:\n  patient text\n');
    expect(stdout).toContain('\ntyped:\n  patient text not null\n');
    expect(stdout).toContain('  fee decimal(2)\n');
  });

  test('tables --format json is one object a line', async () => {
    const { stdout } = await cli(['tables', vault, '--format', 'json']);
    const infos = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { table: string; schema: unknown });
    expect(infos.find((info) => info.table === 'visits')).toMatchObject({
      rows: 4,
      schema: { version: 1, columns: { fee: { type: 'decimal', scale: 2 } } },
    });
  });

  test('explain shows plan, cost and leakage', async () => {
    const args = ['explain', vault, 'SELECT AVG(fee) FROM visits WHERE ward = $1', '--param', 'B2'];
    const { code, stdout, stderr } = await cli(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const titles = [...stdout.matchAll(/^\S.*$/gm)].map(String);
    expect(titles.slice(0, 3)).toEqual(['Verdict', 'Plan', 'Cost']);
    expect(titles).toContain('What the store learns');
    expect(stdout).toMatch(/^ {4}at rest {3}\S/m);
    const json = await cli([...args, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'answerable' });
  });
});

describe('score', () => {
  const model = join(folder, 'model.json');
  const score = (...more: string[]): Promise<Run> =>
    cli(['score', vault, 'visits', '--model', model, ...more]);

  test('a model of a file, rows of a condition, groups', async () => {
    writeFileSync(model, JSON.stringify({ weights: { days: 0.5 }, intercept: 1 }));
    const { code, stdout, stderr } = await score('--group-by', 'ward', '--format', 'csv');
    expect(stdout).toBe('ward,count,mean,total\r\nA1,1,5,5\r\nB2,3,2,6\r\n');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^No policy file: owner mode[^\n]*\n$/);
    const some = await score('--where', 'ward = $1', '--param', 'A1', '--format', 'json');
    expect(JSON.parse(some.stdout)).toMatchObject({ rows: [['1', '5', '5']] });
  });

  test('a file that is no model is refused', async () => {
    writeFileSync(model, '{"weights":');
    expect(await score()).toMatchObject({ code: 1, stdout: '' });
    writeFileSync(model, '{"weights":{"days":"0.5"}}');
    expect((await score()).stderr).toMatch(/^opaline: MODEL_INVALID: [^\n]*"days"[^\n]*\n$/);
  });
});

describe('passphrase and store', () => {
  test.each<[string, string[], Record<string, string>, string]>([
    ['none given', [], {}, 'PASSPHRASE_REQUIRED'],
    ['an empty one', [], { OPALINE_PASSPHRASE: '' }, 'PASSPHRASE_WEAK'],
    ['a wrong one', [], { OPALINE_PASSPHRASE: 'wrong' }, 'PASSPHRASE_WRONG'],
    ['a missing file', ['--passphrase-file', 'none'], {}, 'INPUT_NOT_FOUND'],
  ])('%s', async (_, more, env, code) => {
    const result = await opaline(['tables', vault, ...more], { env });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^opaline: ${code}: [^\\n]+\\n$`));
  });

  test('a passphrase file', async () => {
    const file = join(folder, 'passphrase');
    writeFileSync(file, `${PASSPHRASE}\n`);
    const result = await opaline(['tables', vault, '--passphrase-file', file]);
    expect(result.code).toBe(0);
  });

  test('no vault, a vault twice, a store that is not there', async () => {
    const none = await cli(['tables', join(folder, 'nowhere')]);
    expect(none.stderr).toMatch(/^opaline: VAULT_NOT_FOUND: /);
    const twice = await cli(['init', vault, '--store', store]);
    expect(twice.stderr).toMatch(/^opaline: VAULT_EXISTS: [^\n]+\n$/);
    const away = await cli(['tables', vault, '--store', join(folder, 'nowhere')]);
    expect(away.stderr).toMatch(/^opaline: STORE_NOT_FOUND: [^\n]+\n$/);
  });

  test.each([
    ['a gate', ['tables', 'http://127.0.0.1:8788'], 'USAGE', 2],
    ['another scheme', ['init', join(folder, 'v2'), '--store', 's3://bucket'], 'USAGE', 2],
    [
      'nobody',
      ['init', join(folder, 'v2'), '--store', 'http://127.0.0.1:1'],
      'STORE_UNREACHABLE',
      1,
    ],
  ])('%s at an address is refused by type', async (_, args, expected, exit) => {
    const { code, stderr } = await cli(args);
    expect(code).toBe(exit);
    expect(stderr).toMatch(new RegExp(`^opaline: ${expected}: [^\\n]+\\n$`));
  });

  test('the store’s folder holds no plaintext, and inspect knows every file in it', async () => {
    for (const name of readdirSync(store, { recursive: true, encoding: 'utf8' })) {
      const path = join(store, name);
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      expect(bytes.includes(SECRET_CELL)).toBe(false);
      expect(bytes.includes('visits')).toBe(false);
      expect(await inspectBytes(bytes)).toMatchObject({ valid: true, problems: [], version: 1 });
    }
  });
});
