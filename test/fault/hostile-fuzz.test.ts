import { describe, expect, test } from 'vitest';
import { OpalineError } from '../../src/errors/index.ts';
import { fuzz } from '../support/fuzz.ts';
import { fuzzTargets } from '../support/fuzz-targets.ts';

describe('altered and random bytes are refused by type, in bounded time, by the parser of', () => {
  test.each(fuzzTargets().map((target) => [target.name, target] as const))(
    '%s',
    async (_, target) => {
      await fuzz(target, 100);
    },
  );
});

describe('and the search does find', () => {
  const seeds = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)];
  const found = (parse: (bytes: Uint8Array) => void): Promise<unknown> =>
    fuzz({ name: 'control', seeds, parse }, 200, { shrink: false });

  test('an error that is not typed', async () => {
    const parse = (bytes: Uint8Array): void => {
      if (bytes[0] !== 1) throw new RangeError('not typed');
    };
    await expect(found(parse)).rejects.toMatchObject({ cause: { message: 'not typed' } });
  });

  test('an internal error', async () => {
    const parse = (bytes: Uint8Array): void => {
      if (bytes[0] !== 1) throw new OpalineError('INTERNAL', { reason: 'a defect' });
    };
    await expect(found(parse)).rejects.toMatchObject({
      cause: { message: 'internal error: a defect' },
    });
  });

  test('an input that takes too long', async () => {
    const parse = (bytes: Uint8Array): void => {
      const start = process.cpuUsage();
      while (bytes.length > 8 && process.cpuUsage(start).user < 600_000);
    };
    const message = expect.stringMatching(/it took \d+ µs/) as string;
    await expect(found(parse)).rejects.toMatchObject({ cause: { message } });
  });

  test('a valid input refused', async () => {
    const parse = (): void => {
      throw new OpalineError('BYTES_INVALID', { what: 'it', reason: 'no' });
    };
    await expect(found(parse)).rejects.toMatchObject({ code: 'BYTES_INVALID' });
  });
});
