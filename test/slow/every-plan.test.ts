/** More than two hundred random plans of products, of reals, and of scores, against the plain twin; `npm test` makes fewer. */
process.env['OPALINE_EVERY_VECTOR'] = '1';
for (const suite of ['products', 'reals', 'scores']) {
  await import(`../property/${suite}.test.ts`);
}
