import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPALINE, runNode, type ChildRun } from '../child.ts';
import { writeCsv } from '../flights/csv.ts';
import { flights, FLIGHTS_SCHEMA } from '../flights/flights.ts';
import { SqliteFlights } from '../flights/sqlite.ts';

export const PASSPHRASE = 'correct horse battery staple';

/** A folder of its own that holds the same flights as CSV, in plaintext SQLite, and encrypted. */
export interface BenchTable extends AsyncDisposable {
  readonly folder: string;
  readonly rows: number;
  /** How `opaline ingest` of the CSV file went. */
  readonly ingest: ChildRun;
}

/** Compile the program, so that what the command line runs is this tree. */
export function buildProgram(): void {
  const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
  const tsc = path('../../node_modules/typescript/bin/tsc');
  const project = path('../../tsconfig.build.json');
  execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
}

export async function makeTable(
  rows: number,
  progress: (text: string) => void,
): Promise<BenchTable> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    progress(`  writing ${rows} flights`);
    await writeCsv(join(folder, 'flights.csv'), flights(rows));
    SqliteFlights.create(join(folder, 'flights.sqlite'), flights(rows))[Symbol.dispose]();
    progress('  opaline ingest');
    const ingest = await ingestCsv(folder, 'flights.csv', '');
    return { folder, rows, ingest, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A table of a few rows in a vault of its own, `small-vault`. */
export async function makeSmallTable(folder: string, rows: number): Promise<void> {
  await writeCsv(join(folder, 'small.csv'), flights(rows));
  await ingestCsv(folder, 'small.csv', 'small-');
}

/** Run the built command line in a folder; anything but success ends the bench. */
export async function opaline(folder: string, ...args: string[]): Promise<ChildRun> {
  const run = await runNode(OPALINE, args, {
    cwd: folder,
    env: { OPALINE_PASSPHRASE: PASSPHRASE },
  });
  if (run.code !== 0) throw new Error(`opaline ${args[0]} failed: ${run.stderr}`);
  return run;
}

async function ingestCsv(folder: string, csv: string, prefix: string): Promise<ChildRun> {
  await writeFile(join(folder, 'schema.json'), JSON.stringify(FLIGHTS_SCHEMA));
  await opaline(folder, 'init', `${prefix}vault`, '--store', `${prefix}store`);
  return opaline(folder, 'ingest', `${prefix}vault`, csv, '--schema', 'schema.json');
}
