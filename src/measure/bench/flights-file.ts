import { fileURLToPath } from 'node:url';
import { type FlightColumns, hourText } from './synthetic-flights.ts';
import { TextCoder } from './text-coder.ts';

const FLIGHTS = 3_000_000;
/** Of an hour. */
const MICROSECONDS = 3_600_000_000;

/** The first `rows` flights of vega-datasets, from the beginning again after the last; undefined: not installed. */
export async function readFlights(rows: number): Promise<FlightColumns | undefined> {
  let path: string;
  try {
    // The package exports its loader only; the data lie beside it.
    const loader = import.meta.resolve('vega-datasets');
    path = fileURLToPath(new URL('../data/flights-3m.parquet', loader));
  } catch {
    return undefined;
  }
  const { openSource } = await import('../../client/ingest/file.ts');
  const { parseSchema } = await import('../../table/schema-json.ts');
  const schema = parseSchema({
    version: 1,
    table: 'flights',
    columns: {
      date: { type: 'timestamp' },
      delay: { type: 'integer' },
      distance: { type: 'integer' },
      origin: { type: 'text' },
      destination: { type: 'text' },
    },
  });
  const [delay, distance] = [new Int32Array(rows), new Int32Array(rows)];
  const hour = new TextCoder(rows);
  const origin = new TextCoder(rows);
  const destination = new TextCoder(rows);
  let read = 0;
  const source = await openSource(path, 'parquet').catch(() => undefined);
  if (source === undefined) return undefined;
  for await (const { columns } of source.batches(schema, { rowLimit: Math.min(rows, FLIGHTS) })) {
    const [when, late, miles, from, to] = columns;
    if (when?.kind !== 'int' || late?.kind !== 'int' || miles?.kind !== 'int') {
      return undefined;
    }
    if (from?.kind !== 'text' || to?.kind !== 'text') return undefined;
    delay.set(late.values, read);
    distance.set(miles.values, read);
    read += late.values.length;
    for (const value of when.values) hour.push(hourText(Math.floor(value / MICROSECONDS)));
    for (const value of from.values) origin.push(value);
    for (const value of to.values) destination.push(value);
  }
  if (read === 0) return undefined;
  for (let row = read; row < rows; row++) {
    delay[row] = delay[row - read]!;
    distance[row] = distance[row - read]!;
  }
  for (const texts of [hour, origin, destination]) texts.repeat();
  return {
    delay,
    distance,
    hour: hour.column(),
    origin: origin.column(),
    destination: destination.column(),
  };
}
