import type { ErrorCode, ErrorDetails } from './codes.ts';
import { TEXTS } from './messages.ts';

/**
 * The one class every Opaline refusal is thrown as.
 *
 * `code` is from the closed list in codes.ts, `details` are typed by the code, `hint` says what to
 * do, `retryable` whether the same request may succeed later unchanged.
 */
export class OpalineError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'OpalineError';
  readonly code: C;
  readonly details: ErrorDetails[C];
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: C, details: ErrorDetails[C], options?: { cause?: unknown }) {
    const text = TEXTS[code];
    super(text.message(details), options);
    this.code = code;
    this.details = details;
    this.hint = text.hint(details);
    this.retryable = text.retryable ?? false;
  }
}

/** Narrow an unknown error to an OpalineError, optionally of one code. */
export function isOpalineError<C extends ErrorCode>(
  error: unknown,
  code?: C,
): error is OpalineError<C> {
  return error instanceof OpalineError && (code === undefined || error.code === code);
}
