import { OpalineError } from '../errors/opaline-error.ts';
import { systemCode } from '../errors/system-code.ts';
import { fromWire } from '../errors/wire.ts';
import { GATE_STATUS } from './protocol.ts';

/** What a call of a gate failed with that brought no answer. `error` is fetch's, or ours. */
export function callFailed(error: unknown, address: string, signal: AbortSignal): OpalineError {
  if (error instanceof OpalineError) return error;
  if (signal.aborted) return new OpalineError('ABORTED', {});
  const cause = error instanceof Error ? error.cause : undefined;
  const reason = cause === undefined ? 'it does not answer' : systemCode(cause);
  return unreachable(address, reason);
}

/** A gate says why it refuses in codes of its own; any other is no gate. `body` is its JSON. */
export function refusalOf(body: Uint8Array, address: string): OpalineError {
  const error = fromWire(parseJson(body));
  // That a call was aborted is ours to say.
  if (Object.hasOwn(GATE_STATUS, error.code) && error.code !== 'ABORTED') return error;
  return unreachable(address, 'it does not answer as a gate does');
}

/** Undefined for what is none. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function unreachable(address: string, reason: string): OpalineError {
  return new OpalineError('GATE_UNREACHABLE', { gate: new URL(address).origin, reason });
}
