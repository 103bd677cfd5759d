import { dealKey } from '../../src/keys/threshold/deal.ts';
import { fuse } from '../../src/keys/threshold/fuse.ts';
import { partialDecryption } from '../../src/keys/threshold/partial.ts';
import { thresholdParameters } from '../../src/params/presets.ts';
import { type Spread, spread, timed } from '../samples.ts';

const ROWS = 1_000_000;
const LIMBS = 6;

/** What custodians and gate compute for one sum, by itself: a partial decryption, and three of them put together. */
export async function arithmetic(rounds: number): Promise<Record<'partial' | 'fuse', Spread>> {
  const { key, shares } = await dealKey(3, 5);
  const parameters = thresholdParameters(key.division);
  const primes = parameters.dataPrimes.slice(0, LIMBS);
  const a = Uint32Array.from({ length: LIMBS * parameters.n }, (_, i) => (i * 48_271) % 1_000_003);
  const sample = { limbs: LIMBS, a, b: Uint32Array.from(primes, () => 1) };
  const times = { partial: [] as number[], fuse: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const [partial, ms] = await timed(() =>
      partialDecryption(parameters, shares[0]!, sample, [1, 2, 3], ROWS),
    );
    times.partial.push(ms);
    const [, fused] = await timed(() => {
      // Of a random sum: refused as not of one, after all the work.
      try {
        fuse(parameters, sample.b, [partial, partial, partial], ROWS);
      } catch {
        return;
      }
    });
    times.fuse.push(fused);
  }
  return { partial: spread(times.partial), fuse: spread(times.fuse) };
}
