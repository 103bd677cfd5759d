import type { Column } from './schema.ts';
import type { SearchIndex } from './search-index.ts';
import {
  BOOLEAN_OPERATORS,
  DOCUMENT_OPERATORS,
  LIKE_OPTIONS,
  SEARCH_OPERATORS,
  type SearchOperator,
  TEXT_OPERATORS,
} from './search-operators.ts';

/** Whether one of a column's declared indexes answers an operator: what `OperatorOf` says of types. */
export function answersOperator(
  { type, search }: Pick<Column, 'type' | 'search'>,
  operator: SearchOperator,
): boolean {
  const ofType =
    type === 'document'
      ? includes(DOCUMENT_OPERATORS, operator)
      : operator !== 'match' &&
        (type === 'text' || !includes(TEXT_OPERATORS, operator)) &&
        (type !== 'boolean' || includes(BOOLEAN_OPERATORS, operator));
  return ofType && search.some((index) => indexAnswers(index, operator));
}

function indexAnswers(index: SearchIndex, operator: SearchOperator): boolean {
  if (operator === 'like' && !LIKE_OPTIONS.some((option) => Object.hasOwn(index, option))) {
    return false;
  }
  return includes(SEARCH_OPERATORS[index.index], operator);
}

function includes(list: readonly SearchOperator[], operator: SearchOperator): boolean {
  return list.includes(operator);
}
