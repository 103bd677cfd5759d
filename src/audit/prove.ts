import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import { openCheckpoint } from './checkpoint.ts';
import { CHECKPOINT_PATH, type LogReader, readEntries, readHashes } from './log-source.ts';
import { inclusionProof } from './proof.ts';
import { nodesOfTiles, tileAt, TILE_WIDTH } from './tile.ts';
import { type LogProof, verifyProof } from './tlog-proof.ts';
import type { NoteKey } from '../bytes/note-key.ts';

/**
 * An entry and the proof that it is in the log, which was verified.
 * @throws LOG_INDEX, LOG_INVALID
 */
export async function proveEntry(
  source: LogReader,
  index: number,
  key: NoteKey,
): Promise<{ readonly entry: Uint8Array; readonly proof: LogProof }> {
  return await asLogInvalid(async () => {
    const bytes = (await source.read(CHECKPOINT_PATH)) ?? new Uint8Array(0);
    const { size } = openCheckpoint(bytes, key, CHECKPOINT_PATH);
    if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
      throw new OpalineError('LOG_INDEX', { index, size });
    }
    const bundle = tileAt(size, 'entries', Math.floor(index / TILE_WIDTH))!;
    const node = nodesOfTiles(size, (tile) => readHashes(source, tile));
    const [hashes, entries] = await Promise.all([
      inclusionProof(index, size, node),
      readEntries(source, bundle),
    ]);
    const proof = { index, hashes, checkpoint: new TextDecoder().decode(bytes) };
    const entry = entries[index % TILE_WIDTH]!;
    verifyProof(proof, entry, key);
    return { entry, proof };
  });
}

/** Bytes of the log that are not what they should be, as a refusal that names the file. */
export async function asLogInvalid<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isOpalineError(error, 'BYTES_INVALID')) throw error;
    const { what: where, reason } = error.details;
    throw new OpalineError('LOG_INVALID', { where, reason });
  }
}
