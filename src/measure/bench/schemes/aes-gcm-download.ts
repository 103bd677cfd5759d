import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBytes, sealBytes } from '../../../bytes/aead.ts';
import { utf8 } from '../../../bytes/codec.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { checkAbort } from '../../../client/ingest/reading.ts';
import type { Question, Scheme } from '../scheme.ts';
import { encodeChunk, TableBuilder } from './support/chunk-codec.ts';
import { PlainTable } from './support/plain-table.ts';

const CHUNK_ROWS = 4096;
const WHAT = 'a sealed chunk';

/** No index and nothing homomorphic: whatever is asked, all rows are fetched, opened and looked at by the client. */
export const aesGcmDownload: Scheme = {
  name: 'aes-gcm-download',
  title: 'AES-256-GCM, everything downloaded',
  security:
    'values, questions and answers, from the store: AES-256-GCM as an authenticated cipher; it sees how many rows there are',
  family: 'download',
  whose: 'peer',
  expectedGrowth: () => 1,
  prepare: async (table, { folder, signal }) => {
    const key = randomBytes(32);
    const chunks = Math.ceil(table.rows / CHUNK_ROWS);
    const path = (chunk: number): string => join(folder, `chunk-${chunk}`);
    let atRest = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      checkAbort(signal);
      const sealed = sealBytes(
        key,
        encodeChunk(table, chunk * CHUNK_ROWS, CHUNK_ROWS),
        placeOf(chunk),
      );
      atRest += sealed.length;
      await writeFile(path(chunk), sealed);
    }
    const download = async (question: Question): Promise<PlainTable> => {
      const builder = new TableBuilder(table, columnsOf(question));
      for (let chunk = 0; chunk < chunks; chunk++) {
        builder.add(openBytes(key, await readFile(path(chunk)), placeOf(chunk), WHAT));
      }
      return new PlainTable(builder.finish(), { split: true });
    };
    const touched = Array.from({ length: chunks }, (_, chunk) => chunk);
    const transcript = [{ up: 0, down: atRest, touched }];
    const empty = new PlainTable(new TableBuilder(table, Object.keys(table.columns)).finish());
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        if (empty.answer(question) === undefined) return undefined;
        return download(question).then((plain) => ({
          values: plain.answer(question)!,
          bytesUp: 0,
          bytesDown: atRest,
          transcript,
        }));
      },
      atRest: () => undefined,
      shows: () =>
        `at rest: ${chunks} sealed chunks of ${CHUNK_ROWS} rows; on query: that something was asked, and nothing else`,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

const placeOf = (chunk: number): Uint8Array => utf8(`chunk ${chunk}`);

/** The columns that the client needs once it has everything: others it does not decode. */
function columnsOf(question: Question): readonly string[] {
  switch (question.workload) {
    case 'sum':
    case 'range':
    case 'keyword':
      return [question.column];
    case 'filtered-average':
      return [question.column, question.where.column];
    case 'group-by':
      return [question.column, question.group];
    case 'correlation':
      return [question.x, question.y];
    case 'exact-lookup':
    case 'private-lookup':
      return [question.where.column];
    case 'conjunction':
      return question.where.map(({ column }) => column);
    default:
      return question satisfies never;
  }
}
