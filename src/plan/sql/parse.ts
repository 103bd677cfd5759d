import type { Node } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';

type Parser = typeof import('libpg-query');

let loading: Promise<Parser> | undefined;

/** The parser is a WASM module of 1.8 MB: it is loaded when it is asked for, or the first statement comes. */
export function loadParser(): Promise<Parser> {
  loading ??= import('libpg-query').then(async (parser) => {
    await parser.loadModule();
    return parser;
  });
  return loading;
}

/**
 * The statements of an SQL text as PostgreSQL 18's own parse trees.
 *
 * Throws SQL_SYNTAX with the position in code points, from 0. Its reason names keywords and operators
 * only: an unexpected word may be a misquoted value.
 */
export async function parseStatements(sql: string): Promise<readonly Node[]> {
  if (sql.includes('\0')) throw syntax('a NUL character', [...sql].indexOf('\0'));
  if (!sql.isWellFormed()) throw syntax('a lone surrogate');
  const parser = await loadParser();
  try {
    const { stmts } = parser.parseSync(sql === '' ? ' ' : sql);
    const statements = (stmts ?? []).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]));
    checkDepth(statements);
    return statements;
  } catch (error) {
    throw asSyntaxError(error, sql, parser);
  }
}

/** Levels of objects and lists in a parse tree: a thousand nested calls, or more operators in a row. */
const MAX_DEPTH = 3000;

/** Trees are walked by recursion from here on, so their depth is bounded first. Throws SQL_SYNTAX. */
function checkDepth(tree: unknown): void {
  let level: unknown[] = [tree];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep();
    level = level.flatMap((node) =>
      typeof node === 'object' && node !== null ? Object.values(node) : [],
    );
  }
}

/** The error for a statement whose nesting exhausts the stack. */
function tooDeep(): OpalineError<'SQL_SYNTAX'> {
  return syntax('the statement is nested too deeply');
}

function asSyntaxError(error: unknown, sql: string, parser: Parser): unknown {
  if (error instanceof RangeError) return tooDeep();
  if (!parser.hasSqlDetails(error)) return error;
  const { message, cursorPosition } = error.sqlDetails!;
  if (message.startsWith('memory exhausted')) return tooDeep();
  const near = / at or near ".*"$/s.exec(message);
  const reason = (near === null ? message : message.slice(0, near.index)).replace(/"[^"]*"/g, '…');
  if (cursorPosition < 0) return syntax(reason);
  const token = near === null ? undefined : speakableToken(sql, cursorPosition, parser);
  return syntax(token === undefined ? reason : `${reason} at or near "${token}"`, cursorPosition);
}

/** The token at a position if it is a keyword or an operator, never a name or a literal. */
function speakableToken(sql: string, position: number, parser: Parser): string | undefined {
  const rest = [...sql].slice(position, position + 64).join('');
  const operator = /^[-+*/<>=~!@#%^&|`?,;:()[\].]/.exec(rest);
  if (operator !== null) return operator[0];
  const word = /^[A-Za-z_]+(?![\w$'"])/.exec(rest)?.[0];
  if (word === undefined) return undefined;
  const [token] = parser.scanSync(word).tokens;
  return token !== undefined && token.keywordKind > 0 ? word : undefined;
}

function syntax(reason: string, position?: number): OpalineError<'SQL_SYNTAX'> {
  return new OpalineError('SQL_SYNTAX', position === undefined ? { reason } : { reason, position });
}
