import { z } from 'zod';

/** A step into JSON: a key, a place in a list, or the only item of a list that has these fields. */
export type Step = string | number | Readonly<Record<string, string | number>>;

/** Where in a committed file a figure is. */
export interface Source {
  readonly file: string;
  /** Of JSON. */
  readonly path?: readonly Step[];
  /** Of text: a regular expression with one group. */
  readonly match?: string;
  /** Of lists, such as milliseconds of runs. */
  readonly take?: 'median' | 'least' | 'greatest';
  readonly unit?: string;
}

/** A figure of a document that was measured. */
export interface Claim {
  readonly file: string;
  /** As it stands in the file, but for white space; once. */
  readonly claim: string;
  /** The number within it, with its unit. */
  readonly figure: string;
  /** Where the figure is in words: the number. */
  readonly value?: string;
  /** What measures it anew. */
  readonly command: string;
  /** Share by which figure and result may differ: rounding. */
  readonly tolerance: number;
  /** What the figure says of the result; `verbatim`: the claim as a whole is a line of it. */
  readonly relation: 'about' | 'at most' | 'at least' | 'verbatim';
  readonly result?: Source;
  /** The result is the quotient of two. */
  readonly dividedBy?: Source;
  /** Cheap enough to be computed anew: a function of recompute.ts. */
  readonly recompute?: string;
  /** Why neither is there. */
  readonly unrecorded?: string;
}

/** A quantity of a document that is no measurement. */
export interface Constant {
  readonly file: string;
  readonly text: string;
  /** What sets it. */
  readonly fixedBy: string;
}

export interface Claims {
  /** Files of which every quantity with a unit is a claim’s figure or a constant. */
  readonly files: readonly string[];
  readonly claims: readonly Claim[];
  readonly constants: readonly Constant[];
}

const step = z.union([
  z.string(),
  z.int().min(0),
  z.record(z.string(), z.union([z.string(), z.number()])),
]);

const source = z.strictObject({
  file: z.string(),
  path: z.array(step).exactOptional(),
  match: z.string().exactOptional(),
  take: z.enum(['median', 'least', 'greatest']).exactOptional(),
  unit: z.string().exactOptional(),
});

const claim = z.strictObject({
  file: z.string(),
  claim: z.string(),
  figure: z.string(),
  value: z.string().exactOptional(),
  command: z.string(),
  tolerance: z.number().min(0).max(0.5).default(0),
  relation: z.enum(['about', 'at most', 'at least', 'verbatim']).default('about'),
  result: source.exactOptional(),
  dividedBy: source.exactOptional(),
  recompute: z.string().exactOptional(),
  unrecorded: z.string().exactOptional(),
});

const claims = z.strictObject({
  files: z.array(z.string()).min(1),
  claims: z.array(claim),
  constants: z.array(z.strictObject({ file: z.string(), text: z.string(), fixedBy: z.string() })),
}) satisfies z.ZodType<Claims>;

/** Of the text of claims.json. Throws zod’s error. */
export function readClaims(json: string): Claims {
  return claims.parse(JSON.parse(json));
}
