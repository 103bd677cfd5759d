import { meanInterval } from '../../src/measure/attacks/interval.ts';
import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import type {
  Ablation,
  BenchResult,
  Growth,
  Measurement,
  Privacy,
  SchemeStatement,
} from '../../src/measure/bench/result.ts';

/** An invented scheme: what it would cost, were there one. */
interface Invented extends Pick<SchemeStatement, 'scheme' | 'family' | 'whose'> {
  readonly ms: number;
  readonly advantage: number;
  readonly exponent: number;
  readonly error?: number;
  readonly rows?: number;
}

const SCHEMES: readonly Invented[] = [
  { scheme: 'plain-oak', family: 'plaintext', whose: 'peer', ms: 3, advantage: 1, exponent: 1 },
  { scheme: 'plain-elm', family: 'plaintext', whose: 'peer', ms: 9, advantage: 1, exponent: 1 },
  { scheme: 'fetch-ash', family: 'download', whose: 'peer', ms: 900, advantage: 0, exponent: 1 },
  { scheme: 'tag-fir', family: 'tags', whose: 'peer', ms: 12, advantage: 0.93, exponent: 0.1 },
  { scheme: 'tag-yew', family: 'tags', whose: 'opaline', ms: 14, advantage: 0.55, exponent: 0.1 },
  { scheme: 'list-lime', family: 'sse', whose: 'opaline', ms: 15, advantage: 0.52, exponent: 0 },
  { scheme: 'list-plum', family: 'sse', whose: 'opaline', ms: 16, advantage: 0.5, exponent: 0.02 },
  { scheme: 'list-pear', family: 'sse', whose: 'peer', ms: 48, advantage: 0.5, exponent: 0.05 },
  {
    scheme: 'mute-rowan',
    family: 'hiding',
    whose: 'opaline',
    ms: 60,
    advantage: 0.04,
    exponent: 1,
  },
  { scheme: 'mute-alder', family: 'hiding', whose: 'opaline', ms: 70, advantage: 0, exponent: 1 },
  {
    scheme: 'sum-cedar-with-a-long-name',
    family: 'homomorphic',
    whose: 'opaline',
    ms: 75,
    advantage: 0,
    exponent: 0.98,
  },
  {
    scheme: 'sum-larch',
    family: 'homomorphic',
    whose: 'peer',
    ms: 82_000,
    advantage: 0,
    exponent: 1.01,
    rows: 1000,
  },
  {
    scheme: 'near-maple',
    family: 'homomorphic',
    whose: 'opaline',
    ms: 110,
    advantage: 0,
    exponent: 1,
    error: 3e-7,
  },
  {
    scheme: 'guest-ivy',
    family: 'unheard-of',
    whose: 'plug-in',
    ms: 33,
    advantage: 0.2,
    exponent: 1,
  },
];

const WORKLOADS = ['sum', 'filtered-average', 'exact-lookup', 'keyword'];
const ROWS = 100_000;

/** A result of the right shape in which every number is invented, from a seed: nothing was measured. */
export function inventedResult(seed: number): BenchResult {
  const random = new SeededRandom(seed);
  const around = (value: number, spread: number): number =>
    value * Math.exp(spread * (random.uniform() + random.uniform() - 1));
  const runs = (ms: number): number[] => Array.from({ length: 11 }, () => around(ms, 0.2));
  const privacy = (advantage: number): Privacy => {
    const shares = Array.from({ length: 5 }, () =>
      advantage === 0 || advantage === 1 ? advantage : Math.min(1, around(advantage, 0.1)),
    );
    const found = {
      recovery: meanInterval(shares.map((share) => 0.1 + 0.9 * share)),
      measure: 'rows' as const,
      guess: 0.1,
      advantage: meanInterval(shares),
    };
    const attack = { attack: 'invented', knowledge: 'nothing that exists' };
    const attacks = [{ ...found, ...attack, on: 'queries' as const }];
    return { ...found, shows: 'Invented.', ...attack, attacks };
  };
  const measurements = WORKLOADS.flatMap((workload) =>
    SCHEMES.map(({ scheme, ms, advantage, error = 0, rows = ROWS }): Measurement => {
      const kept = Math.round(around(5e6, 3));
      return {
        workload,
        scheme,
        rows,
        ms: runs(around(ms, 1)),
        bytesUp: Math.round(around(400, 2)),
        bytesDown: Math.round(around(30_000, 4)),
        bytesAtRest: kept,
        bytesKeys: error === 0 ? 0 : kept,
        rssPeakBytes: null,
        wasmPeakBytes: kept,
        error,
        noiseMarginBits: error === 0 ? null : Math.round(around(20, 0.5)),
        privacy: privacy(advantage),
      };
    }),
  );
  const growth = SCHEMES.slice(0, 8).map(({ scheme, ms, exponent }): Growth => ({
    workload: 'sum',
    scheme,
    points: [1e4, 1e5, 1e6].map((rows) => ({
      rows,
      ms: around(ms * (rows / 1e5) ** exponent, 0.1),
    })),
    exponent,
    error: 0.03,
    expected: exponent > 0.5 ? 1 : 0,
  }));
  const ablations = (['speed', 'privacy'] as const).flatMap((kind) =>
    ['one thing', 'another thing whose name takes more than one line of a narrow plot'].map(
      (what): Ablation => ({
        workload: 'sum',
        what,
        kind,
        with: { ms: runs(20), bytesAtRest: 1e6, advantage: kind === 'speed' ? null : 0.1 },
        without: { ms: runs(50), bytesAtRest: 2e6, advantage: kind === 'speed' ? null : 0.8 },
      }),
    ),
  );
  const kernels = ['kernel-a', 'kernel-b'].flatMap((workload) =>
    ['list-lime', 'sum-larch'].map((scheme): Measurement => ({
      ...measurements[0]!,
      workload,
      scheme,
      ms: runs(around(0.02, 1)),
      privacy: privacy(0),
    })),
  );
  return {
    version: 1,
    date: '2000-01-01T00:00:00.000Z',
    command: 'no command: invented for tests',
    commit: null,
    seconds: 0,
    quick: true,
    machine: {
      cpu: 'none',
      cores: 1,
      memoryBytes: 0,
      os: 'none',
      node: 'none',
      load: [2, 0],
      versions: { 'no-package': '0.0.0' },
    },
    data: { name: 'fiction', rows: ROWS, source: 'Invented from a seed: nothing was measured.' },
    schemes: SCHEMES.map(({ scheme, family, whose }) => ({
      scheme,
      family,
      whose,
      title: `An invented scheme of the family ${family}`,
      security: 'None: it does not exist.',
    })),
    suites: [
      {
        suite: 'tradeoff',
        title: 'Invented trade-off',
        measurements,
        growth,
        ablations,
        leftOut: [{ scheme: 'sum-larch', workload: 'keyword', reason: 'it does not exist' }],
      },
      {
        suite: 'micro',
        title: 'Invented kernels',
        measurements: kernels,
        growth: [],
        ablations: [],
      },
    ],
  };
}
