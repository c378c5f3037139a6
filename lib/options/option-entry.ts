/** One line of the tables of options: which option it is, how its value is written, what may be done with it. */
import type { Constants } from '../constants.generated.ts';
import type { Codec, Decoder } from './option-codecs.ts';

export type Access = 'read-write' | 'read' | 'write';

/** An option of the view. `T` is the type of its value. */
export interface Option<T, A extends Access = Access> {
  /** The name of the constant of its level, IPPROTO_TCP and so on. */
  readonly level: keyof Constants;
  /** The name of its constant, TCP_NODELAY and so on. */
  readonly option: keyof Constants;
  readonly access: A;
  readonly codec: Decoder<T> & Partial<Codec<T>>;
}

/** Writes the lines of one level. */
export interface Level {
  readWrite<T>(option: keyof Constants, codec: Codec<T>): Option<T, 'read-write'>;
  readOnly<T>(option: keyof Constants, codec: Decoder<T>): Option<T, 'read'>;
  writeOnly<T>(option: keyof Constants, codec: Codec<T>): Option<T, 'write'>;
}

export function optionsOf(level: keyof Constants): Level {
  return {
    readWrite: (option, codec) => ({ level, option, access: 'read-write', codec }),
    readOnly: (option, codec) => ({ level, option, access: 'read', codec }),
    writeOnly: (option, codec) => ({ level, option, access: 'write', codec }),
  };
}
