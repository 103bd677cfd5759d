import { setTimeout as delay } from 'node:timers/promises';
import { MOST_ENTRY_BYTES } from '../audit/entry-bundle.ts';
import { isPublicLogFile } from '../audit/log-paths.ts';
import type { LogReader } from '../audit/log-source.ts';
import { HASH_BYTES } from '../audit/merkle.ts';
import { parseTilePath } from '../audit/tile.ts';
import { MOST_NOTE_BYTES } from '../bytes/note.ts';
import { isOpalineError, OpalineError } from '../errors/opaline-error.ts';
import { readCapped } from '../store/backends/http/read-capped.ts';
import { OCTETS } from '../store/protocol.ts';
import type { GateAddress } from './ask-gate.ts';
import { callFailed, refusalOf } from './gate-reply.ts';
import { GATE_PATHS } from './protocol.ts';

/** Of one file: a gate that is slower does not answer. */
const WITHIN_MS = 60_000;
const REFUSAL_LIMIT = 1 << 16;
/** A gate that is asked too much says when it takes more; nobody waits for it longer than this in all. */
const MOST_WAITS = 10;
const LONGEST_WAIT_S = 60;

/**
 * The files of a gate's log, over HTTP. What comes is a stranger's: no file is read on beyond what its path may have, none
 * is asked for that is not everybody's, and what it says is for whoever reads the log to verify.
 */
export class RemoteLog implements LogReader {
  private readonly at: GateAddress;
  private readonly signal: AbortSignal;

  constructor(at: GateAddress, signal: AbortSignal) {
    this.at = at;
    this.signal = signal;
  }

  /** @throws GATE_UNREACHABLE, what the gate refuses with, REQUEST_TOO_LARGE, ABORTED */
  async read(path: string): Promise<Uint8Array | undefined> {
    if (!isPublicLogFile(path)) return undefined;
    for (let waited = 0; ; waited++) {
      try {
        return await this.fetch(path);
      } catch (error) {
        if (!isOpalineError(error, 'GATE_BUSY') || waited === MOST_WAITS) throw error;
        await this.wait(Number(error.details.seconds));
      }
    }
  }

  private async fetch(path: string): Promise<Uint8Array | undefined> {
    const { address, token } = this.at;
    try {
      const response = await fetch(new URL(`${GATE_PATHS.log}${path}`, address), {
        headers: { authorization: `Bearer ${token}`, accept: OCTETS },
        redirect: 'error',
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(WITHIN_MS)]),
      });
      if (response.status === 200) return await readCapped(response, mostBytes(path), path);
      const body = await readCapped(response, REFUSAL_LIMIT, 'the gate’s refusal');
      if (response.status === 404) return undefined;
      throw refusalOf(body, address);
    } catch (error) {
      throw callFailed(error, address, this.signal);
    }
  }

  private async wait(seconds: number): Promise<void> {
    const within = seconds >= 1 ? Math.min(seconds, LONGEST_WAIT_S) : 1;
    await delay(1000 * within, undefined, { signal: this.signal }).catch(() => {
      throw new OpalineError('ABORTED', {});
    });
  }
}

/** The most that a log's file of that path has. */
function mostBytes(path: string): number {
  const tile = parseTilePath(path);
  if (tile === undefined) return MOST_NOTE_BYTES;
  return tile.width * (tile.level === 'entries' ? 2 + MOST_ENTRY_BYTES : HASH_BYTES);
}
