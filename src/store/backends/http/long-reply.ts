import { OpalineError } from '../../../errors/opaline-error.ts';
import { fromWire } from '../../../errors/wire.ts';
import { isStoreRefusal, LIMITS, LONG_REPLY, LONG_REPLY_HEAD } from '../../protocol.ts';
import type { CallOptions } from '../../link.ts';
import { malformed, parseJson } from './replies.ts';

const { progress, reply, refusal } = LONG_REPLY;

/**
 * The body of a reply that the store began before it had the answer (protocol.ts): signs of progress,
 * then the answer or a refusal. `undefined` where it ends without either.
 * @throws the refusal; REQUEST_TOO_LARGE past `limit`; BYTES_INVALID
 */
export async function readLongReply(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  onProgress: CallOptions['onProgress'],
): Promise<Uint8Array | undefined> {
  const records = new Records(limit);
  for await (const chunk of body) {
    for (const { kind, payload } of records.feed(chunk)) {
      if (kind === reply) return payload;
      if (kind === refusal) throw refusalOf(payload);
      const [done = 0, total = 0] = new Uint32Array(payload.slice().buffer);
      if (total > 0) onProgress?.(done, total);
    }
  }
  return undefined;
}

function refusalOf(payload: Uint8Array): OpalineError {
  const error = fromWire(parseJson(payload));
  // ABORTED is for the caller alone to say.
  return isStoreRefusal(error.code) && error.code !== 'ABORTED' ? error : malformed();
}

interface Record {
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Cuts a stream into records: a byte that says what it is, four of length, the payload. */
class Records {
  private readonly limit: number;
  private readonly head = new Uint8Array(LONG_REPLY_HEAD);
  private headFilled = 0;
  private payload: Uint8Array | undefined;
  private filled = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  *feed(chunk: Uint8Array): Generator<Record> {
    let at = 0;
    while (at < chunk.length || this.payload?.length === 0) {
      if (this.payload === undefined) {
        const taken = chunk.subarray(at, at + this.head.length - this.headFilled);
        this.head.set(taken, this.headFilled);
        this.headFilled += taken.length;
        at += taken.length;
        if (this.headFilled < this.head.length) return;
        this.begin();
      }
      const payload = this.payload!;
      const taken = chunk.subarray(at, at + payload.length - this.filled);
      payload.set(taken, this.filled);
      this.filled += taken.length;
      at += taken.length;
      if (this.filled < payload.length) return;
      const kind = this.head[0]!;
      this.payload = undefined;
      [this.headFilled, this.filled] = [0, 0];
      yield { kind, payload };
    }
  }

  private begin(): void {
    const kind = this.head[0]!;
    const size = new DataView(this.head.buffer).getUint32(1, true);
    if (kind > refusal || (kind === progress && size !== 8)) malformed();
    const limit = kind === reply ? this.limit : LIMITS.refusal;
    if (size > limit) {
      throw new OpalineError('REQUEST_TOO_LARGE', { what: 'a reply of the store', size, limit });
    }
    this.payload = new Uint8Array(size);
  }
}
