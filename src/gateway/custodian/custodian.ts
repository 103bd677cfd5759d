import { decodeLeaf } from '../../audit/leaf.ts';
import { commitTo } from '../../audit/detail.ts';
import { parseProof, verifyProof } from '../../audit/tlog-proof.ts';
import { utf8 } from '../../bytes/codec.ts';
import { equalBytes } from '../../bytes/compare.ts';
import { sha256 } from '../../bytes/hash.ts';
import { type NoteKey, parseKey } from '../../bytes/note-key.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { rowsOfOutputs } from '../../gate/custody/custody.ts';
import { encodePartials, MOST_SCALARS } from '../../gate/custody/partials.ts';
import { replyDigest, sortedGroups } from '../../gate/custody/reply-digest.ts';
import {
  INTENT_KIND,
  intentOf,
  openRequest,
  type PartialsRequest,
} from '../../gate/custody/request.ts';
import type { CustodianShare } from '../../keys/threshold/custodian-share.ts';
import { partialDecryption } from '../../keys/threshold/partial.ts';
import type { Parameters } from '../../params/parameters.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { thresholdNoise } from '../../params/threshold-noise.ts';
import type { AggregateReply, AggregateWork, Fragment } from '../../plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  encodeFragment,
} from '../../plan/fragment-codec.ts';
import type { CallOptions } from '../../store/link.ts';
import { parseManifest } from '../../table/manifest.ts';
import type { Answered, AnsweredPlans } from './answered.ts';

/** What a custodian evaluates plans on: parts that it has verified, in this process. */
export interface Replay {
  /** The newest manifest, signed by the owner. */
  head(table: string): Promise<Uint8Array | undefined>;
  aggregate(fragment: Uint8Array, options: CallOptions): Promise<Uint8Array>;
}

type AggregateFragment = Fragment & { readonly work: AggregateWork };

/**
 * Holds one share and gives, for a plan that the gate asks about, one scalar of each sum. It believes nobody: the gate
 * must have signed the request and announced it in its log; the plan is evaluated again, on parts that the owner
 * signed, and must give the result that the gate was given; its noise must be provable; and no plan is answered
 * twice at one epoch, nor any at an epoch older than one that was answered.
 */
export class Custodian {
  readonly index: number;
  private readonly share: CustodianShare;
  private readonly parameters: Parameters;
  private readonly log: NoteKey;
  private readonly replay: Replay;
  private readonly answered: AnsweredPlans;

  constructor(share: CustodianShare, replay: Replay, answered: AnsweredPlans) {
    this.share = share;
    this.index = share.share.index;
    this.parameters = thresholdParameters(share.division);
    this.log = parseKey(share.log);
    this.replay = replay;
    this.answered = answered;
  }

  /**
   * The encoded partial decryptions for a signed request.
   * @throws BYTES_INVALID for a request that is malformed, not signed or not announced, CUSTODIAN_REFUSED, NOISE_BOUND,
   * and what evaluation throws
   */
  async answer(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const request = openRequest(bytes, this.share.gate);
    this.checkQuorum(request);
    this.checkIntent(request);
    const fragment = dividedFragment(request.fragment);
    const { table, epoch } = fragment;
    const rows = await this.rowsOf(fragment);
    this.checkNoise(fragment.work, rows);
    const about = { table, epoch, plan: sha256(encodeFragment(fragment)) };
    this.refuseAgain(about);
    const reply = decodeAggregateReply(await this.replay.aggregate(request.fragment, options));
    if (!equalBytes(replyDigest(reply), request.digest)) {
      throw this.refused('the plan gives another result here than the store gave the gate');
    }
    if (reply.groups.length * fragment.work.outputs.length > MOST_SCALARS) {
      throw this.refused('so many sums are not decrypted at once');
    }
    this.refuseAgain(about);
    if (!(await this.answered.record(about))) throw this.refusedAgain();
    return encodePartials({ index: this.index, scalars: this.scalars(reply, request, rows) });
  }

  private scalars(
    reply: AggregateReply,
    { quorum }: PartialsRequest,
    rows: readonly number[],
  ): Uint32Array[] {
    return sortedGroups(reply).flatMap(({ sums }) =>
      sums.map((sample, output) =>
        partialDecryption(this.parameters, this.share.share, sample, quorum, rows[output]!),
      ),
    );
  }

  private checkQuorum({ key, quorum }: PartialsRequest): void {
    const { key: own, division, custodians } = this.share;
    if (key !== own) throw this.refused('its share is of another key');
    const fits = quorum.length === division.quorum && quorum.every((index) => index <= custodians);
    if (!fits || !quorum.includes(this.index)) throw this.refused('this is not a quorum with it');
  }

  /** The request is an entry of the gate's log, in a checkpoint that the log signed. */
  private checkIntent(request: PartialsRequest): void {
    const { entry, salt, proof } = request.intent;
    verifyProof(parseProof(utf8(proof)), entry, this.log);
    const { kind, details } = decodeLeaf(entry, 'the intent');
    const commitment = details.length === 1 ? details[0]!.commitment : undefined;
    const said = commitTo(salt, intentOf(request));
    if (kind === INTENT_KIND && commitment !== undefined && equalBytes(said, commitment)) return;
    throw this.refused('the log announces another request');
  }

  /** Per output, the rows that the noise is bounded for. */
  private async rowsOf(fragment: AggregateFragment): Promise<number[]> {
    const { table, epoch } = fragment;
    const bytes = await this.replay.head(table);
    if (bytes === undefined) throw this.refused('the store has no such table');
    const manifest = parseManifest(bytes);
    if (manifest.epoch !== epoch) {
      throw new OpalineError('EPOCH_CONFLICT', { expected: epoch, found: manifest.epoch });
    }
    const segments = new Map(manifest.segments.map(({ id, rows }) => [id, rows]));
    return rowsOfOutputs(fragment, (segment) => {
      const rows = segments.get(segment);
      if (rows === undefined) throw this.refused('the plan is of another epoch');
      return rows;
    });
  }

  /** A plan over the bound is refused: its answer would tell of the noise, and so of the key. */
  private checkNoise({ outputs }: AggregateWork, rows: readonly number[]): void {
    const { dataPrimes } = this.parameters;
    for (const [i, { limbs }] of outputs.entries()) {
      if (limbs < 1 || limbs > dataPrimes.length) throw this.refused('a reply of no level');
      const { bound, limit, holds } = thresholdNoise(this.parameters, rows[i]!, limbs);
      if (holds) continue;
      throw new OpalineError('NOISE_BOUND', {
        rows: rows[i]!,
        bound: bound.numerator.toString(),
        limit: (limit.numerator / limit.denominator + 1n).toString(),
      });
    }
  }

  private refuseAgain(about: Answered): void {
    if (this.answered.has(about)) throw this.refusedAgain();
    if (about.epoch < this.answered.newestEpoch(about.table)) {
      throw this.refused('a newer epoch of the table was answered for');
    }
  }

  private refusedAgain(): OpalineError {
    return this.refused('this plan was answered at this epoch, and is answered once');
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
