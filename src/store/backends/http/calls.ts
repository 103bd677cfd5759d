import pRetry from 'p-retry';
import { isOpalineError, OpalineError } from '../../../errors/opaline-error.ts';
import type { CallOptions } from '../../link.ts';
import { LIMITS, LONG_REPLY_TYPE, OCTETS } from '../../protocol.ts';
import { readLongReply } from './long-reply.ts';
import { readCapped } from './read-capped.ts';
import { refusal } from './refusal.ts';
import { parseJson } from './replies.ts';
import { isPassing, notAStore, unreachable } from './unreachable.ts';

/** Tries of a call that is safe to repeat, and the wait before the second; it doubles, with jitter. */
const TRIES = 7;
const FIRST_WAIT_MS = 200;
/** A store that asks for more patience than this is given up. */
const LONGEST_WAIT_S = 60;

const JSON_TYPE = 'application/json';

export interface Call {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: Uint8Array | undefined;
  /** Of the body; the default is binary. */
  readonly type?: typeof OCTETS | typeof JSON_TYPE;
  /** What the reply must be, where there is one. */
  readonly accept: typeof OCTETS | typeof JSON_TYPE;
  /** Most bytes of the reply. */
  readonly limit: number;
  /** The reply may begin before its answer is there, and tell of progress. */
  readonly long?: boolean;
  /** How often it may be sent. */
  readonly tries?: number;
}

/** HTTP calls to one store: authorised, retried where that is safe, failures as ours. */
export class HttpCalls {
  readonly address: string;
  private readonly headers: Record<string, string>;
  private readonly firstWaitMs: number;

  /** @throws USAGE for an address that is none, or holds credentials or more than a host and path */
  constructor(address: string, token: string | undefined, firstWaitMs: number = FIRST_WAIT_MS) {
    this.firstWaitMs = firstWaitMs;
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

  /** Binary in, binary out; repeated where the network or the store failed for now. */
  async post(path: string, body: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const limit = LIMITS.reply;
    return await this.send({ method: 'POST', path, body, accept: OCTETS, limit }, options);
  }

  /** A JSON reply, repeated as `post` is. */
  async json(call: Omit<Call, 'accept' | 'limit'>, options: CallOptions): Promise<unknown> {
    const bytes = await this.send({ ...call, accept: JSON_TYPE, limit: LIMITS.list }, options);
    try {
      return parseJson(bytes);
    } catch {
      return this.notAStore();
    }
  }

  async send(call: Call, options: CallOptions): Promise<Uint8Array> {
    const { signal } = options;
    try {
      return await pRetry(() => this.once(call, options), {
        retries: (call.tries ?? TRIES) - 1,
        minTimeout: this.firstWaitMs,
        randomize: true,
        shouldRetry: ({ error }) => isPassing(error),
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (retriesLeft === 0 || !isOpalineError(error, 'STORE_BUSY')) return;
          await wait(Math.min(error.details.seconds, LONGEST_WAIT_S) * 1000, signal);
        },
        ...(signal && { signal }),
      });
    } catch (error) {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      throw error;
    }
  }

  /** A call that is not repeated: for what must happen at most once. */
  async once(
    { method, path, body, type = OCTETS, accept, limit, long = false }: Call,
    { signal, onProgress }: CallOptions,
  ): Promise<Uint8Array> {
    try {
      const response = await fetch(`${this.address}${path}`, {
        method,
        headers: {
          ...this.headers,
          accept: long ? `${accept}, ${LONG_REPLY_TYPE}` : accept,
          ...(body && { 'content-type': type }),
        },
        redirect: 'manual',
        ...(body && { body: body as Uint8Array<ArrayBuffer> }),
        ...(signal && { signal }),
      });
      if (!response.ok) throw await refusal(this.address, response);
      const sent = response.headers.get('content-type') ?? '';
      if (long && sent.startsWith(LONG_REPLY_TYPE) && response.body !== null) {
        return (await readLongReply(response.body, limit, onProgress)) ?? this.notAStore();
      }
      const bytes = await readCapped(response, limit);
      if (bytes.length > 0 && !sent.startsWith(accept)) this.notAStore();
      return bytes;
    } catch (error) {
      if (signal?.aborted) throw new OpalineError('ABORTED', {});
      if (error instanceof OpalineError) throw error;
      throw unreachable(this.address, error);
    }
  }

  notAStore(): never {
    throw notAStore(this.address);
  }
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
