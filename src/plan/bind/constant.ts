import type { A_Const, TypeCast } from 'libpg-query';
import { OpalineError } from '../../errors/index.ts';
import { MICROS_PER_DAY, type Datum } from '../datum.ts';
import { evaluate, NOTHING } from '../evaluate.ts';
import { fromDouble, parseNumber } from '../exact/number-text.ts';
import { Rational } from '../exact/rational.ts';
import type { Parameter } from '../parameter.ts';
import type { Expression } from '../physical.ts';
import { internal, mismatch, misuse, unsupported } from './refuse.ts';
import {
  literal,
  NULL,
  settle,
  TYPE_NAMES,
  unknownText,
  type DataType,
  type Typed,
} from './typed.ts';

/** A literal. Throws SQL_UNSUPPORTED for bit strings, SQL_SYNTAX for a number of over 1000 digits. */
export function bindLiteral(node: A_Const): Typed {
  if (node.isnull === true) return NULL;
  if (node.ival !== undefined) {
    return literal({ type: 'number', digits: BigInt(node.ival.ival ?? 0), scale: 0 });
  }
  if (node.boolval !== undefined) {
    return literal({ type: 'boolean', value: node.boolval.boolval ?? false });
  }
  if (node.sval !== undefined) return unknownText(node.sval.sval ?? '');
  if (node.fval !== undefined) {
    const number = parseNumber(node.fval.fval ?? '');
    if (number === undefined) throw misuse('a number has more than 1000 digits');
    return literal({ type: 'number', ...number });
  }
  throw unsupported('a bit string');
}

/** The parameter $n. Throws PARAMETER_MISSING, TYPE_MISMATCH. */
export function bindParameter(number: number, parameters: readonly Parameter[]): Typed {
  if (number < 1 || number > parameters.length) {
    throw new OpalineError('PARAMETER_MISSING', { parameter: number, given: parameters.length });
  }
  const value = parameters[number - 1]!;
  if (value === null) return NULL;
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw mismatch(`parameter $${number} has a lone surrogate`);
      return unknownText(value);
    case 'bigint':
      return literal({ type: 'number', digits: value, scale: 0 });
    case 'boolean':
      return literal({ type: 'boolean', value });
    case 'number': {
      const decimal = fromDouble(value);
      if (decimal === undefined) throw mismatch(`parameter $${number} is not a finite number`);
      return literal({ type: 'number', ...decimal });
    }
    default: {
      const milliseconds = value instanceof Date ? value.getTime() : Number.NaN;
      if (Number.isNaN(milliseconds)) {
        throw mismatch(`parameter $${number} is not a string, number, boolean, valid Date or null`);
      }
      return literal({ type: 'timestamp', value: BigInt(milliseconds) * 1000n });
    }
  }
}

/**
 * A cast: of a constant to any type, and of a number to a type of exact numbers, which rounds it as
 * PostgreSQL does. Throws SQL_UNSUPPORTED, TYPE_MISMATCH.
 */
export function bindCast(cast: TypeCast, arg: Typed): Typed {
  const { target, places } = castTarget(cast);
  const settled = settle(arg, target);
  if (settled.type === target) {
    if (places === undefined) return settled;
    const digits = literal({ type: 'number', digits: BigInt(places), scale: 0 }).expression;
    return { expression: { kind: 'round', arg: settled.expression, digits }, type: 'number' };
  }
  if (isTime(settled.type) && isTime(target)) return castTime(settled, target);
  throw unsupported(`a cast from ${TYPE_NAMES[settled.type]} to ${TYPE_NAMES[target]}`);
}

const isTime = (type: DataType): boolean => type === 'date' || type === 'timestamp';

/** Between date and timestamp, of literals: a date is its midnight, a timestamp its day. */
function castTime({ expression }: Typed, target: DataType): Typed {
  if (expression.kind !== 'literal') {
    throw unsupported(
      'a cast of a column between date and timestamp',
      'compare it with a range: column >= day AND column < next day',
    );
  }
  const { value } = expression;
  if (value.type === 'date') {
    return literal({ type: 'timestamp', value: value.value * MICROS_PER_DAY });
  }
  if (value.type === 'timestamp') {
    return literal({ type: 'date', value: Rational.of(value.value, MICROS_PER_DAY).floor() });
  }
  return { expression, type: target };
}

const CAST_TARGETS: Readonly<Record<string, DataType>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  numeric: 'number',
  text: 'text',
  varchar: 'text',
  bool: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
};

/** The type a cast names, and the decimal places that it keeps where it limits them. */
function castTarget({ typeName }: TypeCast): { target: DataType; places?: number } {
  const part = typeName?.names?.at(-1);
  const name = part !== undefined && 'String' in part ? (part.String.sval ?? '') : '';
  const target = Object.hasOwn(CAST_TARGETS, name) ? CAST_TARGETS[name] : undefined;
  if (target === undefined || typeName?.arrayBounds !== undefined || typeName?.setof === true) {
    throw unsupported(
      `a cast to ${name}`,
      'casts are to integer, numeric, text, boolean, date and timestamp',
    );
  }
  if (name.startsWith('int')) return { target, places: 0 };
  const typmods = typeName?.typmods ?? [];
  if (typmods.length === 0) return { target };
  const scale = typmods[1];
  if (name !== 'numeric') throw unsupported(`a length or precision of ${name}`);
  if (scale === undefined) return { target, places: 0 };
  if (!('A_Const' in scale)) throw internal('form of a type modifier');
  return { target, places: scale.A_Const.ival?.ival ?? 0 };
}

/** The value of an expression without columns and terms. Throws DIVISION_BY_ZERO. */
export function constantValue(expression: Expression): Datum {
  return evaluate(expression, NOTHING);
}
