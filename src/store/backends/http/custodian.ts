import type { ErrorCode } from '../../../errors/codes.ts';
import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import { fromWire } from '../../../errors/wire.ts';
import type { CallOptions } from '../../link.ts';
import { OCTETS } from '../../protocol.ts';
import { readCapped } from './read-capped.ts';
import { unreachable } from './unreachable.ts';

/** What a custodian and whoever asks it agree on. */
export const CUSTODIAN_PATHS = { health: '/v1/health', partials: '/v1/partials' } as const;
/** Bytes: a request is a fragment and a proof; a reply one scalar for each sum. */
export const CUSTODIAN_LIMITS: Readonly<Record<'request' | 'reply' | 'refusal', number>> = {
  request: (1 << 26) + (1 << 20),
  reply: 1 << 23,
  refusal: 1 << 16,
};
const HEALTH_WITHIN_MS = 5000;
/** What a custodian refuses with: of the log it tells the codes, so that the gate may prove it from another entry on. */
const REFUSALS: readonly ErrorCode[] = [
  'CUSTODIAN_REFUSED',
  'LOG_ROLLBACK',
  'LOG_FORK',
  'LOG_UNPROVED',
];

/** Whether a custodian answers at an address. */
export async function custodianIsThere(address: string, { signal }: CallOptions): Promise<boolean> {
  const within = AbortSignal.timeout(HEALTH_WITHIN_MS);
  try {
    const response = await fetch(`${address}${CUSTODIAN_PATHS.health}`, {
      redirect: 'manual',
      signal: signal === undefined ? within : AbortSignal.any([signal, within]),
    });
    await readCapped(response, CUSTODIAN_LIMITS.refusal);
    return response.ok;
  } catch {
    if (signal?.aborted) throw new OpalineError('ABORTED', {});
    return false;
  }
}

/**
 * A custodian's answer to a request, which is sent once: it would refuse a second. So it does one whose log it has no
 * proof of, and answers when that is proved.
 * @throws CUSTODIAN_REFUSED, LOG_ROLLBACK, LOG_FORK, LOG_UNPROVED, CUSTODIAN_UNREACHABLE, ABORTED
 */
export async function askCustodian(
  address: string,
  request: Uint8Array,
  { signal }: CallOptions,
): Promise<Uint8Array> {
  try {
    const response = await fetch(`${address}${CUSTODIAN_PATHS.partials}`, {
      method: 'POST',
      headers: { accept: OCTETS, 'content-type': OCTETS },
      body: request as Uint8Array<ArrayBuffer>,
      redirect: 'manual',
      ...(signal && { signal }),
    });
    if (!response.ok) throw await refusalOf(address, response);
    return await readCapped(response, CUSTODIAN_LIMITS.reply);
  } catch (error) {
    if (signal?.aborted) throw new OpalineError('ABORTED', {});
    if (isRefusal(error)) throw error;
    const { reason } = unreachable(address, error).details;
    throw new OpalineError(
      'CUSTODIAN_UNREACHABLE',
      { custodian: address, reason },
      { cause: error },
    );
  }
}

const isRefusal = (error: unknown): error is OpalineError =>
  error instanceof OpalineError && REFUSALS.includes(error.code);

async function refusalOf(custodian: string, response: Response): Promise<OpalineError> {
  let reason = `it answers HTTP status ${response.status}`;
  try {
    const body = await readCapped(response, CUSTODIAN_LIMITS.refusal);
    const wire: unknown = JSON.parse(new TextDecoder().decode(body));
    const error = fromWire(wire);
    if (isRefusal(error) && error.code !== 'CUSTODIAN_REFUSED') return error;
    reason = isOpalineError(error, 'CUSTODIAN_REFUSED') ? error.details.reason : error.message;
  } catch {
    // Not of ours: its status says enough.
  }
  return new OpalineError('CUSTODIAN_REFUSED', { custodian, reason });
}
