import { type CsvError, parse, type Parser } from 'csv-parse';
import { utf8Length } from '../../bytes/utf8-text.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { MAX_FIELD_BYTES } from './reading.ts';

/**
 * Receives one record and the physical line of the input on which it starts. Returning false ends
 * the reading.
 */
export type OnRecord = (fields: readonly string[], line: number) => boolean;

/** Characters of a record before csv-parse gives up on it: a quote that is never closed ends here. */
const MAX_RECORD = 16 * MAX_FIELD_BYTES;

/**
 * Splits CSV text into records with csv-parse, block by block. Lines end in LF or CRLF; a quote
 * inside an unquoted field and text after a closing quote are refused rather than guessed at.
 */
export class CsvRecords {
  private readonly parser: Parser;
  private readonly onRecord: OnRecord;
  private readonly nameOf: (field: number) => string;
  private line = 1;
  private fed = false;
  private failure: CsvError | undefined;

  /** `nameOf` names field number i in an error. */
  constructor(delimiter: string, onRecord: OnRecord, nameOf: (field: number) => string) {
    this.onRecord = onRecord;
    this.nameOf = nameOf;
    this.parser = parse({
      delimiter,
      record_delimiter: ['\n', '\r\n'],
      relax_column_count: true,
      max_record_size: MAX_RECORD,
    });
    // Errors are looked for after each block. Node's streams have them in `errored` before they tell of them;
    // those of csv-parse's build for browsers tell at once.
    this.parser.on('error', (error) => void (this.failure = error as CsvError));
  }

  /**
   * Read the next block; false once `onRecord` was.
   * @throws CSV_MALFORMED, FIELD_TOO_LARGE, and what `onRecord` throws.
   */
  feed(block: string): boolean {
    // A write is parsed before it returns, since every record of the one before has been taken.
    this.parser.write(block);
    this.fed = true;
    return this.drain();
  }

  /** The end of the input. @throws as `feed` does */
  async end(): Promise<boolean> {
    // csv-parse's build for browsers fails at the end of nothing.
    if (!this.fed) return true;
    const ended = new Promise<void>((resolve) => {
      this.parser.once('finish', resolve).once('error', () => resolve());
    });
    this.parser.end();
    await ended;
    return this.drain();
  }

  private drain(): boolean {
    for (;;) {
      const fields = this.parser.read() as string[] | null;
      if (fields === null) break;
      const line = this.line;
      this.line += 1;
      for (let i = 0; i < fields.length; i++) {
        const field = fields[i]!;
        if (field.length * 3 > MAX_FIELD_BYTES) this.checkSize(field, i, line);
        if (field.includes('\n')) this.line += newlines(field);
      }
      if (!this.onRecord(fields, line)) return false;
    }
    const error = this.failure ?? (this.parser.errored as CsvError | null | undefined) ?? undefined;
    if (error !== undefined) throw this.refusal(error);
    return true;
  }

  private checkSize(field: string, index: number, line: number): void {
    const bytes = utf8Length(field);
    if (bytes <= MAX_FIELD_BYTES) return;
    const column = this.nameOf(index);
    throw new OpalineError('FIELD_TOO_LARGE', { line, column, bytes, limit: MAX_FIELD_BYTES });
  }

  /** csv-parse's own message may quote the input, so only its code and place are used. */
  private refusal(error: CsvError): OpalineError {
    // What has no end began in the first record that did not come.
    const isOpen = ENDLESS.has(error.code);
    const line = !isOpen && typeof error['lines'] === 'number' ? error['lines'] : this.line;
    if (error.code === 'CSV_MAX_RECORD_SIZE') {
      const index = 'index' in error && typeof error['index'] === 'number' ? error['index'] : 0;
      return new OpalineError('FIELD_TOO_LARGE', {
        line,
        column: this.nameOf(index),
        bytes: MAX_RECORD,
        limit: MAX_FIELD_BYTES,
      });
    }
    return new OpalineError('CSV_MALFORMED', { line, reason: REASONS[error.code] ?? 'not CSV' });
  }
}

const ENDLESS: ReadonlySet<string> = new Set(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text after a closing quote',
  INVALID_OPENING_QUOTE: 'a quote inside an unquoted field',
};

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
