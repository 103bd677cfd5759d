import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource, type Source } from '../../../../src/client/ingest/file.ts';
import { isOpalineError, type OpalineError } from '../../../../src/errors/opaline-error.ts';
import { parseSchema } from '../../../../src/table/schema-json.ts';
import type { Schema } from '../../../../src/table/schema.ts';
import type { Batch, Value } from '../../../../src/table/value.ts';

export type Cells = readonly Value[];

/** Rows of batches, integers as bigints whichever way the batch holds them. */
export async function rowsOf(batches: AsyncIterable<Batch>): Promise<Cells[]> {
  const rows: Cells[] = [];
  for await (const batch of batches) {
    for (let i = 0; i < batch.rows; i++) {
      rows.push(
        batch.columns.map(({ kind, values, valid }) => {
          if (valid[i] === 0) return null;
          const value = values[i]!;
          return kind === 'int' ? BigInt(value) : value;
        }),
      );
    }
  }
  return rows;
}

/** Runs with a file of the given content; the file is gone afterwards. */
export async function withFile<T>(
  name: string,
  content: string | Uint8Array,
  run: (path: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'opaline-ingest-'));
  try {
    const path = join(folder, name);
    await writeFile(path, content);
    return await run(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function withSource<T>(
  name: string,
  content: string | Uint8Array,
  run: (source: Source) => Promise<T>,
): Promise<T> {
  return withFile(name, content, async (path) => run(await openSource(path)));
}

/** A table `t` of the given columns, each nullable unless it says otherwise. */
export function table(columns: Readonly<Record<string, string | object>>): Schema {
  return parseSchema({
    version: 1,
    table: 't',
    columns: Object.entries(columns).map(([name, column]) => ({
      name,
      nullable: true,
      ...(typeof column === 'string' ? { type: column } : column),
    })),
  });
}

/** What an error says, as the tables of bad input list it: code, line and column where there are any. */
export async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!isOpalineError(error)) throw error;
    const details = error.details as { line?: number; column?: string };
    return [error.code, details.line, details.column]
      .filter((part) => part !== undefined)
      .join(' ');
  }
  return 'accepted';
}

export async function failure(run: () => Promise<unknown>): Promise<OpalineError> {
  try {
    await run();
  } catch (error) {
    if (isOpalineError(error)) return error;
    throw error;
  }
  throw new Error('accepted');
}

export function vector(path: string): string {
  return join(import.meta.dirname, '../../../vectors', path);
}
