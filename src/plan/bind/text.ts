import type { A_Expr, FuncCall, Node } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import type { Column } from '../../table/schema.ts';
import { parseLike } from '../like.ts';
import { type Match, parseMatch } from '../match.ts';
import type { Predicate } from '../physical.ts';
import { compareColumn, known } from './compare-column.ts';
import { constantValue } from './constant.ts';
import type { Context } from './context.ts';
import { bindExpression, operatorName, present } from './expression.ts';
import { checkCall, functionName } from './functions.ts';
import { mentionsColumn } from './mentions.ts';
import { mismatch, misuse, unsupported } from './refuse.ts';
import { settle, TYPE_NAMES } from './typed.ts';

const UNKNOWN: Predicate = { kind: 'constant', value: null };
/** PostgreSQL's escape where none is named. */
const BACKSLASH = '\\';

/**
 * `column [NOT] LIKE pattern [ESCAPE character]`, code points compared as they are.
 *
 * Throws SQL_UNSUPPORTED, SQL_SYNTAX, TYPE_MISMATCH, CAPABILITY_MISSING for a document column.
 */
export function bindLike(expr: A_Expr, context: Context): Predicate {
  const left = present(expr.lexpr);
  const { pattern, escape } = operands(present(expr.rexpr));
  if (!('ColumnRef' in left) || mentionsColumn(pattern)) {
    throw unsupported('LIKE of anything but a column and a constant pattern');
  }
  const column = context.scope.resolve(left.ColumnRef);
  checkText(column);
  const text = textOf(pattern, 'a pattern of LIKE', context);
  const mark = escape === undefined ? BACKSLASH : textOf(escape, 'ESCAPE', context);
  if (text === null || mark === null) return UNKNOWN;
  if ([...mark].length > 1) throw misuse('ESCAPE is one character, or none');
  const parts = parseLike(text, mark === '' ? undefined : mark);
  if (parts === undefined) throw misuse('a pattern of LIKE ends with its escape character');
  const like = likeOf(column, parts);
  return operatorName(expr) === '!~~' ? { kind: 'not', arg: like } : like;
}

function likeOf(column: Column, pattern: NonNullable<ReturnType<typeof parseLike>>): Predicate {
  const [first = '', second] = pattern;
  if (second !== undefined) return { kind: 'like', column: column.name, pattern };
  if (typeof first === 'string') {
    return compareColumn(column, '=', { type: 'text', value: first });
  }
  const { skip, more } = first;
  return skip === 0 && more ? known(column) : { kind: 'like', column: column.name, pattern };
}

/** The grammar makes ESCAPE a call of like_escape. */
function operands(right: Node): { pattern: Node; escape: Node | undefined } {
  if ('FuncCall' in right && functionName(right.FuncCall) === 'like_escape') {
    const [pattern, escape] = right.FuncCall.args ?? [];
    return { pattern: present(pattern), escape: present(escape) };
  }
  return { pattern: right, escape: undefined };
}

function checkText({ name, type }: Column): void {
  if (type === 'text') return;
  if (type !== 'document') throw mismatch(`LIKE is of text, and column "${name}" is ${type}`);
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: 'LIKE',
    column: `"${name}"`,
    needs: 'a document column is searched by keyword (MATCH); declare it as text for LIKE',
  });
}

/** `MATCH(column, expression)`. Throws MATCH_INVALID, SQL_SYNTAX, TYPE_MISMATCH, CAPABILITY_MISSING. */
export function bindMatch(call: FuncCall, context: Context): Predicate {
  checkCall(call, 'match');
  const [first, second, ...more] = call.args ?? [];
  if (first === undefined || second === undefined || more.length > 0) {
    throw misuse('MATCH takes a column and an expression');
  }
  if (!('ColumnRef' in first) || mentionsColumn(second)) {
    throw unsupported('MATCH of anything but a column and a constant expression');
  }
  const column = context.scope.resolve(first.ColumnRef);
  if (column.tokens === undefined) {
    throw new OpalineError('CAPABILITY_MISSING', {
      operation: 'MATCH',
      column: `"${column.name}"`,
      needs: '"type": "document"',
    });
  }
  const expression = textOf(second, 'the expression of MATCH', context);
  if (expression === null) return UNKNOWN;
  return keywordsOf(parseMatch(expression, column.tokens), column);
}

function keywordsOf(match: Match, column: Column): Predicate {
  switch (match.kind) {
    case 'keyword':
      return { kind: 'keyword', column: column.name, keyword: match.keyword };
    case 'not':
      return { kind: 'not', arg: keywordsOf(match.arg, column) };
    case 'and':
    case 'or':
      return { kind: match.kind, args: match.args.map((arg) => keywordsOf(arg, column)) };
    default:
      return match satisfies never;
  }
}

function textOf(node: Node, what: string, context: Context): string | null {
  const datum = constantValue(settle(bindExpression(node, context), 'text').expression);
  if (datum === null) return null;
  if (datum.type !== 'text') throw mismatch(`${what} is text, not a ${TYPE_NAMES[datum.type]}`);
  return datum.value;
}
