/** `sock.options`: the options of a socket as properties. */
import { inspect } from 'node:util';
import type { Bytes } from '../buffers.ts';
import { ERANGE, SO_PEERPIDFD, SOL_SOCKET } from '../constants.generated.ts';
import { type Endpoint, kEndpoint } from '../endpoint.ts';
import { OSError } from '../errors.ts';
import { lazy } from '../lazy.ts';
import {
  block,
  join,
  leave,
  linkMembership,
  type MembershipOptions,
  membership,
  unblock,
} from './memberships.ts';
import { getOption, optionNumber, setOption } from './option-access.ts';
import type { Access, Option } from './option-entry.ts';
import { allOptions, type OptionValues } from './option-table.ts';

/** What has an endpoint: a `Socket`. */
interface Holder {
  readonly [kEndpoint]: Endpoint;
}

type AnyOption = Option<unknown, Access>;

function label(name: string, { option }: AnyOption): string {
  return `options.${name} (${option})`;
}

function read(endpoint: Endpoint, name: string, line: AnyOption): unknown {
  const { level, option, access, codec } = line;
  if (access === 'write') throw new TypeError(`${label(name, line)} can be set and not read`);
  const [levelNumber, number] = [optionNumber('getsockopt', level), optionNumber('getsockopt', option)];
  const get = (size: number) => {
    const bytes = Buffer.alloc(size);
    const length = getOption(endpoint, levelNumber, number, bytes, option);
    return codec.decode(bytes.subarray(0, length));
  };
  try {
    return get(codec.size);
  } catch (error) {
    const tooSmall = error instanceof OSError && error.errno === ERANGE && codec.most !== undefined;
    if (tooSmall) return get(codec.most!);
    throw error;
  }
}

function write(endpoint: Endpoint, name: string, line: AnyOption, value: unknown): void {
  const { level, option, access, codec } = line;
  if (access === 'read') throw new TypeError(`${label(name, line)} can be read and not set`);
  const encoded = codec.encode!(value, label(name, line));
  const [levelNumber, number] = [optionNumber('setsockopt', level), optionNumber('setsockopt', option)];
  setOption(endpoint, levelNumber, number, encoded, option);
}

/** What the view can do beside having the options as properties. */
class OptionView {
  readonly #socket: Holder;

  constructor(socket: Holder) {
    this.#socket = socket;
    // A misspelt name throws, and does not become a property that nobody looks at.
    Object.freeze(this);
  }

  /** The view of a socket, with the properties of the tables, which the class gets when it is first needed. */
  static of(socket: Holder): OptionView {
    OptionView.#complete();
    return new OptionView(socket);
  }

  static readonly #complete = lazy(() => OptionView.#addOptions());

  static #addOptions(): void {
    for (const [name, line] of Object.entries(allOptions())) {
      Object.defineProperty(OptionView.prototype, name, {
        get(this: OptionView) {
          return read(this.#socket[kEndpoint], name, line);
        },
        set(this: OptionView, value: unknown) {
          write(this.#socket[kEndpoint], name, line, value);
        },
        configurable: true,
      });
    }
  }

  /**
   * Joins a multicast group: MCAST_JOIN_GROUP, with a source MCAST_JOIN_SOURCE_GROUP; IP_ADD_MEMBERSHIP and
   * IP_ADD_SOURCE_MEMBERSHIP where the interface is given by its address; NETLINK_ADD_MEMBERSHIP for a number.
   *
   * @param group a numeric IPv4 or IPv6 address, `'239.1.2.3'`, `'ff02::1%eth0'`; on a netlink socket a number
   * @throws {OSError} EADDRINUSE if the socket is a member already, ENODEV for an unknown interface
   */
  joinGroup(group: string | number, options?: MembershipOptions): void {
    membership(this.#socket[kEndpoint], join, group, options);
  }

  /**
   * Leaves a multicast group: the opposite of {@link joinGroup}, with the same arguments.
   *
   * @throws {OSError} EADDRNOTAVAIL if the socket is no member
   */
  leaveGroup(group: string | number, options?: MembershipOptions): void {
    membership(this.#socket[kEndpoint], leave, group, options);
  }

  /** Takes nothing from a source any more, in a group that was joined without one: MCAST_BLOCK_SOURCE. */
  blockSource(group: string, source: string, options?: Pick<MembershipOptions, 'interface'>): void {
    membership(this.#socket[kEndpoint], block, group, { ...options, source });
  }

  /** The opposite of {@link blockSource}: MCAST_UNBLOCK_SOURCE. */
  unblockSource(group: string, source: string, options?: Pick<MembershipOptions, 'interface'>): void {
    membership(this.#socket[kEndpoint], unblock, group, { ...options, source });
  }

  /**
   * Lets an AF_PACKET socket receive what its interface would pass by: PACKET_ADD_MEMBERSHIP.
   *
   * @param where the interface: its name or its index
   * @param type PACKET_MR_PROMISC, PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST or PACKET_MR_UNICAST
   * @param address the hardware address, for the last two: at most 8 bytes
   */
  packetAddMembership(where: string | number, type: number, address?: Bytes): void {
    linkMembership(
      this.#socket[kEndpoint],
      'packetAddMembership',
      'PACKET_ADD_MEMBERSHIP',
      where,
      type,
      address,
    );
  }

  /** The opposite of {@link packetAddMembership}: PACKET_DROP_MEMBERSHIP. */
  packetDropMembership(where: string | number, type: number, address?: Bytes): void {
    linkMembership(
      this.#socket[kEndpoint],
      'packetDropMembership',
      'PACKET_DROP_MEMBERSHIP',
      where,
      type,
      address,
    );
  }

  /**
   * Opens the process at the other end of an AF_UNIX connection: SO_PEERPIDFD, a pidfd_open(2) that cannot mean another
   * process by now. It is a method, since each call makes a descriptor.
   *
   * @returns a close-on-exec descriptor, which belongs to the caller; see `close`
   */
  peerPidFd(): number {
    const fd = new Int32Array(1);
    getOption(this.#socket[kEndpoint], SOL_SOCKET, SO_PEERPIDFD, fd, 'SO_PEERPIDFD');
    return fd[0]!;
  }

  /** Asks the kernel nothing. */
  [inspect.custom](): string {
    return `<Options fd=${this.#socket[kEndpoint].fd}>`;
  }
}

/**
 * The options of a socket. A property is a system call: reading one is getsockopt(2), setting one is setsockopt(2).
 * Its name is that of the constant in camelCase, without SO_.
 *
 * @throws {OSError} with `option`, the constant: ENOPROTOOPT where the system or the protocol lacks it, and so on
 * @throws {TypeError} a value of the wrong kind, an option that cannot be set or read, a name that does not exist
 * @throws {RangeError} a number outside its limits
 */
export interface Options extends OptionView, OptionValues {}

/** The view of a socket's options. */
export function optionsView(socket: Holder): Options {
  return OptionView.of(socket) as Options;
}
