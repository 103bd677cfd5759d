import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { Custody, DividedSums } from '../../gate/custody/custody.ts';
import { fuseReply } from '../../gate/custody/fuse-reply.ts';
import { decodePartials, type Partials } from '../../gate/custody/partials.ts';
import { replyDigest } from '../../gate/custody/reply-digest.ts';
import { type PartialsRequest, signRequest } from '../../gate/custody/request.ts';
import type { DividedKey } from '../../keys/threshold/public-key.ts';
import type { Parameters } from '../../params/parameters.ts';
import { thresholdParameters } from '../../params/presets.ts';
import { encodeFragment } from '../../plan/fragment-codec.ts';
import type { CallOptions } from '../../store/link.ts';
import type { Announcement, IntentLog } from './intent-log.ts';

/** A custodian as the gate reaches it: over HTTP, or in this process. */
export interface CustodianLink {
  /** From 1. */
  readonly index: number;
  /** For messages. */
  readonly name: string;
  /** Whether it answers at all, so that nobody is asked in vain: an answer is given once. */
  isThere(options: CallOptions): Promise<boolean>;
  /** Its partial decryptions for a signed request, which is not sent twice. */
  ask(request: Uint8Array, options: CallOptions): Promise<Uint8Array>;
}

/** More than a custodian holds requests at once. */
const MOST_TURNS = 32;

export interface CustodiansOptions {
  readonly key: Pick<DividedKey, 'id' | 'division'>;
  readonly links: readonly CustodianLink[];
  /** Ed25519 secret of the gate. */
  readonly signing: Uint8Array;
  readonly log: Pick<IntentLog, 'announce' | 'prove'>;
  /** Ask a second quorum that shares nobody with the first, and compare. */
  readonly confirm?: boolean;
}

/**
 * Decrypts the sums of divided tables by asking a quorum of custodians for one scalar of each. The gate adds scalars
 * up and never has a key, nor a share.
 *
 * With `confirm` two quorums are asked that have nobody in common, where there are custodians enough: whatever
 * custodians of one of them answer, a wrong sum differs from the other's. Sums that are verified take no second quorum
 * to be right, and fail before they leave.
 */
export class Custodians implements Custody {
  readonly parameters: Parameters;
  private readonly options: CustodiansOptions;
  /** By index: wrong answers of quorums that it was of. Those of the fewest are asked first. */
  private readonly doubts = new Map<number, number>();

  constructor(options: CustodiansOptions) {
    this.parameters = thresholdParameters(options.key.division);
    this.options = options;
  }

  async decrypt(sums: DividedSums, options: CallOptions): Promise<readonly (readonly bigint[])[]> {
    const { quorum } = this.options.key.division;
    const wanted = this.options.confirm === true ? 2 * quorum : quorum;
    const present = await this.present(wanted, options);
    const first = await this.decryptBy(present.slice(0, quorum), sums, options);
    if (wanted === quorum) return first;
    const second = await this.decryptBy(present.slice(quorum), sums, options);
    const same = first.every((group, g) => group.every((sum, o) => sum === second[g]?.[o]));
    if (!same) throw this.doubt(present);
    return first;
  }

  /** As many custodians as are wanted, the first that are there. @throws CUSTODIAN_UNREACHABLE */
  private async present(wanted: number, options: CallOptions): Promise<CustodianLink[]> {
    const doubtsOf = ({ index }: CustodianLink): number => this.doubts.get(index) ?? 0;
    const links = this.options.links.toSorted((a, b) => doubtsOf(a) - doubtsOf(b));
    const there = await Promise.all(links.map((link) => link.isThere(options)));
    const present = links.filter((_, i) => there[i]);
    if (present.length >= wanted) {
      return present.slice(0, wanted).toSorted((a, b) => a.index - b.index);
    }
    const away = links.filter((_, i) => there[i] !== true).map(({ name }) => name);
    throw new OpalineError('CUSTODIAN_UNREACHABLE', {
      custodian: away.length === 0 ? 'beyond those there are' : away.join(', '),
      reason: `${present.length} of the ${wanted} that are needed answer`,
    });
  }

  /** @throws PARTIALS_INVALID, which names who was asked, for sums that cannot be right */
  private fused(
    asked: readonly CustodianLink[],
    sums: DividedSums,
    answers: readonly Partials[],
  ): bigint[][] {
    try {
      const values = fuseReply(this.parameters, sums, answers);
      if (sums.verified?.fits(values) !== false) return values;
    } catch (error) {
      if (!isOpalineError(error, 'PARTIALS_INVALID')) throw error;
    }
    throw this.doubt(asked);
  }

  /** One of these answered wrongly; which, nobody can tell. */
  private doubt(asked: readonly CustodianLink[]): OpalineError {
    for (const { index } of asked) this.doubts.set(index, (this.doubts.get(index) ?? 0) + 1);
    return new OpalineError('PARTIALS_INVALID', { custodians: asked.map(({ name }) => name) });
  }

  private async decryptBy(
    asked: readonly CustodianLink[],
    sums: DividedSums,
    options: CallOptions,
  ): Promise<bigint[][]> {
    const { key, log } = this.options;
    const about: Omit<PartialsRequest, 'intent'> = {
      key: key.id,
      quorum: asked.map(({ index }) => index),
      fragment: encodeFragment(sums.fragment),
      digest: replyDigest(sums.reply),
    };
    const announced = await log.announce(about);
    const answers = await Promise.all(
      asked.map(async (link) => answerOf(link, await this.ask(link, about, announced, options))),
    );
    return this.fused(asked, sums, answers);
  }

  /**
   * Ask one custodian, with the proof that the log continues what it knows of it: the tree before this announcement, if
   * it was asked the time before, else what it says that it knows. One that is asked by others meanwhile knows more, and is
   * asked again, in a newer checkpoint: each further turn is because another request got on.
   * @throws LOG_ROLLBACK where it knows of more entries than there are, LOG_FORK where it knows others
   */
  private async ask(
    link: CustodianLink,
    about: Omit<PartialsRequest, 'intent'>,
    announced: Announcement,
    options: CallOptions,
  ): Promise<Uint8Array> {
    const { log, signing } = this.options;
    let known = announced.index;
    for (let turn = 1; ; turn++) {
      const intent = await log.prove(announced, known);
      try {
        return await link.ask(signRequest({ ...about, intent }, signing), options);
      } catch (error) {
        const more = knownBy(error);
        if (more === undefined || turn === MOST_TURNS) throw error;
        known = more;
      }
    }
  }
}

/** What a custodian knows of the log, out of its refusal of a request that does not continue that. */
function knownBy(error: unknown): number | undefined {
  const known = isOpalineError(error, 'LOG_UNPROVED')
    ? error.details.known
    : isOpalineError(error, 'LOG_ROLLBACK')
      ? error.details.expected
      : undefined;
  // It may come from a stranger.
  return Number.isSafeInteger(known) && Number(known) >= 0 ? known : undefined;
}

function answerOf({ index, name }: CustodianLink, bytes: Uint8Array): Partials {
  const answer = decodePartials(bytes);
  if (answer.index === index) return answer;
  throw new OpalineError('CUSTODIAN_REFUSED', {
    custodian: name,
    reason: `custodian ${answer.index} answers at its address`,
  });
}
