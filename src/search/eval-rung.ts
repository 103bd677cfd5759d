import { OpalineError } from '../errors/opaline-error.ts';
import type { StoreIndex } from './rung.ts';

/** What parsing may use besides the part: the memory that it lies in. */
export interface StoreContext {
  /** For messages. */
  readonly what: string;
}

type Parser = (part: Uint8Array, context: StoreContext) => StoreIndex;

/** By the type in a part's frame. A rung's `eval` stands here once it is there. */
const PARSERS: Readonly<Record<string, Parser>> = {};

/** Where the frame names its type: after "OPAL". */
const TYPE_AT = 4;

/**
 * A part of any rung but sse, validated: a store takes no other in, and answers from no other.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export function parseRung(part: Uint8Array, context: StoreContext): StoreIndex {
  const type = String.fromCharCode(...part.subarray(TYPE_AT, TYPE_AT + 4));
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  if (parse === undefined) {
    throw new OpalineError('BYTES_INVALID', {
      what: context.what,
      reason: 'it is of no known index',
    });
  }
  return parse(part, context);
}
