import { toHex } from '../../bytes/hex.ts';
import { bucketOf } from '../../search/sse/proof.ts';
import { labelOf } from '../../search/sse/token/edge.ts';
import { type ListHead, listHead, openList } from '../../search/sse/token/list.ts';
import { judgeList, type ProofKey, proofKey } from '../../search/sse/token/proof.ts';
import type { StoreLink } from '../../store/link.ts';
import type { SegmentEntry } from '../../table/manifest.ts';
import { RowSet } from '../../table/row-set.ts';
import type { OpenTable } from '../open-table.ts';
import { falsified } from './falsified.ts';

/** Labels of one search: their records are up to 240 bytes each. */
const LABELS_AT_ONCE = 1 << 16;

/** A posting list on its way: its first record, and the bucket that vouches for it. */
interface Asked {
  readonly token: Uint8Array;
  readonly label: Uint8Array;
  readonly bucket: number;
}

interface Opened extends Asked {
  readonly first: Uint8Array | undefined;
  readonly head: ListHead | undefined;
  /** Where its other records are among those of the second round. */
  readonly from: number;
}

/**
 * The posting lists of one segment, fetched record by record, decrypted here, and each checked against its MAC under the
 * epoch in which the signed manifest has the segment begin: no row of a list can be dropped, added or taken from another
 * list, segment or time. That a keyword has no list is checked too.
 */
export class AuthenticLists {
  private readonly known = new Map<string, RowSet>();
  private readonly table: OpenTable;
  private readonly link: StoreLink;
  private readonly entry: SegmentEntry;
  private readonly buckets: number;
  private readonly proofs: ProofKey;

  /** @param buckets of the segment's metadata */
  constructor(table: OpenTable, link: StoreLink, entry: SegmentEntry, buckets: number) {
    this.table = table;
    this.link = link;
    this.entry = entry;
    this.buckets = buckets;
    this.proofs = proofKey(table.segmentKeys(entry.id).search, entry.birthEpoch);
  }

  /** The rows that a token stands for, once it is loaded. */
  rows(token: Uint8Array): RowSet {
    return this.known.get(toHex(token)) ?? falsified();
  }

  /** Two round trips at most. @throws ANSWER_FALSIFIED, BYTES_INVALID */
  async load(tokens: readonly Uint8Array[]): Promise<void> {
    const fresh = new Map<string, Uint8Array>();
    for (const token of tokens) {
      const id = toHex(token);
      if (!this.known.has(id)) fresh.set(id, token);
    }
    if (fresh.size === 0) return;
    const asked = Array.from(fresh.values(), (token): Asked => {
      const label = labelOf(token);
      return { token, label, bucket: bucketOf(label, this.buckets) };
    });
    const buckets = [...new Set(asked.map(({ bucket }) => bucket))];
    const replies = await this.search([
      ...asked.map(({ label }) => label),
      ...buckets.map((bucket) => this.proofs.place(bucket)),
    ]);
    const contents = new Map(
      buckets.map((bucket, i) => {
        const sealed = replies[asked.length + i] ?? falsified();
        return [bucket, this.proofs.open(bucket, sealed)];
      }),
    );
    const opened = this.heads(asked, replies);
    const rest = await this.search(opened.flatMap(({ head }) => head?.labels ?? []));
    for (const one of opened) {
      this.known.set(toHex(one.token), this.judged(one, contents.get(one.bucket)!, rest));
    }
  }

  private heads(
    asked: readonly Asked[],
    replies: readonly (Uint8Array | undefined)[],
  ): readonly Opened[] {
    let from = 0;
    return asked.map((one, i) => {
      const first = replies[i];
      const head = first && listHead(one.token, first, this.entry.rows);
      const opened = { ...one, first, head, from };
      from += head?.labels.length ?? 0;
      return opened;
    });
  }

  private judged(
    { token, label, first, head, from }: Opened,
    bucket: Uint8Array,
    rest: readonly (Uint8Array | undefined)[],
  ): RowSet {
    const { rows } = this.entry;
    if (head === undefined) {
      return judgeList(bucket, label, undefined) === undefined ? new RowSet(rows) : falsified();
    }
    const payloads = [first, ...rest.slice(from, from + head.labels.length)];
    const { set, words } = openList(token, head, payloads, rows);
    return judgeList(bucket, label, this.proofs.mac(token, words)) === true ? set : falsified();
  }

  private async search(labels: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const found: (Uint8Array | undefined)[] = [];
    const { table, entry } = this;
    for (let from = 0; from < labels.length; from += LABELS_AT_ONCE) {
      const some = labels.slice(from, from + LABELS_AT_ONCE);
      const replies = await this.link.search({
        table: table.id,
        index: entry.index.id,
        labels: some,
      });
      if (replies.length !== some.length) falsified();
      found.push(...replies);
    }
    return found;
  }
}
