import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LabTable } from '../../../../../src/measure/bench/scheme.ts';
import {
  encodeChunk,
  TableBuilder,
} from '../../../../../src/measure/bench/schemes/support/chunk-codec.ts';

function decodeChunks(
  shape: LabTable,
  chunks: readonly Uint8Array[],
  wanted: readonly string[],
): LabTable {
  const builder = new TableBuilder(shape, wanted);
  for (const chunk of chunks) builder.add(chunk);
  return builder.finish();
}

const tables = fc
  .array(fc.tuple(fc.integer(), fc.nat(4), fc.stringMatching(/^[a-z]{2,5}( [a-z]{2,5}){0,3}$/)), {
    maxLength: 40,
  })
  .map((rows): LabTable => ({
    name: 'rows',
    rows: rows.length,
    columns: {
      number: { kind: 'integer', values: Int32Array.from(rows, ([number]) => number) },
      text: {
        kind: 'text',
        codes: Uint32Array.from(rows, ([, code]) => code),
        values: ['a', 'bé', '', '☃', 'e e'],
      },
      note: { kind: 'document', texts: rows.map(([, , text]) => text) },
    },
  }));

function cells({ columns, rows }: LabTable): unknown[] {
  return Array.from({ length: rows }, (_, row) =>
    Object.entries(columns).map(([name, column]) => {
      if (column.kind === 'integer') return [name, column.values[row]];
      if (column.kind === 'text') return [name, column.values[column.codes[row]!]];
      return [name, new Set(column.texts[row]!.split(' '))];
    }),
  );
}

test('chunks give back their rows, and of other columns nothing', () => {
  fc.assert(
    fc.property(tables, fc.integer({ min: 1, max: 9 }), (table, most) => {
      const chunks: Uint8Array[] = [];
      for (let row = 0; row < table.rows; row += most) chunks.push(encodeChunk(table, row, most));
      const whole = decodeChunks(table, chunks, ['number', 'text', 'note']);
      expect(cells(whole)).toEqual(cells(table));
      const some = decodeChunks(table, chunks, ['text']);
      expect(Object.keys(some.columns)).toEqual(['text']);
    }),
  );
});

test('a chunk that was cut or has more is refused', () => {
  fc.assert(
    fc.property(tables, fc.nat(), (table, at) => {
      const chunk = encodeChunk(table, 0, 100);
      const wanted = Object.keys(table.columns);
      const decode = (bytes: Uint8Array) => () => decodeChunks(table, [bytes], wanted);
      expect(decode(chunk.slice(0, at % chunk.length))).toThrow(/chunk/);
      expect(decode(Uint8Array.of(...chunk, 0))).toThrow(/chunk/);
    }),
  );
});
