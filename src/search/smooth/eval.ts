import { wordsOf } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { StoreIndex } from '../rung.ts';
import { findRecord, LABEL_BYTES } from '../sse/region.ts';
import { parsePart } from './format.ts';

/**
 * The index as the store answers from it. A query is a label, the reply the sealed value there, which all are as
 * long; undefined where there is none.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseSmooth(part: Uint8Array): StoreIndex {
  const { rows, values } = parsePart(part);
  return {
    rows,
    answer: (query) => {
      if (query.length !== LABEL_BYTES) {
        throw new OpalineError('BYTES_INVALID', {
          what: 'a query of a smoothed index',
          reason: 'not 16 bytes',
        });
      }
      const at = findRecord(values, wordsOf(query), 0);
      return at < 0 ? undefined : values.bytes.subarray(at + LABEL_BYTES, at + values.stride);
    },
  };
}
