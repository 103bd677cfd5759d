import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest } from '../../src/table/manifest.ts';

/** Bytes of a table's ciphertext columns, for each row and column. */
export interface ColumnBytes {
  readonly columns: number;
  /** As uploaded. */
  readonly wire: number;
  /** As the store keeps them. */
  readonly atRest: number;
}

/** Of the only table in a store's folder. */
export async function columnBytes(store: string): Promise<ColumnBytes> {
  const [table, ...others] = await readdir(store);
  if (table === undefined || others.length > 0) throw new Error('the store has not one table');
  const heads = (await readdir(join(store, table))).filter((name) => name.startsWith('head-'));
  const newest = heads.sort((a, b) => Number(b.slice(5)) - Number(a.slice(5)))[0] ?? '';
  const { segments } = parseManifest(await readFile(join(store, table, newest)));
  const columns = segments[0]?.columns.length ?? 0;
  let [rows, wire, atRest] = [0, 0, 0];
  for (const segment of segments) {
    rows += segment.rows;
    for (const { id, bytes } of segment.columns) {
      wire += bytes;
      atRest += (await stat(join(store, table, 'parts', id))).size;
    }
  }
  const cells = rows * columns;
  return { columns, wire: wire / cells, atRest: atRest / cells };
}
