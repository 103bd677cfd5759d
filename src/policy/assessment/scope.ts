import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import type { Purpose } from '../document.ts';
import type { Processor } from './context.ts';

/** What an assessment is of. Anything else may change without making it out of date: rows, for example. */
export interface Scope {
  /** Schemas in their JSON form, in any order. */
  readonly schemas: readonly unknown[];
  readonly purposes: Readonly<Record<string, Purpose>>;
  readonly processors: readonly Processor[];
  /** Where the ciphertexts are. */
  readonly store: string;
}

const HEADER = 'opaline assessment scope v1\n';

/**
 * SHA-256 of the scope in one form: JSON with keys sorted, and what has no order of its own sorted by its text. An
 * assessment whose hash is not that of today's scope is of something else.
 */
export function scopeHash({ schemas, purposes, processors, store }: Scope): Uint8Array {
  const form = {
    schemas: schemas.map(canonical).sort(),
    purposes,
    processors: processors.map(canonical).sort(),
    store,
  };
  return sha256(utf8(`${HEADER}${canonical(form)}\n`));
}

/** JSON with the keys of every object in the order of their code units; undefined properties are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`);
  return `{${entries.join(',')}}`;
}
