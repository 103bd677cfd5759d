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

/** The error a wire form stands for, with class, code, details, hint and retryability restored. */
export function fromWire(wire: unknown): OpalineError {
  if (
    typeof wire === 'object' &&
    wire !== null &&
    'code' in wire &&
    'details' in wire &&
    typeof wire.code === 'string' &&
    Object.hasOwn(TEXTS, wire.code) &&
    typeof wire.details === 'object' &&
    wire.details !== null
  ) {
    return new OpalineError(wire.code as ErrorCode, wire.details as ErrorDetails[ErrorCode]);
  }
  return new OpalineError('INTERNAL', { reason: 'an error of unknown form' });
}
