/** The empty program, with an import of the package. */
import { writeSync } from 'node:fs';
import 'bsd-socket';

const { user, system } = process.cpuUsage();
writeSync(1, `${(user + system) / 1e6}`);
