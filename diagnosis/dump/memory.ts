/** What a triage dump keeps of the memory: blocks with their addresses. Layout: TRIAGE_DUMP64, TRIAGE_DATA_BLOCK (ntiodump.h). */
import type { Reader } from './layout.ts';

const triage = { start: 0x2000, valid: 0x08, process: 0x20, dataBlocks: 0x78, dataBlockCount: 0x7c } as const;
const blockSize = 16;
/** A real one has some hundreds; a hostile one says billions. */
const mostBlocks = 4096;

/** `TRGD`: stands at the end of a triage dump that was written whole (TRIAGE_DUMP_VALID). */
const validMark = 0x44475254;

/** Offset of EPROCESS.ImageFileName (15 characters) by build, 64-bit; the last row at or below a build counts (public symbols). */
const imageNames: [build: number, offset: number][] = [
  [7600, 0x2e0],
  [9200, 0x438],
  [10240, 0x448],
  [10586, 0x450],
  [18362, 0x450],
  [19041, 0x5a8],
  [26100, 0x338],
];

/** Printable characters of a name or sentence, to its first zero; null when there are fewer than three. Hostile text. */
function printable(bytes: Uint8Array): string | null {
  const wide = bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0;
  const text = new TextDecoder(wide ? 'utf-16le' : 'latin1').decode(bytes.subarray(0, bytes.length - (bytes.length % 2))).split('\0')[0];
  return text !== undefined && /^[\x20-\x7e]{3,}$/.test(text) ? text.trim() : null;
}

/** Bytes at an address of the crashed machine, where a block that holds them lies within what is at hand. */
function memoryAt({ u32, u64, bytes }: Reader, address: bigint, length: number): Uint8Array {
  const blocks = u32(triage.start + triage.dataBlocks) ?? 0;
  const count = Math.min(u32(triage.start + triage.dataBlockCount) ?? 0, mostBlocks);
  for (let block = 0; block < count; block++) {
    const at = blocks + block * blockSize;
    const [start, offset, size] = [u64(at), u32(at + 8), u32(at + 12)];
    if (start === undefined || offset === undefined || size === undefined) return new Uint8Array();
    if (address < start || address >= start + BigInt(size)) continue;
    const skipped = Number(address - start);
    return bytes(offset + skipped, Math.min(length, size - skipped));
  }
  return new Uint8Array();
}

/** The text at an address, at most 64 bytes of it; null when it is not at hand. */
export const textAt = (reader: Reader, address: bigint): string | null => printable(memoryAt(reader, address, 64));

/** The name of the process whose object stands at an address; null when that is not at hand, or the build's layout not known. */
export function processAt(reader: Reader, address: bigint, build: number | null): string | null {
  const offset = imageNames.findLast(([first]) => build !== null && build >= first)?.[1];
  return offset === undefined ? null : printable(memoryAt(reader, address + BigInt(offset), 15));
}

/** The process that ran at the time of the crash, of which a triage dump keeps a copy. */
export function currentProcess({ u32, bytes }: Reader, build: number | null): string | null {
  const offset = imageNames.findLast(([first]) => build !== null && build >= first)?.[1];
  const copy = u32(triage.start + triage.process);
  return offset === undefined || copy === undefined || copy === 0 ? null : printable(bytes(copy + offset, 15));
}

/** Whether a triage dump's last mark stands where it says; undefined when that is not at hand. */
export function endsWhole({ u32 }: Reader): boolean | undefined {
  const mark = u32(u32(triage.start + triage.valid) ?? Number.MAX_SAFE_INTEGER);
  return mark === undefined ? undefined : mark === validMark;
}
