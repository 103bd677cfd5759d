/** What queries are made of, as fast as this machine does it. */
export interface Speeds {
  /** Milliseconds to decrypt one sum. */
  readonly decryptSum: number;
  /** Milliseconds to expand and decrypt a chunk of a column. */
  readonly decryptChunk: number;
  /** How much longer the store's kernels take than run/evaluate/cost.ts says. A store elsewhere is taken to be like this machine. */
  readonly kernels: number;
}

/** Of the machine that the kernels' costs were measured on (bench/micro/README.md). */
export const REFERENCE_SPEEDS: Speeds = { decryptSum: 0.1, decryptChunk: 2, kernels: 1 };

/** No machine is further from the reference than this: a measurement that says so was disturbed. */
const FARTHEST = 30;

/** The speeds, each within reason. */
export function plausibleSpeeds(measured: Speeds): Speeds {
  const near = (value: number, reference: number): number =>
    Math.min(reference * FARTHEST, Math.max(reference / FARTHEST, value));
  return {
    decryptSum: near(measured.decryptSum, REFERENCE_SPEEDS.decryptSum),
    decryptChunk: near(measured.decryptChunk, REFERENCE_SPEEDS.decryptChunk),
    kernels: near(measured.kernels, REFERENCE_SPEEDS.kernels),
  };
}
