import { OpalineError } from '../errors/opaline-error.ts';
import { openOreIndex } from './ore/eval.ts';
import { iexIndex } from './iex/eval.ts';
import { mitraIndex } from './mitra/eval.ts';
import { parsePir } from './pir/eval.ts';
import type { StoreIndex } from './rung.ts';
import { openTagIndex } from './tag/eval.ts';
import { parsePadded } from './padded/eval.ts';
import { parseSmooth } from './smooth/eval.ts';

/** What parsing may use besides the part: the memory that it lies in. */
export interface StoreContext {
  /** For messages. */
  readonly what: string;
}

type Parser = (part: Uint8Array, context: StoreContext) => StoreIndex;

/** By the type in a part's frame. A rung's `eval` stands here once it is there. */
const PARSERS: Readonly<Record<string, Parser>> = {
  TAGX: openTagIndex,
  OREX: openOreIndex,
  MTRA: mitraIndex,
  IEXB: iexIndex,
  SSPD: parsePadded,
  SMTH: parseSmooth,
  PIRX: parsePir,
};

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
