import { z } from 'zod';
import type { Cost } from '../dp/budget.ts';

/** How figures of one table are released: exactly, to whoever cannot learn of few subjects by them, or with noise. */
export type ReleaseSettings = ExactSettings | NoisySettings;

export interface ExactSettings {
  readonly mode: 'exact';
  /** Fewest distinct subjects behind a figure, behind what it leaves, and behind whatever follows from figures. */
  readonly floor: number;
}

export interface NoisySettings {
  readonly mode: 'dp';
  readonly floor: number;
  /** Of all queries ever, over whatever becomes of the table. */
  readonly budget: Cost;
  /** Of one query: either ε or ρ, and δ where it has groups. */
  readonly query: Cost;
  /** Most rows that a subject has in the table: it is in no more groups of a query than that. */
  readonly rows: number;
  /** Answers leave after a whole number of these, milliseconds. */
  readonly bucket: number;
}

const floor = z.int().min(2).max(1_000_000).default(10);
const units = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 4);
const cost = z
  .strictObject({
    microEpsilon: units.default(0),
    microRho: units.default(0),
    picoDelta: units.max(999_999_999_999).default(0),
  })
  .default({ microEpsilon: 0, microRho: 0, picoDelta: 0 });

const exact = z.strictObject({
  mode: z.literal('exact'),
  floor,
});

const noisy = z
  .strictObject({
    mode: z.literal('dp'),
    floor,
    budget: cost,
    query: cost,
    rows: z.int().min(1).max(1_000_000),
    bucket: z.int().min(1).max(600_000).default(1000),
  })
  .refine(
    ({ query }) => query.microEpsilon > 0 !== query.microRho > 0,
    'a query costs either microEpsilon or microRho',
  );

/** Settings by table, as a policy or a file of its own has them. */
export const RELEASE_SETTINGS: z.ZodType<Readonly<Record<string, ReleaseSettings>>> = z.record(
  z.string().min(1).max(63),
  z.discriminatedUnion('mode', [exact, noisy]),
);

/** What holds of a table that nothing is said of. */
export const DEFAULT_SETTINGS: ExactSettings = { mode: 'exact', floor: 10 };

/** Settings out of parsed JSON, or what is wrong with them. */
export function readSettings(
  json: unknown,
):
  | { readonly settings: Readonly<Record<string, ReleaseSettings>> }
  | { readonly issue: { readonly path: string; readonly reason: string } } {
  const parsed = RELEASE_SETTINGS.safeParse(json);
  if (parsed.success) return { settings: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    issue: {
      path: issue!.path.length === 0 ? 'settings' : issue!.path.map(String).join('.'),
      reason: issue!.message,
    },
  };
}
