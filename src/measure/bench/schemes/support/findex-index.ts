import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { utf8 } from '../../../../bytes/codec.ts';
import { toHex } from '../../../../bytes/hex.ts';
import { randomBytes } from '../../../../bytes/random.ts';
import { checkAbort } from '../../../../client/ingest/reading.ts';
import type { Exchange } from '../../../attacks/distinguisher.ts';
import { turn } from '../../../../run/turn.ts';

const KEY_BYTES = 32;
const LABEL = utf8('lab');
/** Before the bytes of a location, where an indexed value is one. */
const LOCATION = 'l';
/** No limit of results, nor of the depth of its graph of keywords. */
const MOST = 2 ** 31 - 1;
/** Rows indexed at a time: its memory holds all of a call. */
const BATCH_ROWS = 4096;

interface Pair {
  readonly uid: Uint8Array;
  readonly value: Uint8Array;
}

/** One of its two tables, in memory: the fastest that it can be given. What is fetched is written down. */
class Table {
  readonly fetched: Exchange[] = [];
  private readonly values = new Map<string, Uint8Array>();

  get bytes(): number {
    let bytes = 0;
    for (const [uid, value] of this.values) bytes += uid.length / 2 + value.length;
    return bytes;
  }

  readonly fetch = (uids: readonly Uint8Array[]): Promise<Pair[]> => {
    const touched = uids.map(toHex);
    const found = uids.flatMap((uid, i) => {
      const value = this.values.get(touched[i]!);
      return value === undefined ? [] : [{ uid, value }];
    });
    this.fetched.push({
      up: uids.reduce((sum, { length }) => sum + length, 0),
      down: found.reduce((sum, { uid, value }) => sum + uid.length + value.length, 0),
      touched,
    });
    return Promise.resolve(found);
  };

  readonly upsert = (pairs: readonly Pair[]): Promise<void> => {
    for (const { uid, value } of pairs) this.values.set(toHex(uid), value.slice());
    return Promise.resolve();
  };
}

type Findex = Pick<
  typeof import('cosmian_findex/cosmian_findex.js'),
  'initSync' | 'webassembly_search' | 'webassembly_upsert'
>;
let loaded: Findex | undefined;

/**
 * Made for bundlers: it looks for `module.require` when it wants random bytes, and would take the `module` of whoever
 * evaluates it instead of Node's own loader.
 */
function load(): Findex {
  const require = createRequire(import.meta.url);
  Object.assign(globalThis, { module: { require } });
  const findex = require('cosmian_findex/cosmian_findex.js') as Findex;
  findex.initSync(readFileSync(require.resolve('cosmian_findex/cosmian_findex_bg.wasm')));
  return findex;
}

/** A Findex of rows by keyword, in WebAssembly as the package has it. */
export class FindexIndex {
  private readonly program: Findex;
  private readonly key = randomBytes(KEY_BYTES);
  private readonly updates = randomBytes(KEY_BYTES);
  private readonly entries = new Table();
  private readonly chains = new Table();

  private constructor(program: Findex) {
    this.program = program;
  }

  /** @param keywordsOf of a row, none twice */
  static async create(
    rows: number,
    keywordsOf: (row: number) => readonly string[],
    signal: AbortSignal,
  ): Promise<FindexIndex> {
    const index = new FindexIndex((loaded ??= load()));
    const { program, key, updates, entries, chains } = index;
    for (let from = 0; from < rows; from += BATCH_ROWS) {
      await turn();
      checkAbort(signal);
      const batch = Array.from({ length: Math.min(BATCH_ROWS, rows - from) }, (_, i) => ({
        indexedValue: utf8(`${LOCATION}${from + i}`),
        keywords: keywordsOf(from + i).map(utf8),
      }));
      await program.webassembly_upsert(
        key,
        updates,
        LABEL,
        batch,
        entries.fetch,
        entries.upsert,
        chains.upsert,
      );
    }
    index.calls();
    return index;
  }

  get bytes(): number {
    return this.entries.bytes + this.chains.bytes;
  }

  /** The rows with a keyword. */
  async search(keyword: string): Promise<ReadonlySet<number>> {
    const found = await this.program.webassembly_search(
      this.key,
      LABEL,
      [utf8(keyword)],
      MOST,
      MOST,
      () => Promise.resolve(true),
      this.entries.fetch,
      this.chains.fetch,
    );
    const decoder = new TextDecoder();
    return new Set(found.map((value) => Number(decoder.decode(value.subarray(1)))));
  }

  /** What the tables' keeper saw since it was last asked. */
  calls(): readonly Exchange[] {
    return [...this.entries.fetched.splice(0), ...this.chains.fetched.splice(0)];
  }
}
