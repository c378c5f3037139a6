// Importing the library leaves nothing behind that keeps the process alive.
import 'bsd-socket';
