import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { parsePir } from '../../../../src/search/pir/eval.ts';
import { decodeBucket, decodeRows } from '../../../../src/search/pir/records.ts';
import { decodeState } from '../../../../src/search/pir/state.ts';
import { refusal } from '../sse/support.ts';
import { askOf, build, clientOf, CONTEXT, expectRefused, word } from './support.ts';

const map = new Map(
  Array.from({ length: 200 }, (_, i): [string, number[]] => [`w${i}`, [i, i + 1]]),
);
const built = build(300, map);
const { key, part, state } = built;
const { layout } = decodeState(state);
const TYPED = ['BYTES_INVALID', 'VERSION_UNSUPPORTED'];
const HEADER = 64;
const openTable = (bytes: Uint8Array) => parsePir(bytes, CONTEXT);

function extended(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  return out;
}

describe('a part from outside', () => {
  test('with any bit of its header flipped is refused, or another number of rows', () => {
    for (let bit = 0; bit < 8 * HEADER; bit++) {
      const bytes = part.slice();
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      const isRows = bit >= 8 * 20 && bit < 8 * 24;
      const outcome = refusal(() => openTable(bytes)) ?? 'opened';
      expect(isRows ? [...TYPED, 'opened'] : TYPED).toContain(outcome);
    }
  });

  test('truncated or extended is refused', () => {
    fc.assert(
      fc.property(fc.nat({ max: part.length - 1 }), (length) => {
        expect(refusal(() => openTable(part.slice(0, length)))).toBe('BYTES_INVALID');
      }),
    );
    expect(refusal(() => openTable(extended(part)))).toBe('BYTES_INVALID');
  });

  test('of dimensions that would take gigabytes is refused at once', () => {
    const bytes = part.slice();
    new DataView(bytes.buffer).setUint32(24, 2 ** 15, true);
    new DataView(bytes.buffer).setUint32(28, 2 ** 14, true);
    expect(refusal(() => openTable(bytes))).toBe('BYTES_INVALID');
  });
});

describe('a query from outside', () => {
  test('of any wrong length, or of one byte that asks for nothing, is refused', () => {
    const store = openTable(part);
    const lengths = [0, 2, 4, 4 * layout.columns - 1, 4 * layout.columns + 1, 8 * layout.columns];
    for (const length of lengths) {
      expect(refusal(() => store.answer!(new Uint8Array(length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => store.answer!(Uint8Array.of(1)))).toBe('BYTES_INVALID');
  });

  test('of the right length is answered, whatever it is', () => {
    const store = openTable(part);
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 255, 128), (byte) => {
        const reply = store.answer!(new Uint8Array(4 * layout.columns).fill(byte));
        expect(reply!.length).toBe(4 * layout.height);
      }),
    );
  });
});

describe('a store that lies', () => {
  /** A client of its own, so that the hint is asked for. */
  const lookup = (
    alter: (replies: (Uint8Array | undefined)[]) => readonly (Uint8Array | undefined)[],
    text = 'w7',
  ): Promise<unknown> =>
    clientOf(key, state).find([word(text)], async (queries) =>
      alter((await askOf(openTable(part))(queries)).map((reply) => reply?.slice())),
    );

  test('is believed when it does not', async () => {
    await expect(lookup((replies) => replies)).resolves.toBeDefined();
  });

  test('is refused with another hint', async () => {
    for (const at of [0, 4095, 4096 * layout.height - 1]) {
      await expectRefused(
        lookup((replies) => {
          replies[0]![at]! ^= 1;
          return replies;
        }),
      );
    }
  });

  test.each(['w7', 'absent'])('is refused with an altered answer, asked for %j', async (text) => {
    for (const query of [1, 2]) {
      for (const byte of [3, 4 * layout.height - 1]) {
        await expectRefused(
          lookup((replies) => {
            replies[query]![byte]! ^= 0x80;
            return replies;
          }, text),
        );
      }
    }
  });

  test('is refused with answers of other lengths, numbers and orders', async () => {
    await expectRefused(lookup((replies) => replies.slice(1)));
    await expectRefused(lookup((replies) => [...replies, replies[0]]));
    await expectRefused(lookup((replies) => [...replies].reverse()));
    await expectRefused(lookup(([hint, a]) => [hint, a, a]));
    await expectRefused(lookup(([hint, a]) => [hint, a, undefined]));
    await expectRefused(lookup(([, a, b]) => [undefined, a, b]));
    await expectRefused(lookup(([hint, a, b]) => [hint, a, b!.subarray(1)]));
    await expectRefused(lookup(([hint, a, b]) => [hint, a, Uint8Array.of(...b!, 0)]));
    await expectRefused(lookup(([hint, a]) => [hint, a, randomBytes(a!.length)]));
  });

  test('is refused with the answers of another table of the same shape', async () => {
    const other = build(300, map);
    expect(other.part.length).toBe(part.length);
    await expectRefused(
      clientOf(key, state).find([word('w7')], async ([hint, ...queries]) => [
        openTable(part).answer!(hint!),
        ...queries.map((query) => other.store.answer!(query)),
      ]),
    );
  });

  test('is refused where it altered the table itself, in each column', async () => {
    const bytes = part.slice();
    for (let i = HEADER; i < HEADER + layout.columns; i++) bytes[i]! ^= 1;
    const store = openTable(bytes);
    for (const text of ['w1', 'w2', 'absent']) {
      await expectRefused(clientOf(key, state).find([word(text)], askOf(store)));
    }
  });
});

describe('what the vault sealed', () => {
  test('is refused when it is not a state', () => {
    for (let length = 0; length < state.length; length++) {
      expect(refusal(() => clientOf(key, state.slice(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => clientOf(key, Uint8Array.of(...state, 0)))).toBe('BYTES_INVALID');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect([undefined, 'BYTES_INVALID']).toContain(refusal(() => decodeState(bytes)));
      }),
    );
  });

  test('another’s key finds that nothing opens', async () => {
    await expectRefused(clientOf(randomBytes(32), state).find([word('w7')], askOf(built.store)));
  });
});

describe('the bytes of a bucket', () => {
  test('are records and zeros, or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const outcome = refusal(() => {
          const content = decodeBucket(bytes).reduce((sum, { content: c }) => sum + c.length, 0);
          if (content > bytes.length) throw new Error('more than there was');
        });
        expect([undefined, 'BYTES_INVALID']).toContain(outcome);
      }),
    );
    expect(refusal(() => decodeBucket(Uint8Array.of(0, 0, 1)))).toBe('BYTES_INVALID');
  });

  test('are rows of the segment, or refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 300 }),
        (bytes, rows) => {
          const outcome = refusal(() => {
            if (
              decodeRows(bytes, rows)
                .toArray()
                .some((row) => row >= rows)
            )
              throw new Error('past');
          });
          expect([undefined, 'BYTES_INVALID']).toContain(outcome);
        },
      ),
    );
  });
});
