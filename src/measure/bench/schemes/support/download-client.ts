import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBytes } from '../../../../bytes/aead.ts';
import { utf8 } from '../../../../bytes/codec.ts';
import { toWire, type WireError } from '../../../../errors/wire.ts';
import type { Answer, LabTable, Question } from '../../scheme.ts';
import { TableBuilder } from './chunk-codec.ts';
import { PlainTable } from './plain-table.ts';

/** Where a sealed table lies, and what it takes to read it. */
export interface SealedTable {
  readonly folder: string;
  readonly key: Uint8Array;
  readonly chunks: number;
  /** Gives columns their names and kinds; has no rows. */
  readonly shape: LabTable;
}

export interface Download {
  readonly sealed: SealedTable;
  readonly question: Question;
}

export type Downloaded = { readonly values: Answer['values'] } | { readonly error: WireError };

/**
 * The client of the download: run by a thread of its own, whose collector has nothing to look through but what was
 * downloaded. In the lab's own thread the garbage of every chunk had the lab's table looked through as well, and the
 * time grew with the square of the rows.
 * An error, BYTES_INVALID for a chunk that was altered, is an answer: thrown, it would lose its code on the way.
 */
export function download({ sealed, question }: Download): Promise<Downloaded> {
  return answerFrom(sealed, question).then(
    (values) => ({ values }),
    (error: unknown) => ({ error: toWire(error) }),
  );
}

async function answerFrom(sealed: SealedTable, question: Question): Promise<Answer['values']> {
  const columns = columnsOf(question);
  if (!isCount(question)) {
    const builder = new TableBuilder(sealed.shape, columns);
    for await (const chunk of openedChunks(sealed)) builder.add(chunk);
    return new PlainTable(builder.finish(), { split: true }).answer(question) ?? [];
  }
  // Counts add up: no chunk is kept, and texts are no more than one chunk's.
  let count = 0;
  for await (const chunk of openedChunks(sealed)) {
    const builder = new TableBuilder(sealed.shape, columns);
    builder.add(chunk);
    const counted = new PlainTable(builder.finish(), { split: true }).answer(question);
    if (counted === undefined) return [];
    count += Number(counted[0]);
  }
  return [count];
}

async function* openedChunks({ folder, key, chunks }: SealedTable): AsyncGenerator<Uint8Array> {
  for (let chunk = 0; chunk < chunks; chunk++) {
    const bytes = await readFile(join(folder, chunkName(chunk)));
    yield openBytes(key, bytes, chunkPlace(chunk), 'a sealed chunk');
  }
}

/** Whether the answer is the number of rows that are asked for. */
function isCount({ workload }: Question): boolean {
  switch (workload) {
    case 'range':
    case 'keyword':
    case 'exact-lookup':
    case 'private-lookup':
    case 'conjunction':
      return true;
    default:
      return false;
  }
}

export const chunkName = (chunk: number): string => `chunk-${chunk}`;

/** Binds a chunk to its place. */
export const chunkPlace = (chunk: number): Uint8Array => utf8(`chunk ${chunk}`);

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
