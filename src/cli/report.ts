import { OpalineError } from '../errors/opaline-error.ts';
import { fromWire, toWire } from '../errors/wire.ts';
import { oneLine } from './output/one-line.ts';

/**
 * Reports a failure on stderr: exactly one line `opaline: CODE: message`; a person at a terminal is
 * shown the hint below it. What is not an OpalineError is INTERNAL with its class and code; its
 * message may quote data.
 */
export function reportError(error: unknown): void {
  const known = error instanceof OpalineError ? error : internal(error);
  process.stderr.write(`opaline: ${known.code}: ${oneLine(known.message)}\n`);
  if (process.stderr.isTTY) process.stderr.write(`  hint: ${oneLine(known.hint)}\n`);
}

/** One line for a person, on stderr. */
export function notice(text: string): void {
  process.stderr.write(`${oneLine(text)}\n`);
}

function internal(error: unknown): OpalineError {
  const known = fromWire(toWire(error));
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (known.code !== 'INTERNAL' || typeof code !== 'string' || !/^[A-Z_]+$/.test(code)) {
    return known;
  }
  return new OpalineError('INTERNAL', { reason: code });
}
