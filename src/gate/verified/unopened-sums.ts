import { toHex } from '../../bytes/hex.ts';
import { sha256 } from '../../bytes/hash.ts';
import { isOpalineError, OpalineError } from '../../errors/opaline-error.ts';
import type { AggregateReply, AggregateWork, Fragment } from '../../plan/fragment.ts';
import { encodeFragment } from '../../plan/fragment-codec.ts';
import type { Custody } from '../custody/custody.ts';
import { MOST_SCALARS } from '../custody/partials.ts';
import { type ExpectedSums, sumsFit } from './check-sums.ts';

/** A reply of sums under a divided key with their checks, which nobody has decrypted yet. */
export interface UnopenedReply {
  /** As it was sent: with checks. */
  readonly asked: Fragment;
  /** Its groups in the order of `expected.known`. */
  readonly reply: AggregateReply;
  readonly expected: ExpectedSums;
}

/**
 * Replies of a divided table on their way from the store to custodians. A plan's sums are decrypted by whoever asked for
 * them, who knows nothing of checks: here the two come together again, so that custodians are asked once for sums and
 * checks, and what they answer is judged before it is handed on.
 *
 * A custodian answers for what it evaluated itself on parts that the owner signed, and for nothing else. So while one of
 * a quorum is honest the encrypted sums are right whatever the store does, and a check that fails is the work of
 * custodians: PARTIALS_INVALID, which names them, rather than ANSWER_FALSIFIED, which freezes releases until the store
 * was examined. Nothing has to be frozen: whether a check fails depends on no value, unless all of a quorum made it up,
 * and they read the values anyway.
 */
export class UnopenedSums {
  private readonly replies = new Map<string, UnopenedReply>();

  /** Refuses before anything is sent what custodians would. @throws GROUP_LIMIT */
  requireAnswerable({ outputs }: AggregateWork, groups: number): void {
    const limit = Math.floor(MOST_SCALARS / outputs.length);
    if (groups > limit) throw new OpalineError('GROUP_LIMIT', { groups, limit });
  }

  /** @param fragment as it was before there were checks in it */
  add(fragment: Fragment, reply: UnopenedReply): void {
    this.replies.set(nameOf(fragment), reply);
  }

  /** Custodians who are asked for checks too. */
  openedBy(custody: Custody): Custody {
    return {
      parameters: custody.parameters,
      decrypt: async ({ fragment, rows }, options) => {
        const name = nameOf(fragment);
        const unopened = this.replies.get(name);
        if (unopened === undefined) {
          throw new OpalineError('INTERNAL', { reason: 'sums that no store answered' });
        }
        this.replies.delete(name);
        const { asked, reply, expected } = unopened;
        const checksFrom = expected.work.outputs.length;
        const fits = (sums: readonly (readonly bigint[])[]): boolean =>
          sumsFit(expected, (group, output) => sums[group]![output]!);
        const sums = await custody
          .decrypt({ fragment: asked, reply, rows, verified: { checksFrom, fits } }, options)
          .catch(asCustodians);
        return sums.map((group) => group.slice(0, checksFrom));
      },
    };
  }
}

/** Malformed bytes of a custodian would be held against the store. */
function asCustodians(error: unknown): never {
  if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
  throw new OpalineError('PARTIALS_INVALID', {}, { cause: error });
}

const nameOf = (fragment: Fragment): string => toHex(sha256(encodeFragment(fragment)));
