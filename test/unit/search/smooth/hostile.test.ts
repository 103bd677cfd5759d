import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { buildSmooth } from '../../../../src/search/smooth/build.ts';
import { parseSmooth } from '../../../../src/search/smooth/eval.ts';
import { decodeState, encodeState } from '../../../../src/search/smooth/state.ts';
import { openSmooth } from '../../../../src/search/smooth/token.ts';
import { drawnPostings, nthKeyword, recording, zipf } from '../lists.ts';
import { refusal } from '../sse/support.ts';

const draw = zipf(30, 6);
const postings = drawnPostings(1000, () => [draw()]);
const key = randomBytes(32);
const { part, state } = buildSmooth(key, postings);
const index = parseSmooth(part);

/** Look a keyword up with one reply of a round altered. */
async function altered(
  keyword: Uint8Array,
  alter: (replies: (Uint8Array | undefined)[]) => (Uint8Array | undefined)[],
): Promise<string> {
  try {
    await openSmooth(key, state)([keyword], (queries) =>
      Promise.resolve(alter(queries.map((query) => index.answer!(query)!.slice()))),
    );
  } catch (error) {
    if (isOpalineError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('a store that lies about a smoothed index', () => {
  test('is refused for any altered bit of any slot, real or fake', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(postings.keywords[0]!, nthKeyword(999)),
        fc.nat(),
        fc.nat(),
        fc.nat(7),
        async (keyword, slot, at, bit) => {
          const outcome = await altered(keyword, (replies) => {
            const reply = replies[slot % replies.length]!;
            reply[at % reply.length]! ^= 1 << bit;
            return replies;
          });
          expect(outcome).toBe('BYTES_INVALID');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is refused for replies that are missing, cut, extended, too few or too many', async () => {
    const keyword = postings.keywords[0]!;
    expect(await altered(keyword, (replies) => replies)).toBe('accepted');
    const first = (change: (reply: Uint8Array) => Uint8Array | undefined): Promise<string> =>
      altered(keyword, (replies) => [change(replies[0]!), ...replies.slice(1)]);
    expect(await first(() => undefined)).toBe('BYTES_INVALID');
    expect(await first((reply) => reply.subarray(1))).toBe('BYTES_INVALID');
    expect(await first((reply) => Uint8Array.of(...reply, 0))).toBe('BYTES_INVALID');
    expect(await first(() => new Uint8Array(0))).toBe('BYTES_INVALID');
    expect(await altered(keyword, (replies) => replies.slice(1))).toBe('BYTES_INVALID');
    expect(await altered(keyword, (replies) => [...replies, replies[0]])).toBe('BYTES_INVALID');
  });

  test('is refused for the value of another label, a replica of the same for one', async () => {
    const records: Uint8Array[] = [];
    await openSmooth(key, state)([postings.keywords[0]!], (queries) => {
      const replies = queries.map((query) => index.answer!(query)!);
      records.push(...replies);
      return Promise.resolve(replies);
    });
    for (const record of records.slice(0, 4)) {
      const outcome = await altered(postings.keywords[1]!, (replies) =>
        replies.map((reply) => (toHex(reply!) === toHex(record) ? undefined : record)),
      );
      expect(outcome).toBe('BYTES_INVALID');
    }
  });

  test('another key or another build finds nothing that it would believe', async () => {
    const other = buildSmooth(randomBytes(32), postings);
    const wrong = async (by: Uint8Array, of: Uint8Array): Promise<unknown> => {
      const { ask } = recording(parseSmooth(of));
      const lookup = openSmooth(by, state)([postings.keywords[0]!], ask);
      return await lookup.catch((error: unknown) => (isOpalineError(error) ? error.code : error));
    };
    expect(await wrong(randomBytes(32), part)).toBe('BYTES_INVALID');
    expect(await wrong(key, other.part)).toBe('BYTES_INVALID');
  });
});

describe('a smoothed index from outside', () => {
  test('truncated, extended or with any bit of its header flipped is refused', () => {
    for (const length of [0, 16, 27, 28, 29, part.length - 1]) {
      expect(refusal(() => parseSmooth(part.subarray(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => parseSmooth(Uint8Array.of(...part, 0)))).toBe('BYTES_INVALID');
    for (let bit = 0; bit < 8 * 28; bit++) {
      const bad = part.slice();
      bad[bit >>> 3]! ^= 1 << (bit & 7);
      const code = refusal(() => parseSmooth(bad));
      // The number of rows alone may be another.
      const rows = bit >= 128 && bit < 160;
      if (rows) expect([undefined, 'BYTES_INVALID']).toContain(code);
      else expect(code).toMatch(/BYTES_INVALID|VERSION_UNSUPPORTED/);
    }
  });

  test('with records out of order, or one twice, is refused', () => {
    const stride = 32 + decodeState(state).payload;
    const swapped = part.slice();
    swapped.copyWithin(28, 28 + stride, 28 + 2 * stride);
    swapped.set(part.subarray(28, 28 + stride), 28 + stride);
    const twice = part.slice();
    twice.copyWithin(28, 28 + stride, 28 + 2 * stride);
    expect(refusal(() => parseSmooth(swapped))).toBe('BYTES_INVALID');
    expect(refusal(() => parseSmooth(twice))).toBe('BYTES_INVALID');
  });

  test('answers labels alone, and with nothing where there is none', () => {
    for (const length of [0, 1, 15, 17, 4096]) {
      expect(refusal(() => index.answer!(new Uint8Array(length)))).toBe('BYTES_INVALID');
    }
    expect(index.answer!(randomBytes(16))).toBe(undefined);
  });

  test('has a state that is refused when it is cut or impossible', () => {
    expect(encodeState(decodeState(state))).toEqual(state);
    for (const length of [0, 11, 12, state.length - 1]) {
      expect(refusal(() => decodeState(state.subarray(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => decodeState(Uint8Array.of(...state, 0)))).toBe('BYTES_INVALID');
    const edited = (at: number, value: number): string | undefined => {
      const bad = state.slice();
      new DataView(bad.buffer).setUint32(at, value, true);
      return refusal(() => decodeState(bad));
    };
    expect(edited(0, 0)).toBe('BYTES_INVALID');
    expect(edited(0, 2 ** 18 + 1)).toBe('BYTES_INVALID');
    expect(edited(4, 4)).toBe('BYTES_INVALID');
    expect(edited(4, 2 ** 16 + 8)).toBe('BYTES_INVALID');
    expect(edited(8, 2 ** 31)).toBe('BYTES_INVALID');
    // The first keyword's name, weight and length.
    expect(edited(12, 0xffffffff)).toBe('BYTES_INVALID');
    expect(edited(24, 0)).toBe('BYTES_INVALID');
    expect(edited(28, 0)).toBe('BYTES_INVALID');
    expect(edited(28, 2 ** 31)).toBe('BYTES_INVALID');
  });
});
