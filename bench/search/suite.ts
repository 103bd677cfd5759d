import type { SuiteResult } from '../report.ts';
import { documentLines } from './document-lines.ts';
import { exactMatch } from './exact-match.ts';
import { indexLines } from './index-lines.ts';
import { pirLines } from './pir-lines.ts';
import { rungBytes, rungBytesText } from './rung-bytes.ts';

export interface SearchOptions {
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

const SEGMENT_ROWS = 2 ** 18;

/** The encrypted indexes in one thread: against what is wanted of them, and against other people's. */
export async function searchSuite({ quick, progress }: SearchOptions): Promise<SuiteResult> {
  progress('  sse');
  const index = await indexLines(SEGMENT_ROWS, quick ? 3 : 10);
  progress('  pir');
  const pir = await pirLines(quick ? 3 : 10);
  progress('  exact match');
  const exact = await exactMatch(quick ? SEGMENT_ROWS : 1_000_000, quick ? 200 : 1000, progress);
  // What is wanted is said of a million rows; of three it is reported.
  const larger = quick ? undefined : await exactMatch(3_000_000, 1000, progress);
  progress('  e-mails');
  const documents = await documentLines(quick ? 250 : 6046, quick ? 1 : 2);
  progress('  bytes of every index');
  const rows = quick ? 2 ** 13 : 2 ** 16;
  const bytes = rungBytes(rows);
  return {
    lines: [...index.lines, ...exact.lines, ...documents.lines, ...pir.lines],
    table: [larger?.text, documents.table, rungBytesText(rows, bytes)]
      .filter((text) => text !== undefined)
      .join('\n\n'),
    details: { documents: documents.details, bytes: { rows, indexes: bytes } },
    samples: {
      ...index.samples,
      ...exact.samples,
      ...larger?.samples,
      ...documents.samples,
      ...pir.samples,
    },
  };
}
