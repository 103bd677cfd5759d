/**
 * The lexical elements of PostgreSQL that can hide a semicolon (manual, 4.1.2 and 4.1.5). One that
 * is not closed runs to the end of the text.
 */
const LINE_COMMENT = /--[^\n\r]*/y;
const STRING = /'[^']*(?:''[^']*)*'?/y;
const ESCAPE_STRING = /[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*(?:'|\\?$)/y;
/** What may stand between the parts of an escape string, up to the quote of the next. */
const CONTINUED = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:\s|--[^\n\r]*)*'/y;
const QUOTED_NAME = /"[^"]*"?/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
/** Names and numbers: they may contain $, and a letter before a quote may be part of them. */
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

/**
 * The statements of a text that are separated by semicolons, without them; statements of blanks and
 * comments only are left out. Semicolons in strings, names, dollar quotes and comments do not count.
 * It works where the text does not parse, so that one wrong statement does not hide the others.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let blank = true;
  let at = 0;
  const finish = (end: number): void => {
    if (!blank) statements.push(sql.slice(start, end).trim());
    blank = true;
  };
  while (at < sql.length) {
    if (sql[at] === ';') {
      finish(at);
      start = ++at;
      continue;
    }
    const comment = commentEnd(sql, at);
    if (comment !== undefined) {
      at = comment;
      continue;
    }
    if (!/\s/.test(sql[at]!)) blank = false;
    at = elementEnd(sql, at);
  }
  finish(sql.length);
  return statements;
}

/** The end of the comment that starts here, if one does. Block comments nest. */
function commentEnd(sql: string, at: number): number | undefined {
  const line = match(LINE_COMMENT, sql, at);
  if (line !== undefined) return line;
  if (!sql.startsWith('/*', at)) return undefined;
  let depth = 1;
  let i = at + 2;
  while (i < sql.length && depth > 0) {
    if (sql.startsWith('/*', i)) depth++;
    else if (sql.startsWith('*/', i)) depth--;
    else {
      i++;
      continue;
    }
    i += 2;
  }
  return i;
}

/** The end of the string, name, word or single character that starts here. */
function elementEnd(sql: string, at: number): number {
  const escape = match(ESCAPE_STRING, sql, at);
  if (escape !== undefined) return escapeStringEnd(sql, escape);
  const tag = match(DOLLAR_TAG, sql, at);
  if (tag !== undefined) {
    const close = sql.indexOf(sql.slice(at, tag), tag);
    return close < 0 ? sql.length : close + tag - at;
  }
  return match(STRING, sql, at) ?? match(QUOTED_NAME, sql, at) ?? match(WORD, sql, at) ?? at + 1;
}

/** An escape string that goes on with a quote on a later line stays one there. */
function escapeStringEnd(sql: string, end: number): number {
  let at = end;
  for (;;) {
    const quote = match(CONTINUED, sql, at);
    if (quote === undefined) return at;
    at = match(ESCAPE_STRING, `e${sql.slice(quote - 1)}`, 0)! + quote - 2;
  }
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
