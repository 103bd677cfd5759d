import type { Node } from 'libpg-query';
import { freeze } from '../freeze.ts';
import { parseStatements } from './parse.ts';

/** Texts that are remembered: a service asks few, with other parameters each time. */
const MOST = 64;
/** Code units of the longest text that is. */
const LONGEST = 4096;

/**
 * Parse trees of the statements that were asked last. A tree follows from the text alone, so what a table or its
 * schema becomes does not matter; names are resolved and parameters put in anew for each query.
 */
export class ParsedStatements {
  /** Least recently asked first: a Map iterates in order of insertion. */
  private readonly trees = new Map<string, readonly Node[]>();

  /** As `parseStatements`, frozen. Throws SQL_SYNTAX. */
  async parse(sql: string): Promise<readonly Node[]> {
    const known = this.trees.get(sql);
    if (known !== undefined) {
      this.trees.delete(sql);
      this.trees.set(sql, known);
      return known;
    }
    const tree = freeze(await parseStatements(sql));
    if (sql.length <= LONGEST) {
      if (this.trees.size >= MOST) this.trees.delete(this.trees.keys().next().value!);
      this.trees.set(sql, tree);
    }
    return tree;
  }
}
