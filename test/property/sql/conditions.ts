import fc from 'fast-check';
import type { Column, Schema } from '../../../src/table/schema.ts';
import type { Value } from '../../../src/table/value.ts';
import { OPS, type Condition, type Literal, type Words } from '../query.ts';
import { isNumeric, values, WORDS } from './values.ts';

const TESTS = ['TRUE', 'NOT TRUE', 'FALSE', 'NOT FALSE', 'UNKNOWN', 'NOT UNKNOWN'];
const CONSTANTS = ['TRUE', 'FALSE', 'NULL', '1 = 1', "'b' < 'a'", 'NULL IS NULL', '2 > 1.5 + 1'];

const forms = fc.constantFrom<Literal['form']>(
  'plain',
  'plain',
  'quoted',
  'typed',
  'parameter',
  'textParameter',
);

function literalsFor(column: Column, pool: readonly NonNullable<Value>[]): fc.Arbitrary<Literal> {
  const stored = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...pool) },
    { weight: 1, arbitrary: values(column, false) },
  );
  const typed = (type: 'text' | 'boolean' | 'date' | 'timestamp' | 'real'): fc.Arbitrary<Literal> =>
    fc
      .tuple(stored, forms)
      .map(
        ([value, form]) =>
          ({ type, form, value: type === 'boolean' ? value === 1n : value }) as Literal,
      );
  const known = ((): fc.Arbitrary<Literal> => {
    switch (column.type) {
      case 'integer':
      case 'decimal':
        return numbersNear(stored as fc.Arbitrary<bigint>, column.scale);
      case 'date':
      case 'timestamp':
        return fc.oneof(
          { weight: 4, arbitrary: typed(column.type) },
          { weight: 1, arbitrary: otherTime(column) },
        );
      case 'document':
        return typed('text');
      default:
        return typed(column.type);
    }
  })();
  return fc.oneof(
    { weight: 19, arbitrary: known },
    { weight: 1, arbitrary: forms.map((form): Literal => ({ type: 'null', form })) },
  );
}

/** Numbers at, just beside and between the values of a scale. */
function numbersNear(stored: fc.Arbitrary<bigint>, scale: number): fc.Arbitrary<Literal> {
  return fc
    .record({
      value: stored,
      extra: fc.integer({ min: 0, max: 3 }),
      nudge: fc.integer({ min: -9, max: 9 }),
      exactly: fc.boolean(),
      form: forms,
    })
    .map(({ value, extra, nudge, exactly, form }) => ({
      type: 'number',
      digits: value * 10n ** BigInt(extra) + (exactly ? 0n : BigInt(nudge)),
      scale: scale + extra,
      form,
    }));
}

/** A date for a timestamp column and the reverse; typed, or it would be read as the column's type. */
function otherTime({ type }: Column): fc.Arbitrary<Literal> {
  return type === 'timestamp'
    ? fc.bigInt(-2n, 3n).map((value) => ({ type: 'date', value, form: 'typed' }))
    : fc
        .constantFrom(0n, 43_200_000_000n, 86_400_000_000n, -1n)
        .map((value) => ({ type: 'timestamp', value, form: 'typed' }));
}

/** Patterns with at least two characters in a row, which a gram is. */
function likes(column: Column): fc.Arbitrary<Condition> {
  const core = fc.constantFrom('ab', 'bb', 'a b', "it's", 'é😀', 'abba', 'b\n', '50', 'ff');
  const around = fc.array(fc.constantFrom('%', '_', '%', 'a', '#%', '#_', '##', '\\\\'), {
    maxLength: 3,
  });
  return fc
    .record({
      before: around,
      core,
      after: around,
      hash: fc.boolean(),
      negated: fc.boolean(),
      form: fc.constantFrom('plain' as const, 'parameter' as const),
    })
    .map(({ before, core: middle, after, hash, ...rest }) => {
      const parts = [...before, middle, ...after].map((part) =>
        hash ? part.replaceAll('\\\\', '\\') : part.replace(/^#/, '\\'),
      );
      return {
        kind: 'like',
        column,
        pattern: parts.join(''),
        escape: hash ? '#' : undefined,
        ...rest,
      };
    });
}

/** A keyword by either rule: MATCH of none is refused. */
const isAsked = (word: string): boolean => /[a-z]{2}|x/i.test(word);

const { words } = fc.letrec<{ words: Words }>((tie) => ({
  words: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.constantFrom(...WORDS.filter(isAsked), '東京-tall', 'absent').map((word) => ({
      kind: 'word' as const,
      word,
    })),
    tie('words').map((arg) => ({ kind: 'not' as const, arg })),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      args: fc.array(tie('words'), { minLength: 2, maxLength: 3 }),
      written: fc.boolean(),
    }),
  ),
}));

function documentConditions(column: Column): fc.Arbitrary<Condition> {
  const match: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('match' as const),
    column: fc.constant(column),
    words,
    form: fc.constantFrom('plain' as const, 'parameter' as const),
  });
  const isNull: fc.Arbitrary<Condition> = fc.record({
    kind: fc.constant('isNull' as const),
    column: fc.constant(column),
    negated: fc.boolean(),
  });
  return fc.oneof({ weight: 5, arbitrary: match }, { weight: 1, arbitrary: isNull });
}

/** WHERE's conditions over a schema, with constants at and about the columns' own values. */
export function conditions(
  schema: Schema,
  pool: readonly NonNullable<Value>[][],
): fc.Arbitrary<Condition> {
  const columnAndPool = fc
    .nat({ max: schema.columns.length - 1 })
    .map((i) => ({ column: schema.columns[i]!, pool: pool[i]! }));
  const negated = fc.boolean();
  const atoms = columnAndPool.chain(({ column, pool: p }): fc.Arbitrary<Condition> => {
    const literal = literalsFor(column, p);
    const compare: fc.Arbitrary<Condition> = fc.record({
      kind: fc.constant('compare' as const),
      column: fc.constant(column),
      op: fc.constantFrom(...OPS),
      to: literal,
      swapped: fc.boolean(),
    });
    const options: fc.Arbitrary<Condition>[] = [
      compare,
      compare,
      fc.record({
        kind: fc.constant('between' as const),
        column: fc.constant(column),
        low: literal,
        high: literal,
        negated,
      }),
      fc.record({
        kind: fc.constant('in' as const),
        column: fc.constant(column),
        list: fc.array(literal, { minLength: 1, maxLength: 4 }),
        negated,
      }),
      fc.record({
        kind: fc.constant('same' as const),
        column: fc.constant(column),
        to: literal,
        negated,
      }),
      fc.record({ kind: fc.constant('isNull' as const), column: fc.constant(column), negated }),
    ];
    if (column.type === 'document') return documentConditions(column);
    if (column.type === 'text') options.push(likes(column), likes(column));
    if (column.type === 'boolean') options.push(fc.constant({ kind: 'bare', column }));
    if (isNumeric(column)) {
      const linear = fc.record({
        factor: fc.constantFrom(-3, -1, 2),
        addend: fc.integer({ min: -5, max: 5 }),
      });
      options.push(fc.tuple(compare, linear).map(([c, l]) => ({ ...c, linear: l }) as Condition));
    }
    return fc.oneof(...options);
  });
  const constant = fc
    .constantFrom(...CONSTANTS)
    .map((sql): Condition => ({ kind: 'constant', sql }));
  return fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      { weight: 12, arbitrary: atoms },
      { weight: 1, arbitrary: constant },
      { weight: 2, arbitrary: tie('tree').map((arg): Condition => ({ kind: 'not', arg })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(tie('tree'), fc.constantFrom(...TESTS))
          .map(([arg, test]): Condition => ({ kind: 'test', arg, test })),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          args: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        }),
      },
    ),
  })).tree;
}
