/** A server that imports this prints a line for each line of its input, when it has collected its garbage; it ends with its input. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.stdin
  .on('data', () => {
    collect();
    // Once more, for what that let go of.
    setImmediate(() => {
      collect();
      console.log('collected');
    });
  })
  .on('end', () => process.exit());
