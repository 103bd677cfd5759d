import { equalBytes } from '../../bytes/compare.ts';
import { isFrame } from '../../bytes/framing.ts';
import { sha256OfLarge } from '../../bytes/hash.ts';
import type { PublicEngine } from '../../engine/engine.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import type { Fragment, SegmentFragment, SegmentMembers } from '../../plan/fragment.ts';
import type { ScoredSegment } from '../../plan/fragment-scores.ts';
import type { AnyParameters } from '../../params/parameters.ts';
import { productParameters, sumParameters } from '../../params/presets.ts';
import { once } from '../../search/once.ts';
import { lookupSealed } from '../../search/sse/eval.ts';
import type { Backend } from '../../store/backend.ts';
import { parseWireColumn } from '../../table/column-part.ts';
import { parseDeletedRows } from '../../table/deleted-rows.ts';
import {
  type Manifest,
  parseManifest,
  type PartEntry,
  type SegmentEntry,
} from '../../table/manifest.ts';
import type { RowSet } from '../../table/row-set.ts';
import { type PartialGroup, sumSelection } from './aggregate.ts';
import { toAtRest, wholeAtRest } from './at-rest.ts';
import { BoundedCache } from './cache.ts';
import { NearTotals } from './near-totals.ts';
import type { Residency } from './residency.ts';
import { Residents } from './residents.ts';
import { Rings } from './rings.ts';
import { type Selection, selectRows, sortMembers } from './selection.ts';
import { SetEvaluator } from './sets.ts';

/**
 * Evaluates fragments on one backend: no secret, no decryption, nothing that names a value. One per
 * thread; `aggregate` and `rows` work on one segment at a time so that threads share a query.
 */
export class Evaluator implements AsyncDisposable {
  readonly rings: Rings;
  private readonly backend: Backend;
  private readonly residents: Residents;
  private readonly nearTotals = new NearTotals();
  private readonly deleted = new BoundedCache<{ bytes: number; set: RowSet }>(16 << 20);
  private readonly manifests = new Map<string, Manifest>();
  /** By ring degree. */
  private readonly engines = new Map<number, Promise<PublicEngine>>();

  constructor(backend: Backend, residency: Residency) {
    this.backend = backend;
    this.rings = new Rings({ memory: residency.region });
    this.residents = new Residents(backend, residency, this.rings);
  }

  /** The at-rest form of an uploaded ciphertext column. */
  async expand(wire: Uint8Array, part: string): Promise<Uint8Array> {
    if (isFrame(wire, 'COLP')) return await wholeAtRest(this.rings.product, wire, part);
    const { n } = parseWireColumn(wire, `part ${part}`).shape;
    const products = n === productParameters().n;
    const { product, sum } = this.rings;
    const engine = await this.engine(products ? productParameters() : sumParameters(48));
    return await toAtRest(engine, products ? product : sum, wire, part);
  }

  /** SEAL is loaded for what is uploaded alone: no query needs it. */
  private engine(parameters: AnyParameters): Promise<PublicEngine> {
    const { n } = parameters;
    const engine =
      this.engines.get(n) ??
      import('../../engine/seal/expand.ts').then(({ createSealPublicEngine }) =>
        createSealPublicEngine(parameters),
      );
    this.engines.set(n, engine);
    return engine;
  }

  /** The share of segment number `position` of an aggregate fragment. */
  async aggregate(fragment: Fragment, position: number): Promise<PartialGroup[]> {
    const { work } = fragment;
    if (work.kind !== 'aggregate') return mismatch();
    const { table } = fragment;
    const select = (
      entry: SegmentEntry,
      part: SegmentFragment,
      sets: SetEvaluator,
    ): { entry: SegmentEntry; selection: Selection } => ({
      entry,
      selection: selectRows(work, part, entry.rows, sets),
    });
    const { entry, selection } = await this.onSegment(fragment, position, select);
    const { rings, residents } = this;
    const { rows } = entry;
    const parts = (numbers: readonly number[]): PartEntry[] =>
      numbers.map((number) => entry.columns[number] ?? mismatch());
    // Columns under a divided key are of the ring of products; a segment has no others beside them.
    const ring = work.outputs.some(({ kind }) => kind === 'divided') ? rings.product : rings.sum;
    const groups = await sumSelection(
      ring,
      selection,
      this.nearTotals,
      residents.mostColumns(rows, ring),
      (numbers) => residents.columns(table, rows, parts(numbers), ring),
      (numbers) => residents.totals(table, rows, parts(numbers), ring),
    );
    if (work.outputs.every(({ kind }) => kind !== 'product')) return groups;
    const { sumProducts } = await productSums();
    const products = await sumProducts(
      rings,
      selection,
      residents.mostProductColumns(rows),
      (numbers) => residents.productColumns(table, rows, parts(numbers)),
    );
    return groups.map((group, g) => ({ ...group, sums: [...group.sums, ...products[g]!] }));
  }

  /** The matching rows of segment number `position` of a rows fragment, ascending. */
  async rows(fragment: Fragment, position: number): Promise<Uint32Array> {
    return await this.onSegment(fragment, position, (_entry, _part, sets) =>
      sets.filter().toArray(),
    );
  }

  /** The share of segment number `position` of a members fragment. */
  async members(fragment: Fragment, position: number): Promise<SegmentMembers> {
    const { work } = fragment;
    if (work.kind !== 'members') return mismatch();
    return await this.onSegment(fragment, position, (_entry, part, sets) =>
      sortMembers(part, work.maxGroups, sets),
    );
  }

  /** The share of segment number `position` of a scores fragment. */
  async scores(fragment: Fragment, position: number): Promise<ScoredSegment> {
    const { work, table } = fragment;
    if (work.kind !== 'scores') return mismatch();
    const { entry, part, rows } = await this.onSegment(fragment, position, (entry, part, sets) => ({
      entry,
      part,
      rows: sets.filter().toArray(),
    }));
    const { residents, rings } = this;
    const { scoreRows } = await rowScores();
    return await scoreRows(
      rings.product,
      part.segment,
      rows,
      work,
      part.scores ?? mismatch(),
      residents.mostRealColumns(entry.rows),
      (numbers) => {
        const parts = numbers.map((number) => entry.columns[number] ?? mismatch());
        return residents.realColumns(table, entry.rows, parts);
      },
    );
  }

  /**
   * Of an sse index what is at labels; of another rung its replies to queries.
   * @throws PART_MISSING for a part that is no index of the table, BYTES_INVALID for a malformed query
   */
  async search(
    table: string,
    index: string,
    labels: readonly Uint8Array[],
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const known = this.manifests.get(table) ?? (await this.head(table));
    const found = namedIndex(known, index) ?? namedIndex(await this.head(table), index);
    if (found === undefined) throw new OpalineError('PART_MISSING', { part: index });
    const { entry, rung } = found;
    if (rung === undefined) {
      return await this.residents.withIndexes(table, entry, [], (indexes) =>
        labels.map((label) => lookupSealed(indexes.index, label)?.slice()),
      );
    }
    return await this.residents.withRung(table, entry, rung, (parsed) => {
      if (parsed.answer === undefined) {
        throw new OpalineError('BYTES_INVALID', {
          what: 'a search request',
          reason: 'the index answers fragments alone',
        });
      }
      return labels.map((query) => parsed.answer!(query)?.slice());
    });
  }

  /**
   * The manifest that a fragment was made for. Segments stay while deletions change, so an older or
   * newer one would answer about other rows.
   * @throws EPOCH_CONFLICT when the table has moved on; UNKNOWN_TABLE
   */
  async manifest(table: string, epoch: number): Promise<Manifest> {
    const known = this.manifests.get(table);
    if (known?.epoch === epoch) return known;
    const found = await this.head(table);
    if (found.epoch === epoch) return found;
    throw new OpalineError('EPOCH_CONFLICT', { expected: epoch, found: found.epoch });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.all(this.engines.values()).then((engines) => {
      for (const engine of engines) engine[Symbol.dispose]();
    });
  }

  /** `run` is synchronous: past its end the index may go. */
  private async onSegment<T>(
    fragment: Fragment,
    position: number,
    run: (entry: SegmentEntry, part: SegmentFragment, sets: SetEvaluator) => T,
  ): Promise<T> {
    const part = fragment.segments[position] ?? mismatch();
    const manifest = await this.manifest(fragment.table, fragment.epoch);
    const entry = manifest.segments.find((segment) => segment.id === part.segment) ?? mismatch();
    const deleted = await this.deletedRows(fragment.table, entry);
    const rungs = part.nodes.flatMap((node) => (node.kind === 'lookup' ? [node.rung] : []));
    const numbers = [...new Set(rungs)];
    return await this.residents.withIndexes(fragment.table, entry, numbers, (indexes) =>
      run(entry, part, new SetEvaluator(part, indexes, entry.rows, deleted)),
    );
  }

  private async head(table: string): Promise<Manifest> {
    const bytes = await this.backend.head(table);
    if (bytes === undefined) throw new OpalineError('UNKNOWN_TABLE', { table, known: [] });
    const manifest = parseManifest(bytes);
    this.manifests.set(table, manifest);
    return manifest;
  }

  private async deletedRows(table: string, entry: SegmentEntry): Promise<RowSet | undefined> {
    if (entry.deleted === undefined) return undefined;
    const { rows, part } = entry.deleted;
    const key = `${table}/${part.id}`;
    try {
      const { set } = await this.deleted.acquire(key, async () => {
        const bytes = await this.readDigested(table, part);
        return {
          bytes: bytes.length,
          set: parseDeletedRows(bytes, entry.rows, rows, `part ${part.id}`),
        };
      });
      return set;
    } finally {
      await this.deleted.release(key);
    }
  }

  private async readDigested(table: string, { id, digest }: PartEntry): Promise<Uint8Array> {
    const bytes = await this.backend.read(table, id);
    if (!equalBytes(await sha256OfLarge(bytes), digest)) {
      throw new OpalineError('PART_CORRUPT', { part: id, reason: 'its digest does not match' });
    }
    return bytes;
  }
}

const productSums = once(() => import('./product-sum.ts'));
const rowScores = once(() => import('./scores.ts'));

/** The segment that a part indexes, and which of its further indexes it is of. */
function namedIndex(
  manifest: Manifest,
  id: string,
): { readonly entry: SegmentEntry; readonly rung?: PartEntry } | undefined {
  for (const entry of manifest.segments) {
    if (entry.index.id === id) return { entry };
    for (const { parts } of entry.rungs) {
      const rung = parts.find((part) => part.id === id);
      if (rung !== undefined) return { entry, rung };
    }
  }
  return undefined;
}

function mismatch(): never {
  throw new OpalineError('BYTES_INVALID', {
    what: 'a query fragment',
    reason: 'it does not fit the table it names',
  });
}
