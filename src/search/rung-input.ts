import { OpalineError } from '../errors/opaline-error.ts';
import type { ColumnType } from '../table/value.ts';
import { keyword, KEYWORD_KIND } from './keyword.ts';
import type { Postings } from './postings.ts';

/** One column of one segment, as an index is built of it. */
export interface RungInput {
  readonly type: ColumnType;
  /** 1 to 2^18. */
  readonly rows: number;
  /** The column's values; absent of documents. */
  readonly coded?: CodedColumn;
  /** Rows by keyword: values and NULL, or a document's tokens and NULL. Erased rows have none. */
  readonly postings: Postings;
}

export interface CodedColumn {
  /** Canonical bytes of the distinct values, ascending. */
  readonly values: readonly Uint8Array[];
  /** Per row the place of its value, −1 for NULL, −2 for an erased row. */
  readonly codes: Int32Array;
}

/** The input of a column of values. @throws INTERNAL unless there is a code for each row */
export function codedInput(type: ColumnType, rows: number, coded: CodedColumn): RungInput {
  if (coded.codes.length !== rows) {
    throw new OpalineError('INTERNAL', { reason: 'a column has not one code a row' });
  }
  return { type, rows, coded, postings: codedPostings(rows, coded) };
}

/** Counting sort by value; NULL is the last keyword, where a row has it. */
function codedPostings(rows: number, { values, codes }: CodedColumn): Postings {
  const all = values.length + 1;
  const listOf = (code: number): number => (code === -1 ? values.length : code);
  const counts = new Uint32Array(all);
  for (const code of codes) if (code !== -2) counts[listOf(code)]! += 1;
  const present = Array.from(counts.keys()).filter((list) => counts[list]! > 0);
  const next = new Uint32Array(all);
  const starts = new Uint32Array(present.length + 1);
  present.forEach((list, i) => {
    next[list] = starts[i]!;
    starts[i + 1] = starts[i]! + counts[list]!;
  });
  const members = new Uint32Array(starts[present.length]!);
  for (let row = 0; row < rows; row++) {
    const code = codes[row]!;
    if (code !== -2) members[next[listOf(code)]!++] = row;
  }
  const keywords = present.map((list) =>
    list === values.length
      ? keyword(KEYWORD_KIND.null)
      : keyword(KEYWORD_KIND.value, values[list]!),
  );
  return { rows, keywords, starts, members };
}
