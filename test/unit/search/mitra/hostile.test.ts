import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mitraIndex } from '../../../../src/search/mitra/eval.ts';
import { LABEL_BYTES, PAYLOAD_BYTES, parsePart } from '../../../../src/search/mitra/format.ts';
import { lookupMitra } from '../../../../src/search/mitra/token.ts';
import { decodeState } from '../../../../src/search/mitra/token/state.ts';
import { postingsOf, term } from '../../../support/postings.ts';
import { refusal } from '../sse/support.ts';
import { MitraTable } from './support.ts';

const documents = Array.from({ length: 100 }, (_, row) =>
  ['2', '3', '7'].filter((w) => row % Number(w) === 0),
);
const table = new MitraTable(postingsOf(documents));
table.update([
  { keyword: term('3'), row: 9, op: 'delete' },
  { keyword: term('3'), row: 10, op: 'add' },
]);
const { key, state, view } = table;
const [base, batch] = view.parts as [Uint8Array, Uint8Array];

/** Search through stores that hold these parts and answer through `tamper`. */
function search(
  parts: readonly Uint8Array[],
  tamper: (reply: Uint8Array, part: number) => Uint8Array | undefined = (reply) => reply,
): string {
  let found: Uint32Array[] = [];
  const code = refusal(() => {
    const { queries, open } = lookupMitra(key, state, ['2', '3', '7'].map(term));
    const replies = queries.map((query, i) => {
      const reply = query && mitraIndex(parts[i]!).answer(query);
      return reply && tamper(reply, i);
    });
    found = open(replies);
  });
  if (code !== undefined) return code;
  expect(found).toEqual(table.search(...['2', '3', '7'].map(term)));
  return 'right';
}

const REFUSED = ['BYTES_INVALID', 'VERSION_UNSUPPORTED'];

describe('a store that lies', () => {
  test('is right when it does not', () => {
    expect(search([base, batch])).toBe('right');
  });

  test('is refused when any bit of a reply is another', () => {
    const { queries } = lookupMitra(key, state, ['2', '3', '7'].map(term));
    const sizes = queries.map((query) => (query!.length / LABEL_BYTES) * PAYLOAD_BYTES);
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.nat(7), (part, at, bit) => {
        const outcome = search([base, batch], (reply, i) => {
          if (i === part) reply[at % sizes[part]!]! ^= 1 << bit;
          return reply;
        });
        expect(outcome).toBe('BYTES_INVALID');
      }),
    );
  });

  test('is refused when values change places, are left out or come twice', () => {
    const swap = (reply: Uint8Array): Uint8Array => {
      const out = reply.slice();
      out.set(reply.subarray(0, PAYLOAD_BYTES), PAYLOAD_BYTES);
      out.set(reply.subarray(PAYLOAD_BYTES, 2 * PAYLOAD_BYTES), 0);
      return out;
    };
    for (const tamper of [
      swap,
      (reply: Uint8Array) => reply.slice(PAYLOAD_BYTES),
      (reply: Uint8Array) => reply.slice(0, -1),
      (reply: Uint8Array) => Uint8Array.of(...reply, ...reply.subarray(0, PAYLOAD_BYTES)),
      () => undefined,
      () => new Uint8Array(0),
    ]) {
      expect(search([base, batch], tamper)).toBe('BYTES_INVALID');
    }
  });

  test('is refused when it answers with replies of another lookup, or of another part', () => {
    const old = lookupMitra(key, state, [term('2')]);
    const replies = old.queries.map(
      (query, i) => query && mitraIndex(view.parts[i]!).answer(query),
    );
    const other = lookupMitra(key, state, [term('2'), term('3')]);
    expect(refusal(() => other.open(replies))).toBe('BYTES_INVALID');
    expect(refusal(() => other.open([]))).toBe('BYTES_INVALID');
    expect(refusal(() => other.open([replies[1], replies[0]]))).toBe('BYTES_INVALID');
    expect(search([batch, base])).toBe('BYTES_INVALID');
  });

  test('is refused when it left a part of entries out', () => {
    const other = new MitraTable(postingsOf(documents));
    expect(search([other.view.parts[0]!, batch])).toBe('BYTES_INVALID');
    expect(search([base, other.view.parts[0]!])).toBe('BYTES_INVALID');
  });
});

describe('a part from outside', () => {
  test('truncated, extended or with a bit flipped is refused, harmless, or refused by the vault', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (at, bit) => {
        const bytes = base.slice();
        bytes[at % bytes.length]! ^= 1 << bit;
        expect([...REFUSED, 'right']).toContain(search([bytes, batch]));
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < base.length; length += 7) {
      expect(refusal(() => parsePart(base.slice(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => parsePart(Uint8Array.of(...base, 0)))).toBe('BYTES_INVALID');
  });

  test('with rows, counts or an order that no part has is refused', () => {
    const altered = (change: (bytes: Uint8Array) => void): Uint8Array => {
      const bytes = base.slice();
      change(bytes);
      return bytes;
    };
    for (const bytes of [
      altered((b) => new DataView(b.buffer).setUint32(16, 0, true)),
      altered((b) => new DataView(b.buffer).setUint32(16, 2 ** 18 + 1, true)),
      altered((b) => b.fill(0xff, 20, 24)),
      altered((b) => b.copyWithin(24, 48, 72)),
      altered((b) => b.set([1], 10)),
    ]) {
      expect(refusal(() => parsePart(bytes))).toBe('BYTES_INVALID');
    }
  });
});

test('a query that is not whole labels, or more than there are, is refused; one of other labels has no answer', () => {
  const index = mitraIndex(base);
  const entries = parsePart(base).entries.count;
  for (const size of [0, 1, 11, 13, LABEL_BYTES * (entries + 1)]) {
    expect(refusal(() => index.answer(new Uint8Array(size)))).toBe('BYTES_INVALID');
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (label) => {
      expect(index.answer(label)).toBe(undefined);
    }),
  );
});

test('a state with a byte cut, added or out of range is refused', () => {
  for (let length = 0; length < state.length; length++) {
    expect(refusal(() => decodeState(state.slice(0, length)))).toBe('BYTES_INVALID');
  }
  expect(refusal(() => decodeState(Uint8Array.of(...state, 0)))).toBe('BYTES_INVALID');
  fc.assert(
    fc.property(fc.nat(state.length - 1), fc.nat(7), (at, bit) => {
      const bytes = state.slice();
      bytes[at]! ^= 1 << bit;
      const code = refusal(() => decodeState(bytes));
      expect([undefined, 'BYTES_INVALID']).toContain(code);
    }),
    { numRuns: 300 },
  );
});
