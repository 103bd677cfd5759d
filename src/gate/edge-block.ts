import { OpalineError } from '../errors/opaline-error.ts';
import { type EdgeBlock, openEdge } from '../search/sse/token.ts';

/**
 * A sealed edge block as a store gave it, opened.
 * @throws PART_CORRUPT naming the index part when it is not there, or is not that block unaltered
 */
export function openBlock(
  key: Uint8Array,
  column: number,
  block: number,
  sealed: Uint8Array | undefined,
  part: string,
): EdgeBlock {
  if (sealed === undefined) {
    throw new OpalineError('PART_CORRUPT', { part, reason: 'an index block is missing' });
  }
  try {
    return openEdge(key, column, block, sealed);
  } catch (error) {
    if (error instanceof OpalineError && error.code === 'BYTES_INVALID') {
      throw new OpalineError('PART_CORRUPT', { part, reason: 'an index block does not open' });
    }
    throw error;
  }
}
