import { describe, expect, test } from '@jest/globals';
import { knownCodes, shortCode } from '../../diagnosis/catalogue.ts';
import { readSerialLog } from '../../diagnosis/index.ts';
import fc from '../fastCheck.ts';
import { bootManagerPage, linuxBoot, sacReady, sacStart, stopBlock } from './logs.ts';

describe('a stop in the log', () => {
  test('is read whole: code, name, driver, parameters', () => {
    const parameters = ['0xFFFFE00012345080', '0x0000000000000000', '0x0000000000000000', '0x0000000000000000'];
    const { failure } = readSerialLog(
      sacStart + stopBlock({ code: '0xEF', name: 'CRITICAL_PROCESS_DIED', driver: 'winlogon.exe', parameters }),
    );
    expect(failure).toMatchObject({ confidence: 'certain', parameters, whatFailed: 'winlogon.exe', contradictions: [] });
    expect(failure?.entry).toMatchObject({ id: 'azure-0xef', code: '0x000000EF', playbook: 'stop-0xef', harm: 'low' });
  });

  test('is read without any text around it', () => {
    const { failure } = readSerialLog(stopBlock({ code: '0xC000021A' }).split('!SAC>')[0] ?? '');
    expect(failure?.entry).toMatchObject({ code: '0xC000021A', playbook: 'stop-0xc000021a' });
  });

  test('counts only when it is of the last boot', () => {
    const log = sacStart + stopBlock({ code: '0xEF' }) + sacStart + sacReady;
    expect(readSerialLog(log)).toMatchObject({ failure: null, progress: 'services', earlierStops: ['0x000000EF'] });
    expect(readSerialLog(log + stopBlock({ code: '0x7B' })).failure?.entry.code).toBe('0x0000007B');
  });

  test('that contradicts its own text is doubted', () => {
    const { failure } = readSerialLog(stopBlock({ code: '0xEF', name: 'INACCESSIBLE_BOOT_DEVICE' }));
    expect(failure).toMatchObject({ confidence: 'possible', contradictions: ['the text around it names INACCESSIBLE_BOOT_DEVICE'] });
  });

  test.each([
    'CRITICAL_PROCESS_DIED\r\n*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)',
    '*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)\r\nCRITICAL_PROCESS_DIED',
    '*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)\r\nStop code: CRITICAL_PROCESS_DIED',
    '*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)\r\nStop code: 0xEF',
    'INACCESSIBLE_BOOT_DEVICE\r\n*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)\r\nCRITICAL_PROCESS_DIED',
  ])('in the old form that contradicts its own text is doubted: %j', text => {
    const { failure } = readSerialLog(`${sacStart}\r\n${text}\r\n`);
    expect(failure).toMatchObject({ entry: { code: '0x0000007B' }, confidence: 'possible' });
    expect(failure?.contradictions).toEqual([expect.stringMatching(/the text around it names (CRITICAL_PROCESS_DIED|0x000000EF)/)]);
  });

  test('whose text names the same one, or another boot’s, is certain', () => {
    const old = '*** STOP: 0x0000007B (0x1,0x2,0x3,0x4)\r\n';
    for (const text of [`INACCESSIBLE_BOOT_DEVICE\r\n${old}`, `CRITICAL_PROCESS_DIED\r\n${sacStart}\r\n${old}`]) {
      expect(readSerialLog(`${sacStart}\r\n${text}`).failure).toMatchObject({ confidence: 'certain', contradictions: [] });
    }
  });

  test('in the old form is read with its parameters', () => {
    const { failure } = readSerialLog(
      '*** STOP: 0x0000007B (0xFFFFF880009A97E8,0xFFFFFFFFC0000034,0x0000000000000000,0x0000000000000000)\r\n',
    );
    expect(failure).toMatchObject({ confidence: 'certain', entry: { id: 'azure-0x7b', playbook: 'boot-configuration' } });
    expect(failure?.parameters).toHaveLength(4);
  });

  test('with a code that nobody knows keeps the code and has no playbook', () => {
    expect(readSerialLog(stopBlock({ code: '0x1A2B3C' })).failure?.entry).toMatchObject({
      code: '0x001A2B3C',
      playbook: null,
      harm: 'high',
    });
  });

  test('is found among colours, cursor moves and UTF-16 zeros', () => {
    const coloured = stopBlock({ code: '0xEF' }).replace('<PROPERTY', '\u001b[2J\u001b[1;37m<PROPERTY');
    expect(readSerialLog([...coloured].join('\0')).failure?.entry.code).toBe('0x000000EF');
  });
});

describe('what follows a stop', () => {
  const oldStop = '*** STOP: 0x000000EF (0x0000000000000001,0x0000000000000002,0x0000000000000003,0x0000000000000004)\r\n';
  const parameters = ['0xFFFFE00012345080', '0x0000000000000000', '0x0000000000000000', '0x0000000000000000'];
  const block = stopBlock({ code: '0xEF', name: 'CRITICAL_PROCESS_DIED', driver: 'winlogon.exe', parameters });
  const sentence = '\r\nYour PC ran into a problem and needs to restart.\r\nCRITICAL_PROCESS_DIED\r\n';
  const dump = [
    'Collecting data for crash dump ...',
    'Initializing disk for crash dump ...',
    'Beginning dump of physical memory.',
    ...Array.from({ length: 100 }, (_, at) => `Dumping physical memory to disk:  ${at + 1}`),
    'Physical memory dump complete.',
    'Contact your system admin or technical support group for further assistance.',
  ].join('\r\n');

  test.each<[string, string]>([
    ['its text', block],
    ['how far its dump is', `${block}${Array.from({ length: 100 }, (_, at) => `${at + 1}% complete`).join('\r\n')}`],
    ['the lines of an old stop', `${oldStop}\r\n***  storport.sys - Address FFFFF880 base at FFFFF8800, DateStamp 4a5b\r\n${dump}\r\n`],
    [
      'a text in a language nobody here reads',
      block.replace(/(!SAC>)Your[^0]*them this info:/, '$1Возникла проблема, и требуется\r\nперезагрузка.'),
    ],
    ['nothing', oldStop],
  ])('is its own: %s', (_, text) => {
    expect(readSerialLog(sacStart + text).failure).toMatchObject({ confidence: 'certain', contradictions: [] });
  });

  test.each<[string, string]>([
    ['a line', 'app: ok'],
    ['many lines', 'app: ok\r\n'.repeat(500)],
    ['a percentage, again and again', 'load 35%\r\n'.repeat(500)],
    ['another stop that is cut', `${'app: ok\r\n'.repeat(9)}*** STOP: 0x0000\r\n`],
    ['a text of Windows, and talk after it', `${'app: ok\r\n'.repeat(40)}35% complete`],
  ])('makes it possible at most where a machine that stopped would not write it: %s', (_, text) => {
    for (const stop of [oldStop, block, sentence]) {
      const { failure } = readSerialLog(`${sacStart}\r\n${stop}${text}\r\n`);
      // Nothing of a stop that only a sentence tells is kept for long.
      if (stop === sentence && failure === null) continue;
      expect(failure).toMatchObject({ entry: { code: '0x000000EF' }, confidence: 'possible' });
      expect(failure?.contradictions.join()).toContain('a machine that stopped writes nothing more');
    }
  });
});

describe('a boot manager page in the log', () => {
  test('gives status and file', () => {
    const { failure } = readSerialLog(sacStart + sacReady + bootManagerPage('0xc0000225', '\\Windows\\system32\\winload.efi'));
    expect(failure).toMatchObject({
      confidence: 'certain',
      whatFailed: '\\Windows\\system32\\winload.efi',
      entry: { id: 'azure-0xc0000225' },
    });
  });

  test('needs more than a status', () => {
    expect(readSerialLog('EVENT: channel closed\r\nStatus: 0xc0000225\r\n').failure).toBeNull();
  });
});

describe('a log without a failure', () => {
  test.each([
    ['a start', sacStart, 'started', 'windows'],
    ['a running Windows', sacStart + sacReady, 'services', 'windows'],
    ['a health report', 'Microsoft Azure VM Health Report - Start\r\n{"reportTime":"…"}', 'services', 'windows'],
    ['a Linux', linuxBoot, 'services', 'linux'],
    ['nothing', '', 'none', null],
  ])('tells how far %s got', (_, log, progress, system) => {
    expect(readSerialLog(log)).toMatchObject({ failure: null, progress, system });
  });

  test('that speaks of stop errors in passing yields nothing', () => {
    const talk =
      'The computer has rebooted from a bugcheck.  The bugcheck was: 0x000000ef (0x0, 0x0).\r\nCRITICAL_PROCESS_DIED is a stop code\r\n';
    expect(readSerialLog(sacStart + talk).failure).toBeNull();
  });
});

describe('properties', () => {
  const codes = fc.constantFrom(...knownCodes.keys());

  test('any text is read without throwing', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          sacStart,
          sacReady,
          linuxBoot,
          '<PROPERTY NAME="STOPCODE"',
          '*** STOP: 0x',
          '\u001b[',
          bootManagerPage('0xc000000f', '\\x'),
        ),
        codes.map(code => stopBlock({ code })),
      ),
    );
    fc.assert(fc.property(pieces, parts => void readSerialLog(parts.join('\r\n'))));
  });

  test('a log cut off anywhere gives the same code, or none', () => {
    fc.assert(
      fc.property(codes, fc.nat(2000), (code, length) => {
        const { failure } = readSerialLog((sacStart + stopBlock({ code: shortCode(code) })).slice(0, length));
        return failure === null || failure.entry.code === code;
      }),
    );
  });

  test('a boot that follows takes away whatever came before', () => {
    fc.assert(
      fc.property(fc.array(codes), parts => {
        const log = parts.map(code => sacStart + stopBlock({ code })).join('');
        return readSerialLog(`${log}\r\n${sacStart}${sacReady}`).failure === null;
      }),
    );
  });

  test('ordinary lines never make a failure', () => {
    const words = fc.constantFrom(
      'SAC>',
      'EVENT:',
      'channel',
      '0x000000EF',
      'error',
      'Status',
      'CRITICAL_PROCESS_DIED',
      'stop',
      'login:',
      '35%',
    );
    const line = fc.array(words, { maxLength: 6 }).map(parts => parts.join(' '));
    fc.assert(fc.property(fc.array(line), lines => readSerialLog(lines.join('\r\n')).failure === null));
  });
});
