/**
 * `npm run bench -- [micro] [queries] [cluster] [search] [verified] [custody] [browser] [options]`: the table of speeds to reach, measured in one run.
 * See bench/README.md.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { circumstances, load } from './machine.ts';
import { linesText, type Line, type SuiteResult } from './report.ts';

const HELP = `npm run bench -- [micro] [queries] [cluster] [search] [verified] [custody] [browser] [--quick] [--rows N] [--json FILE]

  micro        kernels against node-seal and a plain read of memory, and encryption
  queries      a table through the public API and the command line against node:sqlite
  cluster      two worker processes against one; needs redis-server
  search       encrypted indexes against what is wanted of them and other people's
  verified     what verifying answers of the store costs; nothing is wanted of it but that others cost no more
  custody      what a divided key costs, two of three custodians in processes of their own; no more is wanted than that
               nothing is wrong with it
  browser      encryption and queries in Chromium against Node
  --rows N     rows of the table of queries and cluster (default 3000000; with --quick 524288)
  --quick      fewer rows and rounds: a look, not a result
  --json FILE  also write everything measured to a file
  --help       this text

Without a name micro and queries run. Exits with 1 where a line misses what is wanted.
`;

interface Wanted {
  readonly suites: readonly SuiteName[];
  readonly quick: boolean;
  readonly rows: number;
  readonly json: string | undefined;
}

const SUITES = {
  micro: async ({ quick }: Wanted): Promise<SuiteResult> => {
    const { microSuite } = await import('./micro/suite.ts');
    return microSuite(quick ? 2 : 5);
  },
  cluster: async ({ quick, rows }: Wanted): Promise<SuiteResult> => {
    const { clusterSuite } = await import('./cluster/suite.ts');
    return clusterSuite({ rows, rounds: quick ? 2 : 4, progress });
  },
  queries: async ({ quick, rows }: Wanted): Promise<SuiteResult> => {
    const { queriesSuite } = await import('./queries/suite.ts');
    return queriesSuite({ rows, rounds: quick ? 3 : 5, progress });
  },
  search: async ({ quick }: Wanted): Promise<SuiteResult> => {
    const { searchSuite } = await import('./search/suite.ts');
    return searchSuite({ quick, progress });
  },
  verified: async ({ quick, rows }: Wanted): Promise<SuiteResult> => {
    const { verifiedSuite } = await import('./verified/suite.ts');
    const most = quick ? 2 ** 16 : 1_000_000;
    return verifiedSuite({ rows: Math.min(rows, most), rounds: quick ? 3 : 9, progress });
  },
  custody: async ({ quick, rows }: Wanted): Promise<SuiteResult> => {
    const { custodySuite } = await import('./custody/suite.ts');
    const most = quick ? 2 ** 16 : 1_000_000;
    return custodySuite({ rows: Math.min(rows, most), rounds: quick ? 3 : 9, progress });
  },
  browser: async ({ quick }: Wanted): Promise<SuiteResult> => {
    const { browserSuite } = await import('./browser/suite.ts');
    return browserSuite({ rows: 100_000, rounds: quick ? 2 : 5, progress });
  },
};
type SuiteName = keyof typeof SUITES;

const wanted = readArguments();
if (wanted !== undefined) await run(wanted);

async function run(wanted: Wanted): Promise<void> {
  const about = circumstances(['npm run bench --', ...process.argv.slice(2)].join(' '));
  const results: Partial<Record<SuiteName, SuiteResult>> = {};
  const lines: Line[] = [];
  for (const name of wanted.suites) {
    progress(`${name} …`);
    const result = await SUITES[name](wanted);
    results[name] = result;
    lines.push(...result.lines);
    console.log(`\n${name}\n\n${linesText(result.lines)}`);
    if (result.table !== undefined) console.log(`\n${result.table}`);
  }
  const missed = lines.filter(({ met }) => !met).length;
  console.log(`\n${lines.length - missed} of ${lines.length} met`);
  if (wanted.json !== undefined) {
    const found = { ...about, loadAtEnd: load(), ...results };
    await writeFile(wanted.json, `${JSON.stringify(found, null, 2)}\n`);
  }
  process.exitCode = missed === 0 ? 0 : 1;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Undefined where there is nothing to run: help was printed, or the arguments are wrong. */
function readArguments(): Wanted | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        rows: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return undefined;
    }
    const suites = positionals.map((name) => {
      if (!Object.hasOwn(SUITES, name)) throw new Error(`there is no suite ${name}`);
      return name as SuiteName;
    });
    const rows = Number(values.rows ?? (values.quick ? 2 ** 19 : 3_000_000));
    if (!Number.isInteger(rows) || rows < 10_000) throw new Error('--rows takes 10000 or more');
    const all: readonly SuiteName[] = ['micro', 'queries'];
    return {
      suites: suites.length === 0 ? all : suites,
      quick: values.quick,
      rows,
      json: values.json,
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : 'wrong arguments'}\n${HELP}`);
    process.exitCode = 2;
    return undefined;
  }
}
