import { randomBytes } from '../../../src/bytes/random.ts';
import { buildIndex } from '../../../src/search/sse/build.ts';
import { lookupPosting } from '../../../src/search/sse/eval.ts';
import { parseIndex } from '../../../src/search/sse/format.ts';
import { partTokens } from '../../../src/search/sse/token.ts';
import { postingsOf } from '../../../test/support/postings.ts';
import type { SearchPeer } from './peer.ts';

const COLUMN = 0;
/** A row that has no value of its own, only words. */
const NO_VALUE = -2;

/** Ours: lists by word made and encrypted, tokens made, rows found at the store's side; no network. */
export const sse: SearchPeer = {
  name: 'sse',
  hides: 'words and documents; shows which documents a search finds',
  index: ({ words }) => {
    const key = randomBytes(32);
    const rows = words.length;
    const codes = new Int32Array(rows).fill(NO_VALUE);
    const column = { id: COLUMN, values: [], codes, equality: false, range: false };
    const { part } = buildIndex(key, rows, [{ ...column, parts: postingsOf(words) }]);
    const index = parseIndex(part);
    return Promise.resolve({
      bytes: part.length,
      search: (word) => {
        const [token] = partTokens(key, COLUMN, 'token', [word]);
        return Promise.resolve(lookupPosting(index, token!).toArray());
      },
    });
  },
};
