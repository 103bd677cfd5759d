import type { ErrorCode, ErrorDetails } from './codes.ts';

interface Text<C extends ErrorCode> {
  message: (d: ErrorDetails[C]) => string;
  /** What to do about it. */
  hint: (d: ErrorDetails[C]) => string;
  /** True when the same request may succeed later, unchanged. */
  retryable?: boolean;
}

const at = (d: { line: number; column?: string }): string =>
  `line ${d.line}${d.column === undefined ? '' : `, column "${d.column}"`}`;
const inColumn = (d: { column?: string }): string =>
  d.column === undefined ? '' : ` in column "${d.column}"`;
const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));

/** One message and one remedy for every code; the type makes a missing one a compile error. */
export const TEXTS: { readonly [C in ErrorCode]: Text<C> } = {
  USAGE: { message: (d) => d.reason, hint: () => 'see opaline --help' },
  CSV_MALFORMED: {
    message: (d) => `malformed CSV at ${at(d)}: ${d.reason}`,
    hint: () => 'correct the file and ingest it again; nothing was stored',
  },
  INPUT_MALFORMED: {
    // Line 0: the input as a whole.
    message: (d) => `malformed input${d.line === 0 ? inColumn(d) : ` at ${at(d)}`}: ${d.reason}`,
    hint: () => 'correct the input and ingest it again; nothing was stored',
  },
  VALUE_INVALID: {
    message: (d) => `${at(d)}: expected ${d.expected}`,
    hint: () => 'correct the cell, or give the column another type with --schema',
  },
  VALUE_OUT_OF_RANGE: {
    message: (d) => `${at(d)}: the value is outside the declared range ${d.range}`,
    hint: () => 'correct the cell or widen "range" in the schema; nothing was stored',
  },
  NULL_NOT_ALLOWED: {
    message: (d) => `${at(d)}: the column is not nullable and the cell is empty`,
    hint: () => 'fill the cell or set "nullable": true in the schema',
  },
  FIELD_TOO_LARGE: {
    message: (d) => `${at(d)}: a field of ${d.bytes} bytes exceeds the limit of ${d.limit}`,
    hint: () => 'shorten the field, or store it elsewhere and keep a reference',
  },
  INPUT_EMPTY: {
    message: (d) => `${d.source} has no header row or no columns`,
    hint: () => 'the first line must name the columns',
  },
  INPUT_NOT_FOUND: {
    message: (d) => `cannot read ${d.path}`,
    hint: () => 'check the path and its permissions',
  },
  INPUT_FORMAT_UNKNOWN: {
    message: (d) => `cannot tell the format of ${d.path}`,
    hint: () => 'use a name ending in .csv, .ndjson, .jsonl or .parquet, or pass --input-format',
  },
  OUTPUT_FAILED: {
    message: (d) => `cannot write the output: ${d.reason}`,
    hint: () => 'check the disk that the output goes to',
  },
  SCHEMA_INVALID: {
    message: (d) => `schema: ${d.path}: ${d.reason}`,
    hint: () => 'opaline ingest --print-schema shows a valid schema for your file',
  },
  SCHEMA_MISMATCH: {
    message: (d) => `the rows do not fit the table: ${d.reason}`,
    hint: () => 'append rows with the same columns and types, or ingest into another table',
  },
  SCHEMA_UNTRUSTED: {
    message: (d) => `${d.path} is a program, and it would run`,
    hint: () => 'read it, then pass --trust-schema',
  },
  SQL_SYNTAX: {
    message: (d) =>
      `SQL: ${d.reason}${d.position === undefined ? '' : ` (at character ${d.position + 1})`}`,
    hint: () => 'the grammar is PostgreSQL’s; README lists what a query may contain',
  },
  SQL_UNSUPPORTED: {
    message: (d) => `SQL: ${d.feature} is not supported`,
    hint: (d) => d.instead ?? 'README lists what a query may contain',
  },
  NOT_YET_AVAILABLE: {
    message: (d) => `${d.feature} is not available yet in this version`,
    hint: () => 'CHANGELOG.md says what each version answers',
  },
  UNKNOWN_TABLE: {
    message: (d) => `no table "${d.table}"`,
    hint: (d) => `tables: ${list(d.known)}`,
  },
  UNKNOWN_COLUMN: {
    message: (d) => `table "${d.table}" has no column "${d.column}"`,
    hint: (d) => `columns: ${list(d.known)} (names with capitals need double quotes)`,
  },
  TYPE_MISMATCH: {
    message: (d) => d.reason,
    hint: () => 'compare a column with values of its own type',
  },
  PARAMETER_MISSING: {
    message: (d) => `the query uses $${d.parameter}, but ${d.given} parameters were given`,
    hint: () => 'give one --param for each $n, in order',
  },
  PARAMETER_UNUSED: {
    message: (d) => `${d.given} parameters were given, but the query uses ${d.used}`,
    hint: () => 'give one --param for each $n, in order',
  },
  CAPABILITY_MISSING: {
    message: (d) => `${d.operation} on ${d.column} needs what this table does not have: ${d.needs}`,
    hint: () => 'change the schema and ingest the table again',
  },
  MATCH_INVALID: {
    message: (d) =>
      `the expression of MATCH: ${d.reason}${d.position === undefined ? '' : ` (at its character ${d.position + 1})`}`,
    hint: () =>
      "for example MATCH(column, 'tall AND (dark OR light) AND NOT green'), operators in capitals",
  },
  MODEL_INVALID: {
    message: (d) => `the model: ${d.reason}`,
    hint: () =>
      'a model is {"weights": {"column": number, …}, "intercept": number, "link": "logistic"}',
  },
  MODEL_RANGE: {
    message: (d) =>
      `the linear part of the model may be beyond ±${d.limit} on this table, where the logistic function is not approximated`,
    hint: () => 'score with "link": "identity", or store columns of a smaller range',
  },
  GROUP_LIMIT: {
    message: (d) => `the query would make ${d.groups} groups; the limit is ${d.limit}`,
    hint: () => 'filter more, or group by a column with fewer values',
  },
  DIVISION_BY_ZERO: {
    message: () => 'division by zero',
    hint: () => 'guard the divisor, for example with HAVING',
  },
  DESIGN_SINGULAR: {
    message: (d) =>
      d.of.length === 0
        ? `the term ${d.term} is zero in every row`
        : `the term ${d.term} is a combination of ${list(d.of)}`,
    hint: () => 'leave the term out, or one of those it is made of',
  },
  TOO_FEW_ROWS: {
    message: (d) =>
      `at least ${d.needed} ${d.what} without NULL are needed, and there ` +
      (d.found === 1 ? 'is 1' : `are ${d.found}`),
    hint: () => 'filter less, or use a model with fewer terms',
  },
  NOISE_BOUND: {
    message: (d) =>
      `${d.rows} rows could carry noise up to ${d.bound}, and ${d.limit} is the most that decrypts surely`,
    hint: () => 'filter more, or use parameters with a larger modulus',
  },
  OVERFLOW_BOUND: {
    message: (d) =>
      `the sum of ${d.column} could reach ${d.bound}, past the plaintext modulus (${d.limit})`,
    hint: () => 'declare a narrower "range", or filter more',
  },
  PARAMETERS_INVALID: { message: (d) => `parameters: ${d.reason}`, hint: () => 'use a preset' },
  PASSPHRASE_REQUIRED: {
    message: () => 'a passphrase is required',
    hint: () => 'pass --passphrase-file, set OPALINE_PASSPHRASE, or run on a terminal',
  },
  PASSPHRASE_WRONG: {
    message: (d) => `the passphrase does not open ${d.path}, or its key file was altered`,
    hint: () => 'try again; a forgotten passphrase cannot be recovered',
  },
  PASSPHRASE_WEAK: { message: (d) => d.reason, hint: () => 'choose a longer passphrase' },
  VAULT_NOT_FOUND: {
    message: (d) => `no vault at ${d.path}`,
    hint: () => 'make one with: opaline init VAULT --store STORE',
  },
  VAULT_EXISTS: {
    message: (d) => `${d.path} already holds a vault or other files`,
    hint: () => 'choose an empty folder',
  },
  VAULT_CORRUPT: {
    message: (d) => `the vault at ${d.path} is damaged: ${d.reason}`,
    hint: () => 'restore it from a backup',
  },
  VAULT_LOCKED: {
    message: (d) =>
      `${d.process === 0 ? 'another process' : `process ${d.process}`} is writing to ${d.path}`,
    hint: () =>
      'wait for it to end, then try again; if it ran on a machine that is gone, delete writer.lock in the vault',
    retryable: true,
  },
  KEY_MISSING: {
    message: (d) => `the vault has no key for ${d.what}`,
    hint: () =>
      'it was erased, or the vault comes from a backup that is too old; restore a newer one',
  },
  CHECK_FAILED: {
    message: (d) => `${d.path}: ${d.problems} problem${d.problems === 1 ? '' : 's'} found`,
    hint: () => 'restore the store, or the vault, from a copy',
  },
  BACKUP_INVALID: {
    message: (d) => `${d.path} is not a usable backup: ${d.reason}`,
    hint: () => 'use another copy of the backup',
  },
  VERSION_UNSUPPORTED: {
    message: (d) => `${d.what} has version ${d.version}; this program reads ${d.supported}`,
    hint: () => 'use a newer Opaline',
  },
  TABLE_EXISTS: {
    message: (d) => `table "${d.table}" already exists`,
    hint: () => 'pass --append to add rows, or --table to choose another name',
  },
  KEY_TAKEN: {
    message: (d) => `row ${d.line}: table "${d.table}" has a row of that key`,
    hint: () => 'put the record to replace the row, or give it another key; nothing was stored',
  },
  KEY_NOT_UNIQUE: {
    message: (d) => `two rows of table "${d.table}" have one key`,
    hint: () => 'the store hid a row when the other was written; delete the key, then put it again',
  },
  CURSOR_INVALID: {
    message: (d) => `the cursor cannot be used: ${d.reason}`,
    hint: () => 'pass the cursor of the page before, with the same table and conditions',
  },
  CURSOR_EXPIRED: {
    message: (d) => `the rows of table "${d.table}" were laid out anew since the cursor was made`,
    hint: () => 'begin again with the first page',
  },
  STORE_NOT_FOUND: {
    message: (d) => `no store at ${d.path}`,
    hint: () => 'check --store, or mount the folder',
  },
  STORE_UNREACHABLE: {
    message: (d) => `store ${d.store}: ${d.reason}`,
    hint: () => 'check the address and that the store is running',
    retryable: true,
  },
  STORE_UNAUTHORIZED: {
    message: (d) => `store ${d.store} does not accept the token, or needs one`,
    hint: () => 'ask its operator for a token and set OPALINE_STORE_TOKEN',
  },
  STORE_FORBIDDEN: {
    message: (d) => `the token for store ${d.store} does not allow to ${d.scope}`,
    hint: () => 'ask its operator for a token with that scope',
  },
  STORE_BUSY: {
    message: (d) => `store ${d.store} is asked too much; it takes more in ${d.seconds} s`,
    hint: () => 'wait, then try again',
    retryable: true,
  },
  UPLOAD_OFFSET: {
    message: (d) => `the upload of part ${d.part} goes on at byte ${d.expected}`,
    hint: () => 'send the rest from there',
    retryable: true,
  },
  STORE_FULL: {
    message: (d) => `store ${d.store} has no room left`,
    hint: () => 'free space, then try again; the table is as it was',
    retryable: true,
  },
  STORE_IO: {
    message: (d) => `store: ${d.operation} failed: ${d.reason}`,
    hint: () => 'check the folder’s permissions and disk',
    retryable: true,
  },
  PART_MISSING: {
    message: (d) => `the store has lost part ${d.part}`,
    hint: () => 'restore the store from a copy; the vault refuses to answer from what is left',
  },
  PART_CORRUPT: {
    message: (d) => `part ${d.part} is damaged or was altered: ${d.reason}`,
    hint: () => 'restore the store from a copy; the vault refuses to answer from it',
  },
  BYTES_INVALID: {
    message: (d) => `${d.what}: ${d.reason}`,
    hint: () => 'the bytes are damaged, or not what they were taken for',
  },
  MANIFEST_INVALID: {
    message: (d) => `the table’s manifest is not the owner’s: ${d.reason}`,
    hint: () => 'the store returned altered data; restore it from a copy',
  },
  EPOCH_ROLLBACK: {
    message: (d) => `the store offers epoch ${d.found} of a table whose epoch is ${d.expected}`,
    hint: () => 'the store was rolled back or is lying; restore its newest copy',
  },
  EPOCH_CONFLICT: {
    message: (d) =>
      `the table moved to epoch ${d.found} while epoch ${d.expected} was being replaced`,
    hint: () => 'another writer was faster; try again',
    retryable: true,
  },
  REQUEST_TOO_LARGE: {
    message: (d) => `${d.what} is ${d.size}; the limit is ${d.limit}`,
    hint: () => 'send less at a time',
  },
  LOG_NOT_FOUND: {
    message: (d) => `no audit log at ${d.path}`,
    hint: () => 'a log’s folder holds a file "checkpoint"',
  },
  LOG_EXISTS: {
    message: (d) => `${d.path} already holds an audit log or other files`,
    hint: () => 'choose an empty folder',
  },
  LOG_INVALID: {
    message: (d) => `audit log: ${d.where}: ${d.reason}`,
    hint: () => 'opaline audit verify says what is wrong with the log',
  },
  LOG_LOCKED: {
    message: (d) => `process ${d.process} is writing to the audit log ${d.path}`,
    hint: () => 'try again',
    retryable: true,
  },
  LOG_ROLLBACK: {
    message: (d) =>
      `the audit log has ${d.found} entries, and ${d.expected} are known to have been logged`,
    hint: () => 'the log was rolled back; find its newest copy',
  },
  LOG_FORK: {
    message: (d) =>
      `the first ${d.size} entries of the audit log are not those that are known to have been logged`,
    hint: () => 'the log was rewritten; find the copy that continues the known head',
  },
  LOG_UNPROVED: {
    message: (d) =>
      `nothing shows that the audit log continues the ${d.known} entries that are known to have been logged`,
    hint: () => 'prove it from that many entries on',
    retryable: true,
  },
  LOG_INDEX: {
    message: (d) => `the audit log has ${d.size} entries, and none of number ${d.index}`,
    hint: () => 'entries are numbered from 0',
  },
  LEDGER_INVALID: {
    message: (d) => `the ledger of releases ${d.path} is damaged: ${d.reason}`,
    hint: () => 'restore it from a backup; without it nothing is released of the table',
  },
  TOOL_INVALID: {
    message: (d) => `tool: ${d.path}: ${d.reason}`,
    hint: () => 'correct the bundle, or have the officers certify it again (opaline tool certify)',
  },
  POLICY_INVALID: {
    message: (d) => `policy: ${d.path}: ${d.reason}`,
    hint: () => 'correct the policy and sign it again',
  },
  GATE_UNAUTHORIZED: {
    message: () => 'the gate does not accept the token, or needs one',
    hint: () => 'ask the data’s owner for a token (opaline principal add) and set OPALINE_TOKEN',
  },
  GATE_UNREACHABLE: {
    message: (d) => `gate ${d.gate}: ${d.reason}`,
    hint: () => 'check the address and that opaline gate serve is running',
    retryable: true,
  },
  GATE_BUSY: {
    message: (d) => `the gate is asked too much; it takes more in ${d.seconds} s`,
    hint: () => 'wait, then try again',
    retryable: true,
  },
  APPROVAL_NEEDED: {
    message: (d) => `request ${d.request} has ${d.given} of ${d.needed} approvals`,
    hint: (d) =>
      `people other than you approve it with: opaline approve VAULT ${d.request}; then ask again`,
    retryable: true,
  },
  NOT_COLLECTED: {
    message: (d) => `table "${d.table}" may not hold what was given: ${d.reason}`,
    hint: () => 'collect only what a purpose of the policy needs, of people who were notified',
  },
  SHARES_INVALID: {
    message: (d) => `the shares: ${d.reason}`,
    hint: () =>
      'give as many different shares of one division as it needs; custody status counts them',
  },
  CUSTODIAN_REFUSED: {
    message: (d) => `custodian ${d.custodian} refuses: ${d.reason}`,
    hint: () => 'a sum is decrypted once an epoch; otherwise ask who keeps that share',
  },
  CUSTODIAN_UNREACHABLE: {
    message: (d) => `custodian ${d.custodian}: ${d.reason}`,
    hint: () => 'check its address and that it is running; another quorum may answer',
    retryable: true,
  },
  PARTIALS_INVALID: {
    message: ({ custodians }) =>
      `the custodians’ answers do not make the right sums${custodians === undefined ? '' : `: ${list(custodians)}`}`,
    hint: () =>
      'one of them answered wrongly, or all at one with the store: examine them; ask again by another quorum, or at the next epoch',
  },
  ANSWER_FALSIFIED: {
    message: () => 'the store’s answer does not verify: nothing is released',
    hint: () => 'releases are frozen until the owner lifts the freeze; examine the store first',
  },
  RELEASES_FROZEN: {
    message: (d) => `releases are frozen since ${d.since}: an answer of the store did not verify`,
    hint: () => 'the owner examines the store and lifts the freeze',
  },
  ABORTED: { message: () => 'cancelled', hint: () => 'nothing was changed', retryable: true },
  WORKER_FAILED: {
    message: (d) => `a worker failed: ${d.reason}`,
    hint: () => 'try again; of a cluster, check that its queue and its workers run',
    retryable: true,
  },
  DENIED: { message: (d) => d.reason, hint: () => 'ask the data’s owner' },
  INTERNAL: {
    message: (d) => `internal error: ${d.reason}`,
    hint: () => 'this is a defect in Opaline; please report it',
  },
};
