// The command line from source, whatever state `dist` is in.
import { main } from '../../../src/cli/main.ts';

main(process.argv.slice(2));
