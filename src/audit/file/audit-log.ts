import { readdir } from 'node:fs/promises';
import { equalBytes } from '../../bytes/compare.ts';
import { utf8 } from '../../bytes/codec.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { planAppend } from '../append-plan.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from '../checkpoint.ts';
import { type Continuation, proveContinuation } from '../continuation.ts';
import { cosignedBy } from '../cosignature.ts';
import { type OpenDetail, openDetail, type SealedDetail, sealDetail } from '../detail.ts';
import { checkLeaf, decodeLeaf, encodeLeaf, type Leaf } from '../leaf.ts';
import { CHECKPOINT_PATH, cosignedPath, KEY_PATH, readEntries, readHashes } from '../log-source.ts';
import { EMPTY_ROOT } from '../merkle.ts';
import { formatKey, NOTE_SIGNATURE, type NoteKey, noteKeyOfSecret } from '../../bytes/note-key.ts';
import { formatNote, type Note, parseNote, signaturesBy } from '../../bytes/note.ts';
import { inclusionProof } from '../proof.ts';
import { asLogInvalid, proveEntry } from '../prove.ts';
import { type SealingKeys, sealingKeys } from '../subject-keys.ts';
import { nodesOfTiles, type Tile, tileAt, tilePath, TILE_WIDTH } from '../tile.ts';
import type { LogProof } from '../tlog-proof.ts';
import { readDetails, withDetails, withoutDetails } from './detail-files.ts';
import { KeyFiles } from './key-files.ts';
import { LogFolder } from './log-folder.ts';
import { lockLog } from './log-lock.ts';
import { checkContinues, loadState, type LogState, removeTail } from './log-state.ts';

/** What a log's writer holds: 32 bytes each. */
export interface LogSecrets {
  /** Ed25519; signs checkpoints. */
  readonly signing: Uint8Array;
  /** The keys under which details and subjects' keys are sealed follow from it. */
  readonly sealing: Uint8Array;
}

/** Something to be logged. */
export interface LogEntry {
  /** Lower-case words, for example "release.intent"; everybody sees it. */
  readonly kind: string;
  /** Milliseconds since 1970; everybody sees it. */
  readonly time: number;
  /** Each is sealed under its subject's key, and gone when that subject is shredded. */
  readonly details?: readonly { readonly subject?: string; readonly content: Uint8Array }[];
}

/** An entry that was logged, and the proof of it. */
export interface Logged {
  readonly entry: Uint8Array;
  readonly proof: LogProof;
}

/** An entry as it was logged; details that were shredded are undefined. */
export interface ReadEntry extends Leaf {
  readonly opened: readonly (OpenDetail | undefined)[];
}

/**
 * An append-only log in a folder (C2SP tlog-tiles), with sealed details beside it:
 *
 *     checkpoint                    the signed head
 *     key                           the verifier key
 *     tile/<level>/…, tile/entries/…   hashes and entries
 *     cosigned/<size>               checkpoints that witnesses cosigned
 *     details/…, keys/…             sealed details and subjects' keys
 *
 * An append writes everything else first, durably, then replaces the checkpoint, durably: a crash leaves the old
 * log or the new one, and what it left beyond the old one's end is removed by the next append. Writers in several
 * processes take turns by a lock for each operation.
 */
export class AuditLog {
  readonly key: NoteKey;
  private readonly folder: LogFolder;
  private readonly secrets: LogSecrets;
  private readonly sealing: SealingKeys;
  private state: LogState | undefined;
  /** The largest head that was seen or is known from elsewhere. */
  private known: Checkpoint;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(folder: LogFolder, secrets: LogSecrets, key: NoteKey, known: Checkpoint) {
    this.folder = folder;
    this.secrets = secrets;
    this.sealing = sealingKeys(secrets.sealing);
    this.key = key;
    this.known = known;
  }

  /**
   * Make an empty log in a new or empty folder. `origin` names it among all logs; it has no spaces.
   * @throws LOG_EXISTS, BYTES_INVALID for an origin that no log may have, STORE_IO
   */
  static async create(path: string, origin: string, secrets: LogSecrets): Promise<AuditLog> {
    const key = noteKeyOfSecret(origin, NOTE_SIGNATURE, secrets.signing);
    const folder = new LogFolder(path);
    const found = await readdir(path).catch(() => []);
    if (found.length > 0) throw new OpalineError('LOG_EXISTS', { path });
    const head = { origin, size: 0, root: EMPTY_ROOT };
    await folder.write(new Map([[KEY_PATH, utf8(`${formatKey(key)}\n`)]]));
    await folder.write(new Map([[CHECKPOINT_PATH, utf8(signCheckpoint(head, secrets.signing))]]));
    return new AuditLog(folder, secrets, key, { ...head, extensions: [] });
  }

  /**
   * Open a log for writing. Give it the newest head that is kept elsewhere: a log that does not continue it is
   * refused, now and at every operation.
   * @throws LOG_NOT_FOUND, LOG_INVALID, LOG_ROLLBACK, LOG_FORK
   */
  static async open(path: string, secrets: LogSecrets, known?: Checkpoint): Promise<AuditLog> {
    const folder = await LogFolder.open(path);
    const bytes = (await folder.read(CHECKPOINT_PATH))!;
    // Whoever names the log in this file must also have signed it with the key, so its origin may be taken from it.
    const { origin } = await asLogInvalid(async () =>
      parseCheckpoint(parseNote(bytes, CHECKPOINT_PATH).text, CHECKPOINT_PATH),
    );
    const key = noteKeyOfSecret(origin, NOTE_SIGNATURE, secrets.signing);
    const head = known ?? { origin, size: 0, root: EMPTY_ROOT, extensions: [] };
    if (head.origin !== origin) {
      throw new OpalineError('LOG_INVALID', { where: CHECKPOINT_PATH, reason: 'of another log' });
    }
    const log = new AuditLog(folder, secrets, key, head);
    await log.exclusively(() => Promise.resolve());
    return log;
  }

  /** The newest head that this process has seen: what to keep elsewhere. */
  get head(): Checkpoint {
    return this.known;
  }

  /**
   * Log entries, all or none. When it resolves they are on the disk and checkpointed; when it rejects with STORE_IO
   * or STORE_FULL they may have been logged all the same, and the next operation knows.
   * @throws USAGE for a malformed entry, REQUEST_TOO_LARGE, LOG_LOCKED, LOG_INVALID, LOG_ROLLBACK, LOG_FORK
   */
  async append(entries: readonly LogEntry[]): Promise<readonly Logged[]> {
    for (const { kind, time, details = [] } of entries) checkLeaf(kind, time, details.length);
    return await this.exclusively(async ({ head, edge, rest }) => {
      if (entries.length === 0) return [];
      this.state = undefined;
      await removeTail(this.folder, head.size, true);
      const { leaves, files } = await this.seal(head.size, entries);
      const plan = planAppend(edge, rest, leaves);
      const next = { origin: head.origin, size: edge.size, root: edge.root() };
      const note = signCheckpoint(next, this.secrets.signing);
      await this.folder.write(new Map([...files, ...plan.files]));
      const bytes = utf8(note);
      await this.folder.write(new Map([[CHECKPOINT_PATH, bytes]]));
      const signed = openCheckpoint(bytes, this.key, CHECKPOINT_PATH);
      this.state = { bytes, head: signed, edge, rest: plan.rest };
      this.known = signed;
      await this.folder.discardFolders(plan.outdated);
      const node = nodesOfTiles(next.size, async (tile) => {
        return plan.tiles.get(tilePath(tile)) ?? (await readHashes(this.folder, tile));
      });
      const proofs = leaves.map(async (entry, i): Promise<Logged> => {
        const index = head.size + i;
        const hashes = await inclusionProof(index, next.size, node);
        return { entry, proof: { index, hashes, checkpoint: note } };
      });
      return await Promise.all(proofs);
    });
  }

  /** The entry of a number. @throws LOG_INDEX, LOG_INVALID */
  async read(index: number): Promise<ReadEntry> {
    return await this.exclusively(({ head }) =>
      asLogInvalid(async () => {
        const where = this.bundleOf(index, head.size);
        const entry = (await readEntries(this.folder, where))[index % TILE_WIDTH]!;
        const leaf = decodeLeaf(entry, tilePath(where));
        const keys = await this.keysByRef();
        const records = await readDetails(this.folder, where.index);
        const opened = leaf.details.map((expected, part) => {
          const record = records.find((one) => one.index === index && one.part === part);
          const key = record && keys(record);
          return record && key && openDetail(key, record, expected, `entry ${index}`);
        });
        return { ...leaf, opened };
      }),
    );
  }

  /**
   * What is made of the newest entry of which something is made, by its details that are about nobody.
   * @throws LOG_INVALID
   */
  async findLast<T>(
    look: (leaf: Leaf, contents: readonly Uint8Array[]) => T | undefined,
  ): Promise<T | undefined> {
    return await this.exclusively(({ head }) =>
      asLogInvalid(async () => {
        const { general } = this.sealing;
        for (let bundle = Math.ceil(head.size / TILE_WIDTH) - 1; bundle >= 0; bundle--) {
          const where = tileAt(head.size, 'entries', bundle)!;
          const entries = await readEntries(this.folder, where);
          const records = await readDetails(this.folder, bundle);
          for (let i = entries.length - 1; i >= 0; i--) {
            const index = bundle * TILE_WIDTH + i;
            const leaf = decodeLeaf(entries[i]!, tilePath(where));
            const contents = records
              .filter((one) => one.index === index && equalBytes(one.ref, general.ref))
              .flatMap((one) => {
                const expected = leaf.details[one.part];
                if (expected === undefined) return [];
                return [openDetail(general.key, one, expected, `entry ${index}`).content];
              });
            const made = look(leaf, contents);
            if (made !== undefined) return made;
          }
        }
        return undefined;
      }),
    );
  }

  /** That an entry is in the log. @throws LOG_INDEX, LOG_INVALID */
  async prove(index: number): Promise<Logged> {
    return await this.exclusively(() => proveEntry(this.folder, index, this.key));
  }

  /**
   * The same, and that the log continues its first `from` entries: for who knows of no more.
   * @throws LOG_INDEX, LOG_INVALID, LOG_ROLLBACK where it has not so many
   */
  async proveSince(
    index: number,
    from: number,
  ): Promise<Logged & { readonly continuation: Continuation }> {
    return await this.exclusively(async () => ({
      ...(await proveEntry(this.folder, index, this.key)),
      continuation: await proveContinuation(this.folder, from, this.key),
    }));
  }

  /**
   * Forget a subject: its sealed details are removed from their files, then its key. Entries and proofs stay as they
   * are. Killed on the way, it is to be called again.
   * @returns how many details are gone
   */
  async shred(subject: string): Promise<number> {
    return await this.exclusively(() =>
      asLogInvalid(async () => {
        const keys = new KeyFiles(this.folder, this.sealing);
        const key = await keys.find(subject);
        if (key === undefined) return 0;
        const { files, removed } = await withoutDetails(this.folder, key.ref);
        await this.folder.write(files);
        await keys.remove(subject);
        await this.folder.write(keys.files());
        return removed;
      }),
    );
  }

  /**
   * Keep a checkpoint of this log that witnesses cosigned, in a signed note; cosignatures of others are dropped.
   * @throws BYTES_INVALID for a note that is not of this log or not of a known witness, LOG_FORK, LOG_ROLLBACK
   */
  async cosigned(bytes: Uint8Array, witnesses: readonly NoteKey[]): Promise<void> {
    const what = 'the cosigned checkpoint';
    const given = openCheckpoint(bytes, this.key, what);
    const valid = witnesses.filter(
      (witness) => cosignedBy(given.note, witness).kind === 'cosigned',
    );
    if (valid.length === 0) {
      throw new OpalineError('BYTES_INVALID', {
        what,
        reason: 'no witness that is known cosigned it',
      });
    }
    await this.exclusively(async ({ head }) => {
      await checkContinues(this.folder, head, given);
      const path = cosignedPath(given.size);
      const before = await this.folder.read(path);
      const kept = before === undefined ? undefined : parseNote(before, path);
      const note = merge(kept, given.note, [this.key, ...valid]);
      await this.folder.write(new Map([[path, utf8(formatNote(note))]]));
    });
  }

  private bundleOf(index: number, size: number): Tile {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new OpalineError('LOG_INDEX', { index, size });
    }
    return tileAt(size, 'entries', Math.floor(index / TILE_WIDTH))!;
  }

  private async seal(
    size: number,
    entries: readonly LogEntry[],
  ): Promise<{ leaves: Uint8Array[]; files: Map<string, Uint8Array> }> {
    const keys = new KeyFiles(this.folder, this.sealing);
    const records: SealedDetail[] = [];
    const leaves: Uint8Array[] = [];
    for (const { kind, time, details = [] } of entries) {
      const index = size + leaves.length;
      const sealed = [];
      for (const [part, { subject, content }] of details.entries()) {
        sealed.push(sealDetail(await keys.provide(subject), { index, part }, content));
      }
      records.push(...sealed.map(({ record }) => record));
      leaves.push(encodeLeaf({ kind, time, details: sealed.map(({ leaf }) => leaf) }));
    }
    const written = await asLogInvalid(() => withDetails(this.folder, size, records));
    return { leaves, files: new Map([...keys.files(), ...written]) };
  }

  private async keysByRef(): Promise<(record: SealedDetail) => Uint8Array | undefined> {
    const keys = [this.sealing.general, ...(await new KeyFiles(this.folder, this.sealing).all())];
    return ({ ref }) => keys.find((key) => equalBytes(key.ref, ref))?.key;
  }

  /** One operation at a time, in this process and in all others, on the log as it is on the disk. */
  private exclusively<T>(run: (state: LogState) => Promise<T>): Promise<T> {
    const result = this.turn.then(async () => {
      await using _ = await lockLog(this.folder.root);
      return await run(await this.refresh());
    });
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async refresh(): Promise<LogState> {
    const bytes = await this.folder.read(CHECKPOINT_PATH);
    if (bytes === undefined) throw new OpalineError('LOG_NOT_FOUND', { path: this.folder.root });
    if (this.state !== undefined && equalBytes(bytes, this.state.bytes)) return this.state;
    await this.folder.sweep();
    // A checkpoint whose writer died may be seen and not be on the disk yet.
    await this.folder.sync();
    const state = await loadState(this.folder, bytes, this.key);
    await checkContinues(this.folder, state.head, this.known);
    await removeTail(this.folder, state.head.size, false);
    this.known = state.head;
    return (this.state = state);
  }
}

/** The signatures of `added` by these keys, and those of `kept` that they do not replace. */
function merge(kept: Note | undefined, added: Note, keys: readonly NoteKey[]): Note {
  const fresh = keys.flatMap((key) => signaturesBy(added, key));
  const older = (kept?.signatures ?? []).filter(
    ({ name, keyId }) => !fresh.some((one) => one.name === name && one.keyId === keyId),
  );
  return { text: added.text, signatures: [...fresh, ...older] };
}
