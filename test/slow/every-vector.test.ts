/** The published vectors against every store, none left out: `npm test` asks remote stores a third. */
process.env['OPALINE_EVERY_VECTOR'] = '1';
for (const suite of ['tabular', 'duckdb', 'sqlite-range', 'nist']) {
  await import(`../conformance/${suite}.test.ts`);
}
await import('../conformance/search/tables.test.ts');
