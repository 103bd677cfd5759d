import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { StoreLink } from '../store/link.ts';
import {
  decodeFetch,
  decodeSearch,
  encodeBlobs,
  LIMITS,
  OCTETS,
  PATHS,
} from '../store/protocol.ts';
import type { App } from './app.ts';
import { bodyBytes, tableParams } from './schemas.ts';
import { sendLong } from './long-reply.ts';
import { whileConnected } from './while-connected.ts';

/** Routes that change nothing. */
export function addReadRoutes(app: App, link: StoreLink, patienceMs: number): void {
  app.get(
    PATHS.tables,
    { schema: { summary: 'Tables that have a manifest', response: { 200: idList } } },
    async () => ({ tables: [...(await link.tables())] }),
  );
  app.get(
    PATHS.head(':table'),
    { schema: { summary: 'The newest manifest; 204 without one', params: tableParams } },
    async ({ params }, reply) => {
      const head = await link.head(params.table);
      return head === undefined ? reply.code(204).send() : octets(reply, head);
    },
  );
  app.get(
    PATHS.parts(':table'),
    {
      schema: {
        summary: 'Every part kept, with its bytes at rest',
        params: tableParams,
        response: { 200: partList },
      },
    },
    async ({ params }) => ({ parts: [...(await link.parts(params.table))] }),
  );
  app.post(
    PATHS.search,
    { bodyLimit: LIMITS.request, schema: { summary: 'Sealed index blocks (SRCH -> BLBS)' } },
    async (request, reply) => {
      const found = await whileConnected(request, reply, (signal) =>
        link.search(decodeSearch(bodyBytes(request.body)), { signal }),
      );
      return blobs(reply, found);
    },
  );
  app.post(
    PATHS.aggregate,
    {
      bodyLimit: LIMITS.request,
      schema: {
        summary: 'Run a fragment (FRAG -> AGGR, ROWR, MEMB or SCOR); ends when the client goes',
      },
    },
    (request, reply) =>
      sendLong(
        request,
        reply,
        (options) => link.aggregate(bodyBytes(request.body), options),
        patienceMs,
      ),
  );
  app.post(
    PATHS.fetch,
    {
      bodyLimit: LIMITS.request,
      schema: { summary: 'Sealed records by row, or a whole part (FTCH -> BLBS)' },
    },
    async (request, reply) => {
      const found = await whileConnected(request, reply, (signal) =>
        link.fetch(decodeFetch(bodyBytes(request.body)), { signal }),
      );
      return blobs(reply, found);
    },
  );
}

const idList = z.object({ tables: z.array(z.string()) });
const partList = z.object({ parts: z.array(z.object({ id: z.string(), bytes: z.number() })) });

function octets(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.type(OCTETS).send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function blobs(reply: FastifyReply, found: readonly (Uint8Array | undefined)[]): FastifyReply {
  return reply.type(OCTETS).send(Readable.from(encodeBlobs(found), { objectMode: false }));
}
