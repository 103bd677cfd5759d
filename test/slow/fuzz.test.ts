import { describe, test } from 'vitest';
import { fuzz } from '../support/fuzz.ts';
import { fuzzTargets } from '../support/fuzz-targets.ts';

/** As test/fault/hostile-fuzz.test.ts, with a hundred thousand inputs over all parsers. */
const INPUTS = 100_000;

describe('altered and random bytes are refused by type, in bounded time, by the parser of', () => {
  const targets = fuzzTargets();
  const each = Math.ceil(INPUTS / targets.length);
  test.each(targets.map((target) => [target.name, target] as const))('%s', async (_, target) => {
    await fuzz(target, each);
  });
});
