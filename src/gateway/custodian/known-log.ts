import { readFile } from 'node:fs/promises';
import { type Checkpoint, openCheckpoint, type SignedCheckpoint } from '../../audit/checkpoint.ts';
import { type Continuation, requireContinuation } from '../../audit/continuation.ts';
import { EMPTY_ROOT } from '../../audit/merkle.ts';
import { utf8 } from '../../bytes/codec.ts';
import { formatNote, signaturesBy } from '../../bytes/note.ts';
import type { NoteKey } from '../../bytes/note-key.ts';
import { OpalineError } from '../../errors/opaline-error.ts';
import { systemCode } from '../../errors/system-code.ts';
import { writeAtomic } from '../../client/local/atomic-file.ts';

/**
 * The newest checkpoint of the gate's log that a custodian has accepted, in a file: the note as the log signed it. The
 * first one is taken as it comes; each later one must be proved to continue it, and is on the disk before anything is
 * answered under it.
 *
 * What is known only moves forward. A request whose checkpoint is older, because another one overtook it, is refused
 * although its intent may well be in the log: that it is would need a proof of its own, and whoever can make that can as
 * well prove the intent in a newer checkpoint, of which the refusal says how new. So no custodian keeps more than one.
 *
 * Whoever removes the file makes the custodian take the next log as it comes.
 */
export class KnownLog {
  private readonly path: string;
  private readonly key: NoteKey;
  private head: Pick<Checkpoint, 'size' | 'root'>;
  /** Whether the file is known to hold the head, durably: of what a process left that died it is not. */
  private kept = false;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(path: string, key: NoteKey, head: Pick<Checkpoint, 'size' | 'root'>) {
    this.path = path;
    this.key = key;
    this.head = head;
  }

  /** @throws STORE_IO, BYTES_INVALID where the file is not a checkpoint that the log of that key signed */
  static async open(path: string, key: NoteKey): Promise<KnownLog> {
    const bytes = await readFile(path).catch((error: unknown) => {
      const reason = systemCode(error);
      if (reason === 'ENOENT') return undefined;
      throw new OpalineError('STORE_IO', { operation: 'reading what is known of a log', reason });
    });
    if (bytes === undefined) return new KnownLog(path, key, { size: 0, root: EMPTY_ROOT });
    return new KnownLog(path, key, openCheckpoint(new Uint8Array(bytes), key, path));
  }

  /** How many entries the log is known to have. */
  get size(): number {
    return this.head.size;
  }

  /**
   * Accept a checkpoint that the log's key has signed. On the disk when this resolves.
   * @throws LOG_ROLLBACK, LOG_FORK, LOG_UNPROVED, STORE_IO
   */
  async accept(head: SignedCheckpoint, continuation: Continuation): Promise<void> {
    const result = this.turn.then(async () => {
      requireContinuation(this.head, head, continuation);
      if (this.kept && head.size === this.head.size) return;
      // From here on it is known, whatever becomes of the write.
      this.head = head;
      this.kept = false;
      const signatures = signaturesBy(head.note, this.key);
      const note = formatNote({ text: head.note.text, signatures });
      await writeAtomic(this.path, utf8(note), 'keeping what is known of a log');
      this.kept = true;
    });
    this.turn = result.catch(() => undefined);
    await result;
  }
}
