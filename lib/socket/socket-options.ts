/** The options of a socket: raw, as properties, and the packet filters among them. */
import { type Bytes, readable } from '../buffers.ts';
import {
  AF_VSOCK,
  BPF_MAXINSNS,
  SO_ATTACH_FILTER,
  SO_ATTACH_REUSEPORT_CBPF,
  SO_DETACH_FILTER,
  SO_DETACH_REUSEPORT_BPF,
  SO_GET_FILTER,
  SO_LOCK_FILTER,
  SOL_SOCKET,
} from '../constants.generated.ts';
import { kEndpoint } from '../endpoint.ts';
import { assemble, disassemble, type Instruction } from '../options/filter.ts';
import { getOption, setFilter, setNull, setOption } from '../options/option-access.ts';
import { bigintBytes, type IntegerKind, integerSize, readInteger } from '../options/option-integers.ts';
import { type Options, optionsView } from '../options/options.ts';
import { int, integer, outOfRange, wrongKind } from '../validate.ts';
import { SocketHandle } from './socket-handle.ts';

const value = new Int32Array(1);

/** A `SocketHandle` with its options. */
export class SocketOptions<F extends number = number> extends SocketHandle<F> {
  #options: Options | undefined;

  /**
   * The options as properties: `sock.options.tcpNoDelay = true`. The property of an option has the name of its
   * constant in camelCase, without SO_.
   */
  get options(): Options {
    this.#options ??= optionsView(this);
    return this.#options;
  }

  /**
   * A socket option: getsockopt(2).
   *
   * @param buflen 0 or nothing for an option that is a C int; the type of any other integer, such as `'uint64'`; or the
   * most bytes that its value may have
   * @returns the integer, a bigint where it has 64 bits, or the bytes that the kernel gave
   */
  getsockopt(level: number, option: number, buflen?: 0): number;
  getsockopt(level: number, option: number, buflen: 'int64' | 'uint64'): bigint;
  getsockopt(level: number, option: number, buflen: Exclude<IntegerKind, 'int64' | 'uint64'>): number;
  getsockopt(level: number, option: number, buflen: number): Buffer;
  getsockopt(level: number, option: number, buflen: number | IntegerKind = 0): Buffer | number | bigint {
    int('getsockopt', 'level', level);
    int('getsockopt', 'option', option);
    const kind = integerSize(buflen);
    if (kind === undefined && typeof buflen !== 'number')
      throw wrongKind('getsockopt', 'buflen', "a number of bytes or a type from 'int8' to 'uint64'", buflen);
    const size = kind ?? integer('getsockopt', 'buflen', buflen, 0, 0x7fffffff);
    const endpoint = this[kEndpoint];
    // Those of AF_VSOCK have 64 bits.
    if (size === 0 && level === AF_VSOCK) return Number(this.getsockopt(level, option, 'uint64'));
    if (size === 0) {
      value[0] = 0;
      getOption(endpoint, level, option, value);
      return value[0]!;
    }
    const buffer = Buffer.alloc(size);
    const given = buffer.subarray(0, getOption(endpoint, level, option, buffer));
    return typeof buflen === 'string' ? readInteger(given, buflen) : given;
  }

  /**
   * Sets a socket option: setsockopt(2).
   *
   * @param value an integer (32 bits, signed or unsigned), a bigint (64 bits, signed or unsigned), a boolean, bytes, or
   * null for a null pointer
   * @param optlen with null, and only then: the length to pass
   */
  setsockopt(level: number, option: number, value: number | bigint | boolean | Bytes): void;
  setsockopt(level: number, option: number, value: null, optlen: number): void;
  setsockopt(
    level: number,
    option: number,
    value: number | bigint | boolean | Bytes | null,
    optlen?: number,
  ): void {
    int('setsockopt', 'level', level);
    int('setsockopt', 'option', option);
    const endpoint = this[kEndpoint];
    if (value === null) {
      setNull(endpoint, level, option, integer('setsockopt', 'optlen', optlen, 0, 0x7fffffff));
    } else if (optlen !== undefined) {
      // In C it goes with every value: whoever gives one here must not be left to think that it counts.
      throw wrongKind('setsockopt', 'optlen', 'left out unless value is null', optlen);
    } else {
      setOption(endpoint, level, option, optionValue(level, value));
    }
  }

  /**
   * Lets a classic BPF program decide on each packet before the socket gets it: SO_ATTACH_FILTER. The number that it
   * returns is how many bytes of the packet are kept, 0 drops it. It replaces an earlier filter, and says nothing about
   * packets that have arrived already.
   *
   * @param program the instructions, at most 4096: see `BPF_STMT` and `BPF_JUMP`
   * @throws {OSError} EINVAL for a program that the kernel does not accept, EPERM after {@link lockFilter}
   */
  attachFilter(program: readonly Instruction[]): void {
    const bytes = assemble('attachFilter', program);
    setFilter(this[kEndpoint], SO_ATTACH_FILTER, bytes, 'SO_ATTACH_FILTER');
  }

  /** Takes the filter away: SO_DETACH_FILTER. Throws `OSError` ENOENT where there is none. */
  detachFilter(): void {
    setOption(this[kEndpoint], SOL_SOCKET, SO_DETACH_FILTER, 0, 'SO_DETACH_FILTER');
  }

  /** Lets nobody change or take away the filter, in this process or another: SO_LOCK_FILTER. Cannot be undone. */
  lockFilter(): void {
    setOption(this[kEndpoint], SOL_SOCKET, SO_LOCK_FILTER, 1, 'SO_LOCK_FILTER');
  }

  /** The instructions of the filter: SO_GET_FILTER; null where there is none. */
  getFilter(): Instruction[] | null {
    const bytes = Buffer.alloc(BPF_MAXINSNS * 8);
    const length = getOption(this[kEndpoint], SOL_SOCKET, SO_GET_FILTER, bytes, 'SO_GET_FILTER');
    return length === 0 ? null : disassemble(bytes.subarray(0, length));
  }

  /**
   * Lets a classic BPF program choose which of the sockets that share an address by SO_REUSEPORT gets a datagram or a
   * connection: SO_ATTACH_REUSEPORT_CBPF. It returns the number of the socket, in the order in which they were bound;
   * with a number that none has the kernel chooses. It counts for all of them, and sees a datagram without its UDP
   * header.
   */
  attachReuseportFilter(program: readonly Instruction[]): void {
    const bytes = assemble('attachReuseportFilter', program);
    setFilter(this[kEndpoint], SO_ATTACH_REUSEPORT_CBPF, bytes, 'SO_ATTACH_REUSEPORT_CBPF');
  }

  /**
   * Leaves the choice to the kernel again: SO_DETACH_REUSEPORT_BPF. Throws `OSError` ENOENT where there is no filter,
   * EINVAL without SO_REUSEPORT.
   */
  detachReuseportFilter(): void {
    setOption(this[kEndpoint], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0, 'SO_DETACH_REUSEPORT_BPF');
  }
}

/** An option's value as native code takes it. */
function optionValue(level: number, value: unknown): number | NodeJS.ArrayBufferView {
  if (typeof value === 'boolean') return optionValue(level, Number(value));
  if (typeof value === 'number' && level === AF_VSOCK) {
    return bigintBytes(BigInt(integer('setsockopt', 'value', value, 0, Number.MAX_SAFE_INTEGER)));
  }
  if (typeof value === 'number') {
    // Unsigned options take the upper half of 32 bits too; the kernel sees the same bits.
    return integer('setsockopt', 'value', value, -0x80000000, 0xffffffff) | 0;
  }
  if (typeof value === 'bigint') {
    if (value < -(2n ** 63n) || value >= 2n ** 64n)
      throw outOfRange('setsockopt', 'value', 'a bigint from -(2n ** 63n) to 2n ** 64n - 1n', value);
    return bigintBytes(value);
  }
  if (value === undefined)
    throw wrongKind('setsockopt', 'value', 'an integer, a bigint, a boolean, bytes or null', value);
  return readable('setsockopt', 'value', value);
}
