export { backupVault, restoreVault } from './local/backup.ts';
export { changePassphrase } from './local/change-passphrase.ts';
export { createVault, openVault } from './vault.ts';
export type {
  Cell,
  CheckOptions,
  CompactOptions,
  CompactReport,
  CreateOptions,
  DeleteOptions,
  DeleteReport,
  Explanation,
  Finding,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
  OpenOptions,
  Model,
  Parameter,
  PartBytes,
  QueryOptions,
  QueryResult,
  QueryStats,
  Row,
  ScoreOptions,
  TableInfo,
  Vault,
} from './api.ts';
