import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_CLOCK } from './clock.ts';
import { flightsData, type LabData } from './data.ts';
import { commitOfProgram, isInstalled, machineAfter, machineBefore } from './machine.ts';
import { reasonOf } from './prepared.ts';
import { type Registry, statementOf } from './registry.ts';
import type { BenchResult, LeftOut, SchemeStatement, SuiteMeasurements } from './result.ts';
import type { Scheme } from './scheme.ts';
import type { SuiteContext, SuiteRun } from './suite.ts';

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
  /** Takes the result as far as it is, marked as incomplete, whenever there is more of it; awaited. */
  readonly onPartial?: ((result: BenchResult) => Promise<void>) | undefined;
}

/** Packages that are at work whatever the schemes. */
const PACKAGES = ['node-seal', 'libpg-query', 'piscina'];

/**
 * Runs suites over schemes, all in this process and on the same data.
 * @throws USAGE for names that are not registered, ABORTED, and what reading the data throws
 */
export async function runBench(registry: Registry, options: BenchOptions): Promise<BenchResult> {
  const { quick, rows, command, signal, onProgress = () => {}, onPartial } = options;
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
  const commit = await commitOfProgram();
  const resultOf = (all: readonly SuiteMeasurements[]): BenchResult => ({
    version: 1,
    date: begun.toISOString(),
    command,
    commit,
    seconds: (Date.now() - begun.getTime()) / 1000,
    quick,
    machine: machineAfter(machine),
    data: { name: data.name, rows: mostRowsOf(all), source: data.source },
    schemes: [...statements.values()],
    suites: all,
  });
  const folder = await mkdtemp(join(tmpdir(), 'opaline-bench-'));
  try {
    for (const [i, suite] of suites.entries()) {
      let at = '';
      let last: SuiteRun = NOTHING;
      const taken = (found: SuiteRun): SuiteMeasurements => {
        const { statements: more = [], leftOut = [], ...measurements } = found;
        for (const statement of more) statements.set(statement.scheme, statement);
        const { name, title } = suite;
        return { suite: name, title, ...measurements, leftOut: [...missing, ...leftOut] };
      };
      const context: SuiteContext = {
        schemes,
        data,
        quick,
        rows,
        clock: SYSTEM_CLOCK,
        folder,
        signal,
        onProgress: (share, what) => {
          const done = (i + share) / suites.length;
          at = `${Math.floor(100 * done)} %, ${suite.name}: ${what}`;
          onProgress(done, `${suite.name}: ${what}`);
        },
        onFound: async (soFar) => {
          last = soFar;
          const incomplete = `this is what there was at ${at}`;
          await onPartial?.({ ...resultOf([...measured, taken(soFar)]), incomplete });
        },
      };
      try {
        measured.push(taken(await suite.run(context)));
      } catch (error) {
        // A suite of several that fails is not to lose the others, nor what it had.
        if (signal.aborted || suites.length === 1) throw error;
        const failed = { scheme: 'all', reason: `the suite failed: ${reasonOf(error)}` };
        measured.push(taken({ ...last, leftOut: [...(last.leftOut ?? []), failed] }));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return resultOf(measured);
}

const NOTHING: SuiteRun = { measurements: [], growth: [], ablations: [] };

function missingPackages({ name, packages = [] }: Scheme): LeftOut[] {
  const missing = packages.filter((one) => !isInstalled(one));
  if (missing.length === 0) return [];
  return [{ scheme: name, reason: `not installed: ${missing.join(', ')}` }];
}

function mostRowsOf(suites: readonly SuiteMeasurements[]): number {
  return Math.max(0, ...suites.flatMap((suite) => suite.measurements.map(({ rows }) => rows)));
}
