import { Reader, Writer } from '../../../../bytes/codec.ts';
import type { LabColumn, LabTable } from '../../scheme.ts';
import { wordsOf } from './plain-table.ts';

/**
 * Some rows as bytes, column by column, each behind its length so that a reader passes over what it does not want:
 * integers as words, texts as codes into the values that the chunk has, documents as their distinct words.
 */
export function encodeChunk(table: LabTable, first: number, most: number): Uint8Array {
  const end = Math.min(table.rows, first + most);
  const writer = new Writer(4 * most).u32(end - first);
  for (const column of Object.values(table.columns)) {
    writer.bytes(encodeColumn(column, first, end));
  }
  return writer.finish();
}

function encodeColumn(column: LabColumn, first: number, end: number): Uint8Array {
  const writer = new Writer();
  switch (column.kind) {
    case 'integer':
      return writer.words(Uint32Array.from(column.values.subarray(first, end))).finish();
    case 'text': {
      const places = new Map<number, number>();
      const codes = column.codes.subarray(first, end).map((code) => {
        const place = places.get(code) ?? places.size;
        places.set(code, place);
        return place;
      });
      writer.u32(places.size);
      for (const code of places.keys()) writer.text(column.values[code]!);
      return writer.words(codes).finish();
    }
    case 'document':
      for (let row = first; row < end; row++) writer.text(wordsOf(column.texts[row]!).join(' '));
      return writer.finish();
    default:
      return column satisfies never;
  }
}

/** Makes a table of the wanted columns from chunks that come one by one; none is kept. */
export class TableBuilder {
  private readonly name: string;
  private readonly builders: readonly { name: string; column: ColumnBuilder | undefined }[];
  private rows = 0;

  /** @param shape gives columns their names and kinds */
  constructor({ name, columns }: LabTable, wanted: readonly string[]) {
    this.name = name;
    this.builders = Object.entries(columns).map(([column, { kind }]) => ({
      name: column,
      column: wanted.includes(column) ? new ColumnBuilder(kind) : undefined,
    }));
  }

  /** @throws BYTES_INVALID */
  add(chunk: Uint8Array): void {
    const reader = new Reader(chunk, 'a chunk');
    const count = reader.u32();
    this.rows += count;
    for (const { column } of this.builders) {
      const bytes = reader.bytes();
      column?.add(new Reader(bytes, 'a column of a chunk'), count);
    }
    reader.end();
  }

  finish(): LabTable {
    const columns = this.builders.flatMap(({ name, column }) =>
      column === undefined ? [] : [[name, column.finish(this.rows)] as const],
    );
    return { name: this.name, rows: this.rows, columns: Object.fromEntries(columns) };
  }
}

class ColumnBuilder {
  private readonly kind: LabColumn['kind'];
  private readonly words: Uint32Array[] = [];
  private readonly values = new Map<string, number>();
  private readonly texts: string[] = [];

  constructor(kind: LabColumn['kind']) {
    this.kind = kind;
  }

  add(reader: Reader, rows: number): void {
    if (this.kind === 'document') {
      for (let row = 0; row < rows; row++) this.texts.push(reader.text());
    } else if (this.kind === 'integer') {
      this.addWords(reader.words(), rows, reader);
    } else {
      const places = Uint32Array.from({ length: reader.count(4) }, () => this.place(reader.text()));
      this.addWords(
        reader.words().map((code) => places[code] ?? reader.fail('a code is out of range')),
        rows,
        reader,
      );
    }
    reader.end();
  }

  finish(rows: number): LabColumn {
    if (this.kind === 'document') return { kind: 'document', texts: this.texts };
    const all = new Uint32Array(rows);
    let at = 0;
    for (const words of this.words) {
      all.set(words, at);
      at += words.length;
    }
    return this.kind === 'integer'
      ? { kind: 'integer', values: new Int32Array(all.buffer) }
      : { kind: 'text', codes: all, values: [...this.values.keys()] };
  }

  private addWords(words: Uint32Array, rows: number, reader: Reader): void {
    if (words.length !== rows) reader.fail('a column is not as long as its chunk');
    this.words.push(words);
  }

  private place(value: string): number {
    const place = this.values.get(value) ?? this.values.size;
    this.values.set(value, place);
    return place;
  }
}
