/**
 * Tells systemd how a service is doing: sd_notify(3). Type=notify services say READY=1 like this.
 *
 *     node build/examples/sd-notify.js [variable=value ...]
 */
import * as socket from 'bsd-socket';

/** Returns false where nobody wants to know: the process was not started by systemd. */
function sdNotify(...lines: string[]): boolean {
  const address = process.env.NOTIFY_SOCKET;
  if (!address) return false;
  using s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  // An abstract name has a NUL where its text form has an @.
  s.connect(address.startsWith('@') ? `\0${address.slice(1)}` : address);
  s.sendall(lines.join('\n'));
  return true;
}

const lines = process.argv.slice(2);
const notified = sdNotify(...(lines.length > 0 ? lines : ['READY=1', `MAINPID=${process.pid}`]));
console.log(notified ? 'notified' : 'NOTIFY_SOCKET is not set');
