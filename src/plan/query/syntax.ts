import type { A_Expr, FuncCall, Node, SelectStmt } from 'libpg-query';
import { mismatch, misuse } from '../bind/refuse.ts';
import type { Parameter } from '../parameter.ts';
import type { AggregateNode, ColumnNode, ConditionNode, OutputNode, QueryNode } from './nodes.ts';

/** A syntax tree whose values are parameters. */
export interface Syntax<T> {
  readonly tree: T;
  readonly parameters: readonly Parameter[];
}

/** Levels of conditions in conditions: trees are walked by recursion. */
const MAX_DEPTH = 500;

/** The tree that PostgreSQL's grammar makes of the same query. Throws SQL_SYNTAX for one nested too deeply. */
export function selectSyntax(query: QueryNode): Syntax<SelectStmt> {
  const parameters: Parameter[] = [];
  const value = placeholders(parameters);
  const { outputs, where, groupBy, having, orderBy, limit, offset } = query;
  const tree: SelectStmt = {
    targetList: outputs?.map(target) ?? [{ ResTarget: { val: { ColumnRef: { fields: [STAR] } } } }],
    fromClause: [{ RangeVar: { relname: query.table } }],
    ...clause('whereClause', all(where.map((node) => condition(node, value)))),
    ...(groupBy.length === 0 ? {} : { groupClause: groupBy.map(columnRef) }),
    ...clause(
      'havingClause',
      all(having.map(({ of, operator, operand }) => operation(operator, call(of), value(operand)))),
    ),
    ...(orderBy.length === 0
      ? {}
      : {
          sortClause: orderBy.map(({ by, descending }): Node => {
            const direction = descending ? 'SORTBY_DESC' : 'SORTBY_ASC';
            return { SortBy: { node: expression(by), sortby_dir: direction } };
          }),
        }),
    ...(limit === undefined ? {} : { limitCount: value(limit) }),
    ...(offset === undefined ? {} : { limitOffset: value(offset) }),
  };
  return { tree, parameters };
}

/** The tree of a condition; undefined: none, every row. Throws SQL_SYNTAX for one nested too deeply. */
export function whereSyntax(where: readonly ConditionNode[]): Syntax<Node | undefined> {
  const parameters: Parameter[] = [];
  const value = placeholders(parameters);
  return { tree: all(where.map((node) => condition(node, value))), parameters };
}

type Placeholder = (value: Parameter) => Node;

const STAR: Node = { A_Star: {} };
const FALSE: Node = { A_Const: { boolval: { boolval: false } } };
const TRUE: Node = { A_Const: { boolval: { boolval: true } } };

function placeholders(parameters: Parameter[]): Placeholder {
  return (value) => ({ ParamRef: { number: parameters.push(value) } });
}

const name = (sval: string): Node => ({ String: { sval } });
const columnRef = (column: string): Node => ({ ColumnRef: { fields: [name(column)] } });

function clause(key: 'whereClause' | 'havingClause', node: Node | undefined): Partial<SelectStmt> {
  return node === undefined ? {} : { [key]: node };
}

function all(nodes: readonly Node[]): Node | undefined {
  return nodes.length < 2 ? nodes[0] : { BoolExpr: { boolop: 'AND_EXPR', args: [...nodes] } };
}

function operation(operator: string, lexpr: Node, rexpr: Node, kind?: A_Expr['kind']): Node {
  return { A_Expr: { kind: kind ?? 'AEXPR_OP', name: [name(operator)], lexpr, rexpr } };
}

function condition(node: ConditionNode, value: Placeholder, depth = 0): Node {
  if (depth > MAX_DEPTH) throw misuse('the condition is nested too deeply');
  switch (node.kind) {
    case 'comparison':
      return comparison(node, value);
    case 'not':
      return { BoolExpr: { boolop: 'NOT_EXPR', args: [condition(node.arg, value, depth + 1)] } };
    case 'and':
    case 'or': {
      const args = node.args.map((arg) => condition(arg, value, depth + 1));
      // Of nothing, all hold and none does.
      if (args.length === 0) return node.kind === 'and' ? TRUE : FALSE;
      return { BoolExpr: { boolop: node.kind === 'and' ? 'AND_EXPR' : 'OR_EXPR', args } };
    }
    default:
      return node satisfies never;
  }
}

function comparison(
  { column, operator, operand }: Extract<ConditionNode, { kind: 'comparison' }>,
  value: Placeholder,
): Node {
  const left = columnRef(column);
  const listed = Array.isArray(operand);
  if (listed !== (operator === 'in' || operator === 'not in' || operator === 'between')) {
    throw misuse(`the operator ${operator} takes ${listed ? 'one value' : 'a list of values'}`);
  }
  if (listed) {
    const values: readonly Parameter[] = operand;
    if (operator === 'between') {
      if (values.length !== 2) throw misuse('between takes two values');
      return operation('BETWEEN', left, list(values.map(value)), 'AEXPR_BETWEEN');
    }
    // SQL has no empty list.
    if (values.length === 0) return operator === 'in' ? FALSE : TRUE;
    const equality = operator === 'in' ? '=' : '<>';
    return operation(equality, left, list(values.map(value)), 'AEXPR_IN');
  }
  const single = operand as Parameter;
  switch (operator) {
    case 'is':
    case 'is not':
      if (single !== null) throw misuse(`the operator ${operator} takes null`);
      return {
        NullTest: { arg: left, nulltesttype: operator === 'is' ? 'IS_NULL' : 'IS_NOT_NULL' },
      };
    case 'like':
      return operation('~~', left, value(single), 'AEXPR_LIKE');
    case 'match':
      return { FuncCall: { funcname: [name('match')], args: [left, value(single)] } };
    default:
      return operation(operator, left, value(single));
  }
}

const list = (items: Node[]): Node => ({ List: { items } });

function target({ of, name: alias }: OutputNode): Node {
  return { ResTarget: { ...(alias === undefined ? {} : { name: alias }), val: expression(of) } };
}

function expression(node: ColumnNode | AggregateNode): Node {
  return node.kind === 'column' ? columnRef(node.column) : call(node);
}

function call({ function: called, columns, distinct, argument }: AggregateNode): Node {
  const args = columns.map(columnRef);
  const base: FuncCall = { funcname: [name(called)] };
  if (called === 'percentile_disc') {
    const sort: Node = { SortBy: { node: args[0]!, sortby_dir: 'SORTBY_DEFAULT' } };
    const fraction = constant(argument!);
    return { FuncCall: { ...base, args: [fraction], agg_order: [sort], agg_within_group: true } };
  }
  if (args.length === 0) return { FuncCall: { ...base, agg_star: true } };
  if (argument !== undefined) args.push(constant(argument));
  return { FuncCall: { ...base, args, ...(distinct ? { agg_distinct: true } : {}) } };
}

/** A literal, so that two calls alike are one expression. */
function constant(value: number): Node {
  if (!Number.isFinite(value)) throw mismatch('an argument of an aggregate is not a finite number');
  return { A_Const: { fval: { fval: String(value) } } };
}
