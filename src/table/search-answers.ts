import type { Column } from './schema.ts';
import {
  BOOLEAN_OPERATORS,
  DOCUMENT_OPERATORS,
  SEARCH_OPERATORS,
  type SearchOperator,
  TEXT_OPERATORS,
} from './search-operators.ts';

/** Whether one of a column's declared indexes answers an operator: what `OperatorOf` says of types. */
export function answers(
  { type, search }: Pick<Column, 'type' | 'search'>,
  operator: SearchOperator,
): boolean {
  const ofType =
    type === 'document'
      ? includes(DOCUMENT_OPERATORS, operator)
      : operator !== 'match' &&
        (type === 'text' || !includes(TEXT_OPERATORS, operator)) &&
        (type !== 'boolean' || includes(BOOLEAN_OPERATORS, operator));
  return (
    ofType &&
    search.some((index) => operator !== 'like' && includes(SEARCH_OPERATORS[index], operator))
  );
}

function includes(list: readonly SearchOperator[], operator: SearchOperator): boolean {
  return list.includes(operator);
}
