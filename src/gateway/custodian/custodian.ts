import type { SignedCheckpoint } from '../../audit/checkpoint.ts';
import { decodeLeaf } from '../../audit/leaf.ts';
import { commitTo } from '../../audit/detail.ts';
import { parseProof, verifyProof } from '../../audit/tlog-proof.ts';
import { utf8 } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { fromHex, toHex } from '../../bytes/hex.ts';
import { type NoteKey, parseKey } from '../../bytes/note-key.ts';
import type { LweSample } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { noiseRows, requireRowsOnce } from '../../gate/custody/custody.ts';
import { encodePartials, MOST_SCALARS } from '../../gate/custody/partials.ts';
import { replyDigest, sortedGroups } from '../../gate/custody/reply-digest.ts';
import {
  INTENT_KIND,
  intentOf,
  openRequest,
  type PartialsRequest,
} from '../../gate/custody/request.ts';
import { isOverNothing, sumDigest } from '../../gate/custody/sum-digest.ts';
import type { CustodianShare } from '../../keys/threshold/custodian-share.ts';
import { partialDecryption } from '../../keys/threshold/partial.ts';
import type { Parameters } from '../../params/parameters.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { fewestThresholdLimbs, thresholdNoise } from '../../params/threshold-noise.ts';
import type { AggregateWork, Fragment } from '../../plan/fragment.ts';
import { decodeAggregateReply, decodeFragment } from '../../plan/fragment-codec.ts';
import type { CallOptions } from '../../store/link.ts';
import { parseManifest } from '../../table/manifest.ts';
import type { Answered } from './answered.ts';
import type { KnownLog } from './known-log.ts';

/** What a custodian evaluates plans on: parts that it has verified, in this process. */
export interface Replay {
  /** The newest manifest, signed by the owner. */
  head(table: string): Promise<Uint8Array | undefined>;
  aggregate(fragment: Uint8Array, options: CallOptions): Promise<Uint8Array>;
}

type AggregateFragment = Fragment & { readonly work: AggregateWork };

declare const ADMITTED: unique symbol;
/** A request that `admit` has believed. */
export type AdmittedRequest = PartialsRequest & { readonly [ADMITTED]: true };

/**
 * Holds one share and gives, for a plan that the gate asks about, one scalar of each sum. It believes nobody: the gate
 * must have signed the request and announced it in its log, which must continue what was seen of it before; the plan is
 * evaluated again, on parts that the owner signed, and must give the result that the gate was given; its noise must be
 * provable; and no sum is answered twice at one epoch, nor any at an epoch older than one that was answered.
 */
export class Custodian {
  readonly index: number;
  private readonly share: CustodianShare;
  private readonly parameters: Parameters;
  private readonly log: NoteKey;
  private readonly replay: Replay;
  private readonly answered: Answered;
  private readonly known: KnownLog;

  constructor(share: CustodianShare, replay: Replay, answered: Answered, known: KnownLog) {
    this.share = share;
    this.index = share.share.index;
    this.parameters = thresholdParameters(share.division);
    this.log = parseKey(share.log);
    this.replay = replay;
    this.answered = answered;
    this.known = known;
  }

  /** Admit a request and answer it. */
  async answer(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return await this.answerTo(await this.admit(bytes), options);
  }

  /**
   * A request that the gate signed for a quorum with this share, and announced in a log that continues the one that is
   * known: what is known of it is then this one, durably. Nothing is computed yet.
   * @throws BYTES_INVALID for a request that is malformed, not signed or not announced, CUSTODIAN_REFUSED, LOG_ROLLBACK,
   * LOG_FORK, LOG_UNPROVED, STORE_IO
   */
  async admit(bytes: Uint8Array): Promise<AdmittedRequest> {
    const request = openRequest(bytes, this.share.gate);
    this.checkQuorum(request);
    await this.known.accept(this.checkIntent(request), request.intent.continuation);
    return request as AdmittedRequest;
  }

  /**
   * The encoded partial decryptions for a request that was admitted.
   * @throws CUSTODIAN_REFUSED, EPOCH_CONFLICT, NOISE_BOUND, BYTES_INVALID for a fragment that is no plan of divided sums,
   * and what evaluation throws
   */
  async answerTo(request: AdmittedRequest, options: CallOptions = {}): Promise<Uint8Array> {
    const fragment = dividedFragment(request.fragment);
    const rows = await this.rowsOf(fragment);
    this.checkNoise(fragment.work, rows);
    const reply = decodeAggregateReply(await this.replay.aggregate(request.fragment, options));
    if (!equalBytes(replyDigest(reply), request.digest)) {
      throw this.refused('the plan gives another result here than the store gave the gate');
    }
    const samples = sortedGroups(reply).flatMap(({ sums }) => sums);
    if (samples.length > MOST_SCALARS) throw this.refused('so many sums are not decrypted at once');
    const sums = samples.map((sample) => (isOverNothing(sample) ? '' : toHex(sumDigest(sample))));
    await this.answerOnce(fragment, new Set(sums.filter((sum) => sum !== '')));
    const scalars = this.scalars(samples, sums, request.quorum, rows);
    return encodePartials({ index: this.index, scalars });
  }

  /** One scalar for each different sum, wherever it stands in the reply. */
  private scalars(
    samples: readonly LweSample[],
    sums: readonly string[],
    quorum: readonly number[],
    rows: number,
  ): Uint32Array[] {
    const made = new Map<string, Uint32Array>();
    return samples.map((sample, i) => {
      const scalar =
        made.get(sums[i]!) ??
        partialDecryption(this.parameters, this.share.share, sample, quorum, rows);
      if (sums[i] !== '') made.set(sums[i]!, scalar);
      return scalar;
    });
  }

  /**
   * Decided by what is decrypted, not by how the plan is written: two plans that come to the same sum count as one.
   * Durable when this resolves.
   */
  private async answerOnce({ table, epoch }: Fragment, sums: ReadonlySet<string>): Promise<void> {
    const digests = [...sums].map((sum) => fromHex(sum, 'a digest'));
    const standing = await this.answered.record({ table, epoch, sums: digests });
    if (standing === 'new') return;
    throw this.refused(
      standing === 'answered'
        ? 'one of these sums was answered at this epoch, and is answered once'
        : 'a newer epoch of the table was answered for',
    );
  }

  private checkQuorum({ key, quorum }: PartialsRequest): void {
    const { key: own, division, custodians } = this.share;
    if (key !== own) throw this.refused('its share is of another key');
    const fits = quorum.length === division.quorum && quorum.every((index) => index <= custodians);
    if (!fits || !quorum.includes(this.index)) throw this.refused('this is not a quorum with it');
  }

  /** The request is an entry of the gate's log, in a checkpoint that the log signed. */
  private checkIntent(request: PartialsRequest): SignedCheckpoint {
    const { entry, salt, proof } = request.intent;
    const head = verifyProof(parseProof(utf8(proof)), entry, this.log);
    const { kind, details } = decodeLeaf(entry, 'the intent');
    const commitment = details.length === 1 ? details[0]!.commitment : undefined;
    const said = commitTo(salt, intentOf(request));
    if (kind !== INTENT_KIND || commitment === undefined || !equalBytes(said, commitment)) {
      throw this.refused('the log announces another request');
    }
    return head;
  }

  /** The rows that the noise is bounded for: those of the newest manifest, which the fragment must be of. */
  private async rowsOf(fragment: AggregateFragment): Promise<number> {
    const { table, epoch, segments } = fragment;
    const bytes = await this.replay.head(table);
    if (bytes === undefined) throw this.refused('the store has no such table');
    const manifest = parseManifest(bytes);
    if (manifest.epoch !== epoch) {
      throw new OpalineError('EPOCH_CONFLICT', { expected: epoch, found: manifest.epoch });
    }
    const known = new Set(manifest.segments.map(({ id }) => id));
    if (!segments.every(({ segment }) => known.has(segment))) {
      throw this.refused('the plan is of another epoch');
    }
    requireRowsOnce(fragment);
    return noiseRows(manifest.segments);
  }

  /**
   * A plan over the bound is refused: its answer would tell of the noise, and so of the key. So is a reply of another
   * level than the fewest limbs: at two levels one sum would be two.
   */
  private checkNoise({ outputs }: AggregateWork, rows: number): void {
    const { dataPrimes } = this.parameters;
    const fewest = fewestThresholdLimbs(this.parameters, rows);
    for (const { limbs } of outputs) {
      if (limbs === fewest) continue;
      if (limbs < 1 || limbs > fewest) {
        throw this.refused(
          `a reply of ${limbs} limbs, where ${fewest} of ${dataPrimes.length} are due`,
        );
      }
      const { bound, limit } = thresholdNoise(this.parameters, rows, limbs);
      throw new OpalineError('NOISE_BOUND', {
        rows,
        bound: bound.numerator.toString(),
        limit: (limit.numerator / limit.denominator + 1n).toString(),
      });
    }
  }

  private refused(reason: string): OpalineError {
    return new OpalineError('CUSTODIAN_REFUSED', { custodian: String(this.index), reason });
  }
}

/** The fragment, if every output of it is a sum under a divided key. @throws BYTES_INVALID */
function dividedFragment(bytes: Uint8Array): AggregateFragment {
  const fragment = decodeFragment(bytes);
  const { work } = fragment;
  if (work.kind === 'aggregate' && work.outputs.every(({ kind }) => kind === 'divided')) {
    return { ...fragment, work };
  }
  throw new OpalineError('BYTES_INVALID', {
    what: 'a request for partial decryptions',
    reason: 'the plan is not of sums under a divided key',
  });
}
