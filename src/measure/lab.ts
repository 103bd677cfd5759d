/**
 * For researchers: what a scheme or an index of one's own takes to be measured beside all others, in one file. Export
 * `scheme` from it and run `opaline bench tradeoff --plugin FILE`. Nothing here opens a vault's keys: those made here
 * are thrown away with the process.
 */
export type { Exchange } from './attacks/distinguisher.ts';
export { SeededRandom } from './attacks/seeded-random.ts';
export { type BenchOptions, runBench } from './bench/run-bench.ts';
export { type Comparison, compareResults } from './bench/compare.ts';
export type { LabData } from './bench/data.ts';
export { questionsOf } from './bench/questions.ts';
export { Registry } from './bench/registry.ts';
export type * from './bench/result.ts';
export type {
  Answer,
  Equality,
  FoundRows,
  LabColumn,
  LabTable,
  PreparedScheme,
  Question,
  Scheme,
  SchemeContext,
  WorkloadName,
} from './bench/scheme.ts';
export { standardRegistry } from './bench/standard-registry.ts';
export type { Suite, SuiteContext, SuiteRun } from './bench/suite.ts';
export { throwawayEngine, throwawayKey } from './bench/throwaway.ts';
export { errorOf, truthOf } from './bench/truth.ts';
