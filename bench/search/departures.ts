import { fileURLToPath } from 'node:url';
import { openSource } from '../../src/client/ingest/file.ts';
import type { IndexColumn } from '../../src/search/sse/build.ts';
import { canonicalBytes } from '../../src/table/canonical.ts';
import { parseSchema } from '../../src/table/schema-json.ts';

const MICROSECONDS_A_MINUTE = 60_000_000;

/**
 * Minute and airport of the first departures of vega-datasets' three million, in the file's order: texts with a few
 * rows each, as a service looks things up by.
 */
export async function departures(rows: number): Promise<readonly string[]> {
  const loader = import.meta.resolve('vega-datasets');
  const path = fileURLToPath(new URL('../data/flights-3m.parquet', loader));
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
  const texts: string[] = [];
  const source = await openSource(path, 'parquet');
  for await (const { columns } of source.batches(schema, { rowLimit: rows })) {
    const [date, , , origin] = columns;
    if (date?.kind !== 'int' || origin?.kind !== 'text') throw new Error('flights of another form');
    for (const [row, airport] of origin.values.entries()) {
      texts.push(`${date.values[row]! / MICROSECONDS_A_MINUTE} ${airport}`);
    }
  }
  if (texts.length !== rows) throw new Error(`there are ${texts.length} flights, not ${rows}`);
  return texts;
}

/** As an index takes it: the distinct texts ascending, and of each row the place of its own. */
export function textColumn(texts: readonly string[]): IndexColumn {
  const distinct = [...new Set(texts)].sort();
  const places = new Map(distinct.map((text, place) => [text, place]));
  return {
    id: 0,
    values: distinct.map((text) => canonicalBytes(text, 'text')),
    codes: Int32Array.from(texts, (text) => places.get(text)!),
    equality: true,
    range: false,
  };
}
