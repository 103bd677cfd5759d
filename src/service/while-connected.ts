import type { FastifyReply, FastifyRequest } from 'fastify';

/** Run something for a client, and give it up when the client goes away. */
export async function whileConnected<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const gone = (): void => {
    if (!reply.raw.writableEnded) controller.abort();
  };
  request.raw.socket.once('close', gone);
  try {
    return await run(controller.signal);
  } finally {
    request.raw.socket.off('close', gone);
  }
}
