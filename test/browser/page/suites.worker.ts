/// <reference types="vite/types/importMeta.d.ts" />
/**
 * Runs test files of the project in a worker of a page, by Vitest's own runner: they import from `vitest` what
 * they import in Node, and are the same files. Only test/support has twins here (support/twins.ts).
 */
import type { RunnerTask, RunnerTestFile } from 'vitest';
import type { Outcome } from './outcome.ts';

type Load = () => Promise<unknown>;

const all = (files: Readonly<Record<string, Load>>): Load[] => Object.values(files);

const SUITES: Readonly<Record<string, readonly Load[]>> = {
  backend: [() => import('./backend.suite.ts')],
  files: [() => import('./files.suite.ts')],
  pool: [() => import('./pool.suite.ts')],
  ring: [() => import('../../conformance/ring.test.ts')],
  engine: [() => import('../../conformance/engine.test.ts')],
  'product-engine': [() => import('../../conformance/product-engine.test.ts')],
  rungs: [() => import('../../conformance/search/rungs.test.ts')],
  plan: [
    () => import('../../property/plan.test.ts'),
    ...all(
      import.meta.glob([
        '../../unit/plan/**/*.test.ts',
        // What these do they do with modules of Node's.
        '!../../unit/plan/{like,fragment-codec}.test.ts',
      ]),
    ),
  ],
  grouping: [() => import('../../conformance/grouping.test.ts')],
  'sqlite-range': [() => import('../../conformance/sqlite-range.test.ts')],
  products: [() => import('../../conformance/undeclared-products.test.ts')],
};

/** A test that asks node:sqlite has nobody to ask here. */
const RUN_HERE = /^(?!.*agree with SQLite)/;

const CONFIG = {
  root: '/',
  name: '',
  setupFiles: [],
  sequence: { shuffle: false, concurrent: false, hooks: 'stack', seed: 1 },
  passWithNoTests: false,
  allowOnly: false,
  maxConcurrency: 1,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  retry: 0,
  repeats: 0,
  includeTaskLocation: false,
  tags: [],
  strictTags: false,
  taskTitleValueFormatTruncate: 40,
  snapshotOptions: { updateSnapshot: 'none', expand: false },
  expect: {},
  experimental: {},
};

addEventListener('message', ({ data }: MessageEvent<string>) => {
  void run(data).then(
    (outcomes) => postMessage(outcomes),
    (error: unknown) =>
      postMessage([{ name: data, state: 'fail', errors: [String(error)] } satisfies Outcome]),
  );
});

async function run(suite: string): Promise<readonly Outcome[]> {
  // What Vitest's modules look for when they are loaded.
  Object.assign(globalThis, {
    __vitest_worker__: {
      config: CONFIG,
      ctx: { pool: 'browser' },
      environment: { name: 'browser' },
      filepath: suite,
      providedContext: {},
    },
  });
  const { startTests } = await import('vitest/internal/browser');
  const runner = {
    config: CONFIG,
    pool: 'browser',
    viteEnvironment: 'client',
    importFile: async () => {
      const files = SUITES[suite];
      if (files === undefined) throw new Error(`there is no suite ${suite}`);
      for (const load of files) await load();
    },
  };
  const files = await startTests(
    [{ filepath: suite, testNamePattern: RUN_HERE }] as unknown as string[],
    runner as unknown as Parameters<typeof startTests>[1],
  );
  return files.flatMap((file) => outcomesOf(file, ''));
}

function outcomesOf(task: RunnerTestFile | RunnerTask, above: string): Outcome[] {
  const name = above === '' ? task.name : `${above} > ${task.name}`;
  const errors = (task.result?.errors ?? []).map(({ message }) => message);
  const state = task.result?.state;
  if ('tasks' in task) {
    const own: Outcome[] = errors.length > 0 ? [{ name, state: 'fail', errors }] : [];
    return [...own, ...task.tasks.flatMap((child) => outcomesOf(child, name))];
  }
  const skipped = task.mode === 'skip' || task.mode === 'todo' || state === 'skip';
  return [{ name, state: skipped ? 'skip' : state === 'pass' ? 'pass' : 'fail', errors }];
}
