/** Waits for a server's next request, or for its end. */
import { type Abortable, unwatch, watch } from '../abort.ts';
import { EINTR, POLLIN } from '../constants.generated.ts';
import { deadline } from '../deadline.ts';
import { close, dup } from '../descriptors.ts';
import { osError } from '../errors.ts';
import { endsWaits } from '../interruption.ts';
import { native } from '../native.ts';
import { Member, READABLE, release, retain } from '../readiness.ts';

/** Anything with a descriptor. */
export interface HasFileno {
  fileno(): number;
}

/** Several descriptors to wait for, in this order; one of -1 is never ready. */
export class ServerWaits {
  readonly #sources: HasFileno[];
  readonly #copies: number[] = [];

  constructor(...sources: HasFileno[]) {
    this.#sources = sources;
  }

  /**
   * Waits until some are readable.
   *
   * @param timeout in seconds; null for no limit
   * @returns for each whether it is
   * @throws {InterruptedError} a signal arrived that the program listens to (main thread)
   */
  wait(timeout: number | null): boolean[] {
    const fds = new Int32Array(2 * this.#sources.length);
    const words = new Int16Array(fds.buffer);
    this.#sources.forEach((source, index) => {
      fds[2 * index] = source.fileno();
      words[4 * index + 2] = POLLIN;
    });
    const end = deadline(timeout === null ? null : timeout * 1000);
    for (;;) {
      const left = Math.max(0, end - performance.now());
      const ready = native.poll(fds, left === Number.POSITIVE_INFINITY ? -1 : left);
      if (ready === -EINTR && !endsWaits()) continue;
      if (ready < 0) throw osError(-ready, 'poll');
      return this.#sources.map((_, index) => words[4 * index + 3] !== 0);
    }
  }

  /** {@link wait} on the event loop. Aborting the signal ends it with what is ready. */
  async waitAsync(timeout: number | null, signal: AbortSignal): Promise<boolean[]> {
    const ready = this.#sources.map(() => false);
    if (signal.aborted) return ready;
    if (timeout === 0) return this.wait(0);
    // The set has each descriptor once, and the socket's own calls may be waiting for it.
    while (this.#copies.length < this.#sources.length) {
      const fd = this.#sources[this.#copies.length]!.fileno();
      if (fd < 0) break;
      this.#copies.push(dup(fd));
    }
    const members: Member[] = [];
    let timer: NodeJS.Timeout | undefined;
    let over: Abortable | undefined;
    retain();
    try {
      await new Promise<void>((resolve) => {
        over = { aborted: () => resolve() };
        watch(signal, over);
        this.#copies.forEach((copy, index) => {
          const fire = () => {
            ready[index] = true;
            resolve();
            return 0;
          };
          const member = new Member(copy, { ready: fire });
          members.push(member);
          member.arm(READABLE);
        });
        if (timeout !== null) timer = setTimeout(resolve, timeout * 1000);
      });
      return ready;
    } finally {
      clearTimeout(timer);
      if (over) unwatch(signal, over);
      for (const member of members) member.close();
      release();
    }
  }

  close(): void {
    this.#copies.splice(0).forEach(close);
  }
}
