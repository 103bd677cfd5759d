import { join } from 'node:path';
import { openStore } from '../../client/store-address.ts';
import { openCustodianShare } from '../../keys/threshold/custodian-share.ts';
import { AnsweredPlans } from './answered.ts';
import { Custodian } from './custodian.ts';
import { replayOn } from './replay.ts';
import { type RunningCustodian, serveCustodian, type ServeCustodianOptions } from './serve.ts';

export interface StartCustodianOptions extends Omit<ServeCustodianOptions, 'custodian'> {
  /** The share's file, and its path: what was answered is kept beside it. */
  readonly file: Uint8Array;
  readonly path: string;
  readonly passphrase: string;
  readonly store: string;
  readonly storeToken: string;
  readonly cache: string;
  readonly cacheBytes: number;
}

/** Open a share and answer for it. @throws PASSPHRASE_WRONG, BYTES_INVALID, STORE_UNREACHABLE, STORE_IO */
export async function startCustodian(
  options: StartCustodianOptions,
): Promise<RunningCustodian & { readonly index: number }> {
  const { file, path, passphrase, store, storeToken, cacheBytes } = options;
  const share = await openCustodianShare(file, passphrase, path);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => void share.share.residues.fill(0));
  const answered = undo.use(await AnsweredPlans.open(`${path}.answered`));
  // Each share has copies of its own: custodians on one machine do not believe each other either.
  const cache = join(options.cache, `${share.key}-${share.share.index}`);
  const link = await openStore(store, storeToken, 0);
  const replay = undo.use(replayOn(link, { cache, cacheBytes, owner: share.owner }));
  const custodian = new Custodian(share, replay, answered);
  const service = undo.use(await serveCustodian({ ...options, custodian }));
  const held = undo.move();
  return {
    index: custodian.index,
    address: service.address,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
