/** Bytes of COM1 -> text, in pieces. Nobody says in which encoding: UTF-16 is told by its mark or zeros, UTF-8 by its form, else OEM. */
import { isUtf8 } from 'node:buffer';

/** Upper half of code page 850; 437 has the same letters in its first quarter. */
const page850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

const windows1252 = new TextDecoder('windows-1252');

/** Letters of the OEM pages, where Windows-1252 has signs that hardly occur. */
const isOemLetter = (byte: number) => byte >= 0x80 && byte <= 0xa5 && !(byte === 0x85 || (byte >= 0x91 && byte <= 0x97) || byte === 0xa0);

function decodeLine(line: Buffer): string {
  if (isUtf8(line)) return line.toString('utf8');
  if (!line.some(isOemLetter)) return windows1252.decode(line);
  return line.toString('latin1').replace(/[\x80-\xff]/g, letter => page850[letter.charCodeAt(0) - 0x80] ?? letter);
}

function decodeLines(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    lines.push(decodeLine(bytes.subarray(start, next)));
    start = next;
  }
  return lines.join('');
}

/** UTF-16 by its mark, or by ASCII in it: zeros on one side only. */
function wide(start: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  for (const [at, byte] of start.entries()) if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (odd > start.length / 4 && even < odd / 8) return 'utf-16le';
  return even > start.length / 4 && odd < even / 8 ? 'utf-16be' : null;
}

const sniffed = 256;
const longestHeld = 4 * 1024;

export class Decoder {
  #held: Buffer = Buffer.alloc(0);
  #wide: InstanceType<typeof TextDecoder> | null | undefined;

  /** The text that is certain by now: whole lines, or what fills 4 KiB without one. */
  push(chunk: Uint8Array): string {
    const bytes = Buffer.concat([this.#held, chunk]);
    if (this.#wide === undefined) {
      if (bytes.length < sniffed) return this.#hold(bytes, 0);
      this.#sniff(bytes);
    }
    if (this.#wide) return this.#hold(bytes, bytes.length, this.#wide.decode(bytes, { stream: true }));
    let end = Math.max(bytes.lastIndexOf(0x0a), bytes.lastIndexOf(0x0d)) + 1;
    if (bytes.length - end > longestHeld) {
      // A letter of several bytes must not be cut: go back to before its first one.
      end = bytes.length;
      while (bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end--;
      if ((bytes[end - 1] ?? 0) >= 0xc0) end--;
    }
    return this.#hold(bytes, end, decodeLines(bytes.subarray(0, end)));
  }

  end(): string {
    const bytes = this.#held;
    if (this.#wide === undefined) this.#sniff(bytes);
    this.#held = Buffer.alloc(0);
    return this.#wide ? this.#wide.decode(bytes) : decodeLines(bytes);
  }

  #sniff(bytes: Buffer): void {
    const found = wide(bytes.subarray(0, sniffed));
    this.#wide = found === null ? null : new TextDecoder(found);
  }

  #hold(bytes: Buffer, end: number, text = ''): string {
    this.#held = Buffer.from(bytes.subarray(end));
    return text;
  }
}

/** More than any console's log holds that somebody reads; the end of a log tells of the present. */
const longestRead = 16 * 1024 * 1024;
/** Stands for what was left out, so that the rest of a line is not taken for a whole one. */
export const leftOut = '…';

/** Where to begin in a log of this many bytes or letters: 0, or within reach of its end. Even, so that no letter of UTF-16 is cut. */
export const beginningOf = (length: number): number => {
  const start = Math.max(0, length - longestRead);
  return start - (start % 2);
};

/** A log's bytes as text, for people and for what takes text; the end of one that is longer than 16 MiB. */
export function decodeSerialLog(bytes: Uint8Array): string {
  const decoder = new Decoder();
  const start = beginningOf(bytes.length);
  return (start > 0 ? leftOut : '') + decoder.push(bytes.subarray(start)) + decoder.end();
}
