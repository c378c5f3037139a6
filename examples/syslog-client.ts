/**
 * Logs a message to the socket of the system's logger, in the form of RFC 3164 that is usual there.
 *
 *     node build/examples/syslog-client.js [path] [message]
 */
import * as socket from 'bsd-socket';
import { argument } from './helpers.ts';

const LOG_USER = 1;
const LOG_INFO = 6;

/** `Nov  3 09:05:00`, in local time. */
function timestamp(now: Date): string {
  const month = now.toLocaleString('en-US', { month: 'short' });
  const day = String(now.getDate()).padStart(2);
  return `${month} ${day} ${now.toTimeString().slice(0, 8)}`;
}

using s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
s.connect(argument(1, '/dev/log'));
const priority = LOG_USER * 8 + LOG_INFO;
const message = argument(2, 'Hello, syslog');
s.send(`<${priority}>${timestamp(new Date())} syslog-client[${process.pid}]: ${message}`);
