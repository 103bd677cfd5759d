import { join } from 'node:path';
import { parseKey } from '../../bytes/note-key.ts';
import { openStore } from '../../client/store-address.ts';
import { openCustodianShare } from '../../keys/threshold/custodian-share.ts';
import { Answered } from './answered.ts';
import { Custodian } from './custodian.ts';
import { KnownLog } from './known-log.ts';
import { replayOn } from './replay.ts';
import { type RunningCustodian, serveCustodian, type ServeCustodianOptions } from './serve.ts';

export interface StartCustodianOptions extends Omit<ServeCustodianOptions, 'custodian'> {
  /** The share's file, and its path: what was answered and what is known of the log is kept beside it. */
  readonly file: Uint8Array;
  readonly path: string;
  readonly passphrase: string;
  readonly store: string;
  readonly storeToken: string;
  readonly cache: string;
  readonly cacheBytes: number;
}

export interface StartedCustodian extends RunningCustodian {
  /** From 1. */
  readonly index: number;
  /** How many entries the gate's log was known to have at the start; 0 for none. */
  readonly known: number;
}

/** Open a share and answer for it. @throws PASSPHRASE_WRONG, BYTES_INVALID, STORE_UNREACHABLE, STORE_IO */
export async function startCustodian(options: StartCustodianOptions): Promise<StartedCustodian> {
  const { file, path, passphrase, store, storeToken, cacheBytes } = options;
  const share = await openCustodianShare(file, passphrase, path);
  const held: AsyncDisposable[] = [];
  const release = async (): Promise<void> => {
    for (const one of held.splice(0).toReversed()) await one[Symbol.asyncDispose]();
    share.share.residues.fill(0);
  };
  try {
    const answered = await Answered.open(`${path}.answered`);
    held.push(answered);
    const known = await KnownLog.open(`${path}.checkpoint`, parseKey(share.log));
    // Each share has copies of its own: custodians on one machine do not believe each other either.
    const cache = join(options.cache, `${share.key}-${share.share.index}`);
    const link = await openStore(store, storeToken, 0);
    const replay = replayOn(link, { cache, cacheBytes, owner: share.owner });
    held.push(replay);
    const atStart = known.size;
    const custodian = new Custodian(share, replay, answered, known);
    const service = await serveCustodian({ ...options, custodian });
    held.push(service);
    return {
      index: custodian.index,
      known: atStart,
      address: service.address,
      [Symbol.asyncDispose]: release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}
