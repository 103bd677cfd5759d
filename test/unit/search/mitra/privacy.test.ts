import { describe, expect, test } from 'vitest';
import { toHex } from '../../../../src/bytes/hex.ts';
import { mitraIndex } from '../../../../src/search/mitra/eval.ts';
import {
  ENTRY_BYTES,
  LABEL_BYTES,
  parsePart,
  PAYLOAD_BYTES,
} from '../../../../src/search/mitra/format.ts';
import { updateMitra } from '../../../../src/search/mitra/build.ts';
import { postingsOf, term } from '../../../support/postings.ts';
import { MitraTable, type StoreView } from './support.ts';

const ROWS = 64;
/** Word w in every row whose number it divides. */
const words = ['1', '2', '3', '5'];
const documents = Array.from({ length: ROWS }, (_, row) =>
  words.filter((w) => row % Number(w) === 0),
);

function labelsOf(part: Uint8Array): string[] {
  const { entries } = parsePart(part);
  return Array.from({ length: entries.count }, (_, i) =>
    toHex(entries.bytes.subarray(i * ENTRY_BYTES, i * ENTRY_BYTES + LABEL_BYTES)),
  );
}

function chunks(bytes: Uint8Array | undefined, size: number): Uint8Array[] {
  if (bytes === undefined) return [];
  return Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.slice(i * size, (i + 1) * size),
  );
}

/** All of a view but what is pseudorandom: sizes, and where each label asked for is the same as another. */
function shapeOf({ parts, lookups }: StoreView): unknown {
  const numbers = new Map<string, number>();
  const numberOf = (label: Uint8Array): number => {
    const id = toHex(label);
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return numbers.get(id)!;
  };
  return {
    parts: parts.map(({ length }) => length),
    lookups: lookups.map(({ queries, replies }) => ({
      // Labels come in a random order, so only which set of them is asked again can be the same.
      queries: queries.map((query) =>
        chunks(query, LABEL_BYTES)
          .map(numberOf)
          .sort((a, b) => a - b),
      ),
      replies: replies.map((reply) => reply?.length),
    })),
  };
}

/** Delete a row of word 2, search, clean up, search again, and fetch what was found. */
function deleteAndSearch(deleted: number): { table: MitraTable; fetched: Uint32Array[] } {
  const table = new MitraTable(postingsOf(documents));
  const fetched: Uint32Array[] = [];
  table.update(
    documents[deleted]!.map((w) => ({ keyword: term(w), row: deleted, op: 'delete' as const })),
  );
  const search = (): void => void fetched.push(table.search(term('2'))[0]!);
  search();
  table.rewrite(term('2'), fetched[0]!);
  search();
  return { table, fetched };
}

describe('backward privacy', () => {
  test('after a deletion no identifier of the deleted row is in what the store sees', () => {
    // Both have the words 1 and 2 alone.
    const [one, other] = [deleteAndSearch(22), deleteAndSearch(34)];
    for (const [{ table, fetched }, deleted] of [
      [one, 22],
      [other, 34],
    ] as const) {
      const live = documents.flatMap((each, row) =>
        each.includes('2') && row !== deleted ? [row] : [],
      );
      expect(fetched).toEqual([Uint32Array.from(live), Uint32Array.from(live)]);
      for (const { replies } of table.view.lookups) {
        for (const payload of replies.flatMap((reply) => chunks(reply, PAYLOAD_BYTES))) {
          const value = new DataView(payload.buffer).getUint32(0, true);
          expect([deleted, 2 * deleted, 2 * deleted + 1]).not.toContain(value);
        }
      }
    }
    // Which of two rows was deleted changes nothing but pseudorandom bytes and the rows that are fetched.
    expect(shapeOf(one.table.view)).toEqual(shapeOf(other.table.view));
  });

  test('after a clean-up a lookup asks for live rows alone, under labels never asked for before', () => {
    const { table } = deleteAndSearch(22);
    const asked = table.view.lookups.map(({ queries }) =>
      queries.map((query) => chunks(query, LABEL_BYTES).map(toHex)),
    );
    expect(asked[0]!.map(({ length }) => length)).toEqual([32, 1]);
    expect(asked[1]!.map(({ length }) => length)).toEqual([0, 0, 31]);
    const before = new Set(asked[0]!.flat());
    expect(asked[1]!.flat().filter((label) => before.has(label))).toEqual([]);
  });
});

describe('forward privacy', () => {
  test('what was asked before an append matches nothing in the new part', () => {
    const table = new MitraTable(postingsOf(documents));
    table.search(...words.map(term));
    table.update(words.map((w) => ({ keyword: term(w), row: 7, op: 'add' as const })));
    const added = new Set(labelsOf(table.view.parts[1]!));
    const asked = table.view.lookups[0]!.queries.flatMap((query) => chunks(query, LABEL_BYTES));
    expect(asked.length).toBe(documents.flat().length);
    expect(asked.filter((label) => added.has(toHex(label)))).toEqual([]);
    const index = mitraIndex(table.view.parts[1]!);
    for (const label of asked) expect(index.answer(label)).toBe(undefined);
    expect(table.search(term('5'))[0]).toContain(7);
  });

  test('a batch shows neither its keywords nor its operations', () => {
    const table = new MitraTable(postingsOf(documents));
    const old = new Set(labelsOf(table.view.parts[0]!));
    const batches = [
      [0, 15, 30].map((row) => ({ keyword: term('5'), row, op: 'delete' as const })),
      words.slice(1).map((w) => ({ keyword: term(w), row: 7, op: 'add' as const })),
    ].map((changes) => updateMitra(table.key, table.state, changes).part);
    expect(batches[0]!.length).toBe(batches[1]!.length);
    for (const part of batches) {
      expect(labelsOf(part).filter((label) => old.has(label))).toEqual([]);
    }
  });

  test('a batch made again from the same state shares no label and no pad with the first', () => {
    const table = new MitraTable(postingsOf(documents));
    const make = (row: number): Uint8Array =>
      updateMitra(table.key, table.state, [{ keyword: term('3'), row, op: 'delete' }]).part;
    const [first, second] = [make(3), make(6)];
    const seen = new Set(labelsOf(first));
    expect(labelsOf(second).filter((label) => seen.has(label))).toEqual([]);
  });
});

test('a lookup asks for labels in a random order, so that their order is not that of rows', () => {
  const table = new MitraTable(postingsOf(documents));
  for (let i = 0; i < 2; i++) table.search(term('1'));
  const [first, second] = table.view.lookups.map(({ queries }) =>
    chunks(queries[0], LABEL_BYTES).map(toHex),
  );
  expect(first).not.toEqual(second);
  expect(first!.toSorted()).toEqual(second!.toSorted());
});
