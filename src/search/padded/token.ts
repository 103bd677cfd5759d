import { wordsOf } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { RowSet } from '../../table/row-set.ts';
import type { Ask, KeywordLookup } from '../rung.ts';
import { keywordRung } from '../token-hiding.ts';
import type { RungSource, VaultRung } from '../token-rung.ts';
import { addRows, cellsOfList } from './cell.ts';
import {
  cellBytes,
  levelOf,
  placesOf,
  SEED_BYTES,
  spanOf,
  WHAT,
  type PaddedShape,
  type Span,
} from './format.ts';
import { decodeState, type PaddedState } from './state.ts';
import { paddedKeys, type PaddedKeys } from './token/keys.ts';

/**
 * Lookups in an index: the rows of each keyword, in the order given; none for a keyword that the index does not have,
 * which the store cannot tell from one that it has. One round trip, with one query for each keyword; where replies
 * are of powers, a second for those whose lists are longer than a cell. A lookup throws BYTES_INVALID of WHAT for a
 * reply that is not what the index holds there: altered, moved, too short, missing.
 *
 * @param key the index's, 32 bytes
 * @param state as `buildPadded` gave it
 * @throws BYTES_INVALID for another state
 */
export function openPadded(key: Uint8Array, state: Uint8Array): KeywordLookup {
  const decoded = decodeState(state);
  return async (keywords, ask) => {
    if (keywords.length === 0) return [];
    const keys = paddedKeys(key, decoded.salt);
    try {
      const lists = keywords.map((keyword) => new List(decoded, keys.seed(keyword)));
      await (decoded.shape.tables === 1
        ? readAll(decoded.shape, keys, lists, ask)
        : readPlaces(decoded.shape, keys, lists, ask));
      return lists.map((list) => list.finish());
    } finally {
      keys.destroy();
    }
  };
}

/** As a rung of the ladder. Throws the same. */
export function openPaddedRung({
  key,
  state,
  part,
}: Pick<RungSource, 'key' | 'state' | 'part'>): VaultRung {
  return keywordRung(openPadded(key, state), WHAT, part);
}

/** A keyword's list as its cells turn up among others'. */
class List {
  readonly seed: Uint8Array;
  /** Cells that the list has: 0 until one has been found. */
  cells = 0;
  private readonly name: Uint32Array;
  private readonly rows: RowSet;
  private readonly seen = new Set<number>();

  constructor({ shape, stash }: PaddedState, seed: Uint8Array) {
    this.seed = seed;
    this.name = wordsOf(seed);
    this.rows = new RowSet(shape.rows);
    stash.forEach((words, i) => this.take(-1 - i, words));
  }

  /** Take in a cell, which two places of a list may have in common. */
  take(place: number, words: Uint32Array): void {
    const cells = cellsOfList(words, this.name);
    if (cells === 0 || this.seen.has(place)) return;
    if (this.cells !== 0 && this.cells !== cells) refuse('cells of a list contradict each other');
    this.cells = cells;
    this.seen.add(place);
    addRows(words, this.rows);
  }

  finish(): RowSet {
    if (this.seen.size !== this.cells) refuse('a list lacks cells');
    return this.rows;
  }
}

async function readAll(
  shape: PaddedShape,
  keys: PaddedKeys,
  lists: readonly List[],
  ask: Ask,
): Promise<void> {
  const [reply] = await askFor(ask, [new Uint8Array(0)]);
  const places = Uint32Array.from({ length: shape.side }, (_, i) => i);
  openEach(shape, keys, places, reply!, (place, words) => {
    for (const list of lists) list.take(place, words);
  });
}

async function readPlaces(
  shape: PaddedShape,
  keys: PaddedKeys,
  lists: readonly List[],
  ask: Ask,
): Promise<void> {
  await readLevel(shape, keys, lists, () => 0, ask);
  if (shape.base === 0) return;
  const longer = lists.filter(({ cells }) => levelOf(shape, cells) > 0);
  if (longer.length > 0) {
    await readLevel(shape, keys, longer, ({ cells }) => levelOf(shape, cells), ask);
  }
}

async function readLevel(
  shape: PaddedShape,
  keys: PaddedKeys,
  lists: readonly List[],
  levelFor: (list: List) => number,
  ask: Ask,
): Promise<void> {
  const reads = lists.map((list) => {
    const level = levelFor(list);
    const span = spanOf(shape, level) ?? refuse('a list is longer than any');
    return { list, span, query: queryFor(shape, list.seed, level) };
  });
  const replies = await askFor(
    ask,
    reads.map(({ query }) => query),
  );
  reads.forEach(({ list, span }, i) => readSpan(shape, keys, list, span, replies[i]!));
}

function readSpan(
  shape: PaddedShape,
  keys: PaddedKeys,
  list: List,
  span: Span,
  reply: Uint8Array,
): void {
  const places = placesOf(list.seed, span, shape.side);
  openEach(shape, keys, places, reply, (place, words) => list.take(place, words));
}

/** Every cell is opened, whether it is wanted or not: a refusal depends on none of them being the keyword's. */
function openEach(
  shape: PaddedShape,
  keys: PaddedKeys,
  places: Uint32Array,
  reply: Uint8Array,
  take: (place: number, words: Uint32Array) => void,
): void {
  const size = cellBytes(shape);
  if (reply.length !== places.length * size) refuse('a reply is of another length');
  for (let i = 0; i < places.length; i++) {
    const plain = keys.open(places[i]!, reply.subarray(i * size, (i + 1) * size));
    take(places[i]!, wordsOf(plain));
  }
}

function queryFor({ base }: PaddedShape, seed: Uint8Array, level: number): Uint8Array {
  if (base === 0) return seed;
  const query = new Uint8Array(SEED_BYTES + 1);
  query.set(seed);
  query[SEED_BYTES] = level;
  return query;
}

async function askFor(ask: Ask, queries: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const replies = await ask(queries);
  if (replies.length !== queries.length) refuse('as many replies as queries are due');
  return replies.map((reply) => reply ?? refuse('a reply is missing'));
}

function refuse(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
