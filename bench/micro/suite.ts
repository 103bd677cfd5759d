import { cost, rate, type Figure, type Line, type SuiteResult } from '../report.ts';
import { digits, type Spread } from '../samples.ts';
import { bandwidthCases } from './bandwidth-cases.ts';
import { encryptCases } from './encrypt-cases.ts';
import { measure, type Result } from './measure.ts';
import { productCases, sealProductCases } from './product-cases.ts';
import { ringCases } from './ring-cases.ts';
import { scoreCases, sealScoreCases } from './score-cases.ts';
import { sealCases } from './seal-cases.ts';
import { twoThreads } from './two-threads.ts';

const SAMPLES_A_ROUND = 20;

/**
 * Kernels against node-seal and a plain read of memory, in this thread of this process and, where
 * threads are compared, in two of its own.
 */
export async function microSuite(rounds: number): Promise<SuiteResult> {
  const cases = [
    ...ringCases(),
    ...productCases(),
    ...scoreCases(),
    ...(await sealCases()),
    ...(await sealProductCases()),
    ...(await sealScoreCases()),
    ...(await bandwidthCases()),
    ...(await encryptCases()),
  ];
  const results = measure(cases, rounds, SAMPLES_A_ROUND);
  const threads = await twoThreads(4 * rounds);
  return {
    lines: [...kernelLines(results), threadsLine(threads)],
    details: { results: results.map((result) => ({ ...result, spread: undefined })) },
    samples: Object.fromEntries([
      ...results.map(({ name, spread }): [string, Spread] => [`${name} (µs a unit)`, spread]),
      ...Object.entries(threads).flatMap(([kernel, { one, two }]): [string, Spread][] => [
        [`${kernel}, 1 thread (units a second)`, one],
        [`${kernel}, 2 threads (units a second)`, two],
      ]),
    ]),
  };
}

const OURS = 'n = 4096, 3 limbs of 27 bits';
const FASTEST = 'node-seal 7, n = 4096, {36, 36, 37} bits, resident ciphertexts';

function kernelLines(results: readonly Result[]): Line[] {
  const of = (prefix: string): Result => {
    const found = results.find((result) => result.name.startsWith(prefix));
    if (found === undefined) throw new Error(`no case begins with: ${prefix}`);
    return found;
  };
  const time = (prefix: string, who: string): Figure => {
    const { us, spread } = of(prefix);
    return { who, value: us, unit: 'µs', median: spread.p50 };
  };
  /** A rate at the best sample, and at the median one. */
  const perSecond = (
    prefix: string,
    field: 'millionRowsPerSecond' | 'gigabytesPerSecond',
    who: string,
  ): Figure => {
    const { us, spread, [field]: value = Number.NaN } = of(prefix);
    const unit = field === 'gigabytesPerSecond' ? 'GB/s' : 'M rows/s';
    return { who, value, unit, median: (value * us) / spread.p50 };
  };
  const resident = 'addPolynomials, resident column in one call';
  return [
    rate({
      what: 'SUM over a resident column, rows',
      ours: perSecond(resident, 'millionRowsPerSecond', OURS),
      peer: perSecond('node-seal addInplace', 'millionRowsPerSecond', `addInplace, ${FASTEST}`),
      wanted: 2.5,
    }),
    rate({
      what: 'SUM over a resident column, bytes',
      ours: perSecond(resident, 'gigabytesPerSecond', OURS),
      peer: perSecond('plain f64 sum', 'gigabytesPerSecond', 'plain sum of doubles, SIMD in WASM'),
      wanted: 0.5,
    }),
    cost({
      what: 'forward NTT, n = 4096, a limb',
      ours: time('forwardNtt', 'one 27-bit limb'),
      peer: time('node-seal cipherTransformToNtt', `cipherTransformToNtt, a limb and polynomial`),
      wanted: 6,
    }),
    cost({
      what: 'filtered SUM, 10 % of a chunk’s rows at random: mask, NTT, multiply-accumulate, gather',
      ours: time('filtered sum', OURS),
      peer: time('node-seal multiplyPlain + add, per', `multiplyPlain + addInplace, ${FASTEST}`),
      wanted: 12,
    }),
    cost({
      what: 'the same against everything kept in NTT form',
      ours: time('filtered sum', OURS),
      peer: time(
        'node-seal multiplyPlain + add in NTT',
        `plainTransformToNtt + multiplyPlain + addInplace, ${FASTEST}`,
      ),
      wanted: 5,
    }),
    rate({
      what: 'SUM(x*y), product preset, rows',
      ours: perSecond(
        'tensorAccumulate, n = 8192',
        'millionRowsPerSecond',
        'n = 8192, 7 limbs of 27 bits, which leave room for a mask; none here',
      ),
      peer: perSecond(
        'node-seal BGV multiply + add',
        'millionRowsPerSecond',
        'node-seal 7 multiply + addInplace, n = 8192, {43, 43, 43, 43} bits, no room for a mask',
      ),
      wanted: 10,
    }),
    rate({
      what: 'encrypt a column: split, pack, encrypt, wire form',
      ours: perSecond('encrypt a column', 'millionRowsPerSecond', `${OURS} + special prime`),
      peer: perSecond(
        'node-seal encryptSymmetric, per',
        'millionRowsPerSecond',
        'node-seal 7 encryptSymmetric alone, same parameters, plaintexts loaded',
      ),
      wanted: 0.8,
    }),
  ];
}

/** 1.7 times one thread, or else 85 % of what two threads can read. */
function threadsLine({ bandwidth, sum }: Awaited<ReturnType<typeof twoThreads>>): Line {
  const figure = (who: string, { p100, p50 }: Spread): Figure => ({
    who,
    value: p100 / 1e9,
    unit: 'GB/s',
    median: p50 / 1e9,
  });
  const share = sum.two.p100 / bandwidth.two.p100;
  const line = rate({
    what: 'SUM over resident columns, two threads against one',
    ours: figure('two threads', sum.two),
    peer: figure('one thread', sum.one),
    wanted: 1.7,
    note:
      `or 85 % of what two threads read: ${digits(100 * share, 3)} % of ` +
      `${digits(bandwidth.two.p100 / 1e9, 3)} GB/s (one thread reads ` +
      `${digits(bandwidth.one.p100 / 1e9, 3)} GB/s)`,
  });
  return { ...line, met: line.met || share >= 0.85 };
}
