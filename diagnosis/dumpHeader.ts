/**
 * The header of a Windows kernel dump, from its telling bytes. Layout: DUMP_HEADER64 and DUMP_HEADER (WDK ntiodump.h); it also stands
 * at the start of a pagefile that holds a dump not saved yet.
 */
import { knownCodes } from './catalogue.ts';

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
  /** What the parameters say, for the stop errors that a playbook answers. */
  meaning: string[];
  type: 'complete' | 'kernel' | 'header' | 'small' | 'active' | 'kernel-bitmap' | 'automatic' | null;
  /** Bytes of a complete file. */
  requiredBytes: number | null;
  /** ISO time of the crash, by the VM's clock. */
  crashedAt: string | null;
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
  requiredBytes: null,
  crashedAt: null,
};

/** Offset in the file of the first byte of `tail`. */
const tailOffset = 0xf80;

/** Memory that the header's page was filled with before its fields were set. */
const unset = 0x45474150;

const machines: Record<number, DumpHeader['machine']> = { 332: 'x86', 34404: 'x64', 43620: 'arm64' };
const types: Record<number, DumpHeader['type']> = {
  1: 'complete',
  2: 'kernel',
  3: 'header',
  4: 'small',
  5: 'active',
  6: 'kernel-bitmap',
  7: 'automatic',
};

const hex = (value: number | bigint, digits: number) => `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;

/** FILETIME (100 ns since 1601) -> ISO; null when it cannot be the time of a crash (unset, or before Windows 7). */
function fileTime(value: bigint): string | null {
  const ms = Number(value / 10_000n) - 11_644_473_600_000;
  return ms > Date.UTC(2009, 0) && ms < Date.UTC(2200, 0) ? new Date(ms).toISOString() : null;
}

/** 0xEF: parameter 2 is 0 for a process, 1 for a thread; 0xC000021A: it is an NTSTATUS (Microsoft's bug check reference). */
function explained(code: string, parameters: string[]): string[] {
  const [first, second] = parameters;
  if (first === undefined || second === undefined) return [];
  if (code === '0xC000021A') return [`parameter 2 is the status with which the process ended: 0x${second.slice(-8)}`];
  const ended = { '0': 'a process', '1': 'a thread' }[BigInt(second).toString()];
  return code === '0x000000EF' && ended !== undefined
    ? [`parameter 2 says that ${ended} ended; parameter 1 is its object at ${first}`]
    : [];
}

/** Offsets of DUMP_HEADER64 and DUMP_HEADER. The 32-bit time lies behind what is read. */
const layouts = {
  64: { machine: 0x30, processors: 0x34, bugCheck: 0x38, parameters: 0x40, type: 0xf98, required: 0xfa0, time: 0xfa8 },
  32: { machine: 0x20, processors: 0x24, bugCheck: 0x28, parameters: 0x2c, type: 0xf88, required: 0xfa0, time: null },
} as const;

/** Little-endian reads by file offset in the two pieces; undefined outside them. */
function reader(head: Uint8Array, tail: Uint8Array) {
  const views = [
    { start: 0, view: new DataView(head.buffer, head.byteOffset, head.byteLength) },
    { start: tailOffset, view: new DataView(tail.buffer, tail.byteOffset, tail.byteLength) },
  ];
  const at = <T>(offset: number, size: number, read: (view: DataView, at: number) => T): T | undefined => {
    const piece = views.find(({ start, view }) => offset >= start && offset + size <= start + view.byteLength);
    return piece && read(piece.view, offset - piece.start);
  };
  return {
    u32: (offset: number) => {
      const value = at(offset, 4, (view, place) => view.getUint32(place, true));
      return value === unset ? undefined : value;
    },
    u64: (offset: number) => at(offset, 8, (view, place) => view.getBigUint64(place, true)),
  };
}

function kernelDump(bits: 32 | 64, head: Uint8Array, tail: Uint8Array): DumpHeader {
  const layout = layouts[bits];
  const { u32, u64 } = reader(head, tail);
  const width = bits / 8;
  const code = u32(layout.bugCheck);
  const bugCheck = code === undefined ? null : hex(code, 8);
  const parameters = [0, 1, 2, 3].flatMap(index => {
    const offset = layout.parameters + index * width;
    const value = bits === 64 ? u64(offset) : u32(offset);
    return value === undefined ? [] : [hex(value, width * 2)];
  });
  const processors = u32(layout.processors);
  const required = u64(layout.required);
  const time = layout.time === null ? undefined : u64(layout.time);
  const whole = head.length >= 0x60 && tail.length >= 0x30;
  return {
    kind: whole ? 'kernel-dump' : 'truncated',
    problem: whole ? null : 'the dump header is cut off: the dump is not complete',
    bits,
    machine: machines[u32(layout.machine) ?? 0] ?? null,
    build: u32(0x0c) ?? null,
    processors: processors !== undefined && processors >= 1 && processors <= 2048 ? processors : null,
    bugCheck,
    bugCheckName: (bugCheck && knownCodes.get(bugCheck)?.name) || null,
    parameters,
    meaning: bugCheck === null ? [] : explained(bugCheck, parameters),
    type: types[u32(layout.type) ?? 0] ?? null,
    requiredBytes: required !== undefined && required > 0n && required < 1n << 46n ? Number(required) : null,
    crashedAt: time === undefined ? null : fileTime(time),
  };
}

/**
 * Reads a dump's header from two pieces of the file: bytes 0x00 to 0x5F and 0xF80 to 0xFBF. Any bytes are accepted: what they are
 * instead of a kernel dump is told in `kind` and `problem`; a field that was never set is null.
 */
export function readDumpHeader(head: Uint8Array, tail: Uint8Array): DumpHeader {
  const signature = new TextDecoder('latin1').decode(head.subarray(0, 8));
  if (signature === 'PAGEDU64') return kernelDump(64, head, tail);
  if (signature === 'PAGEDUMP') return kernelDump(32, head, tail);
  if (signature.startsWith('MDMP')) return { ...nothing, kind: 'user-dump', problem: 'a dump of one process, not of Windows' };
  if (head.length < 8) return { ...nothing, kind: 'truncated', problem: `only ${head.length} bytes` };
  const empty = [...head, ...tail].every(byte => byte === 0);
  return empty ? { ...nothing, kind: 'empty', problem: 'only zeros' } : { ...nothing, problem: 'no dump: it begins with other bytes' };
}

/** Reads the two pieces as the collect-dump script tells them (finding `dump-header`): base64, a colon, base64. */
export function parseDumpHeader(evidence: string): DumpHeader {
  const [head = '', tail = ''] = evidence.slice(0, 4096).split(':', 2);
  return readDumpHeader(Buffer.from(head, 'base64'), Buffer.from(tail, 'base64'));
}
