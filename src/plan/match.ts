import { OpalineError } from '../errors/index.ts';
import { type TokenRule, tokensOf } from '../table/tokens.ts';

/**
 * The expression of MATCH, a boolean combination of a document's keywords:
 *
 * ```
 * any  := all ("OR" all)*
 * all  := one (["AND"] one)*
 * one  := "NOT" one | "(" any ")" | term
 * ```
 *
 * AND, OR and NOT are written in capitals; in small letters they are terms. Two terms without an operator
 * between them are meant both, as SQLite's FTS5 and PostgreSQL's plainto_tsquery have it. A term is a run of
 * anything but blanks and parentheses, brought to the column's keywords as a document is: to several, that
 * must all be there, or to none: the term is then left out, together with a NOT before it.
 */
export type Match =
  | { readonly kind: 'keyword'; readonly keyword: string }
  | { readonly kind: 'and' | 'or'; readonly args: readonly Match[] }
  | { readonly kind: 'not'; readonly arg: Match };

const MOST_CHARACTERS = 10_000;
const MOST_NESTED = 100;

/**
 * @throws MATCH_INVALID with the position in code points, from 0, where the expression breaks the grammar,
 * has a phrase in quotes or a `*` (which no index answers), no term that is a keyword, or is too long
 */
export function parseMatch(expression: string, rule: TokenRule): Match {
  return new Parser(expression, rule).parse();
}

interface Word {
  readonly kind: 'and' | 'or' | 'not' | '(' | ')' | 'term';
  readonly text: string;
  readonly position: number;
}

const OPERATORS: ReadonlyMap<string, Word['kind']> = new Map([
  ['AND', 'and'],
  ['OR', 'or'],
  ['NOT', 'not'],
  ['(', '('],
  [')', ')'],
]);

class Parser {
  private readonly words: readonly Word[];
  private readonly rule: TokenRule;
  /** Code points of the expression: the position of its end. */
  private readonly length: number;
  private at = 0;

  constructor(expression: string, rule: TokenRule) {
    this.rule = rule;
    const points = [...expression];
    this.length = points.length;
    if (this.length > MOST_CHARACTERS) {
      throw refuse(`it is longer than ${MOST_CHARACTERS} characters`);
    }
    this.words = wordsOf(points);
  }

  parse(): Match {
    const found = this.any(0);
    const rest = this.words[this.at];
    if (rest !== undefined) throw refuse('a parenthesis was not opened', rest.position);
    if (found === undefined) {
      throw refuse('no term is a keyword: keywords are letters and digits, 2 to 40 of them');
    }
    return found;
  }

  private any(depth: number): Match | undefined {
    const args = [this.all(depth)];
    while (this.take('or')) args.push(this.all(depth));
    return combine('or', args);
  }

  private all(depth: number): Match | undefined {
    const args = [this.one(depth)];
    for (let next = this.words[this.at]; next !== undefined; next = this.words[this.at]) {
      if (next.kind === 'or' || next.kind === ')') break;
      this.take('and');
      args.push(this.one(depth));
    }
    return combine('and', args);
  }

  private one(depth: number): Match | undefined {
    const word = this.words[this.at];
    if (word === undefined) throw refuse('a term is missing at its end', this.length);
    if (depth > MOST_NESTED) throw refuse('it is nested too deeply', word.position);
    this.at++;
    switch (word.kind) {
      case 'not': {
        const arg = this.one(depth + 1);
        return arg === undefined ? undefined : { kind: 'not', arg };
      }
      case '(': {
        const inner = this.any(depth + 1);
        if (!this.take(')')) throw refuse('a parenthesis is not closed', word.position);
        return inner;
      }
      case 'term': {
        const keywords = [...new Set(tokensOf(word.text, this.rule))];
        return combine(
          'and',
          keywords.map((keyword) => ({ kind: 'keyword', keyword })),
        );
      }
      case 'and':
      case 'or':
      case ')':
        throw refuse('a term is missing', word.position);
      default:
        return word.kind satisfies never;
    }
  }

  private take(kind: Word['kind']): boolean {
    if (this.words[this.at]?.kind !== kind) return false;
    this.at++;
    return true;
  }
}

/** What is left of some arguments once those of no keyword are gone. */
function combine(kind: 'and' | 'or', args: readonly (Match | undefined)[]): Match | undefined {
  const left = args.filter((arg) => arg !== undefined);
  return left.length > 1 ? { kind, args: left } : left[0];
}

function wordsOf(points: readonly string[]): Word[] {
  const words: Word[] = [];
  let term = '';
  const end = (position: number): void => {
    if (term === '') return;
    const kind = OPERATORS.get(term) ?? 'term';
    words.push({ kind, text: term, position: position - [...term].length });
    term = '';
  };
  for (const [position, point] of points.entries()) {
    if (point === '"') throw refuse('phrases in quotes are not supported', position);
    if (point === '*') throw refuse('keywords are whole: * is not supported', position);
    const parenthesis = OPERATORS.get(point);
    if (parenthesis === undefined && !/\s/u.test(point)) {
      term += point;
      continue;
    }
    end(position);
    if (parenthesis !== undefined) words.push({ kind: parenthesis, text: point, position });
  }
  end(points.length);
  return words;
}

function refuse(reason: string, position?: number): OpalineError<'MATCH_INVALID'> {
  return new OpalineError(
    'MATCH_INVALID',
    position === undefined ? { reason } : { reason, position },
  );
}
