import { z } from 'zod';
import type { ErrorCode } from '../errors/codes.ts';

/** What a gate and its client agree on: paths, bodies, limits and statuses. */
export const GATE_PATHS = {
  health: '/v1/health',
  query: '/v1/query',
  /** Before the path of a file of the log (C2SP tlog-tiles). */
  log: '/v1/log/',
} as const;

/** Bytes of a request's body. */
export const BODY_LIMIT: number = 1 << 17;
/** Bytes of an answer that a client reads. */
export const ANSWER_LIMIT: number = 1 << 28;

const parameter = z.union([z.string().max(65_536), z.number(), z.boolean(), z.null()]);

/** Longer than the path of any file of a log. */
export const logPath: z.ZodType<LogPath> = z.strictObject({ '*': z.string().max(128) });

export interface LogPath {
  readonly '*': string;
}

export const queryBody: z.ZodType<QueryBody> = z.strictObject({
  purpose: z.string().min(1).max(63),
  sql: z.string().min(1).max(65_536),
  parameters: z.array(parameter).max(1000).default([]),
});

export interface QueryBody {
  readonly purpose: string;
  readonly sql: string;
  readonly parameters: (string | number | boolean | null)[];
}

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const answerBody: z.ZodType<AnswerBody> = z.strictObject({
  columns: z.array(z.string()),
  rows: z.array(z.array(cell)),
  errors: z.array(z.number().nullable()).optional(),
  /** The entry of the log that says that this was released, in base 64, and its proof (C2SP tlog-proof). */
  entry: z.string(),
  proof: z.string(),
});

export interface AnswerBody {
  readonly columns: string[];
  readonly rows: (string | number | boolean | null)[][];
  readonly errors?: (number | null)[] | undefined;
  readonly entry: string;
  readonly proof: string;
}

/** HTTP status of a refusal; 500 where none is named. */
export const GATE_STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  BYTES_INVALID: 400,
  SQL_SYNTAX: 400,
  SQL_UNSUPPORTED: 400,
  NOT_YET_AVAILABLE: 400,
  UNKNOWN_COLUMN: 400,
  UNKNOWN_TABLE: 400,
  TYPE_MISMATCH: 400,
  PARAMETER_MISSING: 400,
  PARAMETER_UNUSED: 400,
  MATCH_INVALID: 400,
  CAPABILITY_MISSING: 400,
  GATE_UNAUTHORIZED: 401,
  DENIED: 403,
  APPROVAL_NEEDED: 403,
  REQUEST_TOO_LARGE: 413,
  GATE_BUSY: 429,
  ABORTED: 499,
};
