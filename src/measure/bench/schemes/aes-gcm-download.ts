import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { sealBytes } from '../../../bytes/aead.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { fromWire } from '../../../errors/wire.ts';
import { checkAbort } from '../../../client/ingest/reading.ts';
import type { Scheme } from '../scheme.ts';
import { encodeChunk, TableBuilder } from './support/chunk-codec.ts';
import {
  chunkName,
  chunkPlace,
  type Download,
  type Downloaded,
} from './support/download-client.ts';
import { PlainTable } from './support/plain-table.ts';

const CHUNK_ROWS = 4096;
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const CLIENT = new URL(`./support/download-client.${EXTENSION}`, import.meta.url);

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
    let atRest = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      checkAbort(signal);
      const sealed = sealBytes(
        key,
        encodeChunk(table, chunk * CHUNK_ROWS, CHUNK_ROWS),
        chunkPlace(chunk),
      );
      atRest += sealed.length;
      await writeFile(join(folder, chunkName(chunk)), sealed);
    }
    const shape = new TableBuilder(table, Object.keys(table.columns)).finish();
    const sealed = { folder, key, chunks, shape };
    const client = new Piscina({ filename: fileURLToPath(CLIENT), minThreads: 1, maxThreads: 1 });
    const touched = Array.from({ length: chunks }, (_, chunk) => chunk);
    const transcript = [{ up: 0, down: atRest, touched }];
    const empty = new PlainTable(shape);
    return {
      bytes: () => ({ atRest, keys: 0 }),
      answer: (question) => {
        if (empty.answer(question) === undefined) return undefined;
        const task: Download = { sealed, question };
        const answered = client.run(task, { name: 'download' }) as Promise<Downloaded>;
        return answered.then((reply) => {
          if ('error' in reply) throw fromWire(reply.error);
          return { values: reply.values, bytesUp: 0, bytesDown: atRest, transcript };
        });
      },
      atRest: () => undefined,
      shows: () =>
        `at rest: ${chunks} sealed chunks of ${CHUNK_ROWS} rows; on query: that something was asked, and nothing else`,
      [Symbol.asyncDispose]: () => client.destroy(),
    };
  },
};
