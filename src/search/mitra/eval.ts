import { wordsOf } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { StoreIndex } from '../rung.ts';
import { findRecord } from '../sse/region.ts';
import { LABEL_BYTES, LABEL_WORDS, parsePart, PAYLOAD_BYTES } from './format.ts';

/**
 * One part as the store holds it. A query is labels, 12 bytes each, in any order; the answer is their sealed values, 12
 * bytes each, in that order, so its length is the query's. Undefined when there is nothing at one of them,
 * which never happens to a vault whose parts are all there.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function mitraIndex(part: Uint8Array): Required<Pick<StoreIndex, 'rows' | 'answer'>> {
  const { rows, entries } = parsePart(part);
  return {
    rows,
    answer: (query) => {
      const labels = labelsOf(query, entries.count);
      const reply = new Uint8Array((labels.length / LABEL_WORDS) * PAYLOAD_BYTES);
      for (let label = 0, at = 0; at < reply.length; label += LABEL_WORDS, at += PAYLOAD_BYTES) {
        const record = findRecord(entries, labels, label);
        if (record < 0) return undefined;
        const payload = record + LABEL_BYTES;
        reply.set(entries.bytes.subarray(payload, payload + PAYLOAD_BYTES), at);
      }
      return reply;
    },
  };
}

function labelsOf(query: Uint8Array, entries: number): Uint32Array {
  const count = query.length / LABEL_BYTES;
  if (!Number.isInteger(count) || count === 0) invalid('not whole labels');
  // Labels of a query are distinct, so no honest one has more.
  if (count > entries) invalid('more labels than the part has entries');
  return wordsOf(query);
}

function invalid(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: 'mitra query', reason });
}
