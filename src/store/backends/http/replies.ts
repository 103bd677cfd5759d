import { OpalineError } from '../../../errors/opaline-error.ts';
import type { StoredPart } from '../../link.ts';

/** Parsers of what the service sends. All throw BYTES_INVALID. */

const ID = /^[0-9a-f]{32}$/;

/** One property of what should be an object. */
export function field(reply: unknown, name: string): unknown {
  return typeof reply === 'object' && reply !== null && Object.hasOwn(reply, name)
    ? (reply as Record<string, unknown>)[name]
    : undefined;
}

export function idsOf(reply: unknown): string[] {
  return list(reply, 'tables').map(id);
}

export function partsOf(reply: unknown): StoredPart[] {
  return list(reply, 'parts').map((part) => ({
    id: id(field(part, 'id')),
    bytes: count(field(part, 'bytes')),
  }));
}

/** Of a store. */
export function identityOf(reply: unknown): string {
  return id(field(reply, 'identity'));
}

export function receivedOf(reply: unknown): number {
  return count(field(reply, 'received'));
}

/** @throws BYTES_INVALID unless it is JSON in UTF-8 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return malformed();
  }
}

function list(reply: unknown, name: string): unknown[] {
  const found = field(reply, name);
  return Array.isArray(found) ? found : malformed();
}

function id(value: unknown): string {
  return typeof value === 'string' && ID.test(value) ? value : malformed();
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : malformed();
}

export function malformed(): never {
  throw new OpalineError('BYTES_INVALID', {
    what: 'a reply of the store',
    reason: 'it is not of the form agreed on',
  });
}
