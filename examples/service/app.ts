import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { and, type Records } from 'opaline/client';
import { type ErrorCode, isOpalineError } from 'opaline/errors';
import { z } from 'zod';
import type { visits } from './visits.ts';

/** What a caller may send. Money is a text of digits: a double would round it. */
const Visit = z.strictObject({
  patient: z.string().min(1).max(64),
  ward: z.string().min(1).max(16),
  admitted: z.iso.date(),
  days: z.int().min(0).max(10_000),
  fee: z
    .templateLiteral([z.number()])
    .refine((fee) => /^\d{1,9}(\.\d{1,2})?$/.test(fee))
    .nullable(),
});

const Id = z.strictObject({ id: z.uuid() });

/** What may be searched for, and which page is wanted. */
const Search = z.strictObject({
  patient: z.string().min(1).max(64).optional(),
  ward: z.string().min(1).max(16).optional(),
  from: z.iso.date().optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(256).optional(),
});

/** HTTP statuses of refusals that are a caller's doing; every other is the service's. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  CURSOR_INVALID: 400,
  CURSOR_EXPIRED: 410,
  KEY_TAKEN: 409,
};

/** Visits over HTTP. The store that keeps them is on another machine and sees none of what passes here. */
export function visitService(records: Records<typeof visits>): FastifyInstance {
  const app = fastify({ bodyLimit: 16_384 });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(async (error, _, reply) => {
    if (isOpalineError(error)) {
      const { code, message, retryable } = error;
      const status = STATUS[code] ?? (retryable ? 503 : 500);
      // What a caller did wrong is told; what is wrong here is not a caller's business.
      return await reply.code(status).send({ code, ...(status < 500 ? { message } : {}) });
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    return await reply.code(status).send({ code: status < 500 ? 'REQUEST_INVALID' : 'INTERNAL' });
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post('/visits', { schema: { body: Visit } }, async ({ body }, reply) => {
    const id = randomUUID();
    await records.put({ id, ...body }, { onConflict: 'refuse' });
    return await reply.code(201).header('location', `/visits/${id}`).send({ id });
  });

  routes.put('/visits/:id', { schema: { params: Id, body: Visit } }, async (request, reply) => {
    const { replaced } = await records.put({ ...request.params, ...request.body });
    return await reply.code(replaced === 0 ? 201 : 200).send(request.params);
  });

  routes.get('/visits/:id', { schema: { params: Id } }, async ({ params }, reply) => {
    const visit = await records.get(params.id);
    return visit ?? (await reply.code(404).send({ code: 'NOT_FOUND' }));
  });

  routes.get('/visits', { schema: { querystring: Search } }, async ({ query }) => {
    const { patient, ward, from, limit, after } = query;
    const condition = and(
      ...(patient === undefined ? [] : [['patient', '=', patient] as const]),
      ...(ward === undefined ? [] : [['ward', '=', ward] as const]),
      ...(from === undefined ? [] : [['admitted', '>=', from] as const]),
    );
    const { rows, next } = await records.find(condition, { limit, after });
    return { visits: rows, next: next ?? null };
  });

  routes.delete('/visits/:id', { schema: { params: Id } }, async ({ params }, reply) => {
    const { rows } = await records.delete(params.id);
    return await reply.code(rows === 0 ? 404 : 204).send();
  });

  /** The right to be forgotten: nothing of the patient is left that any key opens. */
  routes.delete(
    '/patients/:patient',
    { schema: { params: Visit.pick({ patient: true }) } },
    async ({ params }) => ({ erased: (await records.erase(params.patient)).rows }),
  );

  return app;
}
