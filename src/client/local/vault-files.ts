/** A vault's files, in the order in which a backup reads them (backup.ts says why). */
export const VAULT_FILES = ['heads.opal', 'keys.opal', 'vault.opal'] as const;

/** Whether answers are verified, and frozen: of a vault that was told to verify them. */
export const RELEASE_FILE = 'release.opal';

/** The public key of a divided secret, and where custodians answer: of a vault that a key was divided for. */
export const CUSTODY_FILE = 'custody.opal';

/** The log in which requests to custodians are announced; a folder of the vault. */
export const CUSTODY_LOG = 'custody-log';

/** What not every vault has. */
export const FURTHER_FILES: readonly string[] = [RELEASE_FILE, CUSTODY_FILE];
