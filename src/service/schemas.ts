import { z } from 'zod';
import { OpalineError } from '../errors/opaline-error.ts';

/** The id of a table or a part. */
export const id: z.ZodString = z.string().regex(/^[0-9a-f]{32}$/);

export const tableParams: z.ZodObject<{ table: z.ZodString }, z.core.$strict> = z.strictObject({
  table: id,
});

/** The bytes of a binary body. @throws BYTES_INVALID when there was none, or it is of another type */
export function bodyBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  throw new OpalineError('BYTES_INVALID', {
    what: 'the request',
    reason: 'its body is not binary',
  });
}
