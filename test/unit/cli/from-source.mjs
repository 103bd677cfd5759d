// The command line from source, whatever state `dist` is in. In CI, which builds before it tests, the program as it is
// installed: it starts in a fraction of the time, and it is what people run.
const program =
  process.env.CI === 'true' ? '../../../dist/src/cli/main.js' : '../../../src/cli/main.ts';
const { main } = await import(program);

main(process.argv.slice(2));
