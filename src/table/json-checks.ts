import { OpalineError } from '../errors/opaline-error.ts';

/** What the JSON forms of a table's parts are checked with. `path` names the part in a refusal. */

/** PostgreSQL's own limit (NAMEDATALEN − 1): its grammar cuts longer names, so no query could meet one. */
export const MAX_NAME_BYTES = 63;

export type Json = Readonly<Record<string, unknown>>;

/** A table, column or category name: well-formed, without control characters, 1 to 63 bytes of UTF-8. */
export function parseName(json: unknown, path: string): string {
  if (typeof json !== 'string' || json === '') throw invalid(path, 'must be a non-empty string');
  if (!json.isWellFormed() || /\p{Cc}/u.test(json)) {
    throw invalid(path, 'a name has no control characters and no lone surrogates');
  }
  if (new TextEncoder().encode(json).length > MAX_NAME_BYTES) {
    throw invalid(path, `a name has at most ${MAX_NAME_BYTES} bytes`);
  }
  return json;
}

export function asObject(json: unknown, path: string): Json {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
  throw invalid(path, 'must be an object');
}

export function refuseUnknown(object: Json, known: readonly string[], path: string): void {
  for (const key of Object.keys(object)) {
    if (known.includes(key)) continue;
    throw invalid(path === '' ? key : `${path}.${key}`, `unknown key; known: ${known.join(', ')}`);
  }
}

export function later(feature: string): OpalineError {
  return new OpalineError('NOT_YET_AVAILABLE', { feature });
}

export function invalid(path: string, reason: string): OpalineError {
  return new OpalineError('SCHEMA_INVALID', { path, reason });
}

/** True where an object's keys keep the order given: JavaScript puts keys such as "2024" first. */
export function keepsOrder(names: readonly string[]): boolean {
  return Object.keys(Object.fromEntries(names.map((name) => [name, 0]))).every(
    (name, i) => name === names[i],
  );
}
