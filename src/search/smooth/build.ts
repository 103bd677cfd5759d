import { wordBytes } from '../../bytes/codec.ts';
import { compareBytes, wipe } from '../../bytes/compare.ts';
import { randomBytes } from '../../bytes/random.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { countRuns, cutRuns, longestRun, runStart, type CutLists } from '../build-runs.ts';
import { packRun } from '../packed-rows.ts';
import type { Postings } from '../postings.ts';
import type { BuiltRung } from '../rung.ts';
import { LABEL_BYTES, sortRegion } from '../sse/region.ts';
import { allocatePart, MAX_ROWS } from './format.ts';
import { choosePayload, payloadsUpTo, runRoom } from './shape.ts';
import { type Access, Smoothing, wholeWeights } from './smoothing.ts';
import { encodeState, firstValues, NAME_BYTES, valueWeights, type SmoothState } from './state.ts';
import { smoothKeys, type SmoothKeys } from './token/keys.ts';

const NOBODY = -1;

/**
 * Build the frequency-smoothed index of one column of one segment under a key of 32 bytes, this build's alone.
 *
 * @param weights how often each keyword is expected to be asked for, in any unit, not negative; by default as often as
 * it has rows
 * @throws INTERNAL when the postings are not as `Postings` says, or weights not as here
 */
export function buildSmooth(
  key: Uint8Array,
  postings: Postings,
  weights?: readonly number[],
): BuiltRung {
  const { rows, starts } = postings;
  if (key.length !== 32) invalid('the key is not 32 bytes');
  if (!(rows >= 1 && rows <= MAX_ROWS)) invalid('row count out of range');
  const payloads = payloadsUpTo(longestRun(postings));
  const totals = countRuns(postings, payloads.map(runRoom)).map(({ total }) => total);
  const payload = choosePayload(payloads, totals);
  const cut = cutRuns(postings, runRoom(payload));
  const expected = weights ?? postings.keywords.map((_, i) => starts[i + 1]! - starts[i]!);
  if (expected.length !== postings.keywords.length) invalid('not one weight a keyword');
  const keys = smoothKeys(key);
  const { state, order } = prepare(keys, postings, cut, payload, expected);
  const part = sealValues(keys, state, order, postings, cut);
  keys.destroy();
  return { part, state: encodeState(state) };
}

/** Keywords in the order of their names; order[i] is which the i-th is of the postings. */
function prepare(
  keys: SmoothKeys,
  { rows, keywords }: Postings,
  { firsts }: CutLists,
  payload: number,
  expected: readonly number[],
): { state: SmoothState; order: readonly number[] } {
  const named = keywords.map((keyword, i) => ({ name: keys.name(keyword), i }));
  named.sort((a, b) => compareBytes(a.name, b.name));
  // Without keywords there is one that nobody can ask for: lookups look as ever.
  if (named.length === 0) named.push({ name: randomBytes(NAME_BYTES), i: NOBODY });
  const order = named.map(({ i }) => i);
  const lengths = Uint32Array.from(order, (i) => (i < 0 ? 1 : firsts[i + 1]! - firsts[i]!));
  const ordered = order.map((i) => (i < 0 ? 1 : expected[i]!));
  const weights = wholeWeights(ordered, [...lengths]);
  const names = named.map(({ name }) => name);
  return { state: { rows, payload, names, weights, lengths }, order };
}

function sealValues(
  keys: SmoothKeys,
  state: SmoothState,
  order: readonly number[],
  postings: Postings,
  cut: CutLists,
): Uint8Array {
  const smoothing = new Smoothing(valueWeights(state));
  const { part, values } = allocatePart(state.rows, 2 * smoothing.values, state.payload);
  const firsts = firstValues(state);
  const words = new Uint32Array(state.payload / 4);
  let at = 0;
  const add = (access: Access): void => {
    values.bytes.set(keys.label(access), at);
    keys.seal(values.bytes, at + LABEL_BYTES, access, wordBytes(words));
    at += values.stride;
  };
  order.forEach((i, place) => {
    for (let value = firsts[place]!; value < firsts[place + 1]!; value++) {
      words.fill(0);
      if (i !== NOBODY) {
        const run = cut.firsts[i]! + value - firsts[place]!;
        words[0] = 1;
        const from = runStart(postings, cut, run);
        packRun(postings.members, from, cut.ends[run]!, cut.parameters[i]!, words, 1);
      }
      for (let replica = 0; replica < smoothing.replicas[value]!; replica++)
        add({ value, replica });
    }
  });
  words.fill(0);
  for (let replica = 0; replica < smoothing.dummies; replica++) {
    add({ value: smoothing.values, replica });
  }
  wipe(wordBytes(words));
  sortRegion(values);
  return part;
}

function invalid(reason: string): never {
  throw new OpalineError('INTERNAL', { reason: `smoothed index: ${reason}` });
}
