/**
 * `node bench/report/check-claims.ts`: whether every figure of the documents that a benchmark measured is still what
 * the committed results say (bench/report/claims.json), and whether each has a row there.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readClaims, type Claim, type Claims, type Source, type Step } from './claims.ts';
import { inUnit, quantitiesIn, quantityOf, type Quantity } from './quantities.ts';
import { RECOMPUTED } from './recompute.ts';

/** The text of a file of the project. Throws where there is none. */
export type ReadFile = (path: string) => string;

/** What is wrong, in a line each; nothing: everything holds. */
export function checkClaims(claims: Claims, read: ReadFile): readonly string[] {
  return [
    ...claims.claims.flatMap((claim) => checkClaim(claim, read)),
    ...claims.files.flatMap((file) => uncovered(file, claims, read)),
  ];
}

function checkClaim(claim: Claim, read: ReadFile): readonly string[] {
  const about = `${claim.file}: "${claim.claim}"`;
  try {
    return problemsOf(claim, read).map((problem) => `${about}: ${problem}`);
  } catch (error) {
    return [`${about}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function problemsOf(claim: Claim, read: ReadFile): string[] {
  const text = prose(read(claim.file));
  const found = occurrences(text, spaced(claim.claim)).length;
  if (found !== 1) return [`it is there ${found} times`];
  if (!claim.claim.includes(claim.figure)) return [`it does not hold "${claim.figure}"`];
  const sources = [claim.result, claim.recompute, claim.unrecorded];
  if (sources.filter((one) => one !== undefined).length !== 1) {
    return ['one of result, recompute and unrecorded is wanted'];
  }
  if (claim.unrecorded !== undefined) return [];
  if (claim.relation === 'verbatim') {
    const lines = read(claim.result!.file).split('\n').map(spaced);
    return lines.includes(spaced(claim.claim)) ? [] : [`no line of ${claim.result!.file} is it`];
  }
  return compared(claim, quantityOf(claim.value ?? claim.figure), measured(claim, read));
}

function compared(
  { relation, tolerance, figure }: Claim,
  stated: Quantity,
  result: Quantity,
): string[] {
  if (stated.dimension !== result.dimension) {
    return [`${figure} is of ${stated.dimension}, the result of ${result.dimension}`];
  }
  const off = stated.value - result.value;
  const allowed = tolerance * Math.abs(result.value);
  const holds =
    relation === 'at most'
      ? off >= -allowed
      : relation === 'at least'
        ? off <= allowed
        : Math.abs(off) <= allowed;
  return holds ? [] : [`${figure} (${stated.value}) is not ${relation} ${result.value}`];
}

function measured(
  { result, dividedBy, recompute, figure, value }: Claim,
  read: ReadFile,
): Quantity {
  if (recompute !== undefined) {
    const compute = Object.hasOwn(RECOMPUTED, recompute) ? RECOMPUTED[recompute] : undefined;
    if (compute === undefined) throw new Error(`there is no "${recompute}" to compute`);
    return { dimension: quantityOf(value ?? figure).dimension, value: compute() };
  }
  const found = figureOf(result!, read);
  if (dividedBy === undefined) return found;
  const divisor = figureOf(dividedBy, read);
  if (divisor.dimension !== found.dimension) throw new Error('a quotient of different dimensions');
  return { dimension: 'number', value: found.value / divisor.value };
}

function figureOf({ file, path, match, take, unit = '' }: Source, read: ReadFile): Quantity {
  const text = read(file);
  if (match !== undefined) {
    const group = new RegExp(match).exec(text)?.[1];
    if (group === undefined) throw new Error(`${file} has nothing like ${match}`);
    return inUnit(Number(group), unit);
  }
  const at = (path ?? []).reduce<unknown>((value, one) => follow(value, one), JSON.parse(text));
  return inUnit(taken(at, take), unit);
}

function follow(value: unknown, step: Step): unknown {
  if (typeof step === 'object') {
    if (!Array.isArray(value)) throw new Error(`${JSON.stringify(step)} is no item: not a list`);
    const items = value.filter((item: Record<string, unknown>) =>
      Object.entries(step).every(([key, wanted]) => item[key] === wanted),
    );
    if (items.length !== 1) throw new Error(`${JSON.stringify(step)}: ${items.length} items`);
    return items[0] as unknown;
  }
  const next: unknown =
    typeof value === 'object' && value !== null && Object.hasOwn(value, step)
      ? (value as Record<string | number, unknown>)[step]
      : undefined;
  if (next === undefined) throw new Error(`the result has no ${step}`);
  return next;
}

function taken(value: unknown, take: Source['take']): number {
  if (take === undefined) {
    if (typeof value !== 'number') throw new Error('the path leads to no number');
    return value;
  }
  const sorted = (value as number[]).toSorted((a, b) => a - b);
  if (take === 'least') return sorted[0]!;
  if (take === 'greatest') return sorted.at(-1)!;
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Quantities of a document that are neither a claim’s nor a constant. */
function uncovered(file: string, { claims, constants }: Claims, read: ReadFile): string[] {
  const text = prose(read(file));
  const covered = [
    ...claims
      .filter((claim) => claim.file === file)
      .flatMap(({ claim, figure, relation }) =>
        occurrences(text, spaced(claim)).map((at) => {
          if (relation === 'verbatim') return [at, at + spaced(claim).length] as const;
          const from = at + spaced(claim).indexOf(spaced(figure));
          return [from, from + figure.length] as const;
        }),
      ),
    ...constants
      .filter((constant) => constant.file === file)
      .flatMap((constant) => {
        const wanted = spaced(constant.text);
        return occurrences(text, wanted).map((at) => [at, at + wanted.length] as const);
      }),
  ];
  const bare = quantitiesIn(text)
    .filter(({ from, to }) => !covered.some(([low, high]) => low <= from && to <= high))
    .map(({ text: one, from }) => `${file}: "${context(text, from)}": ${one} has no row`);
  const lost = constants
    .filter((constant) => constant.file === file && !text.includes(spaced(constant.text)))
    .map((constant) => `${file}: the constant "${constant.text}" is not there`);
  return [...bare, ...lost];
}

/** Without blocks of code and output, and with single spaces. */
function prose(markdown: string): string {
  return spaced(markdown.replaceAll(/^```[^]*?^```$/gm, ''));
}

function spaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function occurrences(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) places.push(at);
  return places;
}

function context(text: string, at: number): string {
  return text.slice(Math.max(0, at - 40), at + 30);
}

const ROOT = new URL('../../', import.meta.url);

/** Reads files of this project. */
export const readProject: ReadFile = (path) =>
  readFileSync(fileURLToPath(new URL(path, ROOT)), 'utf8');

if (import.meta.main) {
  const claims = readClaims(readProject('bench/report/claims.json'));
  const problems = checkClaims(claims, readProject);
  for (const problem of problems) console.error(problem);
  console.log(`${claims.claims.length} claims, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
