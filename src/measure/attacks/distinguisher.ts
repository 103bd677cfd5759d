import { OpalineError } from '../../errors/opaline-error.ts';
import { type Auc, aucOf } from './auc.ts';
import { boost, scoreOf } from './boosting.ts';
import type { SeededRandom } from './seeded-random.ts';

/** One call of a query, as the store sees it. */
export interface Exchange {
  /** Bytes of the request. */
  readonly up: number;
  /** Bytes of the reply. */
  readonly down: number;
  /**
   * Whatever the store can tell again when it meets it once more, in the order in which it meets it: tokens,
   * labels, rows it found; or positions that it read, as numbers.
   */
  readonly touched: readonly (string | number)[];
}

/** Everything that the store sees of one query, in order. */
export type Transcript = readonly Exchange[];

export interface Distinction extends Auc {
  /** Transcripts of both classes that were learnt from, and that were scored. */
  readonly trained: number;
  readonly scored: number;
  /** What the decision rests on, the most telling first; none: the classes looked alike in training. */
  readonly telling: readonly string[];
}

/** Calls of which the lengths are features of their own; of later ones the sums are. */
const CALLS = 8;
/** Touched things whose number of occurrences are features. */
const VOCABULARY = 128;
const ROUNDS = 64;
const LEAST = 8;

/**
 * The transcript distinguisher: the indistinguishability game that simulation-based definitions of searchable
 * encryption and PIR promise nobody wins (Curtmola–Garay–Kamara–Ostrovsky 2006, §4; Chor–Goldreich–Kushilevitz–Sudan
 * 1995), played with a learner. Transcripts of two classes of queries are each cut in half at random; lengths,
 * counts, repetitions and the places touched in the one half train a classifier, which scores the other half. The
 * area under its ROC curve is 0.5 for a learner that learnt nothing, 1 for one that is always right.
 *
 * A measurement, not a proof: 0.5 says that these features of these queries do not tell the classes apart.
 *
 * @param first transcripts of one class, at least 8
 * @param second of the other
 * @throws USAGE with fewer
 */
export function distinguish(
  first: readonly Transcript[],
  second: readonly Transcript[],
  random: SeededRandom,
): Distinction {
  if (Math.min(first.length, second.length) < LEAST) {
    throw new OpalineError('USAGE', {
      reason: `a distinguisher takes at least ${LEAST} transcripts of each class`,
    });
  }
  const halves = [first, second].map((transcripts) => {
    const mixed = random.shuffled(transcripts);
    const half = mixed.length >>> 1;
    return { training: mixed.slice(0, half), test: mixed.slice(half) };
  });
  const [a, b] = halves as [(typeof halves)[0], (typeof halves)[0]];
  const features = featuresFrom([...a.training, ...b.training]);
  const examples = [...a.training, ...b.training].map(features.of);
  const labels = examples.map((_, i): -1 | 1 => (i < a.training.length ? -1 : 1));
  const stumps = boost(examples, labels, ROUNDS);
  const scores = (transcripts: readonly Transcript[]): number[] =>
    transcripts.map((transcript) => scoreOf(stumps, features.of(transcript)));
  const telling = stumps
    .toSorted((x, y) => Math.abs(y.vote) - Math.abs(x.vote))
    .map(({ feature }) => features.names[feature]!);
  return {
    ...aucOf(scores(a.test), scores(b.test)),
    trained: examples.length,
    scored: a.test.length + b.test.length,
    telling: [...new Set(telling)],
  };
}

interface Features {
  readonly names: readonly string[];
  readonly of: (transcript: Transcript) => Float64Array;
}

/** The vocabulary of touched things is the training half's: what was not met there was not learnt about. */
function featuresFrom(training: readonly Transcript[]): Features {
  const seenIn = new Map<string | number, number>();
  for (const transcript of training) {
    for (const thing of new Set(transcript.flatMap(({ touched }) => touched))) {
      seenIn.set(thing, (seenIn.get(thing) ?? 0) + 1);
    }
  }
  // What only one transcript met cannot be learnt from.
  const vocabulary = [...seenIn]
    .filter(([, transcripts]) => transcripts > 1)
    .toSorted(([, x], [, y]) => y - x)
    .slice(0, VOCABULARY)
    .map(([thing]) => thing);
  const names = [
    'number of calls',
    'bytes up',
    'bytes down',
    'things touched',
    'distinct things touched',
    'most repeated thing',
    'least position',
    'mean position',
    'greatest position',
    ...Array.from({ length: CALLS }, (_, i) => [
      `bytes up of call ${i + 1}`,
      `bytes down of call ${i + 1}`,
    ]).flat(),
    ...vocabulary.map((_, i) => `occurrences of thing ${i + 1}`),
  ];
  return { names, of: (transcript) => Float64Array.from(valuesOf(transcript, vocabulary)) };
}

function valuesOf(transcript: Transcript, vocabulary: readonly (string | number)[]): number[] {
  const times = new Map<string | number, number>();
  let touched = 0;
  let [least, greatest, sum, positions] = [Infinity, -Infinity, 0, 0];
  for (const exchange of transcript) {
    for (const thing of exchange.touched) {
      touched++;
      times.set(thing, (times.get(thing) ?? 0) + 1);
      if (typeof thing !== 'number') continue;
      positions++;
      sum += thing;
      least = Math.min(least, thing);
      greatest = Math.max(greatest, thing);
    }
  }
  let most = 0;
  for (const count of times.values()) most = Math.max(most, count);
  return [
    transcript.length,
    transcript.reduce((bytes, { up }) => bytes + up, 0),
    transcript.reduce((bytes, { down }) => bytes + down, 0),
    touched,
    times.size,
    most,
    ...(positions === 0 ? [-1, -1, -1] : [least, sum / positions, greatest]),
    ...Array.from({ length: CALLS }, (_, i) => [
      transcript[i]?.up ?? -1,
      transcript[i]?.down ?? -1,
    ]).flat(),
    ...vocabulary.map((thing) => times.get(thing) ?? 0),
  ];
}
