import type { VaultHost } from './vault-host.ts';
import { isGoverned } from '../governance/place.ts';
import { isVaultLocked, lockVault } from './vault-lock.ts';

/** The host of a vault in a folder. What few uses of a vault need is loaded when it is needed. */
export function nodeHost(folder: string): VaultHost {
  return {
    lock: () => lockVault(folder),
    isLocked: () => isVaultLocked(folder),
    speeds: async (engine) => (await import('./speeds-file.ts')).machineSpeeds(folder, engine),
    sealPool: async (secrets, threads) => {
      const { ringSecrets } = await import('../seal/pool.ts');
      const { threadSealPool } = await import('../seal/pool.node.ts');
      const { custodyOf } = await import('../custody/vault-custody.ts');
      const divided = (await custodyOf(folder, secrets))?.publicKey;
      const ring = await ringSecrets(secrets);
      return threadSealPool({ ...ring, ...(divided && { divided }) }, threads);
    },
    governance: {
      exists: () => isGoverned(folder),
      create: async (secrets, officers) => {
        const { createGovernance } = await import('../governance/governance-files.ts');
        await createGovernance(folder, secrets, officers);
      },
      open: async (inside) => {
        const { VaultGovernance } = await import('../governance/governed-vault.ts');
        return await VaultGovernance.open(inside);
      },
    },
    custody: async (secrets) =>
      (await import('../custody/vault-custody.ts')).custodyOf(folder, secrets),
    custodians: async (secrets) =>
      (await import('../custody/open-custody.ts')).openCustody(folder, secrets),
    openSource: async (file, format) =>
      (await import('../ingest/file.ts')).openSource(file, format),
    releases: async () => (await import('./release-place.ts')).releasePlace(folder),
  };
}
