import { join } from 'node:path';
import { toHex } from '../../../bytes/hex.ts';
import { randomBytes } from '../../../bytes/random.ts';
import { createVault } from '../../../client/open-vault.ts';
import type { LabTable } from '../scheme.ts';

/** A vault over a store in a folder, under a passphrase that is thrown away with it. */
export interface LabVault {
  readonly path: string;
  readonly passphrase: string;
}

/**
 * Some columns of the lab's table in a vault of its own.
 * @param schema columns and what else a schema says, as `vault.ingest` takes it but for version and table
 */
export async function labVault(
  table: LabTable,
  schema: { readonly columns: Readonly<Record<string, object>> },
  folder: string,
  signal: AbortSignal,
): Promise<LabVault> {
  const path = join(folder, 'vault');
  const passphrase = toHex(randomBytes(16));
  await using vault = await createVault(path, { store: join(folder, 'store'), passphrase });
  const whole = { version: 1, table: table.name, undeclared: 'none', ...schema };
  await vault.ingest(whole, rowsOf(table, Object.keys(schema.columns)), { signal });
  return { path, passphrase };
}

function* rowsOf(
  { rows, columns }: LabTable,
  names: readonly string[],
): Generator<Record<string, string | number>> {
  for (let row = 0; row < rows; row++) {
    const cells: Record<string, string | number> = {};
    for (const name of names) {
      const column = columns[name]!;
      cells[name] =
        column.kind === 'integer'
          ? column.values[row]!
          : column.kind === 'text'
            ? column.values[column.codes[row]!]!
            : column.texts[row]!;
    }
    yield cells;
  }
}
