import pRetry from 'p-retry';
import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import { fromWire } from '../../../errors/wire.ts';
import type { CallOptions } from '../../link.ts';
import { LIMITS, OCTETS } from '../../protocol.ts';
import { readCapped } from './read-capped.ts';
import { unreachable } from './unreachable.ts';

/** Tries of a call that is safe to repeat, and the wait before the second; it doubles, with jitter. */
const TRIES = 7;
const FIRST_WAIT_MS = 200;

type Method = 'GET' | 'PUT' | 'POST';

/** HTTP calls to one store: authorised, retried where that is safe, failures as ours. */
export class HttpCalls {
  readonly address: string;
  private readonly headers: Record<string, string>;

  /** @throws USAGE for an address that is none, or holds credentials or more than a host and path */
  constructor(address: string, token: string | undefined) {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const plain =
      url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
    if (url === undefined || !plain || !/^https?:$/.test(url.protocol)) {
      throw new OpalineError('USAGE', {
        reason: 'a remote store is http(s)://host[:port][/path], its token in OPALINE_STORE_TOKEN',
      });
    }
    this.address = url.href.replace(/\/$/, '');
    this.headers = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  }

  /** A binary body, a binary reply; repeated where the network or the store failed for now. */
  async bytes(
    method: Method,
    path: string,
    body: Uint8Array | undefined,
    options: CallOptions,
  ): Promise<Uint8Array> {
    return await this.retried(options, () => this.call(method, path, body, OCTETS, options));
  }

  /** The same, not repeated: for what must happen at most once. */
  async once(
    method: Method,
    path: string,
    body: Uint8Array,
    options: CallOptions,
  ): Promise<Uint8Array> {
    return await this.call(method, path, body, OCTETS, options);
  }

  /** A JSON body; the reply is not looked at. */
  async send(method: Method, path: string, body: object, options: CallOptions): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    await this.retried(options, () => this.call(method, path, bytes, 'application/json', options));
  }

  /** A JSON reply. */
  async json(method: Method, path: string, options: CallOptions): Promise<unknown> {
    const bytes = await this.bytes(method, path, undefined, options);
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      return this.notAStore();
    }
  }

  notAStore(): never {
    throw new OpalineError('STORE_UNREACHABLE', {
      store: this.address,
      reason: 'what answers there is not an Opaline store',
    });
  }

  private async retried<T>({ signal }: CallOptions, run: () => Promise<T>): Promise<T> {
    try {
      return await pRetry(run, {
        retries: TRIES - 1,
        minTimeout: FIRST_WAIT_MS,
        randomize: true,
        shouldRetry: ({ error }) =>
          isOpalineError(error, 'STORE_UNREACHABLE') || isOpalineError(error, 'STORE_BUSY'),
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      throw error;
    }
  }

  private async call(
    method: Method,
    path: string,
    body: Uint8Array | undefined,
    type: string,
    { signal }: CallOptions,
  ): Promise<Uint8Array> {
    try {
      const response = await fetch(`${this.address}${path}`, {
        method,
        headers: { ...this.headers, ...(body && { 'content-type': type }) },
        redirect: 'error',
        ...(body && { body: body as Uint8Array<ArrayBuffer> }),
        ...(signal && { signal }),
      });
      const bytes = await readCapped(response, LIMITS.reply);
      if (response.ok) return bytes;
      throw this.refusal(response, bytes);
    } catch (error) {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      if (error instanceof OpalineError) throw error;
      throw unreachable(this.address, error);
    }
  }

  /** A refusal as the service sent it, under our name of the store; others by their status. */
  private refusal(response: Response, body: Uint8Array): OpalineError {
    const store = this.address;
    switch (response.status) {
      case 401:
        return new OpalineError('STORE_UNAUTHORIZED', { store });
      case 403:
        return new OpalineError('STORE_FORBIDDEN', { store, scope: 'do this' });
      case 429: {
        const seconds = Number(response.headers.get('retry-after') ?? 60);
        return new OpalineError('STORE_BUSY', { store, seconds: seconds >= 0 ? seconds : 60 });
      }
      case 502:
      case 503:
      case 504:
        return (
          wireError(body) ??
          new OpalineError('STORE_UNREACHABLE', {
            store,
            reason: `it answers ${response.status} for now`,
          })
        );
      default:
        return wireError(body) ?? this.byStatus(response.status);
    }
  }

  private byStatus(status: number): OpalineError {
    return new OpalineError('STORE_IO', {
      operation: 'a request',
      reason: `HTTP status ${status}`,
    });
  }
}

function wireError(body: Uint8Array): OpalineError | undefined {
  try {
    const wire: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof wire === 'object' && wire !== null && 'opaline' in wire
      ? fromWire(wire)
      : undefined;
  } catch {
    return undefined;
  }
}
