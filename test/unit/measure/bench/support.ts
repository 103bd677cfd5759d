import type { BenchResult, Measurement, Privacy } from '../../../../src/measure/bench/result.ts';
import type { LabTable } from '../../../../src/measure/bench/scheme.ts';
import { codedText } from '../../../../src/measure/bench/text-coder.ts';

const none = { mean: 0, interval: [0, 0] as const };
const PRIVACY: Privacy = {
  shows: '',
  attack: null,
  knowledge: null,
  recovery: none,
  measure: 'rows',
  guess: 0,
  advantage: none,
};

export function measurement(given: Partial<Measurement> & { ms: readonly number[] }): Measurement {
  return {
    workload: 'sum',
    scheme: 'one',
    rows: 1000,
    bytesUp: null,
    bytesDown: null,
    bytesAtRest: null,
    bytesKeys: null,
    rssPeakBytes: null,
    wasmPeakBytes: null,
    error: 0,
    noiseMarginBits: null,
    privacy: PRIVACY,
    ...given,
  };
}

export function resultOf(measurements: readonly Measurement[]): BenchResult {
  return {
    version: 1,
    date: '2026-01-01T00:00:00.000Z',
    command: 'opaline bench',
    commit: null,
    seconds: 1,
    quick: true,
    machine: {
      cpu: 'a',
      cores: 2,
      memoryBytes: 1,
      os: 'b',
      node: 'v26',
      load: [0, 0],
      versions: {},
    },
    data: { name: 'flights', rows: 1000, source: 'made up' },
    schemes: [],
    suites: [{ suite: 'tradeoff', title: 'T', measurements, growth: [], ablations: [] }],
  };
}

/** A table of every kind of column from plain values. */
export function tableOf(columns: {
  readonly numbers?: Readonly<Record<string, readonly number[]>>;
  readonly texts?: Readonly<Record<string, readonly string[]>>;
  readonly documents?: Readonly<Record<string, readonly string[]>>;
}): LabTable {
  const { numbers = {}, texts = {}, documents = {} } = columns;
  const all = [...Object.values(numbers), ...Object.values(texts), ...Object.values(documents)];
  return {
    name: 'table',
    rows: all[0]!.length,
    columns: {
      ...mapped(numbers, (values) => ({ kind: 'integer', values: Int32Array.from(values) })),
      ...mapped(texts, (values) => codedText(values)),
      ...mapped(documents, (values) => ({ kind: 'document', texts: values })),
    },
  };
}

function mapped<T>(
  from: Readonly<Record<string, T>>,
  make: (value: T) => LabTable['columns'][string],
): LabTable['columns'] {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(value)]));
}
