import { SeededRandom } from '../../attacks/seeded-random.ts';
import type { Clock } from '../clock.ts';
import { FULL, QUICK } from '../effort.ts';
import type { MicroCase } from '../micro/micro-case.ts';
import { ringCases } from '../micro/ring-cases.ts';
import { sealCases } from '../micro/seal-cases.ts';
import { reasonOf } from '../prepared.ts';
import type { LeftOut, Measurement, Privacy, SchemeStatement } from '../result.ts';
import { type Outcome, takeTurns } from '../runner.ts';
import type { Suite } from '../suite.ts';

/** A sample holds as many calls as fill this, so that the clock's grain is no part of it. */
const SAMPLE_MS = 1;
/** The WebAssembly optimiser has come through by then. */
const WARM_UP_MS = 30;

/** Operations by themselves: operation × scheme × parameters × size. */
export const micro: Suite = {
  name: 'micro',
  title: 'Operations by themselves',
  run: async ({ quick, clock, signal, onProgress }) => {
    onProgress(0, 'making keys');
    const cases = [...ringCases(), ...(await sealCases(quick))];
    const { limits } = quick ? QUICK : FULL;
    const contenders = cases.map((one) => ({ run: sampleOf(one, clock) }));
    const outcomes = await takeTurns(contenders, limits, {
      clock,
      random: new SeededRandom(cases.length),
      signal,
      onProgress: (done, total) => onProgress(done / total, 'operations'),
    });
    const measurements: Measurement[] = [];
    const leftOut: LeftOut[] = [];
    cases.forEach((one, i) => {
      const outcome = outcomes[i]!;
      if ('failure' in outcome) {
        const reason = `it failed: ${reasonOf(outcome.failure)}`;
        leftOut.push({ scheme: one.scheme, workload: one.operation, reason });
      } else {
        measurements.push(measurementOf(one, outcome));
      }
    });
    return { measurements, growth: [], ablations: [], leftOut, statements: STATEMENTS };
  },
};

/** Runs a sample's calls; what `takeTurns` times is divided by their number. */
function sampleOf({ call }: MicroCase, clock: Clock): () => Promise<number> {
  let repeats = 0;
  return () => {
    if (repeats === 0) repeats = calibrated(call, clock);
    for (let i = 0; i < repeats; i++) call();
    return Promise.resolve(repeats);
  };
}

function calibrated(call: () => void, clock: Clock): number {
  const begun = clock.now();
  let calls = 0;
  do {
    call();
    calls++;
  } while (clock.now() - begun < WARM_UP_MS);
  const each = (clock.now() - begun) / calls;
  return Math.max(1, Math.ceil(SAMPLE_MS / each));
}

function measurementOf(
  { operation, scheme, parameters, values, made }: MicroCase,
  { ms, last: repeats }: Outcome<number>,
): Measurement {
  const { bytes, keyBytes, error, noiseMarginBits } = made?.() ?? {};
  return {
    workload: operation,
    scheme,
    parameters,
    rows: values,
    ms: ms.map((sample) => sample / (repeats ?? 1)),
    bytesUp: null,
    bytesDown: null,
    bytesAtRest: bytes ?? null,
    bytesKeys: keyBytes ?? null,
    rssPeakBytes: null,
    wasmPeakBytes: null,
    error: error ?? 0,
    noiseMarginBits: noiseMarginBits ?? null,
    privacy: NOBODY_LOOKS,
  };
}

const none = { mean: 0, interval: [0, 0] as const };
const NOBODY_LOOKS: Privacy = {
  shows: 'an operation by itself: what a store sees is a question of what it is used for',
  attack: null,
  knowledge: null,
  recovery: none,
  measure: 'rows',
  guess: 0,
  advantage: none,
};

const RLWE = 'semantic security of ciphertexts under RLWE, at 128 bits of the HE standard';
const STATEMENTS: readonly SchemeStatement[] = [
  {
    scheme: 'opaline-kernels',
    title: 'Opaline’s ring arithmetic, WebAssembly with SIMD',
    security: `none by itself; parameters give ${RLWE}`,
    family: 'homomorphic',
    whose: 'opaline',
  },
  {
    scheme: 'plain-kernels',
    title: 'The same ring arithmetic, written plainly with BigInt',
    security: `none by itself; parameters give ${RLWE}`,
    family: 'homomorphic',
    whose: 'opaline',
  },
  ...(['bfv', 'bgv', 'ckks'] as const).map((name): SchemeStatement => ({
    scheme: `node-seal-${name}`,
    title: `Microsoft SEAL’s ${name.toUpperCase()} by node-seal`,
    security:
      name === 'ckks'
        ? `${RLWE}; decryptions must not leave the owner without noise of their own (IND-CPA^D)`
        : RLWE,
    family: 'homomorphic',
    whose: 'peer',
  })),
];
