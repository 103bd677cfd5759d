import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import { fromWire } from '../../../errors/wire.ts';
import { isStoreRefusal, LIMITS, SCOPES } from '../../protocol.ts';
import { readCapped } from './read-capped.ts';
import { lasting, notAStore } from './unreachable.ts';

/**
 * What a response other than a success means: the service's own refusal where it sent one that a store
 * may send, under our name of the store; others, those of a proxy say, by their status.
 */
export async function refusal(store: string, response: Response): Promise<OpalineError> {
  const wire = await wireError(response);
  const { status } = response;
  switch (status) {
    case 401:
      return new OpalineError('STORE_UNAUTHORIZED', { store });
    case 403: {
      const named = isOpalineError(wire, 'STORE_FORBIDDEN') ? wire.details.scope : '';
      const scope = SCOPES.find((one) => one === named) ?? 'do this';
      return new OpalineError('STORE_FORBIDDEN', { store, scope });
    }
    case 429: {
      const seconds = Number(response.headers.get('retry-after') ?? 60);
      const sane = seconds >= 0 && seconds < 86_400 ? Math.ceil(seconds) : 60;
      return new OpalineError('STORE_BUSY', { store, seconds: sane });
    }
    default:
      return wire ?? byStatus(store, status);
  }
}

function byStatus(store: string, status: number): OpalineError {
  // 0: a browser, which shows a page no redirect that it is not to follow.
  if (status === 0 || (status >= 300 && status < 400)) {
    return lasting(store, 'it redirects elsewhere: give the address where it is now');
  }
  if (status === 413) {
    const megabytes = LIMITS.request >> 20;
    return lasting(store, `a proxy refuses the size of a request: it must allow ${megabytes} MiB`);
  }
  if (status === 404) return notAStore(store);
  if (status < 500) return lasting(store, `it answers HTTP status ${status}`);
  return new OpalineError('STORE_UNREACHABLE', {
    store,
    reason: `it answers HTTP status ${status} for now`,
  });
}

async function wireError(response: Response): Promise<OpalineError | undefined> {
  try {
    const body = await readCapped(response, LIMITS.refusal);
    const wire: unknown = JSON.parse(new TextDecoder().decode(body));
    if (typeof wire !== 'object' || wire === null || !('opaline' in wire)) return undefined;
    const error = fromWire(wire);
    // ABORTED is for the caller alone to say.
    return isStoreRefusal(error.code) && error.code !== 'ABORTED' ? error : undefined;
  } catch {
    return undefined;
  }
}
