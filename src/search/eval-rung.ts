import { OpalineError } from '../errors/opaline-error.ts';
import { once } from './once.ts';
import type { StoreIndex } from './rung.ts';

/** What parsing may use besides the part: the memory that it lies in. */
export interface StoreContext {
  /** For messages. */
  readonly what: string;
}

export type RungParser = (part: Uint8Array, context: StoreContext) => StoreIndex;

/** By the type in a part's frame. A rung's `eval` stands here once it is there, loaded by the first of its parts. */
const PARSERS: Readonly<Record<string, () => Promise<RungParser>>> = {
  TAGX: once(async () => (await import('./tag/eval.ts')).openTagIndex),
  OREX: once(async () => (await import('./ore/eval.ts')).openOreIndex),
  MTRA: once(async () => (await import('./mitra/eval.ts')).mitraIndex),
  IEXB: once(async () => (await import('./iex/eval.ts')).iexIndex),
  SSPD: once(async () => (await import('./padded/eval.ts')).parsePadded),
  SMTH: once(async () => (await import('./smooth/eval.ts')).parseSmooth),
  PIRX: once(async () => (await import('./pir/eval.ts')).parsePir),
};

/** Where the frame names its type: after "OPAL". */
const TYPE_AT = 4;

/**
 * A part of any rung but sse, validated: a store takes no other in, and answers from no other.
 * @throws BYTES_INVALID, VERSION_UNSUPPORTED
 */
export async function parseRung(part: Uint8Array, context: StoreContext): Promise<StoreIndex> {
  const parse = await rungParser(part, context);
  return parse(part, context);
}

/**
 * What parses a part of this type, loaded: for whoever looks at bytes that may not stay where they are meanwhile.
 * @throws BYTES_INVALID
 */
export async function rungParser(part: Uint8Array, { what }: StoreContext): Promise<RungParser> {
  const type = String.fromCharCode(...part.subarray(TYPE_AT, TYPE_AT + 4));
  const load = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  if (load !== undefined) return await load();
  throw new OpalineError('BYTES_INVALID', { what, reason: 'it is of no known index' });
}
