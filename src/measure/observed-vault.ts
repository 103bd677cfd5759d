import type { OpenOptions, Vault } from '../client/api.ts';
import { openVaultThrough } from '../client/open-vault.ts';
import { isOpalineError } from '../errors/opaline-error.ts';
import { decodeFragment } from '../plan/fragment-codec.ts';
import type { StoreLink } from '../store/link.ts';
import {
  type Distinction,
  distinguish as distinguishBy,
  type Transcript,
} from './attacks/distinguisher.ts';
import { SeededRandom } from './attacks/seeded-random.ts';
import { type RecordedCall, RecordingLink } from './recording-link.ts';
import { type Sighting, StoreView } from './store-view.ts';

/** What some work on a vault came to, and what its store made of it. */
export interface Observation<T> {
  readonly result: T;
  /** The calls of queries, in order. */
  readonly transcript: Transcript;
  /** Rows that the store found by the filter, numbered over all segments; absent: it was not told any. */
  readonly rows?: Uint32Array;
}

/** A vault, watched from its store's side. */
export interface ObservedVault extends AsyncDisposable {
  readonly vault: Vault;
  /**
   * Runs one query, of one table, and tells what the store saw of it. One at a time: calls of others in between would
   * be taken for this one's. What a vault fetches once and keeps, a table's metadata and the hint of an index, is
   * seen with the first query that needs it.
   * @throws what `work` throws
   */
  observe<T>(work: (vault: Vault) => Promise<T>): Promise<Observation<T>>;
}

/**
 * `openVault` with a recording between the vault and its store. Rows are found by the evaluator that the store runs, in
 * the store's own files: nothing here uses a key.
 * @throws what `openVault` throws
 */
export async function openObservedVault(
  path: string,
  options: OpenOptions,
): Promise<ObservedVault> {
  let store: StoreLink | undefined;
  let link: RecordingLink | undefined;
  const vault = await openVaultThrough(path, options, (inner) => {
    store = inner;
    return (link = new RecordingLink(inner));
  });
  const views = new Views(store!);
  return {
    vault,
    observe: async (work) => {
      link!.take();
      const result = await work(vault);
      const { transcript, rows } = await views.see(link!.take());
      return { result, transcript, ...(rows && { rows }) };
    },
    [Symbol.asyncDispose]: () => vault[Symbol.asyncDispose]() as Promise<void>,
  };
}

/**
 * Plays the indistinguishability game on transcripts of two classes of queries: half of them train a classifier, which
 * scores the other half. An area under the ROC curve of 0.5 says that what it looks at does not tell the classes apart,
 * 1 that it always does (attacks/distinguisher.ts).
 * @param first of one class, at least 8
 * @param second of the other
 * @throws USAGE with fewer
 */
export function distinguish(
  first: readonly Transcript[],
  second: readonly Transcript[],
  seed = 1,
): Distinction {
  return distinguishBy(first, second, new SeededRandom(seed));
}

/** The store's view of each table, made anew when the table has moved on. */
class Views {
  private readonly store: StoreLink;
  private readonly views = new Map<string, StoreView>();

  constructor(store: StoreLink) {
    this.store = store;
  }

  async see(calls: readonly RecordedCall[]): Promise<Pick<Sighting, 'transcript' | 'rows'>> {
    const [call] = calls;
    if (call === undefined) return { transcript: [] };
    const table =
      call.kind === 'aggregate' ? decodeFragment(call.fragment).table : call.request.table;
    const known = this.views.get(table);
    try {
      if (known !== undefined) return await known.see(calls);
    } catch (error) {
      if (!isOpalineError(error, 'EPOCH_CONFLICT')) throw error;
    }
    const view = await StoreView.of(this.store, table);
    this.views.set(table, view);
    return await view.see(calls);
  }
}
