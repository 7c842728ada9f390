/**
 * A Windows kernel dump, from its first pages: a saved one, or one that still lies at the start of a pagefile or a dedicated dump file.
 * Layout: see dump/layout.ts.
 */
import { knownCodes } from './catalogue.ts';
import { explained } from './dump/explain.ts';
import { attributes, layouts, type Piece, type Reader, reader } from './dump/layout.ts';
import { currentProcess, endsWhole } from './dump/memory.ts';

export interface DumpHeader {
  /** `kernel-dump` has the fields below; `user-dump` is a process's own dump; `empty` is all zero; `foreign` is something else. */
  kind: 'kernel-dump' | 'user-dump' | 'truncated' | 'empty' | 'foreign';
  /** For anything but a whole kernel dump's header: what is wrong, for a person. */
  problem: string | null;
  bits: 32 | 64 | null;
  machine: 'x86' | 'x64' | 'arm64' | null;
  /** Windows build, for example 19041. */
  build: number | null;
  processors: number | null;
  /** `0x000000EF`. */
  bugCheck: string | null;
  bugCheckName: string | null;
  /** Four, `0x` and 16 (or 8) digits. */
  parameters: string[];
  /** What the parameters say, for the stop errors that a playbook answers. Names in it are hostile text. */
  meaning: string[];
  /** `full-bitmap` is a complete dump since Windows 8; `active` is one without the pages of virtual machines and caches. */
  type: 'complete' | 'kernel' | 'header' | 'small' | 'active' | 'full-bitmap' | 'kernel-bitmap' | 'automatic' | null;
  /** Taken of a Windows that went on running. */
  isLive: boolean | null;
  isEncrypted: boolean | null;
  /** Bytes of a complete file. */
  requiredBytes: number | null;
  /** Null when neither the header nor a file size tells. */
  isComplete: boolean | null;
  /** Why it is not complete, for a person. */
  missing: string | null;
  /** ISO time of the crash, by the VM's clock. */
  crashedAt: string | null;
  /** Seconds from the start of Windows to the crash. */
  upSeconds: number | null;
  /** The process that ran at the time of the crash, where a triage dump's bytes at hand tell it. Hostile text. */
  process: string | null;
}

const nothing: DumpHeader = {
  kind: 'foreign',
  problem: null,
  bits: null,
  machine: null,
  build: null,
  processors: null,
  bugCheck: null,
  bugCheckName: null,
  parameters: [],
  meaning: [],
  type: null,
  isLive: null,
  isEncrypted: null,
  requiredBytes: null,
  isComplete: null,
  missing: null,
  crashedAt: null,
  upSeconds: null,
  process: null,
};

/** Offset in the file of the first byte of `tail`. */
const tailOffset = 0xf80;

const machines: Record<number, DumpHeader['machine']> = { 332: 'x86', 34404: 'x64', 43620: 'arm64' };
const types: Record<number, DumpHeader['type']> = {
  1: 'complete',
  2: 'kernel',
  3: 'header',
  4: 'small',
  5: 'full-bitmap',
  6: 'kernel-bitmap',
  7: 'automatic',
};

const hex = (value: number | bigint, digits: number) => `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;

/** FILETIME (100 ns since 1601) -> ISO; null when it cannot be the time of a crash (unset, or before Windows 7). */
function fileTime(value: bigint): string | null {
  const ms = Number(value / 10_000n) - 11_644_473_600_000;
  return ms > Date.UTC(2009, 0) && ms < Date.UTC(2200, 0) ? new Date(ms).toISOString() : null;
}

/** A header cannot be of a Windows that ran for longer than this. */
const mostUpSeconds = 20 * 365 * 86_400;

const between = (value: number, least: number, most: number): number | null => (value >= least && value <= most ? value : null);
const whole64 = (value: bigint | undefined, most: bigint) => (value !== undefined && value > 0n && value < most ? Number(value) : null);

const flag = (flags: number | undefined, bit: number): boolean | null => (flags === undefined ? null : (flags & bit) !== 0);

/** The bitmap of a dump by pages: its header is written before the pages, its mark only when it is valid. */
function bitmapProblem({ bytes, u64 }: Reader, fileSize: number | undefined): string | null | undefined {
  const mark = new TextDecoder('latin1').decode(bytes(0x2000, 8));
  if (mark.length < 8) return undefined;
  if (mark !== 'SDMPDUMP' && mark !== 'FDMPDUMP') return 'its page bitmap is not valid: it was not written to the end';
  const [first, pages] = [whole64(u64(0x2020), 1n << 40n), whole64(u64(0x2028), 1n << 34n)];
  if (first === null || pages === null) return 'its page bitmap has no pages';
  const end = first + pages * 4096;
  return fileSize !== undefined && fileSize < end ? `its pages end at byte ${end}, the file at ${fileSize}` : null;
}

/** What is missing; null: nothing; undefined: it cannot be told. */
function missing(header: DumpHeader, flags: number | undefined, read: Reader, fileSize: number | undefined): string | null | undefined {
  if (flag(flags, attributes.tooSmallFile)) return 'Windows found too little room for the whole dump';
  const { requiredBytes, bits, type } = header;
  if (requiredBytes !== null && fileSize !== undefined && fileSize < requiredBytes) {
    return `it needs ${requiredBytes} bytes, the file has ${fileSize}`;
  }
  const told =
    bits !== 64 ? undefined : type === 'small' ? triageProblem(read) : isByPages(type) ? bitmapProblem(read, fileSize) : undefined;
  if (typeof told === 'string') return told;
  return requiredBytes !== null && fileSize !== undefined ? null : undefined;
}

const isByPages = (type: DumpHeader['type']) => type === 'full-bitmap' || type === 'active' || type === 'kernel-bitmap';
const triageProblem = (read: Reader) => (endsWhole(read) === false ? 'its last mark is missing: it was not written to the end' : undefined);

function kernelDump(bits: 32 | 64, read: Reader, isWhole: boolean, fileSize: number | undefined): DumpHeader {
  const layout = layouts[bits];
  const { u32, u64 } = read;
  const width = bits / 8;
  const code = u32(layout.bugCheck);
  const bugCheck = code === undefined ? null : hex(code, 8);
  const parameters = [0, 1, 2, 3].flatMap(index => {
    const offset = layout.parameters + index * width;
    const value = bits === 64 ? u64(offset) : u32(offset);
    return value === undefined ? [] : [hex(value, width * 2)];
  });
  const build = u32(0x0c) ?? null;
  const flags = u32(layout.attributes);
  const type = types[u32(layout.type) ?? 0] ?? null;
  const time = u64(layout.time);
  const upTime = u64(layout.upTime);
  const header: DumpHeader = {
    ...nothing,
    kind: isWhole ? 'kernel-dump' : 'truncated',
    problem: isWhole ? null : 'the dump header is cut off: the dump is not complete',
    bits,
    machine: machines[u32(layout.machine) ?? 0] ?? null,
    build,
    processors: between(u32(layout.processors) ?? 0, 1, 2048),
    bugCheck,
    bugCheckName: (bugCheck && knownCodes.get(bugCheck)?.name) || null,
    parameters,
    meaning: bugCheck === null ? [] : explained(bugCheck, parameters, build, bits === 64 && type === 'small' ? read : reader([])),
    type: type === 'full-bitmap' && flag(flags, attributes.filtered) ? 'active' : type,
    isLive: flag(flags, attributes.live),
    isEncrypted: flag(flags, attributes.encrypted),
    requiredBytes: whole64(u64(layout.required), 1n << 46n),
    crashedAt: time === undefined ? null : fileTime(time),
    upSeconds: upTime === undefined ? null : between(Number(upTime / 10_000_000n), 0, mostUpSeconds),
    process: bits === 64 && type === 'small' ? currentProcess(read, build) : null,
  };
  const lacks = isWhole ? missing(header, flags, read, fileSize) : 'the header is cut off';
  return { ...header, isComplete: lacks === undefined ? null : lacks === null, missing: lacks ?? null };
}

function readPieces(pieces: Piece[], isWhole: (bits: 32 | 64) => boolean, fileSize?: number): DumpHeader {
  const read = reader(pieces);
  const start = read.bytes(0, 8);
  const signature = new TextDecoder('latin1').decode(start);
  if (signature === 'PAGEDU64') return kernelDump(64, read, isWhole(64), fileSize);
  if (signature === 'PAGEDUMP') return kernelDump(32, read, isWhole(32), fileSize);
  if (signature.startsWith('MDMP')) return { ...nothing, kind: 'user-dump', problem: 'a dump of one process, not of Windows' };
  if (start.length < 8) return { ...nothing, kind: 'truncated', problem: `only ${start.length} bytes` };
  // Windows takes the mark away when it has saved a dump from its pagefile, and sets it last when it writes one.
  if (signature.startsWith('PAGE')) {
    return { ...nothing, problem: 'a dump header without its mark: it was saved elsewhere already, or never finished' };
  }
  const empty = pieces.every(({ bytes }) => bytes.every(byte => byte === 0));
  return empty ? { ...nothing, kind: 'empty', problem: 'only zeros' } : { ...nothing, problem: 'no dump: it begins with other bytes' };
}

/**
 * Reads a dump's header from two pieces of the file: bytes 0x00 to 0x5F and 0xF80 to 0xFBF. Any bytes are accepted: what they are
 * instead of a kernel dump is told in `kind` and `problem`; a field that was never set, or lies outside the pieces, is null.
 */
export function readDumpHeader(head: Uint8Array, tail: Uint8Array): DumpHeader {
  const pieces = [
    { start: 0, bytes: head },
    { start: tailOffset, bytes: tail },
  ];
  return readPieces(pieces, () => head.length >= 0x60 && tail.length >= 0x30);
}

/** Enough for the header (8 KiB), the bitmap's header, and the blocks of most triage dumps. */
const mostBytes = 4 * 1024 * 1024;

/**
 * Reads the first pages of a file or blob: 8 KiB tell all that the header has; more tell of a triage dump's processes and whether a
 * dump by pages is whole. Never reads beyond 4 MiB of them.
 * @param fileSize bytes of the whole file; without it a dump that is cut off at its end cannot be told
 */
export function readDump(pages: Uint8Array, fileSize?: number): DumpHeader {
  const size = fileSize !== undefined && Number.isSafeInteger(fileSize) && fileSize >= 0 ? fileSize : undefined;
  return readPieces([{ start: 0, bytes: pages.subarray(0, mostBytes) }], bits => pages.length >= layouts[bits].headerSize, size);
}

/** Reads the two pieces as the collect-dump script tells them (finding `dump-header`): base64, a colon, base64. */
export function parseDumpHeader(evidence: string): DumpHeader {
  const [head = '', tail = ''] = evidence.slice(0, 4096).split(':', 2);
  return readDumpHeader(Buffer.from(head, 'base64'), Buffer.from(tail, 'base64'));
}
