import { type Tile, tileHashes, tilePath, TILE_WIDTH } from './tile.ts';
import { decodeBundle } from './entry-bundle.ts';
import { OpalineError } from '../errors/opaline-error.ts';

/** A log's files, wherever they lie: all that reading and verifying it needs. */
export interface LogSource {
  /** The bytes of a file by its path below the log's folder; undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The paths of all files, in any order. */
  paths(): Promise<readonly string[]>;
}

/** What following a log, and proving its entries, needs: it knows which files there are. */
export type LogReader = Pick<LogSource, 'read'>;

/** The head: a signed checkpoint. */
export const CHECKPOINT_PATH = 'checkpoint';
/** The log's verifier key as a text, for who has none from elsewhere. */
export const KEY_PATH = 'key';

/** The path of the checkpoint of that size with the cosignatures that came for it. */
export function cosignedPath(size: number): string {
  return `cosigned/${size}`;
}

/** The hashes of a tile. @throws BYTES_INVALID naming its path */
export async function readHashes(source: LogReader, tile: Tile): Promise<Uint8Array[]> {
  const { bytes, tile: found } = await readTile(source, tile);
  return tileHashes(bytes, found).slice(0, tile.width);
}

/** The entries of a bundle. @throws BYTES_INVALID naming its path */
export async function readEntries(
  source: LogReader,
  { index, width }: Omit<Tile, 'level'>,
): Promise<Uint8Array[]> {
  const { bytes, tile } = await readTile(source, { level: 'entries', index, width });
  return decodeBundle(bytes, tile.width, tilePath(tile)).slice(0, width);
}

/** A tile's file, or that of the full tile in its place, after which partial ones are deleted. */
async function readTile(source: LogReader, tile: Tile): Promise<{ bytes: Uint8Array; tile: Tile }> {
  const bytes = await source.read(tilePath(tile));
  if (bytes !== undefined) return { bytes, tile };
  const full: Tile = { ...tile, width: TILE_WIDTH };
  const whole = tile.width === TILE_WIDTH ? undefined : await source.read(tilePath(full));
  if (whole !== undefined) return { bytes: whole, tile: full };
  throw new OpalineError('BYTES_INVALID', { what: tilePath(tile), reason: 'missing' });
}
