import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { buildPadded } from '../../../../src/search/padded/build.ts';
import { parsePadded } from '../../../../src/search/padded/eval.ts';
import { cellBytes, parsePart } from '../../../../src/search/padded/format.ts';
import { decodeState, encodeState } from '../../../../src/search/padded/state.ts';
import { openPadded } from '../../../../src/search/padded/token.ts';
import { drawnPostings, expectedRows, nthKeyword, recording, zipf } from '../lists.ts';
import { expectRows, generator, refusal } from '../sse/support.ts';

const draw = zipf(60, 5);
const postings = drawnPostings(2000, () => [draw()]);
const next = generator(3);
const few = drawnPostings(3000, () => [next() % 2]);
const absent = nthKeyword(1000);

interface Case {
  readonly name: string;
  readonly key: Uint8Array;
  readonly part: Uint8Array;
  readonly state: Uint8Array;
  readonly wanted: Uint8Array;
  readonly rows: Uint32Array;
}

function caseOf(name: string, of: typeof postings, base: number): Case {
  const key = randomBytes(32);
  const { part, state } = buildPadded(key, of, { base });
  // The longest list: with powers it takes two queries.
  const rows = expectedRows(of);
  const longest = rows.reduce((best, list, i) => (list.length > rows[best]!.length ? i : best), 0);
  return { name, key, part, state, wanted: of.keywords[longest]!, rows: rows[longest]! };
}

const cases = [
  caseOf('every reply as long', postings, 0),
  caseOf('replies of powers', postings, 2),
  caseOf('read whole', few, 0),
];

async function refusedWith(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (isOpalineError(error)) return error.code;
    throw error;
  }
  return 'accepted';
}

/** Look up with every reply altered. */
function altered(
  { key, part, state }: Case,
  keyword: Uint8Array,
  alter: (reply: Uint8Array) => Uint8Array | undefined,
): Promise<string> {
  const index = parsePadded(part);
  return refusedWith(
    openPadded(key, state)([keyword], (queries) =>
      Promise.resolve(queries.map((query) => alter(index.answer!(query)!.slice()))),
    ),
  );
}

describe.each(cases)('a store that lies, $name', (it) => {
  const size = cellBytes(parsePart(it.part).shape);

  test('is believed when it does not', async () => {
    const found = await openPadded(it.key, it.state)(
      [it.wanted],
      recording(parsePadded(it.part)).ask,
    );
    expectRows(found[0]!.toArray(), it.rows);
  });

  test('is refused for any altered bit, whether the cell is wanted or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(it.wanted, absent),
        fc.nat(),
        fc.nat(7),
        async (keyword, at, bit) => {
          const flip = (reply: Uint8Array): Uint8Array => {
            reply[at % reply.length]! ^= 1 << bit;
            return reply;
          };
          expect(await altered(it, keyword, flip)).toBe('BYTES_INVALID');
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is refused for replies cut, extended or missing, in every number', async () => {
    const reply = (change: (bytes: Uint8Array) => Uint8Array | undefined): Promise<string> =>
      altered(it, it.wanted, change);
    for (const cut of [0, 1, size, 2 * size]) {
      const outcome = await reply((bytes) => bytes.subarray(0, bytes.length - cut));
      expect(outcome).toBe(cut === 0 ? 'accepted' : 'BYTES_INVALID');
    }
    expect(await reply((bytes) => Uint8Array.of(...bytes, 0))).toBe('BYTES_INVALID');
    expect(await reply((bytes) => Uint8Array.of(...bytes, ...bytes))).toBe('BYTES_INVALID');
    expect(await reply(() => new Uint8Array(0))).toBe('BYTES_INVALID');
    expect(await reply(() => undefined)).toBe('BYTES_INVALID');
    const index = parsePadded(it.part);
    const asMany = (more: number) => (queries: readonly Uint8Array[]) =>
      Promise.resolve(
        Array.from({ length: queries.length + more }, () => index.answer!(queries[0]!)),
      );
    for (const more of [-1, 1]) {
      const outcome = refusedWith(openPadded(it.key, it.state)([it.wanted], asMany(more)));
      expect(await outcome).toBe('BYTES_INVALID');
    }
  });

  test('is refused for two cells that changed places', async () => {
    const swapped = (reply: Uint8Array): Uint8Array => {
      const first = reply.slice(0, size);
      reply.copyWithin(0, size, 2 * size);
      reply.set(first, size);
      return reply;
    };
    expect(await altered(it, it.wanted, swapped)).toBe('BYTES_INVALID');
  });

  test('is refused for the reply to another keyword, or of another build', async () => {
    if (parsePart(it.part).shape.tables === 1) return;
    const index = parsePadded(it.part);
    const recorded = recording(index);
    await openPadded(it.key, it.state)([absent], recorded.ask);
    const other = recorded.rounds[0]!.replies[0]!;
    expect(await altered(it, it.wanted, () => other)).toBe('BYTES_INVALID');
    const again = buildPadded(it.key, postings, { base: decodeState(it.state).shape.base });
    const rebuilt = refusedWith(
      openPadded(it.key, it.state)([it.wanted], recording(parsePadded(again.part)).ask),
    );
    expect(await rebuilt).toBe('BYTES_INVALID');
  });

  test('another key finds nothing that it would believe', async () => {
    const { ask } = recording(parsePadded(it.part));
    const outcome = await refusedWith(openPadded(randomBytes(32), it.state)([it.wanted], ask));
    expect(outcome).toBe('BYTES_INVALID');
  });
});

describe.each(cases)('a part from outside, $name', ({ part, state }) => {
  const { shape } = parsePart(part);

  test('truncated, extended or with any bit of its header flipped is refused', () => {
    for (const length of [0, 15, 16, 30, 35, 36, part.length - 1]) {
      expect(refusal(() => parsePadded(part.subarray(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => parsePadded(Uint8Array.of(...part, 0)))).toBe('BYTES_INVALID');
    for (let bit = 0; bit < 8 * 36; bit++) {
      const bad = part.slice();
      bad[bit >>> 3]! ^= 1 << (bit & 7);
      const code = refusal(() => parsePadded(bad));
      // Rows, powers and the longest list are in no proportion to the part's length: they may be others.
      const harmless = bit < 160 || (bit >= 168 && bit < 176) || (bit >= 224 && bit < 256);
      if (bit < 128 || !harmless) expect(code).toMatch(/BYTES_INVALID|VERSION_UNSUPPORTED/);
      else expect([undefined, 'BYTES_INVALID']).toContain(code);
    }
  });

  test('never answers with more than it holds, nor a query of another length or level', () => {
    const index = parsePadded(part);
    const own = shape.tables === 1 ? 0 : shape.base === 0 ? 32 : 33;
    for (const length of [0, 1, 16, 31, 32, 33, 34, 1000]) {
      const query = new Uint8Array(length);
      const code = refusal(() => {
        expect(index.answer!(query)!.length).toBeLessThanOrEqual(part.length);
      });
      expect(code).toBe(length === own ? undefined : 'BYTES_INVALID');
    }
    if (shape.base === 0) return;
    for (const level of [8, 60, 255]) {
      const query = new Uint8Array(33).fill(level, 32);
      expect(refusal(() => index.answer!(query))).toBe('BYTES_INVALID');
    }
  });

  test('has a state that is refused when it is cut or impossible', () => {
    expect(encodeState(decodeState(state))).toEqual(state);
    for (const length of [0, 10, 33, state.length - 1]) {
      expect(refusal(() => decodeState(state.subarray(0, length)))).toBe('BYTES_INVALID');
    }
    expect(refusal(() => decodeState(Uint8Array.of(...state, 0)))).toBe('BYTES_INVALID');
    expect(refusal(() => decodeState(new Uint8Array(state.length)))).toBe('BYTES_INVALID');
  });
});
