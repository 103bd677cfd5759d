import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { utf8 } from '../../../src/bytes/codec.ts';
import { randomBytes } from '../../../src/bytes/random.ts';
import type { SearchPeer } from './peer.ts';

const KEY_BYTES = 32;
const LABEL = utf8('bench');
/** Before the bytes of a location, where an indexed value is one. */
const LOCATION = 'l';
/** No limit of either. */
const MOST = 2 ** 31 - 1;

interface Pair {
  readonly uid: Uint8Array;
  readonly value: Uint8Array;
}

/** One of its two tables, in memory: the fastest that it can be given. */
class Table {
  private readonly values = new Map<string, Uint8Array>();
  bytes = 0;

  readonly fetch = (uids: readonly Uint8Array[]): Promise<Pair[]> =>
    Promise.resolve(
      uids.flatMap((uid) => {
        const value = this.values.get(name(uid));
        return value === undefined ? [] : [{ uid, value }];
      }),
    );

  readonly upsert = (pairs: readonly Pair[]): Promise<void> => {
    for (const { uid, value } of pairs) {
      this.values.set(name(uid), value);
      this.bytes += uid.length + value.length;
    }
    return Promise.resolve();
  };
}

const name = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

type Findex = Pick<
  typeof import('cosmian_findex/cosmian_findex.js'),
  'initSync' | 'webassembly_search' | 'webassembly_upsert'
>;
let loaded: Promise<Findex> | undefined;

/** Made for bundlers: it looks for `module.require` when it wants random bytes. */
async function load(): Promise<Findex> {
  const require = createRequire(import.meta.url);
  Object.assign(globalThis, { module: { require } });
  const findex = await import('cosmian_findex/cosmian_findex.js');
  findex.initSync(readFileSync(require.resolve('cosmian_findex/cosmian_findex_bg.wasm')));
  return findex;
}

export const findex: SearchPeer = {
  name: 'cosmian_findex 0.10.0',
  hides: 'words and documents; shows which entries a search finds',
  index: async ({ words }) => {
    const program = await (loaded ??= load());
    const [entries, chains] = [new Table(), new Table()];
    const [key, updates] = [randomBytes(KEY_BYTES), randomBytes(KEY_BYTES)];
    const indexed = words.map((each, document) => ({
      indexedValue: utf8(`${LOCATION}${document}`),
      keywords: each.map(utf8),
    }));
    await program.webassembly_upsert(
      key,
      updates,
      LABEL,
      indexed,
      entries.fetch,
      entries.upsert,
      chains.upsert,
    );
    return {
      bytes: entries.bytes + chains.bytes,
      search: async (word) => {
        const found = await program.webassembly_search(
          key,
          LABEL,
          [utf8(word)],
          MOST,
          MOST,
          () => Promise.resolve(true),
          entries.fetch,
          chains.fetch,
        );
        return Uint32Array.from(found, (value) => Number(name(value.subarray(1)))).sort();
      },
    };
  },
};
