import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { OpalineError } from '../errors/opaline-error.ts';
import { toWire } from '../errors/wire.ts';
import { STATUS } from '../store/protocol.ts';

/** Every failure as one of ours, in wire form; what is not ours tells its class alone. */
export async function refuse(
  error: FastifyError | OpalineError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const wire = toWire(error instanceof OpalineError ? error : translate(error, request));
  const status = STATUS[wire.code] ?? 500;
  if (status >= 500) request.log.error({ code: wire.code }, 'failed');
  if (reply.raw.destroyed) return;
  await reply.code(status).send(wire);
}

function translate(error: FastifyError, request: FastifyRequest): unknown {
  switch (error.statusCode) {
    case 413:
      return new OpalineError('REQUEST_TOO_LARGE', {
        what: 'the body of the request',
        size: Number(request.headers['content-length'] ?? 0),
        limit: request.routeOptions.bodyLimit,
      });
    case 429:
      return new OpalineError('STORE_BUSY', { store: 'at this address', seconds: 60 });
    case 400:
    case 415:
      return new OpalineError('BYTES_INVALID', {
        what: 'the request',
        reason: error.code ?? 'it is malformed',
      });
    default:
      return error;
  }
}
