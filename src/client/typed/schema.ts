import type {
  BOOLEAN_OPERATORS,
  DOCUMENT_OPERATORS,
  LIKE_OPTIONS,
  SEARCH_OPERATORS,
  TEXT_OPERATORS,
} from '../../table/search-operators.ts';
import type { Rung } from '../../table/search-index.ts';
import { parseSchema } from '../../table/schema-json.ts';
import type { ColumnType } from '../../table/value.ts';

/**
 * A schema as a program writes it down. Its type, not only its value, says which columns there are, what
 * their cells are and what their indexes answer; `defineSchema`, or `as const`, keeps that type.
 */
export interface SchemaLiteral {
  readonly version: 1;
  readonly table: string;
  /** The column that names a person; erased together. */
  readonly subject?: string;
  /** Columns whose values no two rows share. */
  readonly key?: string | readonly string[];
  readonly columns: Columns | readonly NamedColumn[];
  readonly derived?: Readonly<Record<string, string>>;
  readonly pairs?: readonly (readonly [string, string])[];
  readonly undeclared?: 'product' | 'pairs' | 'none';
  readonly groupBy?: Readonly<Record<string, unknown>>;
  readonly layout?: 'random' | { readonly clustered: string };
  /** Sums and row sets can be verified against a store that lies; takes a check column for each column of sums. */
  readonly verified?: boolean;
}

export interface ColumnLiteral {
  readonly type: ColumnType;
  readonly scale?: number;
  readonly nullable?: boolean;
  readonly range?: readonly [string | number, string | number];
  readonly category?: string;
  readonly search?: SearchLiteral | readonly SearchLiteral[];
  readonly tokens?: 'unicode' | 'ascii';
  readonly score?: boolean;
}

/** An index, or an index with its options. */
export type SearchLiteral =
  | Rung
  | {
      readonly index: Rung;
      readonly prefix?: number;
      readonly ngram?: number;
      readonly bits?: number;
      readonly pad?: 'max' | 'power';
      readonly scheme?: 'lwe' | 'bfv';
      readonly by?: 'sums' | 'codes';
    };

type Columns = Readonly<Record<string, ColumnLiteral>>;
type NamedColumn = ColumnLiteral & { readonly name: string };

/**
 * A schema whose type is that of its literal. Throws what parseSchema throws.
 *
 * `const visits = defineSchema({ version: 1, table: 'visits', key: 'id', columns: { … } });`
 */
export function defineSchema<const S extends SchemaLiteral>(schema: S & Names<S>): S {
  parseSchema(schema);
  return schema;
}

/** Names in a schema that must be columns. */
interface Names<S extends SchemaLiteral> {
  readonly key?: InputName<S> | readonly InputName<S>[];
  readonly subject?: InputName<S>;
}

/** The input's columns by name. */
type InputColumns<S extends SchemaLiteral> = S['columns'] extends readonly NamedColumn[]
  ? { readonly [C in S['columns'][number] as C['name']]: C }
  : S['columns'] extends Columns
    ? S['columns']
    : never;

export type InputName<S extends SchemaLiteral> = keyof InputColumns<S> & string;

type DerivedName<S extends SchemaLiteral> = S extends {
  readonly derived: infer D extends Readonly<Record<string, string>>;
}
  ? keyof D & string
  : never;

export type ColumnName<S extends SchemaLiteral> = InputName<S> | DerivedName<S>;

/** What is known of a column: as declared, or the product that it is. */
type ColumnOf<S extends SchemaLiteral, C extends ColumnName<S>> =
  C extends InputName<S>
    ? InputColumns<S>[C]
    : // The factors of a derived column are looked at when it is stored.
      { readonly type: 'decimal'; readonly nullable: boolean; readonly search: 'sse' };

type TypeOf<S extends SchemaLiteral, C extends ColumnName<S>> =
  ColumnOf<S, C> extends {
    readonly type: infer T extends ColumnType;
  }
    ? T
    : never;

/** True where the schema does not rule NULL out. */
type Nullable<S extends SchemaLiteral, C extends ColumnName<S>> =
  ColumnOf<S, C> extends {
    readonly nullable: infer N;
  }
    ? true extends N
      ? true
      : false
    : false;

/** Columns of some types. */
export type ColumnOfType<S extends SchemaLiteral, T extends ColumnType> = {
  [C in ColumnName<S>]: TypeOf<S, C> extends T ? C : never;
}[ColumnName<S>];

export type NumericColumn<S extends SchemaLiteral> = ColumnOfType<
  S,
  'integer' | 'decimal' | 'real'
>;
/** Columns of which values are compared: all but documents. */
export type ValueColumn<S extends SchemaLiteral> = ColumnOfType<S, Exclude<ColumnType, 'document'>>;

/**
 * A value that is read, by its column's type: exact, as in a query's result. Whole numbers and decimals
 * are texts of digits, dates and timestamps texts of ISO 8601's fields; only reals are numbers.
 */
export interface CellTypes {
  readonly integer: `${bigint}`;
  readonly decimal: `${number}`;
  readonly real: number;
  readonly boolean: boolean;
  readonly date: string;
  readonly timestamp: string;
  readonly text: string;
  readonly document: string;
}

/** A value that is given; what is read can be given again. */
export interface InputTypes {
  readonly integer: number | bigint | `${bigint}`;
  readonly decimal: number | bigint | `${number}`;
  readonly real: number;
  readonly boolean: boolean;
  readonly date: string | Date;
  readonly timestamp: string | Date;
  readonly text: string;
  readonly document: string;
}

/** A column's value where it is not NULL. */
export type ValueOf<S extends SchemaLiteral, C extends ColumnName<S>> = CellTypes[TypeOf<S, C>];

export type CellOf<S extends SchemaLiteral, C extends ColumnName<S>> =
  ValueOf<S, C> | (Nullable<S, C> extends true ? null : never);

export type InputOf<S extends SchemaLiteral, C extends ColumnName<S>> = InputTypes[TypeOf<S, C>];

/** A row as it is read: every column, the derived ones included. */
export type RowOf<S extends SchemaLiteral> = Simplify<{
  readonly [C in ColumnName<S>]: CellOf<S, C>;
}>;

/** A row as it is written: columns that may be NULL may be left out, derived ones are computed. */
export type RecordOf<S extends SchemaLiteral> = Simplify<
  {
    readonly [C in InputName<S> as Nullable<S, C> extends true ? never : C]: InputOf<S, C>;
  } & {
    readonly [C in InputName<S> as Nullable<S, C> extends true ? C : never]?:
      InputOf<S, C> | null | undefined;
  }
>;

/** The value of a key: of its one column, or an object of its columns. */
export type KeyOf<S extends SchemaLiteral> = KeyValue<S, S['key']>;

type KeyValue<S extends SchemaLiteral, K> = K extends readonly [infer C extends InputName<S>]
  ? InputOf<S, C>
  : K extends readonly (infer C extends InputName<S>)[]
    ? Simplify<{ readonly [N in C]: InputOf<S, N> }>
    : K extends InputName<S>
      ? InputOf<S, K>
      : never;

/** A subject's value; without a subject a row's key. */
export type SubjectOf<S extends SchemaLiteral> =
  S['subject'] extends InputName<S> ? InputOf<S, S['subject']> : KeyOf<S>;

type Options = (typeof LIKE_OPTIONS)[number];

/** What one entry of `search` answers. */
type Answers<I> = I extends Rung
  ? Exclude<(typeof SEARCH_OPERATORS)[I][number], 'like'>
  : I extends { readonly index: infer N extends Rung }
    ? Options extends infer O
      ? O extends keyof I
        ? (typeof SEARCH_OPERATORS)[N][number]
        : Answers<N>
      : never
    : never;

type SearchOf<C> = C extends { readonly search: infer I }
  ? I extends readonly unknown[]
    ? I[number]
    : I
  : 'sse';

type OfType<T extends ColumnType, O> = T extends 'document'
  ? Extract<O, (typeof DOCUMENT_OPERATORS)[number]>
  : T extends 'text'
    ? Exclude<O, 'match'>
    : Exclude<
        T extends 'boolean' ? Extract<O, (typeof BOOLEAN_OPERATORS)[number]> : O,
        'match' | (typeof TEXT_OPERATORS)[number]
      >;

/** The operators that a column's declared indexes answer. */
export type OperatorOf<S extends SchemaLiteral, C extends ColumnName<S>> =
  C extends ColumnName<S> ? OfType<TypeOf<S, C>, Answers<SearchOf<ColumnOf<S, C>>>> : never;

/** What stands on the right of an operator. */
export type OperandOf<S extends SchemaLiteral, C extends ColumnName<S>, O> = O extends
  'in' | 'not in'
  ? readonly InputOf<S, C>[]
  : O extends 'between'
    ? readonly [InputOf<S, C>, InputOf<S, C>]
    : O extends 'is' | 'is not'
      ? null
      : O extends 'like' | 'match'
        ? string
        : InputOf<S, C>;

export type Simplify<T> = { [K in keyof T]: T[K] } & {};
