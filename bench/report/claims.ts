import { z } from 'zod';

/** A step into JSON: a key, a place in a list, or the only item of a list that has these fields. */
const step = z.union([
  z.string(),
  z.int().min(0),
  z.record(z.string(), z.union([z.string(), z.number()])),
]);
export type Step = z.infer<typeof step>;

/** Where in a committed file a figure is. */
const source = z.strictObject({
  file: z.string(),
  /** Of JSON. */
  path: z.array(step).optional(),
  /** Of text: a regular expression with one group. */
  match: z.string().optional(),
  /** Of lists, such as milliseconds of runs. */
  take: z.enum(['median', 'least', 'greatest']).optional(),
  unit: z.string().default(''),
});
export type Source = z.infer<typeof source>;

const claim = z.strictObject({
  file: z.string(),
  /** As it stands in the file, but for white space; once. */
  claim: z.string(),
  /** The number within it, with its unit. */
  figure: z.string(),
  /** Where the figure is in words: the number. */
  value: z.string().optional(),
  /** What measures it anew. */
  command: z.string(),
  /** Share by which figure and result may differ: rounding. */
  tolerance: z.number().min(0).max(0.5).default(0),
  /** What the figure says of the result; `verbatim`: the claim as a whole is a line of it. */
  relation: z.enum(['about', 'at most', 'at least', 'verbatim']).default('about'),
  result: source.optional(),
  /** The result is the quotient of two. */
  dividedBy: source.optional(),
  /** Cheap enough to be computed anew: a function of recompute.ts. */
  recompute: z.string().optional(),
  /** Why neither is there. */
  unrecorded: z.string().optional(),
});
export type Claim = z.infer<typeof claim>;

const constant = z.strictObject({
  file: z.string(),
  text: z.string(),
  /** What fixes it, if it is no measurement. */
  fixedBy: z.string(),
});
export type Constant = z.infer<typeof constant>;

const claims = z.strictObject({
  /** Files of which every quantity with a unit is a claim’s figure or a constant. */
  files: z.array(z.string()).min(1),
  claims: z.array(claim),
  constants: z.array(constant),
});
export type Claims = z.infer<typeof claims>;

/** Of the text of claims.json. Throws zod’s error. */
export function readClaims(json: string): Claims {
  return claims.parse(JSON.parse(json));
}
