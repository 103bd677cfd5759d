import { equalBytes } from '../bytes/compare.ts';
import { wordsOf } from '../bytes/codec.ts';
import { sha256OfLarge } from '../bytes/hash.ts';
import { discard } from '../bytes/discard.ts';
import { OpalineError } from '../errors/opaline-error.ts';
import type { Fragment, SegmentMembers } from '../plan/fragment.ts';
import {
  decodeFragment,
  decodeMembersReply,
  encodeAggregateReply,
  encodeFragment,
  encodeMembersReply,
  encodeRowsReply,
} from '../plan/fragment-codec.ts';
import {
  decodeScoresReply,
  encodeScoresReply,
  type ScoredSegment,
} from '../plan/fragment-scores.ts';
import { isFrame } from '../bytes/framing.ts';
import { parseRung } from '../search/eval-rung.ts';
import { parseIndex } from '../search/sse/format.ts';
import type { Backend } from '../store/backend.ts';
import type {
  CallOptions,
  FetchRequest,
  PartUpload,
  SearchRequest,
  StoredPart,
  StoreLink,
} from '../store/link.ts';
import { parseBlobs } from '../table/blob-part.ts';
import { checkDeletedRows } from '../table/deleted-rows.ts';
import { parseManifest, partsOf } from '../table/manifest.ts';
import {
  type ArenaStatistics,
  ResidentArena,
  type ResidentArenaOptions,
} from './arena/resident-arena.ts';
import { asUploadedForm } from './evaluate/at-rest.ts';
import { Combiner } from './evaluate/combine.ts';
import { Evaluator } from './evaluate/evaluator.ts';
import { decodePartial } from './evaluate/partial-codec.ts';
import { indexKey } from './evaluate/residents.ts';
import { isLight } from './light-work.ts';
import { limitRows } from './limit-rows.ts';
import { inlinePool } from './pool.inline.ts';
import type { EvaluationPool } from './pool.ts';
import { readBlobs } from './read-blobs.ts';

/** Tables of fewer rows than this are not worth starting threads for. */
const THREADS_FROM_ROWS = 100_000;

export interface EmbeddedOptions extends ResidentArenaOptions {
  /** Makes the pool of `threads` threads when a large table first needs it; none: this thread. */
  readonly pool?: (arena: ResidentArena) => Promise<EvaluationPool>;
}

/** A backend and evaluation in this process, as a StoreLink. */
export class EmbeddedLink implements StoreLink {
  readonly address: string;
  private readonly backend: Backend;
  private readonly evaluator: Evaluator;
  private readonly inline: EvaluationPool;
  private readonly arena: ResidentArena;
  private readonly makePool: EmbeddedOptions['pool'];
  private threads: Promise<EvaluationPool> | undefined;

  constructor(backend: Backend, options: EmbeddedOptions = {}) {
    this.backend = backend;
    this.address = backend.address;
    this.arena = new ResidentArena(options);
    this.evaluator = new Evaluator(backend, this.arena.local());
    this.inline = inlinePool(this.evaluator);
    this.makePool = options.pool;
  }

  tables(): Promise<readonly string[]> {
    return this.backend.tables();
  }

  head(table: string): Promise<Uint8Array | undefined> {
    return this.backend.head(table);
  }

  async put(part: PartUpload, options: CallOptions = {}): Promise<void> {
    if (!equalBytes(await sha256OfLarge(part.bytes), part.digest)) {
      throw new OpalineError('PART_CORRUPT', {
        part: part.id,
        reason: 'it was altered on its way',
      });
    }
    if (await this.backend.has(part.table, part.id)) return;
    await this.backend.write(part.table, part.id, await this.atRest(part, options.signal));
  }

  async publish(table: string, expectedEpoch: number, manifest: Uint8Array): Promise<void> {
    const parsed = parseManifest(manifest);
    if (parsed.table !== table || parsed.epoch !== expectedEpoch + 1) {
      throw new OpalineError('MANIFEST_INVALID', { reason: 'it is for another table or epoch' });
    }
    const head = await this.backend.head(table);
    const before = new Set(head && [...partsOf(parseManifest(head))].map(({ id }) => id));
    for (const { id } of partsOf(parsed)) {
      if (before.has(id) || (await this.backend.has(table, id))) continue;
      throw new OpalineError('PART_MISSING', { part: id });
    }
    await this.backend.publish(table, parsed.epoch, manifest);
  }

  parts(table: string): Promise<readonly StoredPart[]> {
    return this.backend.parts(table);
  }

  async remove(table: string, parts: readonly string[]): Promise<void> {
    const head = await this.backend.head(table);
    const named = new Set(head && [...partsOf(parseManifest(head))].map(({ id }) => id));
    await this.backend.remove(
      table,
      parts.filter((part) => !named.has(part)),
    );
  }

  search(request: SearchRequest): Promise<readonly (Uint8Array | undefined)[]> {
    return this.evaluator.search(request.table, request.index, request.labels);
  }

  async aggregate(bytes: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    const fragment = decodeFragment(bytes);
    const pool = await this.poolFor(fragment);
    const { work } = fragment;
    if (work.kind === 'aggregate') {
      const combiner = new Combiner(this.evaluator.rings, work);
      await this.eachSegment(pool, fragment, 'aggregate', options, (_, partial) => {
        const groups = decodePartial(partial);
        discard(partial);
        combiner.add(groups);
      });
      return encodeAggregateReply(combiner.finish());
    }
    if (work.kind === 'members') {
      const found: SegmentMembers[] = [];
      await this.eachSegment(pool, fragment, 'members', options, (position, reply) => {
        found[position] = decodeMembersReply(reply).segments[0]!;
      });
      return encodeMembersReply({ segments: found });
    }
    if (work.kind === 'scores') {
      const scored: ScoredSegment[] = [];
      await this.eachSegment(pool, fragment, 'scores', options, (position, reply) => {
        scored[position] = decodeScoresReply(reply).segments[0]!;
      });
      return encodeScoresReply({ segments: scored });
    }
    const rows: Uint32Array[] = [];
    await this.eachSegment(pool, fragment, 'rows', options, (position, found) => {
      rows[position] = wordsOf(found);
    });
    const segments = fragment.segments.map(({ segment }, position) => ({
      segment,
      rows: rows[position]!,
    }));
    return encodeRowsReply({ segments: limitRows(segments, work.limit) });
  }

  async fetch({ table, part, rows, asUploaded }: FetchRequest): Promise<readonly Uint8Array[]> {
    if (rows === undefined) {
      const bytes = await this.backend.read(table, part);
      return [asUploaded === true ? asUploadedForm(bytes, part) : bytes];
    }
    return await readBlobs(this.backend, table, part, rows);
  }

  /** What is resident, and what is in use. */
  statistics(): ArenaStatistics {
    return this.arena.statistics();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.threads)?.[Symbol.asyncDispose]();
    await this.evaluator[Symbol.asyncDispose]();
    await this.backend[Symbol.asyncDispose]();
  }

  /** Validate what is uploaded, and bring it to the form it is kept in. */
  private async atRest(part: PartUpload, signal: AbortSignal | undefined): Promise<Uint8Array> {
    switch (part.kind) {
      case 'column': {
        const pool = part.bytes.length > 1 << 20 ? await this.pool() : this.inline;
        return await pool.run({ kind: 'expand', part: part.id, wire: part.bytes }, signal);
      }
      case 'index':
        if (isFrame(part.bytes, 'SSEX')) parseIndex(part.bytes);
        else await parseRung(part.bytes, { what: `part ${part.id}` });
        return part.bytes;
      case 'records':
        parseBlobs('RECS', part.bytes, `part ${part.id}`);
        return part.bytes;
      case 'sealed':
        parseBlobs('SEAL', part.bytes, `part ${part.id}`);
        return part.bytes;
      case 'deleted':
        checkDeletedRows(part.bytes, `part ${part.id}`);
        return part.bytes;
      default:
        return part.kind satisfies never;
    }
  }

  private async poolFor(fragment: Fragment): Promise<EvaluationPool> {
    const { table, epoch } = fragment;
    if (fragment.segments.length < 2) return this.inline;
    const { segments } = await this.evaluator.manifest(table, epoch);
    const rows = segments.reduce((sum, segment) => sum + segment.rows, 0);
    if (rows < THREADS_FROM_ROWS) return this.inline;
    const asked = new Set(fragment.segments.map(({ segment }) => segment));
    const indexes = segments.filter(({ id }) => asked.has(id)).map(({ index }) => index);
    const keys = indexes.map((index) => indexKey(table, index));
    // Reading an index, and its digest, is for a thread that nobody waits for.
    if (isLight(fragment) && this.arena.directory.holds(keys)) return this.inline;
    return await this.pool();
  }

  private pool(): Promise<EvaluationPool> {
    if (this.makePool === undefined) return Promise.resolve(this.inline);
    this.threads ??= this.makePool(this.arena);
    return this.threads;
  }

  /** Run a task per segment, a few more at once than there are threads so that none waits. */
  private async eachSegment(
    pool: EvaluationPool,
    fragment: Fragment,
    kind: Fragment['work']['kind'],
    options: CallOptions,
    take: (position: number, result: Uint8Array) => void,
  ): Promise<void> {
    const total = fragment.segments.length;
    let next = 0;
    let done = 0;
    const failures: unknown[] = [];
    const lane = async (): Promise<void> => {
      while (next < total && failures.length === 0) {
        const position = next++;
        // Only the segment's own share travels to its thread.
        const share = encodeFragment({ ...fragment, segments: [fragment.segments[position]!] });
        const task = { kind, fragment: share, position: 0 } as const;
        try {
          take(position, await pool.run(task, options.signal));
          options.onProgress?.(++done, total);
        } catch (error) {
          failures.push(error);
        }
      }
    };
    // A query that failed has stopped everywhere before it says so.
    await Promise.all(Array.from({ length: Math.min(total, pool.width + 1) }, lane));
    if (failures.length > 0) throw failures[0];
  }
}
