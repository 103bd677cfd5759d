import { OpalineError } from '../../errors/opaline-error.ts';
import { readFlights } from './flights-file.ts';
import type { DataSource } from './result.ts';
import type { LabTable } from './scheme.ts';
import { notes, scrambledKeys } from './synthetic.ts';
import { type FlightColumns, syntheticFlights } from './synthetic-flights.ts';

/** Where the tables of a run come from. */
export interface LabData extends Omit<DataSource, 'rows'> {
  /** There are no more. */
  readonly mostRows: number;
  /** The first `rows` rows; the same every time. */
  table(rows: number): Promise<LabTable>;
}

/** Without a table of one's own: the lab's, up to this many rows. */
export const MOST_ROWS = 10_000_000;

/**
 * The lab's own table: US domestic flights of 2001 (vega-datasets, a development package), or flights of the same shape
 * from a seed where that package is not there, with a key that no two rows share and a note of Zipf-distributed words.
 * Beyond the three million flights of the package they begin again, with other keys and notes.
 */
export async function flightsData(): Promise<LabData> {
  const real = await readFlights(1);
  let kept: LabTable | undefined;
  return {
    name: 'flights',
    source:
      real === undefined
        ? 'flights made up from a seed, in the shape of the public record of US domestic flights (vega-datasets is not installed), with notes of Zipf-distributed words'
        : 'US domestic flights of 2001, from the public record of the Bureau of Transportation Statistics by vega-datasets (BSD-3-Clause), with notes of Zipf-distributed words',
    mostRows: MOST_ROWS,
    async table(rows) {
      if (rows > MOST_ROWS) {
        throw new OpalineError('USAGE', { reason: `a table has at most ${MOST_ROWS} rows` });
      }
      if (kept?.rows !== rows) {
        const columns = real === undefined ? syntheticFlights(rows) : await readFlights(rows);
        kept = flightsTable(rows, columns ?? syntheticFlights(rows));
      }
      return kept;
    },
  };
}

function flightsTable(rows: number, flights: FlightColumns): LabTable {
  let texts: readonly string[] | undefined;
  return {
    name: 'flights',
    rows,
    columns: {
      key: { kind: 'integer', values: scrambledKeys(rows) },
      delay: { kind: 'integer', values: flights.delay },
      distance: { kind: 'integer', values: flights.distance },
      hour: flights.hour,
      origin: flights.origin,
      destination: flights.destination,
      // Long, and not every scheme reads it.
      note: {
        kind: 'document',
        get texts() {
          return (texts ??= notes(rows));
        },
      },
    },
  };
}
