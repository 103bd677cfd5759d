import { compareBytes, wipe } from '../../bytes/compare.ts';
import { hchacha20 } from '../../bytes/hchacha.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Postings } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { ListWriter, RegionWriter } from '../sse/build/lists.ts';
import { MAX_ROWS, padSize, TOKEN_BYTES } from '../sse/format.ts';
import { layoutOf } from '../sse/layout.ts';
import { eachPair, keywordsByRow, pairsInRows, type RowKeywords } from './build/pairs.ts';
import {
  allocateIex,
  type IexShape,
  type ParsedIex,
  TINY_LABEL_BYTES,
  TINY_LABEL_WORDS,
} from './format.ts';
import { encodeIexState, MAX_PAIRS } from './size.ts';
import { encodeTiny, longestTiny } from './tiny.ts';
import { PairPrf } from './token/pair.ts';

/** Steps in which record counts are padded. */
const STEP = { tiny: 64, small: 32, large: 8 } as const;

/**
 * The index of one column of one segment: each keyword's rows, and the rows of each two keywords that occur together.
 *
 * `key` is 32 bytes and belongs to this build alone. Querying takes nothing besides it; the state says how many pairs
 * there are. The part's size depends on the padded numbers of tiny, small and large records: about 16 bytes for each pair, of which a row of k
 * keywords has k(k − 1)/2.
 * @throws REQUEST_TOO_LARGE with their number when there are more than 2^25 pairs of keywords in rows. INTERNAL when the
 *   postings are not as `Postings` says.
 */
export function buildIex(key: Uint8Array, postings: Postings): BuiltRung {
  const { rows, keywords, starts, members } = postings;
  if (key.length !== 32) invalid('the key is not 32 bytes');
  if (!Number.isInteger(rows) || rows < 1 || rows > MAX_ROWS) invalid('row count out of range');
  if (starts.length !== keywords.length + 1) invalid('a keyword has no start');
  if (members.some((row) => row >= rows)) invalid('no such row');
  const prf = new PairPrf(key);
  const keys = keywords.map((keyword) => prf.keys(keyword));
  const order = Uint32Array.from(keywords.keys()).sort((a, b) =>
    compareBytes(keys[a]!.name, keys[b]!.name),
  );
  const byRow = keywordsByRow(postings, order);
  const pairs = pairsInRows(byRow);
  if (pairs > MAX_PAIRS) {
    throw new OpalineError('REQUEST_TOO_LARGE', {
      what: 'the number of pairs of keywords of an iex index',
      size: pairs,
      limit: MAX_PAIRS,
    });
  }
  const { part, index } = allocateIex(shapeOf(postings, order, byRow));
  const writer = new IexWriter(index);
  const token = new Uint8Array(TOKEN_BYTES);
  keys.forEach((own, i) => {
    writer.write(prf.global(own, token), members, starts[i]!, starts[i + 1]!);
  });
  eachPair(postings, order, byRow, (i, j, list, from, to) => {
    writer.write(prf.pair(keys[order[i]!]!, keys[order[j]!]!, token), list, from, to);
  });
  writer.finish();
  prf.destroy();
  wipe(token, ...keys.map((own) => own.key));
  return { part, state: encodeIexState(pairs) };
}

function shapeOf(postings: Postings, order: Uint32Array, byRow: RowKeywords): IexShape {
  const { rows, keywords, starts } = postings;
  const longest = longestTiny(rows);
  let [tiny, small, large] = [0, 0, 0];
  const add = (count: number): void => {
    if (count < 1) invalid('a keyword without rows');
    if (count <= longest) {
      tiny++;
      return;
    }
    const layout = layoutOf(count, rows);
    small += layout.small;
    large += layout.large;
  };
  for (let i = 0; i < keywords.length; i++) add(starts[i + 1]! - starts[i]!);
  eachPair(postings, order, byRow, (_i, _j, _list, from, to) => add(to - from));
  return {
    rows,
    tiny: padSize(tiny, STEP.tiny),
    small: padSize(small, STEP.small),
    large: padSize(large, STEP.large),
  };
}

/** Writes lists as tiny records where they fit, else as sse's. */
class IexWriter {
  private readonly rows: number;
  private readonly longest: number;
  private readonly tiny: RegionWriter;
  private readonly lists: ListWriter;
  private readonly room = new Uint32Array(1);
  private readonly stream = hchacha20();

  constructor(index: ParsedIex) {
    this.rows = index.rows;
    this.longest = longestTiny(index.rows);
    this.tiny = new RegionWriter(index.tiny);
    this.lists = new ListWriter(index);
  }

  /** Index list[from, to) under a token that was not used before. */
  write(token: Uint8Array, list: Uint32Array, from: number, to: number): void {
    if (to - from > this.longest) {
      this.lists.write(token, list, from, to);
      return;
    }
    const { stream, tiny } = this;
    // The first words of the token's keystream (../sse/keystream.ts): HChaCha20(token, 0).
    stream.key.set(token);
    stream.run();
    const { view } = tiny.region;
    const at = tiny.next();
    for (let i = 0; i < TINY_LABEL_WORDS; i++) {
      view.setUint32(at + 4 * i, stream.outputWords[i]!, true);
    }
    const word = encodeTiny(list, from, to, this.rows, this.room);
    view.setUint32(at + TINY_LABEL_BYTES, word ^ stream.outputWords[TINY_LABEL_WORDS]!, true);
  }

  finish(): void {
    this.tiny.finish();
    this.lists.finish();
    this.stream.destroy();
  }
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `iex: ${reason}` });
}
