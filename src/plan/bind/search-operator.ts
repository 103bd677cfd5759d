import { OpalineError } from '../../errors/index.ts';
import type { Column } from '../../table/schema.ts';
import { answersOperator } from '../../table/operator-answers.ts';
import type { SearchOperator } from '../../table/search-operators.ts';

/** Throws CAPABILITY_MISSING unless one of the column's declared indexes answers the operator. */
export function requireOperator(column: Column, operator: SearchOperator): void {
  if (answersOperator(column, operator)) return;
  const declared = column.search.map(({ index }) => index).join(', ');
  throw new OpalineError('CAPABILITY_MISSING', {
    operation: operator.toUpperCase(),
    column: `"${column.name}"`,
    needs: `an index that answers it; "search" in its schema is ${declared === '' ? 'empty' : declared}`,
  });
}
