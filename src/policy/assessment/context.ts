import { z } from 'zod';
import { LEVELS, type Level } from './scale.ts';

/** Who works on the data for its owner: the store's operator, a cloud, a supplier. */
export interface Processor {
  readonly name: string;
  readonly role: string;
  /** On what it may work on the data, for example "contract of 2026-01-01, article 28". */
  readonly legalBasis: string;
  readonly region: string;
  /** What shows that it is qualified, for example "ISO/IEC 27701 certificate 123"; null: nothing. */
  readonly certificate: string | null;
  /** An instant (RFC 3339, UTC) until which the qualification holds. */
  readonly expires: string;
}

/** What somebody answerable says of a risk, instead of the catalogue. */
export interface RiskStatement {
  readonly likelihood?: Level | undefined;
  readonly impact?: Level | undefined;
  readonly owner?: string | undefined;
  /** By when the response plan is done. */
  readonly due?: string | undefined;
  /** Why the residual risk is borne as it is. */
  readonly accepted?: string | undefined;
}

/** What no program can see and an assessment needs: declared, and marked as declared in the report. */
export interface Context {
  readonly organisation: {
    readonly name: string;
    /** Persons who work there; null: not stated. */
    readonly staff: number | null;
    /** Whether its main business is the processing of personal information; null: not stated. */
    readonly mainBusiness: boolean | null;
  };
  readonly officer: { readonly name: string; readonly contact: string } | null;
  /** The body that works on the protection of personal information. */
  readonly department: string | null;
  /** People whose information is expected to be processed within twelve months, in all; null: not stated. */
  readonly expected: number | null;
  readonly processors: readonly Processor[];
  /** Categories of the schema that are sensitive beside those that always are. */
  readonly sensitive: readonly string[];
  readonly risks: Readonly<Record<string, RiskStatement>>;
  /** Days for which the assessment holds: a year at most. */
  readonly validDays: number;
}

export const MOST_DAYS = 365;

export const NOTHING_STATED: Context = {
  organisation: { name: '', staff: null, mainBusiness: null },
  officer: null,
  department: null,
  expected: null,
  processors: [],
  sensitive: [],
  risks: {},
  validDays: MOST_DAYS,
};

const text = z.string().min(1).max(1000);
const instant = z.iso.datetime();
const people = z.int().min(0).max(10_000_000_000);
const level = z.union(LEVELS.map((one) => z.literal(one)));

const processor = z.strictObject({
  name: text,
  role: text,
  legalBasis: text,
  region: text,
  certificate: text.nullable(),
  expires: instant,
});

const statement = z.strictObject({
  likelihood: level.optional(),
  impact: level.optional(),
  owner: text.optional(),
  due: instant.optional(),
  accepted: text.optional(),
});

export const contextForm: z.ZodType<Context> = z.strictObject({
  organisation: z.strictObject({
    name: z.string().max(1000),
    staff: people.nullable(),
    mainBusiness: z.boolean().nullable(),
  }),
  officer: z.strictObject({ name: text, contact: text }).nullable(),
  department: text.nullable(),
  expected: people.nullable(),
  processors: z.array(processor).max(1000),
  sensitive: z.array(text).max(1000),
  risks: z.record(z.string().regex(/^[a-z-]{1,40}$/), statement),
  validDays: z.int().min(1).max(MOST_DAYS),
});
