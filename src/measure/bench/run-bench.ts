import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from './clock.ts';
import { flightsData, type LabData } from './data.ts';
import { commitOfProgram, isInstalled, machineAfter, machineBefore } from './machine.ts';
import { type Registry, statementOf } from './registry.ts';
import type { BenchResult, LeftOut, SchemeStatement, SuiteMeasurements } from './result.ts';
import type { Scheme } from './scheme.ts';

export interface BenchOptions {
  /** Default: all that are registered. */
  readonly suites?: readonly string[] | undefined;
  readonly schemes?: readonly string[] | undefined;
  readonly quick: boolean;
  /** Instead of the suites' own sizes. */
  readonly rows?: number | undefined;
  /** Default: the lab's flights. */
  readonly data?: LabData | undefined;
  /** As typed, for the result. */
  readonly command: string;
  readonly signal: AbortSignal;
  /** Share that is done, 0 to 1, and what is being done. */
  readonly onProgress?: (share: number, what: string) => void;
}

/** Packages that are at work whatever the schemes. */
const PACKAGES = ['node-seal', 'libpg-query', 'piscina'];

/**
 * Runs suites over schemes, all in this process and on the same data.
 * @throws USAGE for names that are not registered, ABORTED, and what reading the data throws
 */
export async function runBench(registry: Registry, options: BenchOptions): Promise<BenchResult> {
  const { quick, rows, command, signal, onProgress = () => {} } = options;
  const suites = registry.suitesNamed(options.suites);
  const asked = registry.schemesNamed(options.schemes);
  const missing = asked.flatMap(missingPackages);
  const schemes = asked.filter(({ name }) => !missing.some(({ scheme }) => scheme === name));
  const data = options.data ?? (await flightsData());
  const packages = schemes.flatMap((scheme) => scheme.packages ?? []);
  const machine = machineBefore([...new Set([...PACKAGES, ...packages])].sort());
  const begun = new Date();
  const measured: SuiteMeasurements[] = [];
  const statements = new Map<string, SchemeStatement>();
  for (const scheme of schemes) statements.set(scheme.name, statementOf(scheme));
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
  try {
    for (const [i, suite] of suites.entries()) {
      const found = await suite.run({
        schemes,
        data,
        quick,
        rows,
        clock: SYSTEM_CLOCK,
        folder,
        signal,
        onProgress: (share, what) =>
          onProgress((i + share) / suites.length, `${suite.name}: ${what}`),
      });
      const { statements: more = [], leftOut = [], ...measurements } = found;
      for (const statement of more) statements.set(statement.scheme, statement);
      measured.push({
        suite: suite.name,
        title: suite.title,
        ...measurements,
        leftOut: [...missing, ...leftOut],
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    version: 1,
    date: begun.toISOString(),
    command,
    commit: await commitOfProgram(),
    seconds: (Date.now() - begun.getTime()) / 1000,
    quick,
    machine: machineAfter(machine),
    data: { name: data.name, rows: mostRowsOf(measured), source: data.source },
    schemes: [...statements.values()],
    suites: measured,
  };
}

function missingPackages({ name, packages = [] }: Scheme): LeftOut[] {
  const missing = packages.filter((one) => !isInstalled(one));
  if (missing.length === 0) return [];
  return [{ scheme: name, reason: `not installed: ${missing.join(', ')}` }];
}

function mostRowsOf(suites: readonly SuiteMeasurements[]): number {
  return Math.max(0, ...suites.flatMap((suite) => suite.measurements.map(({ rows }) => rows)));
}
