/**
 * Every refusal Opaline can give, in one closed union: code -> the typed details it carries.
 *
 * Details never hold secrets: no cell value, search term, passphrase or key. A value that failed to
 * parse is described by its place (line, column), its kind and its length, not repeated.
 */
export interface ErrorDetails {
  // --- input -------------------------------------------------------------------------------
  USAGE: { reason: string };
  CSV_MALFORMED: { line: number; reason: string; column?: string };
  INPUT_MALFORMED: { line: number; reason: string; column?: string };
  VALUE_INVALID: { line: number; column: string; expected: string };
  VALUE_OUT_OF_RANGE: { line: number; column: string; range: string };
  NULL_NOT_ALLOWED: { line: number; column: string };
  FIELD_TOO_LARGE: { line: number; column: string; bytes: number; limit: number };
  INPUT_EMPTY: { source: string };
  INPUT_NOT_FOUND: { path: string };
  INPUT_FORMAT_UNKNOWN: { path: string };
  OUTPUT_FAILED: { reason: string };
  // --- schema ------------------------------------------------------------------------------
  SCHEMA_INVALID: { path: string; reason: string };
  SCHEMA_MISMATCH: { reason: string };
  SCHEMA_UNTRUSTED: { path: string };
  // --- SQL ---------------------------------------------------------------------------------
  SQL_SYNTAX: { reason: string; position?: number };
  SQL_UNSUPPORTED: { feature: string; instead?: string };
  NOT_YET_AVAILABLE: { feature: string };
  UNKNOWN_TABLE: { table: string; known: string[] };
  UNKNOWN_COLUMN: { column: string; table: string; known: string[] };
  TYPE_MISMATCH: { reason: string };
  PARAMETER_MISSING: { parameter: number; given: number };
  PARAMETER_UNUSED: { given: number; used: number };
  CAPABILITY_MISSING: { operation: string; column: string; needs: string };
  /** The expression of MATCH; `position` in code points, from 0. */
  MATCH_INVALID: { reason: string; position?: number };
  MODEL_INVALID: { reason: string };
  MODEL_RANGE: { limit: number };
  GROUP_LIMIT: { groups: number; limit: number };
  DIVISION_BY_ZERO: Record<never, never>;
  /** Regression: a term that the terms `of`, all before it, determine; none: it is zero in every row. */
  DESIGN_SINGULAR: { term: string; of: string[] };
  TOO_FEW_ROWS: { what: 'rows' | 'groups'; found: number; needed: number };
  // --- proofs ------------------------------------------------------------------------------
  NOISE_BOUND: { rows: number; bound: string; limit: string };
  OVERFLOW_BOUND: { column: string; bound: string; limit: string };
  PARAMETERS_INVALID: { reason: string };
  // --- vault, table, store -----------------------------------------------------------------
  PASSPHRASE_REQUIRED: Record<never, never>;
  PASSPHRASE_WRONG: { path: string };
  PASSPHRASE_WEAK: { reason: string };
  VAULT_NOT_FOUND: { path: string };
  VAULT_EXISTS: { path: string };
  VAULT_CORRUPT: { path: string; reason: string };
  VAULT_LOCKED: { path: string; process: number };
  KEY_MISSING: { what: string };
  CHECK_FAILED: { path: string; problems: number };
  BACKUP_INVALID: { path: string; reason: string };
  VERSION_UNSUPPORTED: { what: string; version: number; supported: string };
  TABLE_EXISTS: { table: string };
  /** `line`: of the input's row, from 1, whose key another row has. */
  KEY_TAKEN: { table: string; line: number };
  KEY_NOT_UNIQUE: { table: string };
  CURSOR_INVALID: { reason: string };
  CURSOR_EXPIRED: { table: string };
  STORE_NOT_FOUND: { path: string };
  STORE_UNREACHABLE: { store: string; reason: string };
  STORE_UNAUTHORIZED: { store: string };
  STORE_FORBIDDEN: { store: string; scope: string };
  STORE_BUSY: { store: string; seconds: number };
  UPLOAD_OFFSET: { part: string; expected: number };
  STORE_FULL: { store: string };
  STORE_IO: { operation: string; reason: string };
  PART_MISSING: { part: string };
  PART_CORRUPT: { part: string; reason: string };
  BYTES_INVALID: { what: string; reason: string };
  MANIFEST_INVALID: { reason: string };
  EPOCH_ROLLBACK: { expected: number; found: number };
  EPOCH_CONFLICT: { expected: number; found: number };
  REQUEST_TOO_LARGE: { what: string; size: number; limit: number };
  // --- audit log and policy ----------------------------------------------------------------
  LOG_NOT_FOUND: { path: string };
  LOG_EXISTS: { path: string };
  /** `where`: the file of the log, below its folder. */
  LOG_INVALID: { where: string; reason: string };
  LOG_LOCKED: { path: string; process: number };
  LOG_ROLLBACK: { expected: number; found: number };
  LOG_FORK: { size: number };
  /** Of a log that may continue the `known` entries, which nothing shows yet. */
  LOG_UNPROVED: { known: number };
  LOG_INDEX: { index: number; size: number };
  POLICY_INVALID: { path: string; reason: string };
  LEDGER_INVALID: { path: string; reason: string };
  /** Of a tool's bundle or certificate; `path`: of what in it. */
  TOOL_INVALID: { path: string; reason: string };
  // --- gate --------------------------------------------------------------------------------
  GATE_UNAUTHORIZED: Record<never, never>;
  GATE_UNREACHABLE: { gate: string; reason: string };
  GATE_BUSY: { seconds: number };
  /** `request`: its hash, 64 hex digits, which approvers sign. */
  APPROVAL_NEEDED: { request: string; given: number; needed: number };
  NOT_COLLECTED: { table: string; reason: string };
  // --- custody -----------------------------------------------------------------------------
  /** Shares of a vault's key, or of a ring secret, that do not fit together. */
  SHARES_INVALID: { reason: string };
  CUSTODIAN_REFUSED: { custodian: string; reason: string };
  CUSTODIAN_UNREACHABLE: { custodian: string; reason: string };
  /** Partial decryptions that are not of one sum, or of one that does not verify: one of these, asked together, is wrong. */
  PARTIALS_INVALID: { custodians?: readonly string[] };
  /** Of an answer that does not verify; which part of it, and how, is nobody's business. */
  ANSWER_FALSIFIED: Record<never, never>;
  RELEASES_FROZEN: { since: string };
  // --- run ---------------------------------------------------------------------------------
  ABORTED: Record<never, never>;
  WORKER_FAILED: { reason: string };
  DENIED: { reason: string };
  INTERNAL: { reason: string };
}

export type ErrorCode = keyof ErrorDetails;
