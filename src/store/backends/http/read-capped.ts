import { OpalineError } from '../../../errors/opaline-error.ts';

/** A response's body, refused as soon as it is longer than `limit`: what comes is a stranger's. */
export async function readCapped(
  response: Response,
  limit: number,
  what = 'a reply of the store',
): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) {
      throw new OpalineError('REQUEST_TOO_LARGE', { what, size, limit });
    }
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0]!;
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
