import { OpalineError } from '../../errors/index.ts';

/** What SQL has and Opaline does not answer, with what to write instead where there is something. */
export function unsupported(feature: string, instead?: string): OpalineError<'SQL_UNSUPPORTED'> {
  return new OpalineError(
    'SQL_UNSUPPORTED',
    instead === undefined ? { feature } : { feature, instead },
  );
}

/** What a later version will answer. */
export function notYet(feature: string): OpalineError<'NOT_YET_AVAILABLE'> {
  return new OpalineError('NOT_YET_AVAILABLE', { feature });
}

export function mismatch(reason: string): OpalineError<'TYPE_MISMATCH'> {
  return new OpalineError('TYPE_MISMATCH', { reason });
}

/** A statement that parses and still breaks a rule of the language. `position` as in sql/parse.ts. */
export function misuse(reason: string): OpalineError<'SQL_SYNTAX'> {
  return new OpalineError('SQL_SYNTAX', { reason });
}

export function internal(reason: string): OpalineError<'INTERNAL'> {
  return new OpalineError('INTERNAL', { reason });
}
