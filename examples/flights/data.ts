import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** One of the three million US domestic flights of 2001 that vega-datasets carries. */
export interface Flight extends Record<string, unknown> {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

export const MOST_ROWS = 3_000_000;

/** The first `rows` flights. */
export async function readFlights(rows: number): Promise<Flight[]> {
  // The package exports its loader only; the data lie beside it.
  const path = new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets'));
  const file = await asyncBufferFromFile(fileURLToPath(path));
  return (await parquetReadObjects({ file, compressors, rowEnd: rows })) as unknown as Flight[];
}
