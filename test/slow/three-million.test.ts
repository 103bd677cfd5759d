import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode, type ChildRun } from '../../bench/child.ts';
import { writeCsv } from '../../bench/flights/csv.ts';
import { FLIGHTS_SCHEMA, flights } from '../../bench/flights/flights.ts';
import { SqliteFlights } from '../../bench/flights/sqlite.ts';
import { columnBytes } from '../../bench/flights/store-bytes.ts';
import type { Vault } from '../../src/client/api.ts';
import { openVault } from '../../src/client/open-vault.ts';
import { QUESTIONS } from './three-million-questions.ts';

const ROWS = 3_000_000;
const PASSPHRASE = 'three million rows';
const SOURCE = fileURLToPath(new URL('../unit/cli/from-source.mjs', import.meta.url));

let folder: string;
let plain: SqliteFlights;
const at = (name: string): string => join(folder, name);
const opaline = (args: readonly string[], interruptWhen?: () => boolean): Promise<ChildRun> =>
  runNode(SOURCE, args, {
    env: { OPALINE_PASSPHRASE: PASSPHRASE },
    ...(interruptWhen === undefined ? {} : { interruptWhen }),
  });
const ingest = (vault: string, interruptWhen?: () => boolean): Promise<ChildRun> =>
  opaline(['ingest', at(vault), at('flights.csv'), '--schema', at('schema.json')], interruptWhen);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opaline-slow-'));
  await writeCsv(at('flights.csv'), flights(ROWS));
  await writeFile(at('schema.json'), JSON.stringify(FLIGHTS_SCHEMA));
  plain = SqliteFlights.create(at('flights.sqlite'), flights(ROWS));
});

afterAll(async () => {
  plain[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('three million rows', () => {
  let run: ChildRun;

  beforeAll(async () => {
    const made = await opaline(['init', at('vault'), '--store', at('store')]);
    expect(made.code, made.stderr).toBe(0);
    run = await ingest('vault');
  });

  test('are encrypted in less than 1.5 GB of memory', () => {
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^flights: 3,000,000 rows in 12 segments, epoch 1/);
    expect(run.peakBytes).toBeGreaterThan(0);
    expect(run.peakBytes).toBeLessThan(1.5e9);
  });

  test('take at most 11 bytes a row and column on their way, and 24.1 at rest', async () => {
    const { columns, wire, atRest } = await columnBytes(at('store'));
    // delay, delay², distance, distance² and delay · distance, each in one limb.
    expect(columns).toBe(5);
    expect(wire).toBeLessThanOrEqual(11);
    expect(atRest).toBeLessThanOrEqual(24.1);
  });

  describe('give the answers of plaintext SQLite to the last digit:', () => {
    let vault: Vault;

    beforeAll(async () => {
      vault = await openVault(at('vault'), { passphrase: PASSPHRASE });
    });

    afterAll(async () => {
      await vault.close();
    });

    test.each(QUESTIONS)('$title', async ({ sql, plainSql, finish }) => {
      const wanted = plain.query(plainSql).map(finish);
      expect(wanted.length).toBeGreaterThan(0);
      expect((await vault.query(sql)).rows).toEqual(wanted);
    });
  });
});

describe('an ingest that is interrupted', () => {
  test('leaves no table and no part behind', async () => {
    const made = await opaline(['init', at('other-vault'), '--store', at('other-store')]);
    expect(made.code, made.stderr).toBe(0);
    const parts = (): string[] =>
      readdirSync(at('other-store'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name);
    const run = await ingest('other-vault', () => parts().length > 4);
    expect(run.code).toBe(130);
    expect(run.stderr).toBe('opaline: ABORTED: cancelled\n');
    expect(parts()).toEqual([]);
    const listed = await opaline(['tables', at('other-vault')]);
    expect(listed).toMatchObject({ code: 0, stdout: 'no tables\n' });
  });
});
