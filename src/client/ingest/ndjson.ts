import { OpalineError } from '../../errors/opaline-error.ts';
import { inputColumns, type Schema } from '../../table/schema.ts';
import type { Batch } from '../../table/value.ts';
import { BatchBuilder } from './batch-builder.ts';
import { unknownColumn } from './match-columns.ts';
import type { ReadOptions } from './reading.ts';
import { NotUtf8, type TextInput } from './text-input.ts';

export type NdjsonFile = TextInput;

/** A number as it is written in the input: doubles would round it. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type JsonRow = Readonly<Record<string, unknown>>;

/**
 * Receives a line's object; false ends the scan. A number is a JsonNumber, or a number that is the value
 * written; `sources` gives the object with every number as a JsonNumber.
 */
export type OnRow = (row: JsonRow, line: number, sources: () => JsonRow) => boolean;

const MAX_LINE_LENGTH = 1 << 24;
/** A number of more than 15 digits or with an exponent; whatever else it finds costs only time. */
const MAY_ROUND = /[\d.]{16}|\d[eE]/;

/**
 * Batches of a file with one JSON object a line, keys naming columns. A missing key and `null` are NULL,
 * an empty string is text. Numbers are taken from the source text, so that any size stays exact; a
 * number or boolean may fill a text column, a string any column whose text it is. Blank lines are skipped.
 *
 * Throws INPUT_MALFORMED, UNKNOWN_COLUMN, VALUE_INVALID and the like with the line.
 */
export async function* ndjsonBatches(
  file: NdjsonFile,
  schema: Schema,
  options: ReadOptions = {},
): AsyncGenerator<Batch, void, undefined> {
  const columns = inputColumns(schema);
  const builder = new BatchBuilder(columns, options);
  if (builder.full) return;
  const names = columns.map((column) => column.name);
  const textual = columns.map(({ type }) => type === 'text' || type === 'document');
  const scan = scanNdjson(file, options.signal, false, (row, line, sources) => {
    let known = 0;
    for (const [i, sink] of builder.sinks.entries()) {
      const name = names[i]!;
      const present = Object.hasOwn(row, name);
      if (present) known++;
      let cell = present ? row[name] : null;
      // As text, 1.50 is not 1.5.
      if (typeof cell === 'number' && textual[i]!) cell = sources()[name];
      const text = jsonText(cell, name, line);
      if (text === null) sink.null(line);
      else sink.text(text, line);
    }
    if (known < Object.keys(row).length) {
      throw unknownColumn(
        schema,
        Object.keys(row).find((key) => !names.includes(key))!,
      );
    }
    builder.advance(1);
    return !builder.full;
  });
  for await (const share of scan) {
    yield* builder.drain();
    options.onProgress?.(builder.rows, share);
  }
  yield* builder.finish();
  options.onProgress?.(builder.rows, 1);
}

/**
 * Scans an NDJSON file, yielding the share read after each block; `onRow` returning false ends it. With
 * `exact` every number is a JsonNumber, at a quarter of the speed. Throws INPUT_MALFORMED, INPUT_NOT_FOUND.
 */
export async function* scanNdjson(
  file: NdjsonFile,
  signal: AbortSignal | undefined,
  exact: boolean,
  onRow: OnRow,
): AsyncGenerator<number, void, undefined> {
  let line = 0;
  let rest: string[] = [];
  let waiting = 0;
  const take = (text: string): boolean => {
    line++;
    const row = parseLine(text, exact, line);
    return row === undefined || onRow(row, line, () => parseWithSources(text) as JsonRow);
  };
  try {
    for await (const { text, bytes } of file.blocks(signal)) {
      let from = 0;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
        const part = text.slice(from, end);
        if (!take(rest.length === 0 ? part : rest.join('') + part)) return;
        rest = [];
        waiting = 0;
        from = end + 1;
      }
      if (from < text.length) rest.push(text.slice(from));
      waiting += text.length - from;
      if (waiting > MAX_LINE_LENGTH) throw malformed(line + 1, 'a line without an end');
      yield file.bytes === 0 ? 1 : Math.min(1, bytes / file.bytes);
    }
    if (rest.length > 0) take(rest.join(''));
  } catch (error) {
    if (error instanceof NotUtf8) throw malformed(error.line, 'not UTF-8');
    throw error;
  }
}

/** The text of a JSON cell, or null. Throws INPUT_MALFORMED for an object or a list. */
export function jsonText(cell: unknown, column: string, line: number): string | null {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (cell === null) return null;
  if (cell instanceof JsonNumber) return cell.source;
  const reason = 'a cell must not be an object or a list';
  throw new OpalineError('INPUT_MALFORMED', { line, reason, column });
}

function parseLine(text: string, exact: boolean, line: number): JsonRow | undefined {
  const sources = exact || MAY_ROUND.test(text);
  let row: unknown;
  try {
    row = sources ? parseWithSources(text) : JSON.parse(text);
  } catch {
    if (text.trim() === '') return undefined;
    // The parser's message quotes the line.
    throw malformed(line, 'not JSON');
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) {
    if (!(row instanceof JsonNumber)) return row as JsonRow;
  }
  throw malformed(line, 'each line must be an object');
}

/** ECMAScript's "JSON.parse source text access"; TypeScript's library does not declare it yet. */
function parseWithSources(text: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { readonly source: string }): unknown =>
    typeof value === 'number' ? new JsonNumber(context!.source) : value;
  return JSON.parse(text, reviver);
}

function malformed(line: number, reason: string): OpalineError {
  return new OpalineError('INPUT_MALFORMED', { line, reason });
}
