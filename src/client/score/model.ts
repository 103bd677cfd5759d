import { OpalineError } from '../../errors/opaline-error.ts';

/** A linear or logistic model of a row: z = intercept + Σ weight·column, and σ(z) of it. */
export interface Model {
  /** Of numeric columns; numbers are read as the decimals they print as. */
  readonly weights: Readonly<Record<string, number>>;
  /** Default: 0. */
  readonly intercept?: number;
  /** Default: identity, the score is z; logistic: 1/(1 + e^-z). */
  readonly link?: 'identity' | 'logistic';
}

const KEYS = ['weights', 'intercept', 'link'];

/**
 * The model of a JSON value.
 * @throws MODEL_INVALID
 */
export function parseModel(json: unknown): Required<Model> {
  if (!isObject(json)) throw invalid('it must be an object');
  for (const key of Object.keys(json)) {
    if (!KEYS.includes(key)) throw invalid(`unknown key "${key}"; known: ${KEYS.join(', ')}`);
  }
  const { weights, intercept = 0, link = 'identity' } = json;
  if (!isObject(weights) || Object.keys(weights).length === 0) {
    throw invalid('"weights" must be an object with a number for each column');
  }
  const checked: Record<string, number> = {};
  for (const [column, weight] of Object.entries(weights)) {
    if (!isFinite(weight)) throw invalid(`the weight of "${column}" must be a finite number`);
    checked[column] = weight;
  }
  if (!isFinite(intercept)) throw invalid('"intercept" must be a finite number');
  if (link !== 'identity' && link !== 'logistic') {
    throw invalid('"link" must be "identity" or "logistic"');
  }
  return { weights: checked, intercept, link };
}

const isObject = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
const isFinite = (json: unknown): json is number =>
  typeof json === 'number' && Number.isFinite(json);

function invalid(reason: string): OpalineError {
  return new OpalineError('MODEL_INVALID', { reason });
}
