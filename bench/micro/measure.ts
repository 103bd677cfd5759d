import { digits, spread, type Spread } from '../samples.ts';

/** One kernel: `call` runs it once; `bytes` and `items` are what one call reads and produces. */
export interface Case {
  readonly name: string;
  /** Memory traffic of one call in bytes, where that is what bounds it. */
  readonly bytes?: number;
  /** Units of work in one call: limbs, exponents, polynomials, ciphertexts. 1 unless given. */
  readonly units?: number;
  /** Rows of a column that one call covers. */
  readonly rows?: number;
  readonly call: () => void;
}

export interface Result {
  readonly name: string;
  /** Microseconds a unit, the least over all samples. */
  readonly us: number;
  readonly gigabytesPerSecond?: number;
  readonly millionRowsPerSecond?: number;
  /** Microseconds a unit, over all samples. */
  readonly spread: Spread;
}

const SAMPLE_MS = 1;

/**
 * The least time of a unit over many samples. Cases take turns, round after round, so that a slow
 * phase of the machine meets all of them; the minimum is the kernel without its neighbours.
 */
export function measure(cases: readonly Case[], rounds: number, samplesEach: number): Result[] {
  const samples = cases.map((): number[] => []);
  const repeats = cases.map((item) => calibrate(item.call));
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, item] of cases.entries()) {
      for (let sample = 0; sample < samplesEach; sample += 1) {
        samples[i]?.push(time(item.call, repeats[i] ?? 1) / (repeats[i] ?? 1));
      }
    }
  }
  return cases.map((item, i) => describe(item, samples[i] ?? []));
}

function describe(item: Case, samples: readonly number[]): Result {
  const micros = samples.map((ms) => (ms * 1000) / (item.units ?? 1));
  const best = Math.min(...samples);
  return {
    name: item.name,
    us: digits(Math.min(...micros), 3),
    ...(item.bytes === undefined ? {} : { gigabytesPerSecond: digits(item.bytes / best / 1e6, 3) }),
    ...(item.rows === undefined ? {} : { millionRowsPerSecond: digits(item.rows / best / 1e3, 3) }),
    spread: spread(micros),
  };
}

/** Warm the call up (the WebAssembly optimiser included) and find how many fill a sample. */
function calibrate(call: () => void): number {
  const start = performance.now();
  while (performance.now() - start < 30) call();
  let repeats = 1;
  while (time(call, repeats) < SAMPLE_MS / 2) repeats *= 2;
  return repeats;
}

function time(call: () => void, repeats: number): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i += 1) call();
  return performance.now() - start;
}
