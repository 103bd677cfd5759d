import { equalBytes } from '../../bytes/compare.ts';
import { isBeyond } from '../append-plan.ts';
import { decodeBundle } from '../entry-bundle.ts';
import { CHECKPOINT_PATH, KEY_PATH, type LogSource } from '../log-source.ts';
import { keyPath } from '../subject-keys.ts';
import { parseIndexPath, parseTilePath, type Tile, tileAt, TILE_WIDTH, tilePath } from '../tile.ts';
import type { Findings } from './findings.ts';
import { BEYOND } from './verify-details.ts';

/** Files that a writer in another process makes and removes. */
const PASSING = /^writer\.lock(\.|$)/;
const ASIDE = /^tmp-[0-9a-f]{32}$/;
const COSIGNED = /^cosigned\/(0|[1-9][0-9]{0,15})$/;

/**
 * Judges every file that the tree of `size` entries does not need: older partial tiles must be beginnings
 * of the newer, and what nobody knows is told.
 * @returns the paths of checkpoints kept with cosignatures
 */
export async function verifyFiles(
  source: LogSource,
  size: number,
  findings: Findings,
): Promise<readonly string[]> {
  const cosigned: string[] = [];
  for (const path of [...(await source.paths())].sort()) {
    const tile = parseTilePath(path);
    if (tile !== undefined) await judgeTile(source, tile, size, findings);
    else if (COSIGNED.test(path)) cosigned.push(path);
    else if (ASIDE.test(path)) findings.advice(path, 'left by a write that did not finish');
    else if (path.startsWith('details/')) judgeDetails(path, size, findings);
    else if (!isKnown(path)) findings.advice(path, 'not a file of an audit log');
  }
  return cosigned;
}

function isKnown(path: string): boolean {
  if (path === CHECKPOINT_PATH || path === KEY_PATH || PASSING.test(path)) return true;
  const [, shard] = /^keys\/([0-9a-f]{2})$/.exec(path) ?? [];
  return shard !== undefined && keyPath(parseInt(shard, 16)) === path;
}

async function judgeTile(
  source: LogSource,
  tile: Tile,
  size: number,
  findings: Findings,
): Promise<void> {
  const path = tilePath(tile);
  if (isBeyond(tile, size)) {
    findings.advice(path, BEYOND);
    return;
  }
  const whole = tileAt(size, tile.level, tile.index)!;
  if (whole.width === tile.width) return;
  const [older, newer] = await Promise.all([source.read(path), source.read(tilePath(whole))]);
  // One that is missing was told of, or the writer removed it meanwhile.
  if (older === undefined || newer === undefined) return;
  const begins = equalBytes(older, newer.subarray(0, older.length));
  const entries = tile.level === 'entries';
  if (!begins || (!entries && older.length !== tile.width * 32)) {
    findings.problem(path, `not the beginning of ${tilePath(whole)}`);
  } else if (entries) {
    await findings.attempt(path, () => decodeBundle(older, tile.width, path));
  }
}

function judgeDetails(path: string, size: number, findings: Findings): void {
  const bundle = parseIndexPath(path.slice('details/'.length));
  if (bundle === undefined) findings.advice(path, 'not a file of an audit log');
  else if (bundle * TILE_WIDTH >= size) findings.advice(path, BEYOND);
}
