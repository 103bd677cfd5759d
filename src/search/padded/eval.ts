import { OpalineError } from '../../errors/opaline-error.ts';
import type { StoreIndex } from '../rung.ts';
import {
  cellBytes,
  parsePart,
  placesOf,
  queryBytes,
  SEED_BYTES,
  spanOf,
  type PaddedShape,
  type Span,
} from './format.ts';

/**
 * The index as the store answers from it. A reply is the sealed cells at the places that the query's seed expands
 * to, in their order: 2ℓ of them, or all that there are, or twice a power.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parsePadded(part: Uint8Array): StoreIndex {
  const { shape, cells } = parsePart(part);
  return {
    rows: shape.rows,
    answer: (query) => {
      if (query.length !== queryBytes(shape)) refuse('of another length');
      if (shape.tables === 1) return cells;
      return gather(cells, shape, query.subarray(0, SEED_BYTES), requestedSpan(shape, query));
    },
  };
}

function requestedSpan(shape: PaddedShape, query: Uint8Array): Span {
  const span = spanOf(shape, shape.base === 0 ? 0 : query[SEED_BYTES]!);
  return span ?? refuse('for longer lists than there are');
}

function gather(cells: Uint8Array, shape: PaddedShape, seed: Uint8Array, span: Span): Uint8Array {
  const size = cellBytes(shape);
  const places = placesOf(seed, span, shape.side);
  const reply = new Uint8Array(places.length * size);
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! * size;
    reply.set(cells.subarray(from, from + size), i * size);
  }
  return reply;
}

function refuse(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: 'a query of a padded index', reason });
}
