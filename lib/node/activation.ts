/** Socket activation: the descriptors that systemd, or another manager of its protocol, has started the process with. */
import { checked, OSError } from '../errors.ts';
import { native } from '../native.ts';

// SD_LISTEN_FDS_START of sd-daemon.h.
const FIRST = 3;
const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

/** Options of {@link listenFds}. */
export interface ListenFdsOptions {
  /** Delete the variables afterwards, so that a second call finds nothing and child processes do not see them. */
  unsetEnvironment?: boolean;
}

function numberOf(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 0x7fffffff - FIRST) return number;
  throw new OSError(`listenFds(): ${variable} is no number: '${text}'`, {
    code: 'EINVAL',
    syscall: 'listenFds',
  });
}

/**
 * The descriptors that were passed to this process, with their names: sd_listen_fds_with_names(3). None where
 * LISTEN_PID names another process. They are made close-on-exec.
 *
 * `new Socket(null, null, null, fd)` adopts one.
 *
 * @throws {OSError} EINVAL: LISTEN_PID or LISTEN_FDS is no number; EBADF: there is no such descriptor
 */
export function listenFds({ unsetEnvironment = false }: ListenFdsOptions = {}): [fd: number, name: string][] {
  try {
    if (numberOf('LISTEN_PID') !== process.pid) return [];
    const count = numberOf('LISTEN_FDS') ?? 0;
    const names = process.env.LISTEN_FDNAMES?.split(':') ?? [];
    return Array.from({ length: count }, (_, index): [number, string] => {
      checked(native.setInheritable(FIRST + index, false), 'ioctl');
      return [FIRST + index, names[index] || 'unknown'];
    });
  } finally {
    if (unsetEnvironment) for (const variable of VARIABLES) delete process.env[variable];
  }
}
