import { styleText } from 'node:util';
import type { QueryResult } from '../../client/api.ts';
import { resultJson } from './result-json.ts';

export type Format = 'table' | 'csv' | 'json';
export const FORMATS: readonly Format[] = ['table', 'csv', 'json'];

/** A result as the reader of stdout asked for it. */
export async function resultText(result: QueryResult, format: Format): Promise<string> {
  if (format === 'json') return `${resultJson(result)}\n`;
  if (format === 'csv') {
    const { csvText } = await import('./csv-text.ts');
    return csvText(result.columns, result.rows);
  }
  const { tableText } = await import('./table-text.ts');
  const styleNull = (text: string): string => styleText('dim', text, { stream: process.stdout });
  return tableText(result.columns, result.rows, { styleNull });
}
