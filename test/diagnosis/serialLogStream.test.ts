import { describe, expect, test } from '@jest/globals';
import { decodeSerialLog, readSerialLog, readSerialStream } from '../../diagnosis/index.ts';
import { Decoder } from '../../diagnosis/serial/decode.ts';
import { SerialReader } from '../../diagnosis/serialLog.ts';
import fc from '../fastCheck.ts';
import { bootManagerPage, linuxBoot, sacReady, sacStart, stopBlock } from './logs.ts';

const dutch = 'Er is een probleem opgetreden met uw pc, café, Größe';
const page = sacStart + stopBlock({ code: '0xEF', name: 'CRITICAL_PROCESS_DIED' });

/** Big-endian, with or without its mark. */
const wideBe = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('the encoding', () => {
  test.each([
    ['UTF-8', Buffer.from(page)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${page}`)],
    ['UTF-16 little-endian', Buffer.from(page, 'utf16le')],
    ['UTF-16 little-endian with its mark', Buffer.from(`\ufeff${page}`, 'utf16le')],
    ['UTF-16 big-endian', wideBe(page)],
    ['UTF-16 big-endian with its mark', wideBe(`\ufeff${page}`)],
  ])('%s', (_, bytes) => {
    expect(readSerialLog(bytes)).toMatchObject({ failure: { entry: { code: '0x000000EF' } }, boots: 1 });
  });

  test.each<[string, number[]]>([
    ['page 850 or 437', [0x63, 0x61, 0x66, 0x82, 0x2c, 0x20, 0x47, 0x72, 0x94, 0xe1, 0x65]],
    ['Windows-1252', [0x63, 0x61, 0x66, 0xe9, 0x2c, 0x20, 0x47, 0x72, 0xf6, 0xdf, 0x65]],
    ['UTF-8', [...Buffer.from('café, Größe')]],
  ])('letters of %s', (_, bytes) => {
    expect(decodeSerialLog(Buffer.from(bytes))).toBe('café, Größe');
  });

  test('one odd byte spoils its own line only', () => {
    const bytes = Buffer.concat([Buffer.from(`${dutch}\n`), Buffer.from([0x82, 0x0a]), Buffer.from(dutch)]);
    expect(decodeSerialLog(bytes).split('\n')).toEqual([dutch, 'é', dutch]);
  });

  test('a mark tells UTF-16 where no zeros do', () => {
    expect(decodeSerialLog(wideBe('\ufeff停止代码：蓝屏错误'))).toContain('停止代码');
    expect(decodeSerialLog(Buffer.from('\ufeff停止代码：蓝屏错误', 'utf16le'))).toContain('停止代码');
  });

  test.each(['é', '停', '🖥', 'aé停🖥'])('a long line of %s is not cut within a letter', letters => {
    const bytes = Buffer.from(letters.repeat(9000));
    for (const length of [4999, 5000, 5001, 5002]) {
      const decoder = new Decoder();
      let text = '';
      for (let start = 0; start < bytes.length; start += length) text += decoder.push(bytes.subarray(start, start + length));
      expect(text + decoder.end() === letters.repeat(9000)).toBe(true);
    }
  });

  test('every byte that is not UTF-8 still gives a character', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => bytes.length === 0 || decodeSerialLog(bytes).length > 0));
  });
});

describe('the terminal', () => {
  test.each([
    ['colours within a word', 'Computer is \u001b[1;37mbooting, SAC\u001b[0m started'],
    ['a title', '\u001b]0;vm1\u0007Computer is booting, SAC started'],
    ['letters taken back', 'Computex\br is booting, SAC started'],
    ['zeros', [...'Computer is booting, SAC started'].join('\0')],
    ['a return', 'loading 10%\rComputer is booting, SAC started'],
    ['a lone surrogate before it', '\ud800\nComputer is booting, SAC started'],
  ])('%s', (_, text) => {
    expect(readSerialLog(text)).toMatchObject({ boots: 1, system: 'windows' });
  });

  test('a stop broken at column 80 keeps its parameters', () => {
    const stop = '*** STOP: 0x0000007B (0xFFFFF880009A97E8,0xFFFFFFFFC0000034,0x0000000000000000,0x0000000000000000)';
    const { failure } = readSerialLog(`${stop.slice(0, 80)}\r\n${stop.slice(80)}\r\n`);
    expect(failure).toMatchObject({ entry: { code: '0x0000007B' }, parameters: { length: 4 } });
  });

  test('a screen that is filled with spaces instead of ends of lines', () => {
    const lines = [
      '</machine-info>',
      'Computer is booting, SAC started and initialized.',
      'Use the "?" command.',
      'SAC>',
      'EVENT: The CMD command is now available.',
      'SAC>',
    ];
    const log = lines.map(line => line.padEnd(80)).join('');
    expect(readSerialLog(log)).toMatchObject({ boots: 1, progress: 'services', state: { state: 'sac-prompt' } });
  });

  test.each(['heartbeat', '<heartbeat/>'])('a block with another line in it is read: %s', other => {
    const log = stopBlock({ code: '0xEF' }).replace('TYPE="string"', `\r\n[agent] ${other}\r\nTYPE="string"`);
    expect(readSerialLog(log).failure?.entry.code).toBe('0x000000EF');
  });
});

describe('several boots', () => {
  const stopped = sacStart + stopBlock({ code: '0xEF' });

  test('a loop is told with its length', () => {
    expect(readSerialLog(stopped.repeat(4))).toMatchObject({ boots: 4, stopsInARow: 4, earlierStops: { length: 3 } });
    expect(readSerialLog(stopped.repeat(3) + sacStart)).toMatchObject({ failure: null, stopsInARow: 3 });
  });

  test('another stop, or a boot without one, ends the row', () => {
    const other = sacStart + stopBlock({ code: '0x7B' });
    expect(readSerialLog(stopped + other)).toMatchObject({ stopsInARow: 1, earlierStops: ['0x000000EF'] });
    expect(readSerialLog(stopped + sacStart + sacReady + sacStart).stopsInARow).toBe(0);
  });

  test('firmware, loader and system are one boot', () => {
    const boot = `BdsDxe: loading Boot0001 "Windows"\r\nBdsDxe: loading Boot0002 "Windows"\r\nWindows Boot Manager\r\n${sacStart}\r\n`;
    expect(readSerialLog(boot)).toMatchObject({ boots: 1, progress: 'started' });
    expect(readSerialLog(boot + boot).boots).toBe(2);
  });

  test('services that run after a stop are of a boot whose start was not told', () => {
    expect(readSerialLog(stopped + sacReady)).toMatchObject({ failure: null, progress: 'services', earlierStops: ['0x000000EF'] });
  });

  test.each([
    ['Checking file system on C:', 'checking-disk'],
    ['Working on updates 35% complete', 'updating'],
    ['Undoing changes made to your computer', 'undoing-changes'],
    ['Getting Windows ready', 'updating'],
    ['Setup is starting services', 'setup'],
  ])('work after a stop is of a boot whose start was not told: %s', (line, state) => {
    for (const end of ['\r\n', '\r\nStage 1 of 3\r\n']) {
      const reading = readSerialLog(`${stopped}\r\n${line}${end}`);
      expect(reading).toMatchObject({ failure: null, state: { state }, earlierStops: ['0x000000EF'] });
    }
  });

  test('a stop that only its sentence tells is past when work or services follow, and work is past when a stop follows', () => {
    const sentence = `${sacStart}\r\nYour PC ran into a problem and needs to restart.\r\nCRITICAL_PROCESS_DIED\r\n`;
    expect(readSerialLog(sentence).failure).not.toBeNull();
    for (const line of ['Checking file system on C:', sacReady]) expect(readSerialLog(`${sentence}${line}\r\n`).failure).toBeNull();
    for (const stop of [stopBlock({ code: '0xEF' }), sentence.slice(sacStart.length)]) {
      expect(readSerialLog(`${sacStart}\r\nChecking file system on C:\r\n${stop}`)).toMatchObject({
        failure: { entry: { code: '0x000000EF' } },
        state: null,
      });
    }
  });

  test('a Linux that writes of stops has none', () => {
    expect(readSerialLog(linuxBoot + stopBlock({ code: '0xEF' }))).toMatchObject({ failure: null, system: 'linux' });
  });

  test('the line it rests on is told', () => {
    expect(readSerialLog(`one\r\ntwo\r\n${bootManagerPage('0xc0000225', '\\x')}`).failureLine).toBe(10);
    expect(readSerialLog('one').failureLine).toBeNull();
  });

  test('the prompt of the administration console is a state, until something follows', () => {
    expect(readSerialLog(`${sacStart}\r\n\r\n`).state?.state).toBe('sac-prompt');
    expect(readSerialLog(`${sacStart}\r\nmore`).state).toBeNull();
  });
});

describe('a log in pieces', () => {
  const part = fc.constantFrom(
    sacStart,
    sacReady,
    stopBlock({ code: '0xEF' }),
    linuxBoot,
    bootManagerPage('0xc0000225', '\\x'),
    dutch,
    '\u001b[2J',
    '\r',
  );

  test('cut anywhere, in any encoding, reads as the whole', async () => {
    const log = fc.tuple(
      fc.array(part, { maxLength: 8 }),
      fc.constantFrom('utf8', 'utf16le', 'latin1'),
      fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
    );
    await fc.assert(
      fc.asyncProperty(log, async ([parts, encoding, lengths]) => {
        const bytes = Buffer.from(`${' '.repeat(300)}${parts.join('\r\n')}`, encoding as BufferEncoding);
        async function* pieces() {
          for (let start = 0; start < bytes.length; ) {
            const length: number = lengths.next().value;
            yield bytes.subarray(start, start + length);
            start += length;
          }
        }
        expect(await readSerialStream(pieces())).toEqual(readSerialLog(bytes));
      }),
    );
  });

  test('megabytes of noise after the telling lines leave the stop possible, and little is kept', () => {
    const reader = new SerialReader();
    reader.push(Buffer.from(page));
    const noise = Buffer.from('[agent] heartbeat 12345 of something that goes on\r\n'.repeat(1000));
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 200; n++) reader.push(noise);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 2 ** 20);
    expect(reader.end()).toMatchObject({ failure: { entry: { code: '0x000000EF' }, confidence: 'possible' } });
  });

  test('hostile repetitions take time in proportion to their length', () => {
    const pieces = [
      '\u001b[',
      '\u001b]',
      '<',
      'a\b',
      '\u001b[0',
      '<PROPERTY NAME="STOPCODE" ',
      '*** STOP: 0x0000007B (',
      '*** STOP: 0x0000007B (\n',
      'a login: ',
      'Status: 0xc0000225\n',
      '\0',
      '\r',
      '[  ',
      'Undoing changes ',
      '======== ',
    ];
    for (const piece of pieces) {
      const log = piece.repeat(Math.ceil(2 ** 20 / piece.length));
      const started = performance.now();
      readSerialLog(Buffer.from(log));
      expect({ piece, isSlow: performance.now() - started > 5_000 }).toEqual({ piece, isSlow: false });
    }
  });

  test.each([
    ['pages and services', 'Windows Boot Manager\n', 'Status: 0xC0000001\nEVENT: The CMD command is now available.\n'],
    [
      'one page and services',
      `Windows Boot Manager\n${`${'z'.repeat(280)}\n`.repeat(20)}Status: 0xC0000001\n`,
      'EVENT: The CMD command is now available.\n',
    ],
    ['pages whose lines differ', 'Windows Boot Manager\n', 'Status: 0xC0000001\nEVENT: The CMD command is now available%\n'],
    ['stops and talk', '', `*** STOP: 0x000000EF (0x1,0x2,0x3,0x4)\n${'app: nothing happens % here\n'.repeat(10)}`],
    ['stops and services', '', '*** STOP: 0x000000EF (0x1,0x2,0x3,0x4)\nEVENT: The CMD command is now available.\n'],
  ])('whether a boot failed is not worked out at every line: %s', (_, begin, piece) => {
    let log = begin;
    for (let n = 0; log.length < 2 ** 21; n++) log += piece.replace('%', ` ${n}`).repeat(100);
    readSerialLog(log.slice(0, 50_000));
    const before = process.cpuUsage();
    readSerialLog(log);
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });

  test('of a log that is longer than anybody reads, the end is read, and no part of a line as a whole one', () => {
    const noise = `${'x'.repeat(79)}\n`;
    const long = Buffer.concat([Buffer.from(page), Buffer.alloc(16 * 2 ** 20, noise)]);
    expect(readSerialLog(long)).toMatchObject({ failure: null, boots: 0 });
    expect(decodeSerialLog(long).length).toBeLessThan(16 * 2 ** 20 + 4);
    const line = `${sacStart.slice(0, 45)}\n`;
    const cut = Buffer.concat([Buffer.from(`talk of ${line}`), Buffer.alloc(16 * 2 ** 20 - line.length, noise)]);
    expect(readSerialLog(cut).boots).toBe(0);
    const wide = Buffer.from(`${noise.repeat(2 ** 17)}${page}`, 'utf16le');
    expect(readSerialLog(wide)).toMatchObject({ failure: { entry: { code: '0x000000EF' } }, boots: 1 });
  });

  test('any bytes are read without throwing, into a bounded reading', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      part.map(text => Buffer.from(text)),
      part.map(text => Buffer.from(text, 'utf16le')),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), pieces => JSON.stringify(readSerialLog(Buffer.concat(pieces))).length < 200_000),
    );
  });
});
