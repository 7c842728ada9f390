import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDumpHeader, readDumpHeader } from '../../diagnosis/index.ts';

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
      meaning: ['parameter 2 is the status with which the process ended: 0xC0000005'],
      type: 'kernel',
      requiredBytes: 1_234_567_890,
      crashedAt: '2026-03-01T03:00:00.000Z',
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

  const sample = '/work/shared/reference/dumps/triage-x64-header.bin';
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
  });
});
