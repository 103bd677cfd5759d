import { z } from 'zod';
import { utf8 } from '../../bytes/codec.ts';
import { sha256 } from '../../bytes/hash.ts';
import { toHex } from '../../bytes/hex.ts';
import { canonical } from '../assessment/scope.ts';
import { type Limit, type PolicyIssue, PERIODS } from '../document.ts';
import { type OutputShape, outputForm } from './output.ts';
import { type Slot, slotForm } from './slot.ts';

/** One query of a tool: what it may ask for, word by word but for its parameters. */
export interface ToolQuery {
  readonly name: string;
  readonly sql: string;
  /** What $1, $2, … may be. */
  readonly parameters: readonly Slot[];
  readonly output: OutputShape;
}

/** All that a tool is to its gate: the queries that it may ask, no program of its own. */
export interface ToolBundle {
  /** Of this format. */
  readonly version: 1;
  readonly name: string;
  readonly vendor: string;
  /** The vendor's number of this version of the tool. */
  readonly release: string;
  readonly purpose: string;
  readonly table: string;
  readonly queries: readonly ToolQuery[];
  readonly limits: ToolLimits;
}

/** Of one principal that the tool is. */
export interface ToolLimits {
  readonly calls: Limit;
  /** Cells of results. */
  readonly cells: Limit;
}

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a name is of a-z, 0-9, ".", "_" and "-"');
const text = z.string().min(1).max(200);
const limit = z.strictObject({
  limit: z.int().min(1).max(1_000_000_000),
  per: z.enum(PERIODS),
});

export const limitsForm: z.ZodType<ToolLimits> = z.strictObject({ calls: limit, cells: limit });

const query: z.ZodType<ToolQuery> = z.strictObject({
  name,
  sql: z.string().min(1).max(65_536),
  parameters: z.array(slotForm).max(32),
  output: outputForm,
});

const MOST_QUERIES = 64;

export const bundleForm: z.ZodType<ToolBundle> = z
  .strictObject({
    version: z.literal(1),
    name,
    vendor: text,
    release: text,
    purpose: name,
    table: z.string().min(1).max(63),
    queries: z.array(query).min(1).max(MOST_QUERIES),
    limits: limitsForm,
  })
  .superRefine(({ queries }, context) => {
    for (const key of ['name', 'sql'] as const) {
      const seen = new Set<string>();
      for (const [i, one] of queries.entries()) {
        if (seen.has(one[key])) {
          const message = 'another query has the same';
          context.addIssue({ code: 'custom', path: ['queries', i, key], message });
        }
        seen.add(one[key]);
      }
    }
  });

/** A bundle out of parsed JSON, or what is wrong with it. */
export function readBundle(
  json: unknown,
): { readonly bundle: ToolBundle } | { readonly issues: readonly PolicyIssue[] } {
  const parsed = bundleForm.safeParse(json);
  if (parsed.success) return { bundle: parsed.data };
  return {
    issues: parsed.error.issues.map(({ path, message }) => ({
      path: path.length === 0 ? 'bundle' : path.map(String).join('.'),
      reason: message,
    })),
  };
}

/** SHA-256 of a bundle's canonical JSON, 64 hex digits: however its file is laid out, what it says. */
export function bundleHash(bundle: ToolBundle): string {
  return toHex(sha256(utf8(`opaline tool bundle v1\n${canonical(bundle)}\n`)));
}
