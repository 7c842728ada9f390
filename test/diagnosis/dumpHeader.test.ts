import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseDumpHeader, readDump, readDumpHeader } from '../../diagnosis/index.ts';
import fc from '../fastCheck.ts';

/** Bytes 0x00-0x5F and 0xF80-0xFBF of a 64-bit dump. */
function header64(bugCheck: number, parameters: bigint[] = [0n, 0n, 0n, 0n]): { head: Uint8Array; tail: Uint8Array } {
  const head = Buffer.from('PAGE'.repeat(0x18), 'latin1');
  head.write('PAGEDU64', 'latin1');
  head.writeUInt32LE(15, 0x08);
  head.writeUInt32LE(20348, 0x0c);
  head.writeUInt32LE(0x8664, 0x30);
  head.writeUInt32LE(4, 0x34);
  head.writeUInt32LE(bugCheck, 0x38);
  for (const [at, value] of parameters.entries()) head.writeBigUInt64LE(value, 0x40 + at * 8);
  const tail = Buffer.from('PAGE'.repeat(0x10), 'latin1');
  tail.writeUInt32LE(2, 0x18);
  tail.writeBigUInt64LE(1_234_567_890n, 0x20);
  tail.writeBigUInt64LE((BigInt(Date.UTC(2026, 2, 1, 3)) + 11_644_473_600_000n) * 10_000n, 0x28);
  return { head, tail };
}

const read = ({ head, tail }: { head: Uint8Array; tail: Uint8Array }) => readDumpHeader(head, tail);

describe('readDumpHeader', () => {
  test('reads a 64-bit header', () => {
    expect(read(header64(0xc000021a, [0xffff_8001_0000_0000n, 0xc000_0005n, 0n, 0n]))).toEqual({
      kind: 'kernel-dump',
      problem: null,
      bits: 64,
      machine: 'x64',
      build: 20348,
      processors: 4,
      bugCheck: '0xC000021A',
      bugCheckName: 'STATUS_SYSTEM_PROCESS_TERMINATED',
      parameters: ['0xFFFF800100000000', '0x00000000C0000005', '0x0000000000000000', '0x0000000000000000'],
      meaning: [
        'parameter 1 points at the text that tells which process ended (0xFFFF800100000000): the bytes at hand do not hold it',
        'parameter 2 is the status with which the process ended: 0xC0000005 STATUS_ACCESS_VIOLATION: it used memory that was not there or not its own',
      ],
      type: 'kernel',
      isLive: null,
      isEncrypted: null,
      requiredBytes: 1_234_567_890,
      isComplete: null,
      missing: null,
      crashedAt: '2026-03-01T03:00:00.000Z',
      upSeconds: null,
      process: null,
    });
  });

  test.each([
    [0n, ['parameter 2 says that a process ended; parameter 1 is its object at 0xFFFFA50000000080']],
    [1n, ['parameter 2 says that a thread ended; parameter 1 is its object at 0xFFFFA50000000080']],
    [7n, []],
  ])('explains 0xEF with parameter 2 = %s', (second, meaning) => {
    expect(read(header64(0xef, [0xffff_a500_0000_0080n, second, 0n, 0n])).meaning).toEqual(meaning);
  });

  test('reads a 32-bit header', () => {
    const head = Buffer.alloc(0x60);
    head.write('PAGEDUMP', 'latin1');
    head.writeUInt32LE(9600, 0x0c);
    head.writeUInt32LE(0x14c, 0x20);
    head.writeUInt32LE(0x7b, 0x28);
    head.writeUInt32LE(0x8078_9000, 0x2c);
    expect(readDumpHeader(head, Buffer.alloc(0x40))).toMatchObject({
      bits: 32,
      machine: 'x86',
      build: 9600,
      bugCheck: '0x0000007B',
      crashedAt: null,
    });
  });

  test('fields that were never set are unknown', () => {
    const { head } = header64(0x45474150);
    expect(readDumpHeader(head, Buffer.from('PAGE'.repeat(0x10), 'latin1'))).toMatchObject({
      bugCheck: null,
      type: null,
      crashedAt: null,
      requiredBytes: null,
    });
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'truncated'],
    ['a few bytes', Buffer.from('PAGE'), 'truncated'],
    ['a header cut off', header64(0xef).head.subarray(0, 0x3c), 'truncated'],
    ['zeros', new Uint8Array(0x60), 'empty'],
    ['a process dump', Buffer.from('MDMP'.padEnd(0x60, '\0'), 'latin1'), 'user-dump'],
    ['a text', Buffer.from('x'.repeat(0x60)), 'foreign'],
  ])('%s is told to be so', (_, head, kind) => {
    const header = readDumpHeader(head, new Uint8Array());
    expect(header.kind).toBe(kind);
    expect(header.problem).not.toBeNull();
  });

  test('what can be read of a header that is cut off is read', () => {
    expect(readDumpHeader(header64(0xef).head.subarray(0, 0x3c), new Uint8Array())).toMatchObject({
      bugCheck: '0x000000EF',
      parameters: [],
      meaning: [],
    });
  });

  test('is also read as the script tells it', () => {
    const header = header64(0xef);
    const told = [header.head, header.tail].map(piece => Buffer.from(piece).toString('base64')).join(':');
    expect(parseDumpHeader(told)).toEqual(read(header));
    expect(parseDumpHeader('')).toMatchObject({ kind: 'truncated' });
    fc.assert(fc.property(fc.string(), text => void parseDumpHeader(text)));
  });

  test('any bytes are read without throwing', () => {
    const bytes = fc.uint8Array({ maxLength: 0x80 });
    const start = fc.constantFrom('', 'PAGEDU64', 'PAGEDUMP', 'MDMP', 'PAGE');
    fc.assert(fc.property(start, bytes, bytes, (text, rest, tail) => void readDumpHeader(Buffer.concat([Buffer.from(text), rest]), tail)));
  });

  test.each([
    [0xc0000142, 'STATUS_DLL_INIT_FAILED'],
    [0xc0000428, 'STATUS_INVALID_IMAGE_HASH'],
    [0x40010004, 'DBG_TERMINATE_PROCESS'],
  ])('names the status %i of 0xC000021A', (status, name) => {
    expect(read(header64(0xc000021a, [1n, BigInt(status), 0n, 0n])).meaning[1]).toContain(name);
  });

  test('a status that nobody knows is told as a number', () => {
    expect(read(header64(0xc000021a, [1n, 0xc0ff_ee00n, 0n, 0n])).meaning[1]).toMatch(/: 0xC0FFEE00$/);
  });
});

interface Pages {
  type?: number;
  bugCheck?: number;
  parameters?: bigint[];
  build?: number;
  attributes?: number;
  required?: bigint;
  length?: number;
}

/** The first pages of a 64-bit dump. */
function pages({ type = 2, bugCheck = 0xef, parameters, build = 20348, attributes = 0, required = 0x100000n, length = 0x2000 }: Pages) {
  const { head, tail } = header64(bugCheck, parameters);
  const file = Buffer.alloc(0x2000, 'PAGE', 'latin1');
  file.set(head, 0);
  file.set(tail, 0xf80);
  file.writeUInt32LE(build, 0x0c);
  file.writeUInt32LE(type, 0xf98);
  file.writeBigUInt64LE(required, 0xfa0);
  file.writeBigUInt64LE(3_600n * 10_000_000n, 0x1030);
  file.writeUInt32LE(attributes, 0x1050);
  return Buffer.concat([file, Buffer.alloc(Math.max(0, length - 0x2000))]).subarray(0, length);
}

/** A triage dump that keeps some memory: address -> bytes. */
function triageDump(memory: Record<string, string>, shape: Pages = {}): Buffer {
  const file = pages({ ...shape, type: 4, required: 0x8000n, length: 0x8000 });
  const blocks = Object.entries(memory);
  file.writeUInt32LE(0x7ffc, 0x2008);
  file.writeUInt32LE(0x44475254, 0x7ffc);
  file.writeUInt32LE(0x3000, 0x2078);
  file.writeUInt32LE(blocks.length, 0x207c);
  for (const [at, [address, text]] of blocks.entries()) {
    file.writeBigUInt64LE(BigInt(address), 0x3000 + at * 16);
    file.writeUInt32LE(0x4000 + at * 0x100, 0x3008 + at * 16);
    file.writeUInt32LE(0x100, 0x300c + at * 16);
    file.write(`${text}\0`, 0x4000 + at * 0x100, 'latin1');
  }
  return file;
}

describe('readDump', () => {
  test('reads what only the whole header has', () => {
    expect(readDump(pages({}), 0x100000)).toMatchObject({
      kind: 'kernel-dump',
      bugCheck: '0x000000EF',
      upSeconds: 3600,
      isLive: false,
      isEncrypted: false,
      isComplete: true,
      missing: null,
    });
  });

  test.each<[string, Pages, number | undefined, boolean | null, RegExp]>([
    ['a file that is too short', {}, 0xfffff, false, /needs 1048576 bytes, the file has 1048575/],
    ['too little room', { attributes: 4 }, 0x100000, false, /too little room/],
    ['a header alone', { length: 0x1fff }, 0x100000, false, /cut off/],
    ['a bitmap that was not written', { type: 6, length: 0x3000 }, 0x100000, false, /bitmap is not valid/],
    ['a file of unknown size', {}, undefined, null, /^$/],
    ['a larger pagefile', {}, 0x200000, true, /^$/],
  ])('%s: whether it is complete', (_, shape, size, isComplete, missing) => {
    const dump = readDump(pages(shape), size);
    expect(dump.isComplete).toBe(isComplete);
    expect(dump.missing ?? '').toMatch(missing);
  });

  test.each([
    [0x3000 + 4 * 4096, true],
    [0x3000 + 4 * 4096 - 1, false],
  ])('a dump by pages of %i bytes is complete: %s', (size, isComplete) => {
    const file = pages({ type: 5, required: 0x3000n, length: 0x3000 });
    file.write('FDMPDUMP', 0x2000, 'latin1');
    file.writeBigUInt64LE(0x3000n, 0x2020);
    file.writeBigUInt64LE(4n, 0x2028);
    expect(readDump(file, size)).toMatchObject({ type: 'full-bitmap', isComplete });
  });

  test('tells an active dump, a live one and an encrypted one', () => {
    expect(readDump(pages({ type: 5, attributes: 1 << 6 })).type).toBe('active');
    expect(readDump(pages({ attributes: (1 << 4) | (1 << 8) }))).toMatchObject({ isLive: true, isEncrypted: true });
  });

  test('reads the process that 0xEF names, at the place of its build', () => {
    const died = { bugCheck: 0xef, parameters: [0xffff_a500_0000_0080n, 0n, 0n, 0n] };
    for (const [build, offset] of [
      [17763, 0x450n],
      [20348, 0x5a8n],
      [26100, 0x338n],
      [9600, 0x438n],
    ] as const) {
      const memory = { [`${0xffff_a500_0000_0080n + offset}`]: 'wininit.exe' };
      expect(readDump(triageDump(memory, { ...died, build })).meaning[0]).toMatch(/ at 0xFFFFA50000000080: wininit\.exe$/);
      expect(readDump(triageDump(memory, { ...died, build: 7601 })).meaning[0]).toMatch(/0080$/);
    }
  });

  test('reads the text that 0xC000021A points at, within the text of its block', () => {
    const ended = { bugCheck: 0xc000021a, parameters: [0xffff_b000_0000_1004n, 0xc000_0005n, 0n, 0n] };
    const dump = triageDump({ '0xffffb00000000000': 'other', '0xffffb00000001000': 'xxx Windows Logon Process' }, ended);
    expect(readDump(dump).meaning[0]).toBe('parameter 1 tells what ended: Windows Logon Process');
    const hostile = triageDump({ '0xffffb00000001004': 'a\u001b[2Jb' }, ended);
    expect(readDump(hostile).meaning[0]).toMatch(/do not hold it$/);
  });

  test('no text is read beyond the block that begins it', () => {
    const ended = { bugCheck: 0xc000021a, parameters: [0xffff_b000_0000_1000n, 0xc000_0005n, 0n, 0n] };
    const dump = triageDump({ '0xffffb00000001000': 'Windows Logon Process' }, ended);
    dump.writeUInt32LE(8, 0x300c);
    expect(readDump(dump).meaning[0]).toBe('parameter 1 tells what ended: Windows');
  });

  test('a triage dump without its last mark was not written to the end', () => {
    const dump = triageDump({});
    expect(readDump(dump, 0x8000)).toMatchObject({ isComplete: true });
    dump.writeUInt32LE(0, 0x7ffc);
    expect(readDump(dump, 0x8000)).toMatchObject({ isComplete: false });
  });

  test('reads a 32-bit dump, its time with it', () => {
    const file = Buffer.alloc(0x1000);
    file.write('PAGEDUMP', 'latin1');
    file.writeUInt32LE(0x7b, 0x28);
    file.writeUInt32LE(1, 0xf88);
    file.writeBigUInt64LE(0x2000n, 0xfa0);
    file.writeBigUInt64LE(90n * 10_000_000n, 0xfb8);
    file.writeBigUInt64LE((BigInt(Date.UTC(2026, 2, 1)) + 11_644_473_600_000n) * 10_000n, 0xfc0);
    expect(readDump(file, 0x1000)).toMatchObject({
      bits: 32,
      type: 'complete',
      bugCheck: '0x0000007B',
      upSeconds: 90,
      crashedAt: '2026-03-01T00:00:00.000Z',
      isComplete: false,
    });
  });

  test('a pagefile whose dump was saved is told to be so', () => {
    const file = pages({});
    file.fill(0, 4, 8);
    expect(readDump(file)).toMatchObject({ kind: 'foreign', bugCheck: null });
    expect(readDump(file).problem).toMatch(/saved elsewhere already/);
  });

  const isSound = (dump: ReturnType<typeof readDump>) =>
    [dump.requiredBytes, dump.upSeconds, dump.processors, dump.build].every(n => n === null || (Number.isSafeInteger(n) && n >= 0)) &&
    JSON.stringify(dump).length < 4000;

  test('any bytes and any size are read without throwing, and every number is sound', () => {
    const size = fc.option(fc.oneof(fc.double(), fc.integer()), { nil: undefined });
    const start = fc.constantFrom('', 'PAGEDU64', 'PAGEDUMP', 'PAGE', 'MDMP');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), size, (text, rest, fileSize) =>
        isSound(readDump(Buffer.concat([Buffer.from(text), rest]), fileSize)),
      ),
    );
  });

  test('a header with bytes changed anywhere, or cut anywhere, is read without throwing', () => {
    const change = fc.record({ at: fc.nat(0x7fff), value: fc.integer({ min: 0, max: 255 }) });
    const telling = fc.constantFrom(0x0c, 0x30, 0x38, 0x48, 0xf98, 0xfa0, 0x1030, 0x1050, 0x2008, 0x2020, 0x2028, 0x2078, 0x207c, 0x3008);
    const near = fc.record({ at: fc.tuple(telling, fc.nat(7)).map(([a, b]) => a + b), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(change, near), { maxLength: 12 }),
        fc.nat(0x8000),
        fc.constantFrom(4, 5, 6, 2),
        (changes, length, type) => {
          const file = triageDump({ '0xffffa50000000080': 'x' });
          file.writeUInt32LE(type, 0xf98);
          for (const { at, value } of changes) file[at] = value;
          return isSound(readDump(file.subarray(0, length), 0x8000));
        },
      ),
    );
  });
});

describe('a real triage dump', () => {
  const sample = new URL('../../../shared/reference/dumps/triage-x64-header.bin', import.meta.url).pathname;
  const real = existsSync(sample) ? test : test.skip;
  if (!existsSync(sample)) console.log(`skipped: no real dump header at ${sample}`);
  real('reads the header of a real triage dump', () => {
    const file = readFileSync(sample);
    expect(readDumpHeader(file.subarray(0, 0x60), file.subarray(0xf80, 0xfc0))).toMatchObject({
      kind: 'kernel-dump',
      build: 19041,
      machine: 'x64',
      processors: 16,
      bugCheck: '0x1000007E',
      parameters: ['0xFFFFFFFFC0000005', '0xFFFFF8048B58334C', '0xFFFF850429891EE8', '0xFFFF850429891720'],
      type: 'small',
      requiredBytes: 1_669_397,
      crashedAt: '2021-02-21T01:38:22.987Z',
    });
    expect(readDump(file, 1_669_397)).toMatchObject({
      type: 'small',
      upSeconds: 3,
      isComplete: true,
      crashedAt: '2021-02-21T01:38:22.987Z',
    });
    expect(readDump(file, file.length)).toMatchObject({ isComplete: false });
  });
});
