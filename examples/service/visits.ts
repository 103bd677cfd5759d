/** The table: its types below follow from this literal, and so does what may be asked of a column. */
export const visits = {
  version: 1,
  table: 'visits',
  subject: 'patient',
  key: 'id',
  columns: {
    id: { type: 'text' },
    patient: { type: 'text' },
    ward: { type: 'text' },
    admitted: { type: 'date' },
    days: { type: 'integer' },
    fee: { type: 'decimal', scale: 2, nullable: true },
  },
} as const;
