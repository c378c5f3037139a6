/** Text encodings of file objects: bytes to text in pieces, and text to bytes. */
import { TextDecoder } from 'node:util';
import { outOfRange } from '../validate.ts';

/** Turns bytes into text, piece by piece: a character may begin in one and end in the next. */
export interface Decoder {
  /** `final` says that nothing will follow. */
  decode(bytes: Buffer, final: boolean): string;
}

export type Encoder = (text: string) => Buffer;

// Python's names that TextDecoder does not know, or, as to the first two, knows as windows-1252.
const LATIN1 = /^(latin-?1|l1|iso-?8859-1|cp819|8859)$/;
const ASCII = /^(us-?)?ascii$/;
const UTF8 = /^(utf-?8|u8)$/;
const UTF16 = /^utf-?16-?le$/;
// Some versions of Node take it for Latin-1, so that it is ours: its characters from 0x80 to 0x9f.
const WINDOWS_1252 = /^(windows-|cp-?)?1252$/;
const ABOVE_ASCII = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const SINGLE_BYTES = /^(ibm866|iso-8859-\d+|koi8-[ru]|macintosh|windows-\d+|x-mac-cyrillic)$/;
const LONE_SURROGATE = /\p{Surrogate}/gu;

const normalized = (encoding: string) => encoding.toLowerCase().replaceAll('_', '-');

function invalid(encoding: string): RangeError {
  const error = new RangeError(`the bytes received are not ${encoding}`);
  return Object.assign(error, { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
}

function textDecoder(caller: string, label: string, strict: boolean): TextDecoder {
  try {
    return new TextDecoder(label === 'utf-8-sig' ? 'utf-8' : label, {
      fatal: strict,
      // As in Python a byte order mark is a character, unless the name says otherwise.
      ignoreBOM: label !== 'utf-8-sig' && label !== 'utf-16',
    });
  } catch {
    throw outOfRange(caller, 'encoding', 'one that TextDecoder knows', label);
  }
}

const windows1252 = (bytes: Buffer) =>
  bytes.toString('latin1').replace(/[\x80-\x9f]/g, (c) => ABOVE_ASCII[c.charCodeAt(0) - 0x80]!);

/**
 * The decoder of an encoding.
 *
 * @param encoding a name that TextDecoder knows, or Python's for Latin-1 (all 256 bytes) and ASCII
 * @param strict bytes that are not of the encoding are a RangeError, and U+FFFD otherwise
 */
export function decoderOf(caller: string, encoding: string, strict: boolean): Decoder {
  const name = normalized(encoding);
  if (LATIN1.test(name)) return { decode: (bytes) => bytes.toString('latin1') };
  if (ASCII.test(name)) {
    return {
      decode(bytes) {
        const text = bytes.toString('latin1');
        if (strict && /[^\0-\x7f]/.test(text)) throw invalid(encoding);
        return text.replace(/[^\0-\x7f]/g, '\ufffd');
      },
    };
  }
  if (WINDOWS_1252.test(name)) return { decode: windows1252 };
  const label = UTF8.test(name) ? 'utf-8' : UTF16.test(name) ? 'utf-16le' : name;
  const decoder = textDecoder(caller, label, strict);
  return {
    decode(bytes, final) {
      try {
        return decoder.decode(bytes, { stream: !final });
      } catch {
        throw invalid(encoding);
      }
    },
  };
}

/** A decoder whose text has `\n` for every line end, or, untranslated, never ends between `\r` and `\n`. */
export function universalNewlines(decoder: Decoder, translate: boolean): Decoder {
  let held = '';
  return {
    decode(bytes, final) {
      let text = held + decoder.decode(bytes, final);
      held = '';
      if (!final && text.endsWith('\r')) {
        held = '\r';
        text = text.slice(0, -1);
      }
      return translate && text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
    },
  };
}

/** An encoder that refuses, or else replaces by `?`, what `wrong` matches. */
function encoder(
  encoding: string,
  strict: boolean,
  wrong: RegExp,
  encode: (text: string) => Buffer,
): Encoder {
  return (text) => {
    if (text.search(wrong) < 0) return encode(text);
    if (strict) throw outOfRange('write', 'text', `text that ${encoding} can encode`, text);
    return encode(text.replace(wrong, '?'));
  };
}

/** The encoder of an encoding that has a byte for each character. */
function singleBytes(encoding: string, strict: boolean, decode: (bytes: Buffer) => string): Encoder {
  const all = [...decode(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)))];
  const bytes = new Map(all.map((character, byte) => [character, byte]));
  bytes.delete('\ufffd');
  return (text) => {
    const codes = Array.from(text, (character) => {
      const byte = bytes.get(character);
      if (byte === undefined && strict)
        throw outOfRange('write', 'text', `text that ${encoding} can encode`, text);
      return byte ?? 0x3f;
    });
    return Buffer.from(codes);
  };
}

/**
 * The encoder of an encoding: UTF-8, UTF-16LE, Latin-1, ASCII, and those of TextDecoder's that have one byte for each
 * character.
 *
 * @param strict text that the encoding does not have is a RangeError, and `?` otherwise
 */
export function encoderOf(caller: string, encoding: string, strict: boolean): Encoder {
  const name = normalized(encoding);
  if (UTF8.test(name)) return encoder(encoding, strict, LONE_SURROGATE, (text) => Buffer.from(text));
  if (UTF16.test(name))
    return encoder(encoding, strict, LONE_SURROGATE, (text) => Buffer.from(text, 'utf16le'));
  if (LATIN1.test(name))
    return encoder(encoding, strict, /[^\0-\xff]/gu, (text) => Buffer.from(text, 'latin1'));
  if (ASCII.test(name))
    return encoder(encoding, strict, /[^\0-\x7f]/gu, (text) => Buffer.from(text, 'latin1'));
  if (WINDOWS_1252.test(name)) return singleBytes(encoding, strict, windows1252);
  const decoder = textDecoder(caller, name, false);
  if (!SINGLE_BYTES.test(decoder.encoding))
    throw outOfRange(caller, 'encoding', 'one that can be written', encoding);
  return singleBytes(encoding, strict, (bytes) => decoder.decode(bytes));
}
