import { invalid } from './json-checks.ts';
import { type Column, isAggregated, type Pair } from './schema.ts';

/**
 * A list of `[column, column]`, squares included; each pair comes in schema order.
 * @throws SCHEMA_INVALID
 */
export function parsePairs(json: unknown, columns: readonly Column[], path: string): Pair[] {
  if (!Array.isArray(json)) throw invalid(path, 'must be a list of [column, column]');
  const seen = new Set<string>();
  return json.map((entry: unknown, i) => {
    const at = `${path}[${i}]`;
    if (!Array.isArray(entry) || entry.length !== 2) throw invalid(at, 'must be [column, column]');
    const places = entry.map((name: unknown, side) => {
      const place = columns.findIndex((column) => column.name === name);
      if (place < 0) throw invalid(`${at}[${side}]`, 'must name a column');
      if (isAggregated(columns[place]!)) return place;
      throw invalid(`${at}[${side}]`, 'must name an integer, decimal or real column');
    });
    const [first, second] = places.sort((a, b) => a - b) as [number, number];
    if (seen.has(`${first},${second}`)) throw invalid(at, 'the pair is declared twice');
    seen.add(`${first},${second}`);
    return Object.freeze([columns[first]!.name, columns[second]!.name] as const);
  });
}
