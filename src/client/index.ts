export { createVault, openVault } from './vault.ts';
export type {
  Cell,
  CreateOptions,
  Explanation,
  IngestFileOptions,
  IngestOptions,
  IngestReport,
  OpenOptions,
  Parameter,
  QueryOptions,
  QueryResult,
  QueryStats,
  Row,
  TableInfo,
  Vault,
} from './api.ts';
