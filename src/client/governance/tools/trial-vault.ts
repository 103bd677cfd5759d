import { Gate } from '../../../gate/gate.ts';
import { REFERENCE_SPEEDS } from '../../../gate/grouping/speeds.ts';
import type { TablePin } from '../../../gate/open-table.ts';
import { OpalineError } from '../../../errors/opaline-error.ts';
import { generateContents, VaultSecrets } from '../../../keys/secret.ts';
import { sumParameters } from '../../../params/presets.ts';
import { EmbeddedLink } from '../../../run/embedded.ts';
import { MemoryBackend } from '../../../store/backends/memory.ts';
import type { ChangeHost } from '../../changes/host.ts';
import { KnownTables } from '../../known-tables.ts';
import type { KeptFile } from '../../local/kept-file.ts';
import { Pins } from '../../local/pins.ts';
import { ReleaseState } from '../../local/release-state.ts';
import type { OpenFolder, VaultHost } from '../../local/vault-host.ts';
import { WrappingKeys } from '../../local/wrapping-keys.ts';

/** A vault and its store in this process' memory, under keys of its own: nothing of it is ever on a disk. */
export interface TrialVault extends AsyncDisposable {
  readonly host: ChangeHost;
}

export async function trialVault(): Promise<TrialVault> {
  const secrets = new VaultSecrets(await generateContents(sumParameters(48), MEMORY, ''));
  const pins = await Pins.create(memoryFile('heads.opal'), secrets.localKey('pins'));
  const wraps = await WrappingKeys.create(memoryFile('keys.opal'), secrets.localKey('wraps'));
  const release = new ReleaseState(memoryFile('release.opal'), secrets.localKey('release'));
  // As of every vault with a policy: only what verifies is released.
  await release.verify();
  const folder: OpenFolder = {
    path: MEMORY,
    secrets,
    pins,
    wraps,
    release,
    store: MEMORY,
    storeToken: '',
    host: HOST,
  };
  const link = new EmbeddedLink(new MemoryBackend());
  const pin = (newest: TablePin): Promise<void> => Promise.resolve(pins.remember(newest));
  const host: ChangeHost = {
    folder,
    link,
    gate: new Gate(secrets, link),
    known: new KnownTables(folder, link, pin),
    threads: 0,
    pin,
    write: (run) => run(),
  };
  return {
    host,
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]();
      await secrets.close();
    },
  };
}

const MEMORY = 'memory';

/** One writer, one thread, no file. */
const HOST: VaultHost = {
  lock: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  isLocked: () => Promise.resolve(false),
  speeds: () => Promise.resolve(REFERENCE_SPEEDS),
  sealPool: () => Promise.reject(new OpalineError('INTERNAL', { reason: 'threads of a trial' })),
  openSource: (path) => Promise.reject(new OpalineError('INPUT_NOT_FOUND', { path })),
};

function memoryFile(name: string): KeptFile {
  let kept: Uint8Array | undefined;
  return {
    vault: MEMORY,
    name,
    read: () =>
      kept === undefined
        ? Promise.reject(Object.assign(new Error('there is none'), { code: 'ENOENT' }))
        : Promise.resolve(kept),
    replace: (bytes) => {
      kept = bytes;
      return Promise.resolve();
    },
  };
}
