import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import { randomPermutation } from '../../bytes/permutation.ts';
import { RowSet } from '../../table/row-set.ts';
import type { Ask } from '../rung.ts';
import type { KeywordCondition, RungQuery, RungSource, VaultRung } from '../token-rung.ts';
import { wordBytes } from '../../bytes/codec.ts';
import { LABEL_WORDS, PAYLOAD_BYTES, WHAT } from './format.ts';
import { EntryCipher } from './token/entry.ts';
import { decodeState, type MitraState, type Run, runsOf } from './token/state.ts';

/** States that were opened: a query opens an index for each of its conditions. */
const OPENED = new WeakMap<Uint8Array, MitraState>();

function openedState(state: Uint8Array): MitraState {
  const known = OPENED.get(state) ?? decodeState(state);
  OPENED.set(state, known);
  return known;
}

/**
 * An index in the hands of the vault. It answers keywords and conditions, whose keywords are all looked up in one round trip; which
 * rows satisfy a condition is found here.
 * @throws BYTES_INVALID for a damaged state
 */
export function openMitra({ key, state, rows, part }: Omit<RungSource, 'index'>): VaultRung {
  openedState(state);
  return {
    lookup: async (query, ask) => {
      const keywords = keywordsOf(query);
      const { queries, open } = lookupMitra(key, state, keywords);
      const replies = await Promise.all(queries.map((labels, batch) => askOne(ask, labels, batch)));
      const lists = inPart(part, () => open(replies));
      if (query.kind !== 'match') return lists[0]!;
      const sets = lists.map((list) => RowSet.of(rows, list));
      return satisfying(query.condition, keywords, sets).toArray();
    },
  };
}

function keywordsOf(query: RungQuery): Uint8Array[] {
  switch (query.kind) {
    case 'keyword':
      return [query.keyword];
    case 'match':
      return keywordsIn(query.condition);
    case 'range':
      throw new OpalineError('INTERNAL', { reason: 'mitra: an index has no order' });
    default:
      return query satisfies never;
  }
}

function keywordsIn(condition: KeywordCondition): Uint8Array[] {
  if (condition.kind === 'keyword') return [condition.keyword];
  if (condition.kind === 'not') return keywordsIn(condition.arg);
  return condition.args.flatMap(keywordsIn);
}

/** `sets` are the rows of the condition's keywords, as many as it has, in its order. */
function satisfying(
  condition: KeywordCondition,
  keywords: readonly Uint8Array[],
  sets: readonly RowSet[],
): RowSet {
  switch (condition.kind) {
    case 'keyword':
      return sets[keywords.indexOf(condition.keyword)]!;
    case 'not':
      return satisfying(condition.arg, keywords, sets).not();
    case 'and':
    case 'or': {
      const args = condition.args.map((arg) => satisfying(arg, keywords, sets));
      return args.reduce((a, b) => (condition.kind === 'and' ? a.and(b) : a.or(b)));
    }
    default:
      return condition satisfies never;
  }
}

async function askOne(
  ask: Ask,
  labels: Uint8Array | undefined,
  batch: number,
): Promise<Uint8Array | undefined> {
  if (labels === undefined) return undefined;
  const [reply] = await ask([labels], batch);
  return reply;
}

function inPart<T>(part: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    throw new OpalineError('PART_CORRUPT', { part, reason: error.details.reason });
  }
}

/** A lookup of some keywords: what to ask each part, in one round trip, and how to read the replies. */
export interface MitraLookup {
  /** By batch: labels for the part of that batch to answer; undefined where there is nothing to ask. */
  readonly queries: readonly (Uint8Array | undefined)[];
  /**
   * The rows of each keyword, ascending, in the order of the keywords. `replies` are those of the parts, by batch.
   * @throws BYTES_INVALID when an entry is missing, or is not the one that the vault made for that label.
   */
  readonly open: (replies: readonly (Uint8Array | undefined)[]) => Uint32Array[];
}

/** One part's share of a lookup: how many labels it is asked, and where in the query each of them is. */
interface Share {
  count: number;
  slots: Uint32Array;
}

/** A run of a keyword, and the number of its first label among those of its batch before they are shuffled. */
type PlacedRun = Run & { readonly start: number };

/**
 * Ask for all entries of some keywords. A part's labels come in a random order, those of all keywords mixed: the store
 * learns how many there are and, since it sees which part has them, when they were written.
 *
 * `key` and `state` are the index's. A keyword without entries is not asked about, and has no rows.
 * @throws BYTES_INVALID for a damaged state
 */
export function lookupMitra(
  key: Uint8Array,
  state: Uint8Array,
  keywords: readonly Uint8Array[],
): MitraLookup {
  const known = openedState(state);
  const cipher = new EntryCipher(key);
  const shares = known.salts.map((): Share => ({ count: 0, slots: new Uint32Array(0) }));
  const seen = new Map<string, readonly PlacedRun[]>();
  const placed = keywords.map((keyword): readonly PlacedRun[] => {
    const name = cipher.selectKeyword(keyword);
    const id = `${name.high} ${name.low}`;
    // A keyword given twice is asked about once.
    const runs =
      seen.get(id) ??
      runsOf(known, name).map((run) => {
        const share = shares[run.batch]!;
        const start = share.count;
        share.count += run.count;
        return { ...run, start };
      });
    seen.set(id, runs);
    return runs;
  });
  const labels = shares.map((share) => {
    share.slots = randomPermutation(share.count);
    return new Uint32Array(share.count * LABEL_WORDS);
  });
  eachRun(cipher, known, keywords, placed, (_, { batch, count, start }) => {
    const { slots } = shares[batch]!;
    for (let c = 1; c <= count; c++) {
      cipher.label(c, labels[batch]!, slots[start + c - 1]! * LABEL_WORDS);
    }
  });
  cipher.destroy();
  return {
    queries: labels.map((words) => (words.length === 0 ? undefined : wordBytes(words))),
    open: (replies) => {
      const views = checkReplies(shares, replies);
      const opener = new EntryCipher(key);
      const live = keywords.map(() => new RowSet(known.rows));
      eachRun(opener, known, keywords, placed, (k, { batch, count, start }) => {
        const { slots } = shares[batch]!;
        for (let c = 1; c <= count; c++) {
          const change = opener.open(c, views[batch]!, slots[start + c - 1]! * PAYLOAD_BYTES);
          if (change === undefined || change.row >= known.rows) refuse('an entry was altered');
          if (change.op === 'add') live[k]!.add(change.row);
          else live[k]!.words[change.row >>> 5]! &= ~(1 << (change.row & 31));
        }
      });
      opener.destroy();
      return live.map((rows) => rows.toArray());
    },
  };
}

/** Visit the runs of each keyword in the order of their batches, with the cipher set to keyword and batch. */
function eachRun(
  cipher: EntryCipher,
  { salts }: MitraState,
  keywords: readonly Uint8Array[],
  placed: readonly (readonly PlacedRun[])[],
  visit: (keyword: number, run: PlacedRun) => void,
): void {
  placed.forEach((runs, k) => {
    if (runs.length === 0) return;
    cipher.selectKeyword(keywords[k]!);
    for (const run of runs) {
      cipher.selectBatch(salts[run.batch]!);
      visit(k, run);
    }
  });
}

function checkReplies(
  shares: readonly Share[],
  replies: readonly (Uint8Array | undefined)[],
): DataView[] {
  if (replies.length !== shares.length) refuse('not one reply a part');
  return shares.map(({ count }, batch) => {
    const reply = replies[batch] ?? new Uint8Array(0);
    if (count > 0 && reply.length === 0) refuse('an entry is missing');
    if (reply.length !== count * PAYLOAD_BYTES) refuse('a reply has another length');
    return new DataView(reply.buffer, reply.byteOffset, reply.byteLength);
  });
}

function refuse(reason: string): never {
  throw new OpalineError('BYTES_INVALID', { what: WHAT, reason });
}
