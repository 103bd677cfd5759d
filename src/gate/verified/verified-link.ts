import { OpalineError } from '../../errors/opaline-error.ts';
import { checkKey, type CheckKey } from '../../keys/check-key.ts';
import type { VaultSecrets } from '../../keys/secret.ts';
import { sumParameters } from '../../params/presets.ts';
import type {
  AggregateReply,
  AggregateWork,
  Fragment,
  GroupReply,
  SegmentFragment,
} from '../../plan/fragment.ts';
import {
  decodeAggregateReply,
  decodeFragment,
  encodeAggregateReply,
  encodeFragment,
  encodeMembersReply,
  encodeRowsReply,
} from '../../plan/fragment-codec.ts';
import { selectRows, sortMembers } from '../../run/evaluate/selection.ts';
import type { SetEvaluator } from '../../run/evaluate/sets.ts';
import { limitRows } from '../../run/limit-rows.ts';
import type {
  CallOptions,
  FetchRequest,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../../store/link.ts';
import type { PartEntry } from '../../table/manifest.ts';
import type { Custody } from '../custody/custody.ts';
import { eachSegment } from '../each-segment.ts';
import type { OpenTable } from '../open-table.ts';
import { falsified } from './falsified.ts';
import { type SegmentChecks, sumsFit, withTwins } from './check-sums.ts';
import { addSelections } from './known-groups.ts';
import { equalSamples, onlyReplayed } from './replayed-sums.ts';
import { replay } from './replay.ts';
import { UnopenedSums } from './unopened-sums.ts';
import { VerifiedSegment } from './verified-segment.ts';

/** What a release is verified with. */
export interface Verifier {
  readonly secrets: Pick<VaultSecrets, 'sums' | 'checks' | 'checkSecret'>;
  readonly table: OpenTable;
}

/**
 * A link for one release from one table, under which a store's answer is what it should be or refused.
 *
 * - Row sets are made here, of posting lists that are opened and checked (authentic-lists.ts), by the same code as the store
 *   runs. So which groups there are, counts, tallies, matching rows and members are not taken from the store at all.
 * - Sums of ciphertext columns carry a check sum each (check-sums.ts). Those of a divided table are held against theirs
 *   once custodians have decrypted both (unopened-sums.ts).
 * - Sums of products, and scores, are computed again from whole parts and compared to the byte (replay.ts).
 * - Further indexes are read whole, as their digests cover them, and asked here.
 * - What is fetched is sealed, or covered by a digest, and checked by whoever opens it.
 */
export class VerifiedLink implements StoreLink {
  readonly address: string;
  private readonly inner: StoreLink;
  private readonly table: OpenTable;
  private readonly secrets: Verifier['secrets'];
  private readonly segments = new Map<string, Promise<VerifiedSegment>>();
  private readonly unopened = new UnopenedSums();
  private key: CheckKey | undefined;

  constructor(inner: StoreLink, { secrets, table }: Verifier) {
    this.inner = inner;
    this.address = inner.address;
    this.secrets = secrets;
    this.table = table;
  }

  async aggregate(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const fragment = decodeFragment(bytes);
    const { work } = fragment;
    switch (work.kind) {
      case 'rows': {
        const segments = await this.each(fragment, async (share, sets) => ({
          segment: share.segment,
          rows: sets.filter().toArray(),
        }));
        return encodeRowsReply({ segments: limitRows(segments, work.limit) });
      }
      case 'members':
        return encodeMembersReply({
          segments: await this.each(fragment, async (share, sets) =>
            sortMembers(share, work.maxGroups, sets),
          ),
        });
      case 'scores': {
        const reply = await this.inner.aggregate(bytes, options);
        const again = await replay(fragment, this.table, this.inner, options);
        return sameBytes(reply, again) ? again : falsified();
      }
      case 'aggregate':
        return encodeAggregateReply(await this.sums(fragment, work, options));
      default:
        return work satisfies never;
    }
  }

  async search(
    request: SearchRequest,
    options?: CallOptions,
  ): Promise<readonly (Uint8Array | undefined)[]> {
    for (const entry of this.table.manifest.segments) {
      const part = entry.rungs.flatMap(({ parts }) => parts).find(({ id }) => id === request.index);
      if (part === undefined) continue;
      return await this.askHere(await this.segment(entry.id), part, request.labels);
    }
    return await this.inner.search(request, options);
  }

  tables(): Promise<readonly string[]> {
    return this.inner.tables();
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.inner.head(table);
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.inner.parts(table);
  }

  fetch(request: FetchRequest, options?: CallOptions): Promise<readonly Uint8Array[]> {
    return this.inner.fetch(request, options);
  }

  put(): Promise<void> {
    return Promise.reject(readOnly());
  }

  publish(): Promise<void> {
    return Promise.reject(readOnly());
  }

  remove(): Promise<void> {
    return Promise.reject(readOnly());
  }

  /** Those who decrypt sums of a divided table that came over this link. */
  openedBy(custody: Custody): Custody {
    return this.unopened.openedBy(custody);
  }

  /** The link beneath is another's to close. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  private async sums(
    fragment: Fragment,
    work: AggregateWork,
    options: CallOptions,
  ): Promise<AggregateReply> {
    const selections = await this.each(fragment, async (share, sets, segment) =>
      selectRows(work, share, segment.entry.rows, sets),
    );
    const known = addSelections(work, selections);
    if (work.outputs.length === 0 || known.length === 0) return { groups: known };
    const segments = await Promise.all(
      fragment.segments.map(async ({ segment }, i): Promise<SegmentChecks> => {
        return { segment: await this.segment(segment), selection: selections[i]! };
      }),
    );
    const asked = withTwins(fragment, work, segments);
    const divided = isDivided(work);
    if (divided) this.unopened.requireAnswerable(asked.work, known.length);
    const [reply, again] = await Promise.all([
      this.inner.aggregate(encodeFragment(asked), options).then(decodeAggregateReply),
      this.again(fragment, work, options),
    ]);
    const groups = inOrderOf(known, reply.groups);
    checkShape(asked, known, groups);
    const key = (this.key ??= checkKey(this.secrets.checkSecret(), this.table.id));
    const expected = { work, segments, known, key };
    if (divided) this.unopened.add(fragment, { asked, reply: { groups }, expected });
    else if (!sumsFit(expected, await this.opening(work, groups))) falsified();
    if (again !== undefined && !equalSamples(work, groups, inOrderOf(known, again.groups))) {
      falsified();
    }
    return {
      groups: known.map((group, g) => ({
        ...group,
        sums: groups[g]!.sums.slice(0, work.outputs.length),
      })),
    };
  }

  /** Those outputs once more that carry no check; undefined: there is none. */
  private async again(
    fragment: Fragment,
    work: AggregateWork,
    options: CallOptions,
  ): Promise<AggregateReply | undefined> {
    const replayed = onlyReplayed(fragment, work);
    if (replayed === undefined) return undefined;
    return decodeAggregateReply(await replay(replayed, this.table, this.inner, options));
  }

  /** What decrypts outputs of single columns, sums and then their checks, under the vault's own key. */
  private async opening(
    { outputs }: AggregateWork,
    groups: readonly GroupReply[],
  ): Promise<(group: number, output: number) => bigint> {
    if (outputs.every(({ kind }) => kind !== 'sum')) return () => falsified();
    const [sum, check] = await Promise.all([
      this.secrets.sums(sumParameters(48)),
      this.secrets.checks(),
    ]);
    return (group, output) =>
      (output < outputs.length ? sum : check).decrypt(groups[group]!.sums[output]!);
  }

  private async each<T>(
    { table, epoch, segments }: Fragment,
    run: (share: SegmentFragment, sets: SetEvaluator, segment: VerifiedSegment) => Promise<T>,
  ): Promise<T[]> {
    if (table !== this.table.id || epoch !== this.table.manifest.epoch) {
      throw new OpalineError('INTERNAL', { reason: 'a fragment of another table' });
    }
    return await eachSegment(segments, async (share) => {
      const segment = await this.segment(share.segment);
      return await run(share, await segment.evaluator(share), segment);
    });
  }

  private segment(id: string): Promise<VerifiedSegment> {
    const known = this.segments.get(id);
    if (known !== undefined) return known;
    const entry = this.table.manifest.segments.find((one) => one.id === id);
    if (entry === undefined) throw new OpalineError('INTERNAL', { reason: 'no such segment' });
    const made = VerifiedSegment.open(this.table, this.inner, entry);
    this.segments.set(id, made);
    return made;
  }

  private async askHere(
    segment: VerifiedSegment,
    part: PartEntry,
    queries: readonly Uint8Array[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const index = await segment.rung(part);
    if (index.answer === undefined) {
      throw new OpalineError('INTERNAL', { reason: 'the index answers fragments alone' });
    }
    return queries.map((query) => index.answer!(query)?.slice());
  }
}

const isDivided = ({ outputs }: AggregateWork): boolean =>
  outputs.some(({ kind }) => kind === 'divided');

/** The reply's groups in the order of those that there are. */
function inOrderOf(
  known: readonly GroupReply[],
  groups: readonly GroupReply[],
): readonly GroupReply[] {
  const byKey = new Map(groups.map((group) => [group.key.join(), group]));
  if (groups.length !== known.length || byKey.size !== known.length) falsified();
  return known.map(({ key }) => byKey.get(key.join()) ?? falsified());
}

/** What the store says of rows must be what is so, though nothing depends on it. */
function checkShape(
  { work }: Fragment,
  known: readonly GroupReply[],
  groups: readonly GroupReply[],
): void {
  if (work.kind !== 'aggregate') return;
  const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    a.length === b.length && Array.from(a).every((value, i) => value === b[i]);
  groups.forEach(({ counts, tallies, sums }, g) => {
    const group = known[g]!;
    const fits =
      same(counts, group.counts) &&
      same(tallies.numbers, group.tallies.numbers) &&
      same(tallies.counts, group.tallies.counts) &&
      sums.length === work.outputs.length &&
      sums.every(({ limbs }, o) => limbs === work.outputs[o]!.limbs);
    if (!fits) falsified();
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function readOnly(): OpalineError {
  return new OpalineError('INTERNAL', { reason: 'a release writes nothing' });
}
