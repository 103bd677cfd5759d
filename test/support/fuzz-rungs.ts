import { buildIex } from '../../src/search/iex/build.ts';
import { iexIndex } from '../../src/search/iex/eval.ts';
import { decodeQuery } from '../../src/search/iex/query.ts';
import { iexToken } from '../../src/search/iex/token.ts';
import { buildMitra, updateMitra } from '../../src/search/mitra/build.ts';
import { mitraIndex } from '../../src/search/mitra/eval.ts';
import { LABEL_BYTES } from '../../src/search/mitra/format.ts';
import { lookupMitra } from '../../src/search/mitra/token.ts';
import { decodeState } from '../../src/search/mitra/token/state.ts';
import type { Target } from './fuzz.ts';
import { postingsOf, term } from './postings.ts';

const key = new Uint8Array(32).fill(3);
const words = ['2', '3', '50', '149'];
const postings = postingsOf(
  Array.from({ length: 300 }, (_, row) => words.filter((word) => row % Number(word) === 0)),
);

/** Parts, queries, replies and states of indexes that are parts of their own. */
export function rungTargets(): Target[] {
  return [...mitraTargets(), ...iexTargets()];
}

function mitraTargets(): Target[] {
  const { part, state } = buildMitra(key, postings);
  const later = updateMitra(key, state, [{ keyword: term('3'), row: 9, op: 'delete' }]);
  const lookup = lookupMitra(key, later.state, [term('3')]);
  const index = mitraIndex(part);
  const replies = [part, later.part].map((each, i) => mitraIndex(each).answer(lookup.queries[i]!));
  return [
    {
      name: 'mitra part',
      seeds: [part, later.part],
      // One label: the later part has fewer entries than there are labels.
      parse: (bytes) => mitraIndex(bytes).answer(lookup.queries[0]!.subarray(0, LABEL_BYTES)),
    },
    { name: 'mitra query', seeds: [lookup.queries[0]!], parse: (bytes) => index.answer(bytes) },
    {
      name: 'mitra reply',
      seeds: [replies[0]!],
      parse: (bytes) => lookup.open([bytes, replies[1]]),
    },
    { name: 'mitra state', seeds: [state, later.state], parse: decodeState },
  ];
}

function iexTargets(): Target[] {
  const { part } = buildIex(key, postings);
  const index = iexIndex(part);
  const args = words.map((word) => ({ kind: 'keyword', keyword: term(word) }) as const);
  const tokens = [
    iexToken(key, { kind: 'and', args }),
    iexToken(key, { kind: 'or', args: [args[0]!, { kind: 'not', arg: args[1]! }] }),
  ];
  return [
    {
      name: 'iex part',
      seeds: [part],
      parse: (bytes) => {
        const parsed = iexIndex(bytes);
        for (const token of tokens) parsed.find(token);
      },
    },
    { name: 'iex token', seeds: tokens, parse: (bytes) => index.find(bytes) },
    { name: 'iex query', seeds: tokens, parse: decodeQuery },
  ];
}
