import { Rational } from '../../plan/exact/rational.ts';
import { keyOf, type Monomial } from '../../plan/statistics/design.ts';

/** A polynomial in columns that are not derived: each monomial, by its key, and its coefficient. */
export type Polynomial = ReadonlyMap<string, MonomialTerm>;

export interface MonomialTerm {
  readonly monomial: Monomial;
  readonly coefficient: Rational;
}

/** constant + Σ coefficient·monomial; equal monomials add up. */
export function polynomial(terms: Iterable<MonomialTerm>): Polynomial {
  const out = new Map<string, MonomialTerm>();
  for (const { monomial, coefficient } of terms) {
    const key = keyOf(monomial, []);
    const before = out.get(key)?.coefficient ?? Rational.ZERO;
    out.set(key, { monomial, coefficient: before.plus(coefficient) });
  }
  return out;
}

export function multiply(a: Polynomial, b: Polynomial): Polynomial {
  const terms: MonomialTerm[] = [];
  for (const x of a.values()) {
    for (const y of b.values()) {
      terms.push({
        monomial: [...x.monomial, ...y.monomial].sort(),
        coefficient: x.coefficient.times(y.coefficient),
      });
    }
  }
  return polynomial(terms);
}

/** The decimal that a finite double prints as, exactly. */
export function decimalOf(value: number): Rational {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? [];
  const digits = BigInt(`${whole}${fraction}`);
  return Rational.scaled(sign === '-' ? -digits : digits, fraction.length - Number(exponent));
}

/** A rational that is a finite decimal, as SQL writes it; negative ones in brackets. */
export function decimalText({ numerator, denominator }: Rational): string {
  let scale = 0;
  let power = 1n;
  for (; power % denominator !== 0n; power *= 10n) scale++;
  const digits = (numerator < 0n ? -numerator : numerator) * (power / denominator);
  const text = digits.toString().padStart(scale + 1, '0');
  const cut = text.length - scale;
  const shown = scale === 0 ? text : `${text.slice(0, cut)}.${text.slice(cut)}`;
  return numerator < 0n ? `(-${shown})` : shown;
}
