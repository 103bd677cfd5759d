import { buildRung } from '../../src/search/build-rung.ts';
import { parseRung } from '../../src/search/eval-rung.ts';
import { keyword, KEYWORD_KIND } from '../../src/search/keyword.ts';
import { openOreIndex } from '../../src/search/ore/eval.ts';
import { decodeOreState } from '../../src/search/ore/state.ts';
import { openOre } from '../../src/search/ore/token.ts';
import { codedInput } from '../../src/search/rung-input.ts';
import { openTagIndex } from '../../src/search/tag/eval.ts';
import { decodeTagState } from '../../src/search/tag/state.ts';
import { openTagReply, tagQuery } from '../../src/search/tag/token.ts';
import { canonicalBytes } from '../../src/table/canonical.ts';
import type { Target } from './fuzz.ts';

const key = new Uint8Array(32).fill(3);
const WHAT = { what: 'the bytes' };

/** Parts, queries, replies and states of the indexes `tag` and `ore`. */
export function tagAndOreTargets(): Target[] {
  const rows = 900;
  const values = Array.from({ length: 300 }, (_, i) => canonicalBytes(BigInt(7 * i), 'integer'));
  const codes = Int32Array.from({ length: rows }, (_, row) => (row % 301) - 1);
  const input = codedInput('integer', rows, { values, codes });
  const tags = buildRung({ index: 'tag' }, key, input);
  const asked = keyword(KEYWORD_KIND.value, values[5]!);
  const query = tagQuery(key, tags.state, asked);
  const tagStore = openTagIndex(tags.part);
  const ore = buildRung({ index: 'ore' }, key, input);
  const end = (i: number): { value: Uint8Array; inclusive: boolean } => ({
    value: values[i]!,
    inclusive: true,
  });
  const vault = openOre({ key, state: ore.state });
  const token = vault.token!({ kind: 'range', low: end(20), high: end(200) });
  const oreStore = openOreIndex(ore.part);
  return [
    {
      name: 'tag index',
      seeds: [tags.part],
      parse: async (bytes) => {
        const { answer } = await parseRung(bytes, WHAT);
        const reply = answer!(query);
        openTagReply(key, tags.state, asked, reply);
      },
    },
    { name: 'tag query', seeds: [query], parse: (bytes) => tagStore.answer!(bytes) },
    {
      name: 'tag reply',
      seeds: [tagStore.answer!(query)!],
      parse: (bytes) => openTagReply(key, tags.state, asked, bytes),
    },
    { name: 'tag state', seeds: [tags.state], parse: decodeTagState },
    {
      name: 'ore index',
      seeds: [ore.part],
      parse: async (bytes) => (await parseRung(bytes, WHAT)).find!(token),
    },
    { name: 'ore token', seeds: [token], parse: (bytes) => oreStore.find!(bytes) },
    { name: 'ore state', seeds: [ore.state], parse: decodeOreState },
  ];
}
