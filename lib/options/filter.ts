/** Classic BPF programs: the packet filters of `attachFilter`. */

import { integer, wrongKind } from '../validate.ts';
import { Struct, u8, u16, u32 } from './struct.ts';

/**
 * One instruction, struct sock_filter: a code (BPF_LD | BPF_W | BPF_ABS and so on), how many instructions to jump over
 * if true and if false, and an operand.
 */
export type Instruction = readonly [code: number, jt: number, jf: number, k: number];

/** An instruction that does not jump, as the macro of linux/filter.h makes it. */
export function BPF_STMT(code: number, k: number): Instruction {
  return [code, 0, 0, k];
}

/** An instruction that jumps, as the macro of linux/filter.h makes it: `jt` and `jf` come last. */
export function BPF_JUMP(code: number, k: number, jt: number, jf: number): Instruction {
  return [code, jt, jf, k];
}

const instruction = new Struct({ code: u16, jt: u8, jf: u8, k: u32 });

/** The bytes of a program. */
export function assemble(caller: string, program: unknown): Buffer {
  if (!Array.isArray(program)) throw wrongKind(caller, 'program', 'an array of instructions', program);
  if (program.length > 0xffff) throw wrongKind(caller, 'program', 'at most 65535 instructions', program);
  return Buffer.concat(Array.from(program, (each, index) => assembleOne(caller, `program[${index}]`, each)));
}

function assembleOne(caller: string, name: string, given: unknown): Buffer {
  if (!Array.isArray(given) || given.length !== 4) throw wrongKind(caller, name, '[code, jt, jf, k]', given);
  const [code, jt, jf, k] = given as unknown[];
  return instruction.write({
    code: integer(caller, `${name}.code`, code, 0, 0xffff),
    jt: integer(caller, `${name}.jt`, jt, 0, 0xff),
    jf: integer(caller, `${name}.jf`, jf, 0, 0xff),
    // Offsets such as SKF_AD_OFF are negative, and the kernel sees the same bits.
    k: integer(caller, `${name}.k`, k, -0x80000000, 0xffffffff) >>> 0,
  });
}

/** The instructions in the bytes of a program. */
export function disassemble(bytes: Buffer): Instruction[] {
  return Array.from({ length: bytes.length / instruction.size }, (_, index) => {
    const { code, jt, jf, k } = instruction.read(bytes.subarray(index * instruction.size));
    return [code, jt, jf, k];
  });
}
