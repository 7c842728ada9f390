/**
 * Where a kernel dump keeps what. Layout: DUMP_HEADER64, DUMP_HEADER32, DUMP_FILE_ATTRIBUTES, TRIAGE_DUMP64 and SUMMARY_DUMP64 (WDK
 * ntiodump.h; the bitmap's header is at 0x2000 of a 64-bit dump). Every read is by an offset in the file and answers undefined outside
 * the bytes at hand.
 */

/** Fills the header's pages before its fields are set: a field that reads so was never set. */
const unset32 = 0x45474150;
const unset64 = 0x4547415045474150n;

export const layouts = {
  64: {
    headerSize: 0x2000,
    machine: 0x30,
    processors: 0x34,
    bugCheck: 0x38,
    parameters: 0x40,
    type: 0xf98,
    required: 0xfa0,
    time: 0xfa8,
    upTime: 0x1030,
    attributes: 0x1050,
  },
  32: {
    headerSize: 0x1000,
    machine: 0x20,
    processors: 0x24,
    bugCheck: 0x28,
    parameters: 0x2c,
    type: 0xf88,
    required: 0xfa0,
    time: 0xfc0,
    upTime: 0xfb8,
    attributes: 0x8a0,
  },
} as const;

/** Bits of DUMP_FILE_ATTRIBUTES. */
export const attributes = { tooSmallFile: 1 << 2, live: 1 << 4, filtered: 1 << 6, encrypted: 1 << 8 } as const;

export interface Piece {
  /** Offset in the file of its first byte. */
  start: number;
  bytes: Uint8Array;
}

export interface Reader {
  u32(offset: number): number | undefined;
  u64(offset: number): bigint | undefined;
  /** As many of these bytes as are at hand, from the first on. */
  bytes(offset: number, length: number): Uint8Array;
}

/** Little-endian reads in the pieces of a file that are at hand. */
export function reader(pieces: readonly Piece[]): Reader {
  const find = (offset: number, length: number): Uint8Array => {
    const piece = pieces.find(({ start, bytes }) => offset >= start && offset < start + bytes.length);
    return piece === undefined ? new Uint8Array() : piece.bytes.subarray(offset - piece.start, offset - piece.start + length);
  };
  const view = (offset: number, length: number): DataView | undefined => {
    const found = find(offset, length);
    return found.length < length ? undefined : new DataView(found.buffer, found.byteOffset, length);
  };
  return {
    u32: offset => {
      const value = view(offset, 4)?.getUint32(0, true);
      return value === unset32 ? undefined : value;
    },
    u64: offset => {
      const value = view(offset, 8)?.getBigUint64(0, true);
      return value === unset64 ? undefined : value;
    },
    bytes: find,
  };
}
