import { type Canary, numberCanary, textCanary } from '../../support/canaries.ts';

type Text = ReturnType<typeof textCanary>;

/** Secrets for a vault of a page, and a CSV that is full of them. */
export interface CanaryTable {
  readonly passphrase: Text;
  readonly table: Text;
  readonly column: Text;
  readonly text: Text;
  readonly number: ReturnType<typeof numberCanary>;
  readonly all: readonly Canary[];
  readonly csv: string;
}

export function canaryTable(rows: number): CanaryTable {
  const canaries = {
    passphrase: textCanary('passphrase'),
    table: textCanary('table name', `canary_tbl_${Date.now()}`),
    column: textCanary('column name', `canary_col_${Date.now()}`),
    text: textCanary('text cell'),
    number: numberCanary('integer cell'),
  };
  const { column, text, number } = canaries;
  const csv = [
    `id,${column.text},amount`,
    ...Array.from({ length: rows }, (_, i) =>
      i % 4 === 0 ? `${i},${text.text},${number.value}` : `${i},other-${i % 9},${i}`,
    ),
  ].join('\n');
  return { ...canaries, all: Object.values(canaries), csv };
}
