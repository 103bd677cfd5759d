import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** The rows of a CSV file with a header. */
export function readCsv(file: URL | string): Record<string, string>[] {
  return parse(readFileSync(file), { columns: true, bom: true });
}
