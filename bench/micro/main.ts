/**
 * One thread, one process: our kernels, node-seal and a plain read of memory take turns.
 * `node bench/micro/main.ts [rounds]` prints JSON. Build the kernels first (npm run build:wasm).
 */
import os from 'node:os';
import { bandwidthCases } from './bandwidth-cases.ts';
import { measure, round, type Result } from './measure.ts';
import { ringCases, tensorCases } from './ring-cases.ts';
import { sealCases } from './seal-cases.ts';

const rounds = Number(process.argv[2] ?? 5);
const results = measure(
  [...ringCases(), ...tensorCases(), ...(await sealCases()), ...(await bandwidthCases())],
  rounds,
  20,
);

const of = (prefix: string): Result => {
  const found = results.find((result) => result.name.startsWith(prefix));
  if (found === undefined) throw new Error(`no case begins with: ${prefix}`);
  return found;
};
const rows = (prefix: string): number => of(prefix).millionRowsPerSecond ?? NaN;
const speed = (prefix: string): number => of(prefix).gigabytesPerSecond ?? NaN;

const ratios = {
  'sum of a resident column / node-seal addInplace, rows (wanted 2.5)': round(
    rows('addPolynomials, resident column in one call') / rows('node-seal addInplace'),
  ),
  'sum of a resident column / plain f64 sum, bytes (wanted 0.5)': round(
    speed('addPolynomials, resident column in one call') / speed('plain f64 sum'),
  ),
  'sum of a resident column / f64 sum of eight streams, bytes': round(
    speed('addPolynomials, resident column in one call') / speed('f64 sum of eight streams'),
  ),
  'node-seal cipherTransformToNtt / forwardNtt, time a limb (wanted 6)': round(
    of('node-seal cipherTransformToNtt').us / of('forwardNtt').us,
  ),
  'node-seal cipherTransformFromNtt / inverseNtt, time a limb': round(
    of('node-seal cipherTransformFromNtt').us / of('inverseNtt').us,
  ),
  'node-seal multiplyPlain + add / filtered sum, time a chunk (wanted 12)': round(
    of('node-seal multiplyPlain + add, per').us / of('filtered sum').us,
  ),
  'the same in NTT form (wanted 5)': round(
    of('node-seal multiplyPlain + add in NTT form').us / of('filtered sum').us,
  ),
};

console.log(
  JSON.stringify(
    { cpu: os.cpus()[0]?.model, node: process.version, load: os.loadavg()[0], results, ratios },
    null,
    2,
  ),
);
