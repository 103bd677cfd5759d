import { SeededRandom } from '../../src/measure/attacks/seeded-random.ts';
import { cost, type SuiteResult } from '../report.ts';
import { digits, spread, takeTurns, type Spread } from '../samples.ts';
import { emails, type Documents } from './emails.ts';
import { tableText } from './figures.ts';
import { ciphersweet } from './peers/ciphersweet.ts';
import { findex } from './peers/findex.ts';
import type { BuiltPeer, SearchPeer } from './peers/peer.ts';
import { fts5, scan } from './peers/plain.ts';
import { sse } from './peers/sse.ts';

const PEERS: readonly SearchPeer[] = [sse, findex, ciphersweet, fts5, scan];
const WORDS = 20;
/** Searches take less time than an index does. */
const SEARCH_ROUNDS = 5;

interface Measured {
  readonly build: Spread;
  /** Milliseconds a word, of all words in turn. */
  readonly search: Spread;
  readonly bytes: number | undefined;
}

/** One word a search in e-mails: the sse index against other people's, every answer compared. */
export async function documentLines(
  count: number,
  rounds: number,
): Promise<Pick<SuiteResult, 'lines' | 'samples'> & { table: string; details: object }> {
  const documents = await emails(count);
  const built = new Map<string, BuiltPeer>();
  const builds = await takeTurns(
    PEERS.map(({ name, index }) => ({
      name,
      run: async () => void built.set(name, await index(documents)),
    })),
    rounds,
  );
  const searches = await searchAll(documents, built, rounds);
  const of = ({ name }: SearchPeer): Measured => ({
    build: spread(builds.get(name) ?? []),
    search: spread(searches.get(name) ?? []),
    bytes: built.get(name)?.bytes,
  });
  const postings = documents.words.reduce((sum, { length }) => sum + length, 0);
  const what = `${count} e-mails, ${postings} postings`;
  const against = (does: string, kind: 'build' | 'search'): SuiteResult['lines'][number] => {
    const [ours, theirs] = [of(sse)[kind], of(findex)[kind]];
    return cost({
      what: `${does}, ${what}`,
      ours: { who: 'sse', value: ours.p0, unit: 'ms', median: ours.p50 },
      peer: {
        who: `${findex.name}, its tables in memory`,
        value: theirs.p0,
        unit: 'ms',
        median: theirs.p50,
      },
      wanted: 1,
    });
  };
  return {
    lines: [against('index', 'build'), against('search a word', 'search')],
    table: peersText(what, of),
    details: { documents: count, postings },
    samples: Object.fromEntries(
      PEERS.flatMap((peer): [string, Spread][] => [
        [`index e-mails, ${peer.name} (ms)`, of(peer).build],
        [`search e-mails, ${peer.name} (ms a word)`, of(peer).search],
      ]),
    ),
  };
}

/** The same words of every peer, which take turns. */
async function searchAll(
  documents: Documents,
  built: ReadonlyMap<string, BuiltPeer>,
  rounds: number,
): Promise<Map<string, number[]>> {
  const words = someWords(documents);
  const wanted = words.map((word) =>
    documents.words.flatMap((each, document) => (each.includes(word) ? [document] : [])).join(),
  );
  const contenders = PEERS.map(({ name }) => ({
    name,
    run: async () => {
      for (const word of words) await built.get(name)!.search(word);
    },
  }));
  for (const { name } of PEERS) {
    for (const [i, word] of words.entries()) {
      const found = await built.get(name)!.search(word);
      if (found.join() !== wanted[i]) throw new Error(`${name}: other documents have ${word}`);
    }
  }
  const samples = await takeTurns(contenders, SEARCH_ROUNDS * rounds);
  return new Map([...samples].map(([name, all]) => [name, all.map((ms) => ms / words.length)]));
}

/** Of the words as they stand in the documents: common ones come up more often. */
function someWords({ words }: Documents): string[] {
  const random = new SeededRandom(1);
  const some = new Set<string>();
  while (some.size < WORDS) {
    const document = words[random.below(words.length)]!;
    if (document.length > 0) some.add(document[random.below(document.length)]!);
  }
  return [...some];
}

function peersText(what: string, of: (peer: SearchPeer) => Measured): string {
  const rows = PEERS.map((peer) => {
    const { build, search, bytes } = of(peer);
    const size = bytes === undefined ? '–' : `${digits(bytes / 1e6, 3)} MB`;
    return [peer.name, `${digits(build.p0, 3)}`, `${digits(search.p0, 3)}`, size, peer.hides];
  });
  return tableText([[what, 'index, ms', 'a word, ms', 'stored', 'what it hides'], ...rows]);
}
