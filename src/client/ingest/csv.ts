import { OpalineError } from '../../errors/opaline-error.ts';
import { inputColumns, type Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { BatchBuilder } from './batch-builder.ts';
import { CsvRecords } from './csv-records.ts';
import { matchColumns } from './match-columns.ts';
import type { ReadOptions } from './reading.ts';
import { NotUtf8, type TextInput } from './text-input.ts';

export interface CsvFile extends TextInput {
  readonly delimiter: string;
}

/** What a scan of a CSV file reports. Returning false from `row` ends it. */
export interface CsvRows {
  header(names: readonly string[]): void;
  /** As many fields as the header has; '' is NULL, quoted or not. */
  row(fields: readonly string[], line: number): boolean;
}

/**
 * Batches of a CSV file in the order of the schema's columns; the header names the file's columns.
 *
 * An empty field is NULL, `""` too. Blank lines are skipped, except where the table has one column:
 * there they are rows. Throws CSV_MALFORMED, VALUE_INVALID and the like with the physical line on which
 * the record starts, INPUT_EMPTY without a header, UNKNOWN_COLUMN and SCHEMA_MISMATCH where header and
 * schema do not name the same columns.
 */
export async function* csvBatches(
  file: CsvFile,
  schema: Schema,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  const builder = new BatchBuilder(inputColumns(schema), options);
  if (builder.full) return;
  const { sinks } = builder;
  let places: readonly number[] = [];
  const scan = scanCsv(file, options.signal, {
    header(names) {
      places = matchColumns(schema, names);
    },
    row(fields, line) {
      for (let i = 0; i < sinks.length; i++) {
        const field = fields[places[i]!]!;
        if (field === '') sinks[i]!.null(line);
        else sinks[i]!.text(field, line);
      }
      builder.advance(1);
      return !builder.full;
    },
  });
  for await (const share of scan) {
    yield* builder.drain();
    options.onProgress?.(builder.rows, share);
  }
  yield* builder.finish();
  options.onProgress?.(builder.rows, 1);
}

/** Scans a CSV file, yielding the share read after each block. Throws as `csvBatches` does. */
export async function* scanCsv(
  file: CsvFile,
  signal: AbortSignal | undefined,
  rows: CsvRows,
): AsyncGenerator<number, void, undefined> {
  let names: readonly string[] | undefined;
  const records = new CsvRecords(
    file.delimiter,
    (fields, line) => {
      const count = fields.length;
      if (count === 1 && fields[0] === '' && names?.length !== 1) return true;
      if (names === undefined) {
        names = checkHeader(fields, line);
        rows.header(names);
        return true;
      }
      if (count === names.length) return rows.row(fields, line);
      const reason = `${plural(count)} where the header has ${names.length}`;
      throw new OpalineError('CSV_MALFORMED', { line, reason });
    },
    (field) => names?.[field] ?? `field ${field + 1}`,
  );
  try {
    let open = true;
    for await (const { text, bytes } of file.blocks(signal)) {
      open = records.feed(text);
      yield file.bytes === 0 ? 1 : Math.min(1, bytes / file.bytes);
      if (!open) break;
    }
    if (open) {
      // csv-parse keeps the last record until it knows that nothing follows.
      await records.end();
      yield 1;
    }
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    throw new OpalineError('CSV_MALFORMED', { line: error.line, reason: 'not UTF-8' });
  }
  if (names === undefined) throw new OpalineError('INPUT_EMPTY', { source: file.path });
}

function checkHeader(names: readonly string[], line: number): readonly string[] {
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    if (name === '') {
      const reason = `the header names no column ${i + 1} of ${names.length}`;
      throw new OpalineError('CSV_MALFORMED', { line, reason });
    }
    if (name.includes('\r')) {
      const reason = 'a carriage return without a line feed';
      throw new OpalineError('CSV_MALFORMED', { line, reason });
    }
    if (seen.has(name)) {
      const reason = 'the header names a column twice';
      throw new OpalineError('CSV_MALFORMED', { line, reason, column: name });
    }
    seen.add(name);
  }
  return names;
}

function plural(fields: number): string {
  return fields === 1 ? '1 field' : `${fields} fields`;
}
