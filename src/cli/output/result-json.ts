import type { QueryResult } from '../../client/api.ts';
import { fromWire, toWire } from '../../errors/wire.ts';

/** `{"columns":[…],"rows":[[…]],"leakage":[…],"stats":{…}}` on one line. */
export function resultJson({ columns, rows, leakage, stats }: QueryResult): string {
  return JSON.stringify({ columns, rows, leakage, stats });
}

/** `{"error":{"code","message","hint","retryable"}}` on one line. */
export function errorJson(error: unknown): string {
  const { code, message, hint, retryable } = fromWire(toWire(error));
  return JSON.stringify({ error: { code, message, hint, retryable } });
}
