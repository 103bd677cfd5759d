import { z } from 'zod';
import { fromHex } from '../bytes/hex.ts';
import type { StoreLink } from '../store/link.ts';
import { LIMITS, PART_KINDS, PATHS } from '../store/protocol.ts';
import type { App } from './app.ts';
import { bodyBytes, id, tableParams } from './schemas.ts';
import type { Incoming, PartUploads } from './uploads.ts';
import { whileConnected } from './while-connected.ts';

/** Routes that change the store. */
export function addWriteRoutes(app: App, link: StoreLink, uploads: PartUploads): void {
  app.put(
    PATHS.part(':table', ':part'),
    {
      bodyLimit: LIMITS.piece,
      schema: {
        summary: 'Store a piece of a part; the last one completes it',
        params: partParams,
        querystring: pieceQuery,
        response: { 200: received },
      },
    },
    async (request, reply) => {
      const { params, query, body } = request;
      const part = incoming(params, query);
      const bytes = await whileConnected(request, reply, (signal) =>
        uploads.append(part, query.offset, bodyBytes(body), { signal }),
      );
      return { received: bytes };
    },
  );
  app.get(
    PATHS.part(':table', ':part'),
    {
      schema: {
        summary: 'How many bytes of an unfinished upload have arrived',
        params: partParams,
        querystring: pieceQuery,
        response: { 200: received },
      },
    },
    async ({ params, query }) => ({ received: await uploads.received(incoming(params, query)) }),
  );
  app.put(
    PATHS.head(':table'),
    {
      bodyLimit: LIMITS.manifest,
      schema: {
        summary: 'Publish a manifest (MNFT) if the table is at the expected epoch',
        params: tableParams,
        querystring: publishQuery,
      },
    },
    async ({ params, query, body }, reply) => {
      await link.publish(params.table, query.expected, bodyBytes(body));
      return reply.code(204).send();
    },
  );
  app.post(
    PATHS.removals(':table'),
    {
      bodyLimit: LIMITS.request,
      schema: {
        summary: 'Remove parts that the manifest does not name',
        params: tableParams,
        body: idsBody,
      },
    },
    async ({ params, body }, reply) => {
      await link.remove(params.table, body.parts);
      return reply.code(204).send();
    },
  );
}

const partParams = z.strictObject({ table: id, part: id });
const idsBody = z.strictObject({ parts: z.array(id).max(1 << 20) });
const count = z.coerce.number().int().min(0);

/** Which epoch a manifest is to replace. */
const publishQuery = z.strictObject({ expected: count });

/** What a part is, and where in it the piece in the body belongs. */
const pieceQuery = z.strictObject({
  kind: z.enum(PART_KINDS),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  total: count.max(LIMITS.part),
  offset: count.max(LIMITS.part),
});

const received = z.object({ received: z.number() });

function incoming(
  { table, part }: z.infer<typeof partParams>,
  { kind, digest, total }: z.infer<typeof pieceQuery>,
): Incoming {
  return { table, id: part, kind, total, digest: fromHex(digest, 'a digest') };
}
