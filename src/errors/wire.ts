import type { ErrorCode, ErrorDetails } from './codes.ts';
import { TEXTS } from './messages.ts';
import { OpalineError } from './opaline-error.ts';

/** The form in which an error crosses threads, processes and HTTP; plain JSON. */
export interface WireError {
  opaline: 1;
  code: ErrorCode;
  details: ErrorDetails[ErrorCode];
}

/**
 * The wire form of any thrown value. What is not an OpalineError becomes INTERNAL with the class
 * name only: a foreign message may quote data.
 */
export function toWire(error: unknown): WireError {
  if (error instanceof OpalineError) {
    return { opaline: 1, code: error.code, details: error.details };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    return { opaline: 1, code: 'ABORTED', details: {} };
  }
  const reason = error instanceof Error ? error.constructor.name : typeof error;
  return { opaline: 1, code: 'INTERNAL', details: { reason } };
}

/** Longer texts are cut, longer lists refused: nothing of ours is near. */
const MOST_TEXT = 2000;
const MOST_ITEMS = 10_000;
const MOST_DETAILS = 16;

/**
 * The error a wire form stands for, with class, code, details, hint and retryability restored. It may
 * come from a stranger: what is not of this form is INTERNAL.
 */
export function fromWire(wire: unknown): OpalineError {
  if (
    typeof wire === 'object' &&
    wire !== null &&
    'code' in wire &&
    'details' in wire &&
    typeof wire.code === 'string' &&
    Object.hasOwn(TEXTS, wire.code)
  ) {
    const details = plainDetails(wire.details);
    try {
      // A message that needs a detail which is not there, or of another type, may throw.
      if (details !== undefined) {
        return new OpalineError(wire.code as ErrorCode, details as ErrorDetails[ErrorCode]);
      }
    } catch {
      // As unknown as any other form.
    }
  }
  return new OpalineError('INTERNAL', { reason: 'an error of unknown form' });
}

/** Details as all of ours are: texts, numbers, booleans and lists of texts under short names. */
function plainDetails(details: unknown): Record<string, unknown> | undefined {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return undefined;
  const entries = Object.entries(details);
  if (entries.length > MOST_DETAILS) return undefined;
  const plain: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const kept = plainDetail(value);
    if (kept === undefined || !/^[a-zA-Z]{1,32}$/.test(name)) return undefined;
    plain[name] = kept;
  }
  return plain;
}

function plainDetail(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  return value.every((item) => typeof item === 'string') ? value.map(cut) : undefined;
}

function cut(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}…`;
}
