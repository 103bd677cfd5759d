import fc from 'fast-check';
import { isOpalineError } from '../../src/errors/index.ts';

/** A parser, and valid inputs to alter. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly parse: (bytes: Uint8Array) => unknown;
}

/** Processor time one input may take, collection of garbage included. */
const MOST_MICROSECONDS = 500_000;

/** What counts, lengths and tags are set to: the ends of ranges, and just past them. */
const TELLING = [
  0,
  1,
  2,
  7,
  0x7f,
  0x80,
  0xff,
  0x100,
  0xffff,
  0x10000,
  2 ** 18,
  2 ** 18 + 1,
  2 ** 27,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
];

type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly width: number; readonly value: number }
  | { readonly kind: 'cut'; readonly at: number; readonly length: number }
  | {
      readonly kind: 'repeat';
      readonly at: number;
      readonly length: number;
      readonly times: number;
    }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly at: number };

/** Headers are small and matter most: half of all places are in the first 200 bytes. */
const place = fc.oneof(fc.nat(200), fc.nat(1 << 20));
const length = fc.oneof(fc.nat(16), fc.nat(300));
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('set' as const),
    at: place,
    width: fc.constantFrom(1, 2, 4, 8),
    value: fc.oneof(fc.constantFrom(...TELLING), fc.nat(0xffffffff)),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: place, length }),
  fc.record({ kind: fc.constant('repeat' as const), at: place, length, times: fc.nat(20) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
  fc.record({ kind: fc.constant('truncate' as const), at: place }),
);

function apply(bytes: Uint8Array, { at: where, ...how }: Change): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = where % bytes.length;
  switch (how.kind) {
    case 'flip': {
      const out = bytes.slice();
      out[at]! ^= 1 << how.bit;
      return out;
    }
    case 'set': {
      const out = bytes.slice();
      let rest = how.value;
      for (let i = at; i < at + how.width && i < out.length; i++) {
        out[i] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      return out;
    }
    case 'cut':
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + how.length));
    case 'repeat': {
      const piece = Array.from(bytes.subarray(at, at + how.length));
      const run = Array.from({ length: how.times }, () => piece).flat();
      return Uint8Array.of(...bytes.subarray(0, at), ...run, ...bytes.subarray(at));
    }
    case 'insert':
      return Uint8Array.of(...bytes.subarray(0, at), ...how.bytes, ...bytes.subarray(at));
    case 'truncate':
      return bytes.slice(0, at);
    default:
      return how satisfies never;
  }
}

/** An altered seed in three cases of four, else random bytes, half of them behind a seed's start. */
function inputs(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const seed = fc.constantFrom(...seeds);
  const altered = fc
    .tuple(seed, fc.array(change, { minLength: 1, maxLength: 5 }))
    .map(([bytes, changes]) => changes.reduce(apply, bytes));
  const noise = fc.uint8Array({ maxLength: 400 });
  const headed = fc
    .tuple(seed, fc.nat(120), noise)
    .map(([bytes, keep, rest]) => Uint8Array.of(...bytes.subarray(0, keep), ...rest));
  return fc.oneof(
    { weight: 6, arbitrary: altered },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: headed },
  );
}

/**
 * Feeds `runs` inputs to a parser. It may accept them or refuse them by type: anything else thrown,
 * INTERNAL, and more time than MOST_MICROSECONDS fails, with the input shrunk. Seeds must be accepted.
 *
 * Returns how many inputs were accepted.
 */
export async function fuzz(
  target: Target,
  runs: number,
  { shrink = true }: { readonly shrink?: boolean } = {},
): Promise<number> {
  for (const seed of target.seeds) await target.parse(seed);
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(inputs(target.seeds), async (bytes) => {
      const before = process.cpuUsage();
      try {
        await target.parse(bytes);
        accepted += 1;
      } catch (error) {
        if (!isOpalineError(error)) throw error;
        if (error.code === 'INTERNAL') throw new Error(error.message, { cause: error });
      }
      const { user, system } = process.cpuUsage(before);
      if (user + system > MOST_MICROSECONDS) throw new Error(`it took ${user + system} µs`);
    }),
    { numRuns: runs, endOnFailure: !shrink },
  );
  return accepted;
}
