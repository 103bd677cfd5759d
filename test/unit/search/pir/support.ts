import { expect } from 'vitest';
import { utf8 } from '../../../../src/bytes/codec.ts';
import { randomBytes } from '../../../../src/bytes/random.ts';
import { isOpalineError } from '../../../../src/errors/opaline-error.ts';
import { keyword, KEYWORD_KIND } from '../../../../src/search/keyword.ts';
import { buildPir } from '../../../../src/search/pir/build.ts';
import { parsePir } from '../../../../src/search/pir/eval.ts';
import { HintCache } from '../../../../src/search/pir/lwe/token/hints.ts';
import { pirClient, type PirClient } from '../../../../src/search/pir/token.ts';
import type { Postings } from '../../../../src/search/postings.ts';
import type { Ask, StoreIndex } from '../../../../src/search/rung.ts';

export const word = (text: string): Uint8Array => keyword(KEYWORD_KIND.token, utf8(text));

/** The plaintext reference: rows of each word, ascending. */
export type Multimap = ReadonlyMap<string, readonly number[]>;

export function postingsOf(rows: number, lists: Multimap): Postings {
  const starts = new Uint32Array(lists.size + 1);
  [...lists.values()].forEach((list, i) => {
    starts[i + 1] = starts[i]! + list.length;
  });
  return {
    rows,
    keywords: [...lists.keys()].map(word),
    starts,
    members: Uint32Array.from([...lists.values()].flat()),
  };
}

export const CONTEXT = { what: 'the part of a test' };

/** A vault that has no hint yet. */
export const clientOf = (key: Uint8Array, state: Uint8Array): PirClient =>
  pirClient(key, state, new HintCache());

export interface Built {
  readonly key: Uint8Array;
  readonly part: Uint8Array;
  readonly state: Uint8Array;
  readonly store: StoreIndex;
  readonly client: PirClient;
}

export function build(rows: number, lists: Multimap): Built {
  const key = randomBytes(32);
  const built = buildPir(key, postingsOf(rows, lists));
  return {
    key,
    ...built,
    store: parsePir(built.part, CONTEXT),
    client: clientOf(key, built.state),
  };
}

/** The honest store, behind one round trip. */
export const askOf =
  (store: StoreIndex): Ask =>
  async (queries) =>
    queries.map((query) => store.answer!(query));

export async function rowsOfWord({ client, store }: Built, text: string): Promise<number[]> {
  const [rows] = await client.find([word(text)], askOf(store));
  return [...rows!.toArray()];
}

/** Ascending rows of a random subset. */
export function subset(rows: number, count: number, next: () => number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(next() % rows);
  return [...chosen].sort((a, b) => a - b);
}

export async function expectRefused(run: Promise<unknown>, code = 'BYTES_INVALID'): Promise<void> {
  await expect(run).rejects.toSatisfy((error) => isOpalineError(error) && error.code === code);
}
