/**
 * Python's enumerations of constants, which read both ways: `AddressFamily.AF_INET` is 2, `AddressFamily[2]` is
 * `'AF_INET'`.
 */
import { type Group, membersOf } from './constant-names.ts';
import type { Constants } from './constants.generated.ts';

/** The constants `Name` by their names, and their names by the numbers. */
export type Enumeration<Name extends keyof Constants> = Readonly<Pick<Constants, Name>> & {
  readonly [number: number]: string | undefined;
};
type Prefixed<Prefix extends string> = Extract<keyof Constants, `${Prefix}_${string}`>;
type Kind = 'STREAM' | 'DGRAM' | 'RAW' | 'RDM' | 'SEQPACKET' | 'DCCP' | 'PACKET' | 'NONBLOCK' | 'CLOEXEC';

function enumeration<Name extends keyof Constants>(group: Group): Enumeration<Name> {
  return membersOf(group) as unknown as Enumeration<Name>;
}

/** The AF_* constants. Python: `socket.AddressFamily`. */
export const AddressFamily = enumeration<Prefixed<'AF'>>('AF');
/** The SOCK_* constants that a socket's type is made of. Python: `socket.SocketKind`. */
export const SocketKind = enumeration<`SOCK_${Kind}`>('SOCK');
/** The MSG_* constants. Python: `socket.MsgFlag`. */
export const MsgFlag = enumeration<Prefixed<'MSG'>>('MSG');
/** The AI_* constants. Python: `socket.AddressInfo`. */
export const AddressInfo = enumeration<Prefixed<'AI'>>('AI');
