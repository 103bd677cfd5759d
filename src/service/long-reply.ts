import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toWire } from '../errors/wire.ts';
import type { CallOptions } from '../store/link.ts';
import { LONG_REPLY, LONG_REPLY_HEAD, LONG_REPLY_TYPE, OCTETS } from '../store/protocol.ts';
import { whileConnected } from './while-connected.ts';

/**
 * Answer with what `run` returns. What takes long is sent as signs of progress and then the answer, so
 * that neither the client nor a proxy takes the silence for a failure. `patienceMs` is how long an answer
 * may take before the reply begins without it, and the time between signs.
 */
export async function sendLong(
  request: FastifyRequest,
  reply: FastifyReply,
  run: (options: CallOptions) => Promise<Uint8Array>,
  patienceMs: number,
): Promise<FastifyReply> {
  let [done, total] = [0, 0];
  const work = whileConnected(request, reply, (signal) =>
    run({ signal, onProgress: (d, t) => ([done, total] = [d, t]) }),
  );
  const takesLong = String(request.headers.accept ?? '').includes(LONG_REPLY_TYPE);
  if (!takesLong || (await endsWithin(work, patienceMs))) {
    return reply.type(OCTETS).send(bufferOf(await work));
  }
  const records = async function* (): AsyncGenerator<Uint8Array> {
    do {
      const figures = new Uint8Array(Uint32Array.of(done, total).buffer);
      yield record(LONG_REPLY.progress, figures);
    } while (!(await endsWithin(work, patienceMs)));
    let answer: Uint8Array;
    try {
      answer = await work;
    } catch (error) {
      const wire = toWire(error);
      request.log.error({ code: wire.code }, 'failed');
      yield record(LONG_REPLY.refusal, new TextEncoder().encode(JSON.stringify(wire)));
      return;
    }
    yield head(LONG_REPLY.reply, answer.length);
    yield answer;
  };
  return reply.type(LONG_REPLY_TYPE).send(Readable.from(records(), { objectMode: false }));
}

async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  const ended = work.then(
    () => true,
    () => true,
  );
  return await Promise.race([ended, late.promise]).finally(() => clearTimeout(timer));
}

function record(kind: number, payload: Uint8Array): Uint8Array {
  return Buffer.concat([head(kind, payload.length), payload]);
}

function head(kind: number, length: number): Uint8Array {
  const bytes = new Uint8Array(LONG_REPLY_HEAD);
  bytes[0] = kind;
  new DataView(bytes.buffer).setUint32(1, length, true);
  return bytes;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
