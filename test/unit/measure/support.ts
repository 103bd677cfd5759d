import type { Vault } from '../../../src/client/api.ts';
import { RecordingLink } from '../../../src/measure/recording-link.ts';
import { StoreView } from '../../../src/measure/store-view.ts';
import { SeededRandom } from '../../../src/measure/attacks/seeded-random.ts';
import type { StoreLink } from '../../../src/store/link.ts';
import { tempVault } from '../../support/vaults.ts';

export interface Recorded extends AsyncDisposable {
  readonly vault: Vault;
  readonly link: RecordingLink;
  /** Below the recording. */
  readonly store: StoreLink;
  view(): Promise<StoreView>;
}

/** A vault in memory whose calls are recorded. */
export async function recordedVault(): Promise<Recorded> {
  let store: StoreLink | undefined;
  let link: RecordingLink | undefined;
  const temp = await tempVault('memory', (inner) => {
    store = inner;
    return (link = new RecordingLink(inner));
  });
  return {
    vault: temp.vault,
    link: link!,
    store: store!,
    view: async () => StoreView.of(store!, (await store!.tables())[0]!),
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() as Promise<void>,
  };
}

export const PEOPLE = {
  version: 1,
  table: 'people',
  columns: {
    city: { type: 'text' },
    age: { type: 'integer', nullable: true },
    smoker: { type: 'boolean' },
  },
};

export interface Person {
  readonly city: string;
  readonly age: number | null;
  readonly smoker: boolean;
}

/** Cities by Zipf, ages from 20 on, every tenth unknown where `nulls`. */
export function people(count: number, seed: number, nulls = false): Person[] {
  const random = new SeededRandom(seed);
  const city = random.drawer(Array.from({ length: 12 }, (_, i) => 1 / (i + 1)));
  return Array.from({ length: count }, (_, i) => ({
    city: `city ${city()}`,
    age: nulls && i % 10 === 0 ? null : 20 + random.below(40),
    smoker: random.below(4) === 0,
  }));
}
