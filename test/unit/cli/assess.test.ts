import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckId } from '../../../src/policy/assessment/checks.ts';
import { openVaultFile, sealVault } from '../../../src/keys/sealed.ts';
import { openFolder } from '../../../src/client/local/vault-folder.ts';
import { BEDS, CONTEXT, govern, POLICY, putPolicy, SCHEMA } from '../../support/assessed.ts';
import { type Canary, filesOf, findCanaries, textCanary } from '../../support/canaries.ts';
import { opaline, type Run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'opaline-assess-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LEAST_COST = { memory: 8, passes: 1, parallelism: 1 };
const passphrase = textCanary('the passphrase');
const person = textCanary('a cell that nobody may see');
const ward = textCanary('a cell of a searched column');
const context = join(folder, 'context.json');
const backup = join(folder, 'backup.opal');
/** A vault, its store and its governance, to be copied and broken. */
const whole = join(folder, 'whole');
const vaultOf = (place: string): string => join(place, 'vault');
const storeOf = (place: string): string => join(place, 'store');

const cli = (...args: string[]): Promise<Run> =>
  opaline(args, { env: { OPALINE_PASSPHRASE: passphrase.text } });
const assess = (place: string, ...args: string[]): Promise<Run> =>
  cli('assess', vaultOf(place), '--store', storeOf(place), ...args);

interface Report {
  readonly logged: { log: string; entry: number } | null;
  readonly checks: readonly { id: CheckId; status: string; found: string; entry: number | null }[];
  readonly risks: readonly {
    id: string;
    residual: { score: number };
    inherent: { score: number };
  }[];
  readonly map: { tables: { table: string; columns: { name: string; indexes: object[] }[] }[] };
  readonly scope: string;
}

const reportOf = ({ stdout }: Run): Report => JSON.parse(stdout) as Report;
const statusOf = (report: Report): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ id, status }) => [id, status]));

beforeAll(async () => {
  mkdirSync(whole);
  const rows = [`${person.text},${ward.text},3`, `Ogg,${ward.text},1`, 'Garlick,A1,8'];
  writeFileSync(join(folder, 'visits.csv'), `patient,ward,days\n${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'schema.json'), JSON.stringify(SCHEMA));
  writeFileSync(context, JSON.stringify(CONTEXT));
  expect(await cli('init', vaultOf(whole), '--store', storeOf(whole))).toMatchObject({ code: 0 });
  await openQuickly(vaultOf(whole));
  const files = [join(folder, 'visits.csv'), '--schema', join(folder, 'schema.json')];
  expect(await cli('ingest', vaultOf(whole), ...files)).toMatchObject({ code: 0, stderr: '' });
  expect(await cli('backup', vaultOf(whole), backup)).toMatchObject({ code: 0 });
});

let copies = 0;
/** A copy of the vault and its store. */
function copy(of: string = whole): string {
  const place = join(folder, `copy-${copies++}`);
  cpSync(of, place, { recursive: true });
  return place;
}

/** A second table, under a policy that lets it be collected; the policy of before follows. */
async function ingestStays(place: string): Promise<Run> {
  const csv = join(place, 'stays.csv');
  writeFileSync(csv, 'nights\n1\n2\n');
  const beds = { ...BEDS, table: 'stays', fields: ['nights'], consent: null };
  await putPolicy(vaultOf(place), { ...POLICY, purposes: { beds } });
  const run = await cli('ingest', vaultOf(place), csv, '--store', storeOf(place));
  await putPolicy(vaultOf(place), POLICY);
  return run;
}

/** One with a policy, and so with a log, that was assessed: something is in the log, and pinned. */
let assessed: string;
let first: Run;
beforeAll(async () => {
  assessed = copy();
  await govern(vaultOf(assessed), passphrase.text);
  first = await assess(assessed, '--context', context, '--backup', backup, '--format', 'json');
});

describe('a vault with a policy', () => {
  test('passes every check, and each result is an entry of its log', async () => {
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const report = reportOf(first);
    expect(report.checks.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(report.checks).toHaveLength(18);
    expect(report.checks.map(({ entry }) => entry)).toEqual(report.checks.map((_, i) => i));
    expect(report.logged).toMatchObject({ entry: 18 });
    const audit = await cli('audit', 'report', join(vaultOf(assessed), 'governance', 'log'));
    expect(audit).toMatchObject({ code: 0 });
    expect(audit.stdout).toMatch(/^assessment\.check +18 /m);
    expect(audit.stdout).toMatch(/^assessment +1 /m);
  });

  test('the map tells columns and what their indexes show, and risks are lowered', () => {
    const { map, risks } = reportOf(first);
    expect(map).toMatchObject({
      store: 'local folder',
      subjects: { atLeast: 3, atMost: 3 },
      tables: [
        {
          table: 'visits',
          rows: 3,
          subject: 'patient',
          subjects: { atLeast: 3, atMost: 3 },
          columns: [
            {
              name: 'patient',
              class: 'sensitive',
              indexes: [{ index: 'oblivious', exposure: 'hidden' }],
            },
            {
              name: 'ward',
              class: 'personal',
              purposes: ['beds'],
              indexes: [{ index: 'sse', exposure: 'queries' }],
            },
            {
              name: 'days',
              class: 'sensitive',
              purposes: ['beds'],
              indexes: [{ index: 'sse-padded', exposure: 'padded' }],
            },
          ],
        },
      ],
    });
    expect(risks.some(({ inherent, residual }) => residual.score < inherent.score)).toBe(true);
  });

  test('what was declared is kept for the next one, and the log goes on', async () => {
    const place = copy(assessed);
    const again = reportOf(await assess(place, '--format', 'json'));
    expect(again).toMatchObject({
      officer: { name: 'Moss' },
      scope: reportOf(first).scope,
      logged: { entry: 37 },
    });
    const printed = await assess(place, '--print-context');
    expect(JSON.parse(printed.stdout)).toEqual(CONTEXT);
  });
});

describe('each check fails when what it checks is broken, and is told in the report and by the exit', () => {
  const breaks: readonly (readonly [CheckId, (place: string) => void | Promise<void>, RegExp])[] = [
    [
      'vault-private',
      (place) => chmodSync(join(vaultOf(place), 'keys.opal'), 0o644),
      /^keys\.opal: mode 644$/,
    ],
    ['store-whole', (place) => rmSync(largestPart(place)), /visits: the store has lost part /],
    [
      'keys-apart',
      (place) => copyFileSync(backup, join(storeOf(place), 'harmless.bin')),
      /^harmless\.bin is of a vault$/,
    ],
    [
      'log-verifies',
      (place) => {
        const file = logFile(place, 'tile/entries');
        const bytes = readFileSync(file);
        bytes[9]! ^= 1;
        writeFileSync(file, bytes);
      },
      /tile\/entries/,
    ],
    [
      'log-verifies',
      (place) => rmSync(join(vaultOf(place), 'governance', 'log'), { recursive: true }),
      /^it is gone$/,
    ],
    [
      'consent-ledger',
      (place) => appendFileSync(join(vaultOf(place), 'governance', 'consent.opal'), 'x'),
      /^VAULT_CORRUPT: /,
    ],
  ];
  test.each(breaks)('%s', async (id, breakIt, found) => {
    const place = copy(assessed);
    await breakIt(place);
    const run = await assess(place, '--format', 'json');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^(Not in force: [^\n]+\n)?opaline: CHECK_FAILED: [^\n]+\n$/);
    const { checks, logged } = reportOf(run);
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([
      expect.objectContaining({
        id,
        status: 'failed',
        found: expect.stringMatching(found) as string,
      }),
    ]);
    expect(logged === null).toBe(id === 'log-verifies');
  });

  test('log-verifies: a log that was rolled back to an older copy of itself', async () => {
    const place = copy(assessed);
    const log = join(vaultOf(place), 'governance', 'log');
    const older = join(place, 'older');
    cpSync(log, older, { recursive: true });
    expect(await assess(place)).toMatchObject({ code: 0 });
    rmSync(log, { recursive: true });
    cpSync(older, log, { recursive: true });
    const run = await assess(place, '--format', 'json');
    expect(run.code).toBe(1);
    expect(statusOf(reportOf(run))['log-verifies']).toBe('failed');
    expect(reportOf(run).logged).toBeNull();
  });

  test('vault-opens: the key of a table is gone', async () => {
    const place = copy(assessed);
    const keys = join(vaultOf(place), 'keys.opal');
    copyFileSync(keys, join(place, 'keys.before'));
    expect(await ingestStays(place)).toMatchObject({ code: 0 });
    copyFileSync(join(place, 'keys.before'), keys);
    const run = await assess(place, '--context', context, '--format', 'json');
    expect(statusOf(reportOf(run))).toMatchObject({
      'vault-opens': 'failed',
      'store-whole': 'failed',
    });
    expect(reportOf(run).checks.find(({ id }) => id === 'vault-opens')?.found).toBe(
      'stays: its key is missing',
    );
  });

  test('backup-restores: of another vault, of before a table, and no backup at all', async () => {
    const place = copy(assessed);
    const other = join(place, 'other');
    await cli('init', other, '--store', join(place, 'other-store'));
    await cli('backup', other, join(place, 'other.backup'));
    writeFileSync(join(place, 'noise'), 'noise');
    expect(await ingestStays(place)).toMatchObject({ code: 0 });
    const found = async (...args: string[]) => {
      const report = reportOf(
        await assess(place, '--context', context, '--format', 'json', ...args),
      );
      return report.checks.find(({ id }) => id === 'backup-restores');
    };
    expect(await found('--backup', backup)).toMatchObject({
      status: 'failed',
      found: 'stays: made before its key of now',
    });
    expect(await found('--backup', join(place, 'other.backup'))).toMatchObject({
      status: 'failed',
      found: 'it is of another vault',
    });
    expect((await found('--backup', join(place, 'noise')))?.found).toMatch(/^BACKUP_INVALID: /);
    expect(await found()).toMatchObject({ status: 'not-run' });
  });
});

describe('a vault without a policy', () => {
  test('is assessed, and nothing is in force or written', async () => {
    const place = copy();
    const before = readdirSync(vaultOf(place));
    const run = await assess(place, '--context', context);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stderr).toMatch(/^Not in force: [^\n]+\n$/);
    expect(run.stdout).toMatch(/^# Assessment of the impact on personal information/);
    expect(run.stdout).toContain('Ward & \\<Sons\\>');
    expect(run.stdout).toMatch(/^\| The audit log .* \| not run \| the vault has no policy/m);
    expect(readdirSync(vaultOf(place))).toEqual(before);
  });

  test('in which nothing is declared says what is not known, and that nobody answers', async () => {
    const run = await assess(copy(), '--format', 'json');
    expect(run.code).toBe(1);
    const report = reportOf(run);
    expect(statusOf(report)).toMatchObject({ 'officer-appointed': 'failed' });
    expect(report).toMatchObject({ officerDue: 'unknown', logged: null });
  });
});

describe('options', () => {
  test('--out decides the form by its name', async () => {
    const place = copy();
    for (const [name, start] of [
      ['report.html', /^<!doctype html>/],
      ['report.md', /^# Assessment/],
      ['report.json', /^\{/],
    ] as const) {
      const out = join(place, name);
      const run = await assess(place, '--context', context, '--out', out);
      expect(run).toMatchObject({ code: 0, stdout: `${out}\n` });
      expect(readFileSync(out, 'utf8')).toMatch(start);
    }
  });

  test.each<[string, string[], RegExp]>([
    ['a name that says nothing', ['--out', 'report'], /pass --format/],
    ['a context that is no JSON', ['--context', join(folder, 'visits.csv')], /is not JSON/],
    ['a context of another form', ['--context', join(folder, 'schema.json')], /organisation: /],
  ])('%s is refused', async (_, args, reason) => {
    const run = await assess(whole, ...args);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(reason);
  });
});

test('no cell, no passphrase and no key is in any form of the report, nor in the governance folder', async () => {
  const place = copy(assessed);
  const outputs: { name: string; bytes: Uint8Array }[] = [];
  for (const format of ['html', 'markdown', 'json']) {
    const args = ['--context', context, '--backup', backup, '--deep', '--format', format];
    const { code, stdout, stderr } = await assess(place, ...args);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(2000);
    outputs.push({ name: format, bytes: Buffer.from(stdout + stderr) });
  }
  const { secrets } = await openFolder(vaultOf(place), passphrase.text);
  const keys: Canary[] = [
    ['signing', secrets.signing],
    ['ring', secrets.ring.slice(64, 96)],
    ['audit', secrets.localKey('audit-signing')],
    ['record', secrets.localKey('governance/assessment')],
  ].map(([what, bytes]) => keyCanary(`key ${what as string}`, bytes as Uint8Array));
  await secrets.close();
  const haystacks = [...outputs, ...filesOf(join(vaultOf(place), 'governance'))];
  expect(findCanaries(haystacks, [passphrase, person, ward, ...keys])).toEqual([]);
  // The search finds what is there.
  const seeded = { name: 'seeded', bytes: Buffer.from(`| ${person.text} |`) };
  expect(findCanaries([seeded], [person])).toHaveLength(1);
});

function keyCanary(what: string, bytes: Uint8Array): Canary {
  const own = Buffer.from(bytes);
  return {
    what,
    forms: [
      { form: 'bytes', bytes: own },
      { form: 'hex', bytes: Buffer.from(own.toString('hex')) },
      {
        form: 'base64',
        bytes: Buffer.from(own.toString('base64').replace(/=+$/, '').slice(0, -1)),
      },
    ],
  };
}

/** A ciphertext column: the largest file of the store. */
function largestPart(place: string): string {
  const files = readdirSync(storeOf(place), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith('parts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return files.sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
}

function logFile(place: string, under: string): string {
  const base = join(vaultOf(place), 'governance', 'log', under);
  const [file] = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return join(file!.parentPath, file!.name);
}

/** The vault is opened many times: under a passphrase that is stretched as little as a vault may have it. */
async function openQuickly(vault: string): Promise<void> {
  const file = join(vault, 'vault.opal');
  const contents = await openVaultFile(readFileSync(file), passphrase.text, file);
  writeFileSync(file, sealVault(contents, passphrase.text, LEAST_COST));
}
