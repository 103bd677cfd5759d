import { sha256 } from '../bytes/hash.ts';
import { toHex } from '../bytes/hex.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Fragment, SegmentFragment, SetNode } from '../plan/fragment.ts';
import { decodeFragment } from '../plan/fragment-codec.ts';
import { type SegmentIndexes, SetEvaluator } from '../run/evaluate/sets.ts';
import { parseRung } from '../search/eval-rung.ts';
import type { StoreIndex } from '../search/rung.ts';
import { parseIndex } from '../search/sse/format.ts';
import type { StoreLink } from '../store/link.ts';
import { parseDeletedRows } from '../table/deleted-rows.ts';
import { type Manifest, parseManifest, type SegmentEntry } from '../table/manifest.ts';
import type { RowSet } from '../table/row-set.ts';
import type { Exchange, Transcript } from './attacks/distinguisher.ts';
import type { RecordedCall } from './recording-link.ts';

/** What the store makes of the calls of one query. */
export interface Sighting {
  /** Equal for queries that look the same: of the same tokens, labels and positions. */
  readonly token: string;
  /** Rows that the filter finds, deleted ones not among them, numbered over all segments; none: it did not filter. */
  readonly rows?: Uint32Array;
  readonly transcript: Transcript;
  /** Of the transcript the lookups in indexes and nothing that follows from them; with a token of their own. */
  readonly lookups: { readonly token: string; readonly transcript: Transcript };
}

/**
 * The store's own eyes: its files at rest, and what a recorded query makes it find in them. It has no key: rows are
 * found by the evaluator that the store runs.
 */
export class StoreView {
  /** Rows of all segments, deleted ones included. */
  readonly rows: number;
  readonly table: string;
  private readonly link: StoreLink;
  private readonly manifest: Manifest;
  private readonly starts = new Map<string, number>();
  private readonly opened = new Map<string, SegmentIndexes & { rungs: Map<number, StoreIndex> }>();
  private readonly deleted = new Map<string, RowSet>();

  private constructor(link: StoreLink, manifest: Manifest) {
    this.link = link;
    this.manifest = manifest;
    this.table = manifest.table;
    let rows = 0;
    for (const segment of manifest.segments) {
      this.starts.set(segment.id, rows);
      rows += segment.rows;
    }
    this.rows = rows;
  }

  /** @throws UNKNOWN_TABLE */
  static async of(link: StoreLink, table: string): Promise<StoreView> {
    const head = await link.head(table);
    if (head === undefined) throw new OpalineError('UNKNOWN_TABLE', { table, known: [] });
    return new StoreView(link, parseManifest(head));
  }

  /** What the calls of one query show. @throws EPOCH_CONFLICT when the table has moved on */
  async see(calls: readonly RecordedCall[]): Promise<Sighting> {
    const transcript: Exchange[] = [];
    const lookups: Exchange[] = [];
    let rows: Uint32Array | undefined;
    for (const call of calls) {
      if (call.kind === 'aggregate') {
        const fragment = decodeFragment(call.fragment);
        const found = await this.filter(fragment);
        // A query in several rounds finds the rows of its filter in the first.
        rows ??= found;
        transcript.push({ ...exchangeOf(call), found: found.length });
      } else {
        const exchange = exchangeOf(call);
        if (call.kind === 'search') lookups.push(exchange);
        transcript.push(exchange);
      }
    }
    return {
      token: tokenOf(transcript),
      transcript,
      lookups: { token: tokenOf(lookups), transcript: lookups },
      ...(rows && { rows }),
    };
  }

  private async filter(fragment: Fragment): Promise<Uint32Array> {
    if (fragment.epoch !== this.manifest.epoch) {
      throw new OpalineError('EPOCH_CONFLICT', {
        expected: this.manifest.epoch,
        found: fragment.epoch,
      });
    }
    const found: Uint32Array[] = [];
    for (const share of fragment.segments) {
      const entry = this.manifest.segments.find(({ id }) => id === share.segment)!;
      const indexes = await this.indexes(entry, share);
      const deleted = await this.deletedRows(entry);
      const set = new SetEvaluator(share, indexes, entry.rows, deleted).filter();
      const start = this.starts.get(entry.id)!;
      found.push(set.toArray().map((row) => start + row));
    }
    const all = new Uint32Array(found.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const rows of found) {
      all.set(rows, at);
      at += rows.length;
    }
    return all;
  }

  /** The indexes of a segment that its share asks, read once. */
  private async indexes(entry: SegmentEntry, share: SegmentFragment): Promise<SegmentIndexes> {
    let opened = this.opened.get(entry.id);
    if (opened === undefined) {
      opened = { index: parseIndex(await this.read(entry.index.id)), rungs: new Map() };
      this.opened.set(entry.id, opened);
    }
    for (const node of share.nodes) {
      if (node.kind !== 'lookup' || opened.rungs.has(node.rung)) continue;
      const part = entry.rungs[node.rung]?.parts[0];
      if (part === undefined) continue;
      const bytes = await this.read(part.id);
      opened.rungs.set(node.rung, await parseRung(bytes, { what: `part ${part.id}` }));
    }
    return opened;
  }

  private async deletedRows({ id, rows, deleted }: SegmentEntry): Promise<RowSet | undefined> {
    if (deleted === undefined) return undefined;
    const known = this.deleted.get(id);
    if (known !== undefined) return known;
    const bytes = await this.read(deleted.part.id);
    const set = parseDeletedRows(bytes, rows, deleted.rows, `part ${deleted.part.id}`);
    this.deleted.set(id, set);
    return set;
  }

  /** A part as the store keeps it. */
  private async read(part: string): Promise<Uint8Array> {
    const [bytes] = await this.link.fetch({ table: this.table, part });
    if (bytes === undefined) throw new OpalineError('PART_MISSING', { part });
    return bytes;
  }
}

/** A call by itself: of an aggregate without the rows that the store finds by it. */
export function exchangeOf(call: RecordedCall): Exchange {
  switch (call.kind) {
    case 'aggregate': {
      const { segments } = decodeFragment(call.fragment);
      const touched = segments.flatMap(touchedBy);
      return { up: call.fragment.length, down: call.replyBytes, touched };
    }
    case 'search':
      return searched(call);
    case 'fetch':
      return fetched(call);
    default:
      return call satisfies never;
  }
}

function tokenOf(transcript: Transcript): string {
  return transcript
    .flatMap(({ touched }) => touched)
    .toSorted()
    .join();
}

/** Queries of a private lookup are long: their digest tells them apart as well. */
function nameOf(label: Uint8Array): string {
  return toHex(label.length <= 64 ? label : sha256(label));
}

function touchedBy({ segment, nodes }: SegmentFragment): string[] {
  const name = (node: SetNode): string[] => {
    switch (node.kind) {
      case 'posting':
        return [`${segment} ${toHex(node.token)}`];
      case 'lookup':
        return [`${segment} ${node.rung} ${toHex(node.token)}`];
      default:
        return [];
    }
  };
  return nodes.flatMap(name);
}

function searched({ request, replyBytes }: RecordedCall & { kind: 'search' }): Exchange {
  return {
    up: request.labels.reduce((sum, { length }) => sum + length, 0),
    down: replyBytes.reduce((sum, length) => sum + length, 0),
    touched: request.labels.map((label) => `${request.index} ${nameOf(label)}`),
  };
}

function fetched({ request, replyBytes }: RecordedCall & { kind: 'fetch' }): Exchange {
  const { part, rows } = request;
  return {
    up: rows?.byteLength ?? 0,
    down: replyBytes,
    touched: rows === undefined ? [part] : Array.from(rows, (row) => `${part} ${row}`),
  };
}
