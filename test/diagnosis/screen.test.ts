import { describe, expect, test } from '@jest/globals';
import { knownCodes, shortCode } from '../../diagnosis/catalogue.ts';
import { toFinding } from '../../diagnosis/failure.ts';
import { readConsole } from '../../diagnosis/index.ts';
import type { ScreenRead } from '../../ocr/index.ts';
import fc from '../fastCheck.ts';

const read = (lines: string[], confidence = 92): ScreenRead => ({
  lines: lines.map((text, at) => ({ text, confidence, box: { x: 0, y: 20 * at, width: 300, height: 16 } })),
  width: 1024,
  height: 768,
  blank: null,
  language: 'eng',
});
const never = (): never => {
  throw new Error('no failure was read');
};
const shows = (...lines: string[]) => readConsole(read(lines));

describe('a stop screen', () => {
  test.each<[string, string[], string, string]>([
    [
      'Windows 10',
      ['Your PC ran into a problem and needs to restart.', '20% complete', 'Stop code: CRITICAL_PROCESS_DIED'],
      '0x000000EF',
      'certain',
    ],
    [
      'with spaces in its name',
      ['Your device ran into a problem and needs to restart.', 'Stop code: CRITICAL PROCESS DIED'],
      '0x000000EF',
      'certain',
    ],
    [
      '2012 R2',
      ['40% complete', "If you'd like to know more, you can search online later for this error: 0xc000021a"],
      '0xC000021A',
      'certain',
    ],
    [
      '2012 R2, wrapped',
      [
        "Your PC ran into a problem and needs to restart. If you'd like to know more,",
        'you can search online later for this error:',
        '0xc000021a',
      ],
      '0xC000021A',
      'certain',
    ],
    [
      'Windows 7',
      ['A problem has been detected and Windows has been shut down', '*** STOP: 0x000000EF (0x0000000000000000,0x0)'],
      '0x000000EF',
      'certain',
    ],
    ['Dutch', ['Er is een probleem opgetreden met uw pc. 0% voltooid', 'Stopcode: 0xc000021a'], '0xC000021A', 'certain'],
    [
      'Dutch of the article',
      ['40% voltooid', 'Als u meer wilt weten, kunt u later online zoeken naar deze fout: 0xC000021a.'],
      '0xC000021A',
      'certain',
    ],
    ['Chinese, by its layout', ['你的设备遇到问题，需要重启。', '35% 完成', '终止代码: CRITICAL_PROCESS_DIED'], '0x000000EF', 'certain'],
    ['misread letters', ['Y0ur PC ran lnto a prob1em and needs to restart', 'Stop code: CR1TICAL_PR0CESS_DlED'], '0x000000EF', 'likely'],
    ['misread digits', ['Stop code: 0xc00002la', '10% complete'], '0xC000021A', 'likely'],
    ['name away from its label', ['Your PC ran into a problem and needs to restart.', 'CRITICAL_PROCESS_DIED'], '0x000000EF', 'likely'],
  ])('%s', (_, lines, code, confidence) => {
    expect(shows(...lines)).toMatchObject({ sight: 'stop-screen', failure: { entry: { code }, confidence } });
  });

  test('that Tesseract hardly believes is not certain', () => {
    expect(readConsole(read(['Stop code: CRITICAL_PROCESS_DIED', '20% complete'], 70)).failure?.confidence).toBe('likely');
    // 0xC0000218 is one letter away.
    expect(readConsole(read(['Stop code: 0xc000021a', '20% complete'], 85)).failure?.confidence).toBe('likely');
  });

  test.each([
    ['What failed: myfault.sys', 'myfault.sys'],
    ['What failed: myfault sys', 'myfault.sys'],
    ['Wat is mislukt: storport.sys', 'storport.sys'],
    ['(mlx5.sys)', 'mlx5.sys'],
    ['What failed: Isass.exe', 'lsass.exe'],
    ['What failed: 1sass exe', 'lsass.exe'],
    ['What failed: srnss.exe', 'smss.exe'],
    ['What failed: win1ogon.exe', 'winlogon.exe'],
    ['What failed: ntoskml.exe', 'ntoskrnl.exe'],
    ['What failed: St0rport.sys', 'storport.sys'],
    ['What failed: NTFS.sys', 'NTFS.sys'],
    ['What failed: Isasses.exe', 'Isasses.exe'],
    ['What failed: 1sas.exe', '1sas.exe'],
  ])('blames: %s', (line, file) => {
    expect(shows('Stop code: DRIVER_IRQL_NOT_LESS_OR_EQUAL', line).failure?.whatFailed).toBe(file);
  });

  test('does not rest on the crumbs of a QR code', () => {
    const box = { x: 0, y: 0, width: 300, height: 16 };
    const lines = ['Your PC ran into a problem', 'Stop code: CRITICAL_PROCESS_DIED', '20%'].map(text => ({ text, confidence: 90, box }));
    const crumbs = [
      { text: 'oy oF', confidence: 31, box },
      { text: 'What fai1ed: x.sys', confidence: 31, box },
    ];
    const basis = readConsole({ ...read([]), lines: [...lines, ...crumbs] }).failure?.basis;
    expect(basis?.toSorted()).toEqual([...lines.map(({ text }) => text), 'What fai1ed: x.sys'].toSorted());
  });

  test('that names two failures says so', () => {
    expect(shows('Stop code: CRITICAL_PROCESS_DIED', 'Stop code: 0x0000007B', '10% complete').failure).toMatchObject({
      confidence: 'possible',
      contradictions: [expect.stringMatching(/0x0000007B|CRITICAL_PROCESS_DIED/)],
    });
  });
});

describe('a screen that only names a code', () => {
  test.each([
    ['updating', ['Working on updates', '35% complete', "Don't turn off your computer", 'Error code: 0xc0000034']],
    ['updating', ['Bezig met updates', '35% voltooid', 'Foutcode: 0xc0000034']],
    ['checking-disk', ['Scanning and repairing drive (C:)', '11% complete', 'Stop code: CRITICAL_PROCESS_DIED']],
    ['linux-console', ['[ 1.2] systemd[1]: cpu 50% error code: 0xC0000034']],
    ['linux-console', ['grub rescue> _']],
    ['linux-console', ['You are in emergency mode. After logging in, type journalctl', 'Give root password for maintenance']],
    ['unrecognised', ['KB5031364: 0x80070002', '40% of the month']],
  ])('is %s: %j', (sight, lines) => {
    expect(shows(...lines)).toMatchObject({ sight, failure: null });
  });

  test.each([
    [['Troubleshooting', 'Stop code: CRITICAL_PROCESS_DIED', 'Read more']],
    [['Press Ctrl+Alt+Delete to unlock.', 'Stop code: 0x000000EF']],
  ])('and quotes a stop is never sure of it: %j', lines => {
    expect(shows(...lines).failure?.confidence ?? 'possible').toBe('possible');
  });
});

const shutDown = 'A problem has been detected and Windows has been shut down to prevent damage to your computer.';
const problem = 'Your PC ran into a problem and needs to restart';

test.each<[string, string[], string]>([
  ['an old screen', [shutDown, 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED', '*** STOP: 0x0000007B (0x80000003,0x0,0x0,0x0)'], '0x0000007B'],
  ['on one line', [problem, 'Stop code: 0x7B CRITICAL_PROCESS_DIED'], '0x000000EF|0x0000007B'],
  ['in brackets', [problem, 'Stop code: CRITICAL_PROCESS_DIED (0x7B)'], '0x000000EF'],
  ['the code on the next line', [problem, 'Stop code: CRITICAL_PROCESS_DIED', '0x0000007B'], '0x000000EF'],
  ['the name on the next line', [problem, 'Stop code: 0x7B', 'CRITICAL_PROCESS_DIED'], '0x0000007B'],
  ['two names', [problem, 'Stop code: CRITICAL_PROCESS_DIED', 'INACCESSIBLE_BOOT_DEVICE'], '0x000000EF'],
])('a code and another one’s name on one screen are possible at most, and both are told: %s', (_, lines, code) => {
  const { failure } = shows(...lines);
  expect(failure?.entry.code).toMatch(new RegExp(code));
  expect(failure).toMatchObject({ confidence: 'possible', contradictions: [expect.stringContaining('the same screen also names')] });
});

test.each<[string, string[], string]>([
  ['its code and its name', [shutDown, 'INACCESSIBLE_BOOT_DEVICE', '*** STOP: 0x0000007B (0x80000003,0x0,0x0,0x0)'], '0x0000007B'],
  ['in brackets', [problem, 'Stop code: CRITICAL_PROCESS_DIED (0xEF)'], '0x000000EF'],
  ['parameters that are codes too', [shutDown, '*** STOP: 0x000000EF (0x0000000A,0x00000001,', '0x0000001A,0x0000007B)'], '0x000000EF'],
  ['a status', [shutDown, '*** STOP: 0xC000021A (0xC0000034,0xC0000001,0x0,0x0)', 'with a status of 0xc0000034'], '0xC000021A'],
  ['a code whose name is of another form', [shutDown, 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED', '*** STOP: 0x1000007E (0x0)'], '0x1000007E'],
])('what is no contradiction leaves it certain: %s', (_, lines, code) => {
  expect(shows(...lines).failure).toMatchObject({ entry: { code }, confidence: 'certain', contradictions: [] });
});

test('a stop beside the text of the sign-in screen is possible at most', () => {
  for (const text of ['Press Ctrl+Alt+Delete to unlock.', 'Druk op Ctrl+Alt+Delete om te ontgrendelen']) {
    expect(shows(text, problem, 'Stop code: CRITICAL_PROCESS_DIED')).toMatchObject({
      sight: 'stop-screen',
      failure: { confidence: 'possible', contradictions: ['the same screen also shows the text of the sign-in screen'] },
    });
  }
});

test('a bug check’s parameter is never taken for its code', () => {
  const parameter = '0x000000003757B4DB';
  const read = (stop: string) =>
    shows('A problem has been detected and Windows has been shut down to prevent damage', `*** STOP: ${stop} (${parameter},${parameter})`);
  expect(read('OxXOOO000EF').failure?.entry.code).toBe('0x000000EF');
  expect(read('O;OOO').failure?.entry.code).toBe('');
});

const doubled = (digits: string, at: number) => `${digits.slice(0, at + 1)}${digits.slice(at)}`;
const lost = (digits: string, at: number) => `${digits.slice(0, at)}${digits.slice(at + 1)}`;
const taken = (digits: string, at: number, digit: string) => `${digits.slice(0, at)}${digit}${digits.slice(at + 1)}`;
/** Digits that look alike on a screen, each way. */
const alike: Record<string, string> = { '0': 'DOo', D: '0', '8': 'B3', B: '86', '1': '7lI', '7': '1', '5': '6S', '6': '5B', '3': '8' };

test('no code misread in one digit is another one for certain', () => {
  for (const [code, entry] of knownCodes) {
    for (const digits of new Set([code.slice(2), shortCode(code).slice(2)])) {
      for (const at of [...digits].keys()) {
        const swaps = [...(alike[digits[at] ?? ''] ?? '')].map(digit => taken(digits, at, digit));
        for (const read of [doubled(digits, at), lost(digits, at), ...swaps]) {
          const { failure } = shows('20% complete', `Stop code: 0x${read}`);
          if (failure?.confidence === 'certain') expect([read, failure.entry.code]).toEqual([read, entry.code]);
        }
      }
    }
  }
});

test('a name beside a code that looks like another one settles it', () => {
  expect(shows('20% complete', 'Stop code: 0x0000001A').failure?.confidence).toBe('likely');
  expect(shows('20% complete', 'MEMORY_MANAGEMENT', 'Stop code: 0x0000001A').failure?.confidence).toBe('certain');
});

test('it rests on at most five regions, the telling line first', () => {
  const finding = toFinding(
    shows('20% complete', ...'abcdef'.split('').map(letter => letter.repeat(9)), 'Stop code: 0xEF').failure ?? never(),
    [],
  );
  expect(finding.regions).toHaveLength(5);
  expect(finding.regions?.[0]).toEqual({ x: 0, y: 140, width: 300, height: 16 });
});

describe('a boot manager page', () => {
  test.each<[string[], string, string | null]>([
    [
      ['Windows Boot Manager', 'File: \\Windows\\system32\\winload.efi', 'Status: 0xc0000225'],
      'azure-0xc0000225',
      '\\Windows\\system32\\winload.efi',
    ],
    [['Recovery', 'Your PC/Device needs to be repaired', 'File: \\Boot\\BCD', 'Error code: 0xc0000034'], 'azure-0xc0000034', '\\Boot\\BCD'],
    [['Your PC needs to be repaired', 'Error code: 0xc0000999'], 'status-0xc0000999', null],
    [['Windows failed to start. A recent hardware or software change might be the cause.'], 'boot-manager-unread', null],
  ])('%j', (lines, id, file) => {
    expect(shows(...lines)).toMatchObject({ sight: 'boot-manager-error', failure: { entry: { id }, whatFailed: file } });
  });

  test('its menu is no error', () => {
    expect(shows('Windows Boot Manager', 'Choose an operating system to start, or press TAB to select a tool:')).toMatchObject({
      sight: 'boot-menu',
      failure: null,
    });
  });
});

describe('what is no failure', () => {
  test.each<[string, string[]]>([
    ['updating', ['Working on updates', '35% complete', "Don't turn off your computer"]],
    ['updating', ['Getting Windows ready', "Don't turn off your computer"]],
    ['updating', ['Bezig met updates 12%', 'Zet uw computer niet uit']],
    ['updating', ['Installing update 3 of 7...']],
    ['undoing-changes', ["We couldn't complete the updates", 'Undoing changes', "Don't turn off your computer"]],
    ['undoing-changes', ['De updates konden niet worden voltooid', 'Wijzigingen worden ongedaan gemaakt', 'Zet uw computer niet uit']],
    ['checking-disk', ['Scanning and repairing drive (C:): 12% complete']],
    ['sign-in', ['Press Ctrl+Alt+Delete to unlock.', '10:45', 'Wednesday, March 5']],
    ['sign-in', ['Druk op Ctrl+Alt+Delete om te ontgrendelen']],
    ['sign-in', ['10:45', 'onsdag 5 mars']],
    ['loading', ['Please wait for the Local Session Manager']],
    ['loading', ['Preparing Automatic Repair']],
    ['unrecognised', ['PS C:\\> type notes.txt', 'we saw bugcheck 0x000000EF CRITICAL_PROCESS_DIED']],
    ['unrecognised', ['你的电脑遇到问题']],
    ['linux-console', ['Kernel panic - not syncing: VFS: Unable to mount root fs']],
  ])('%s: %j', (sight, lines) => {
    expect(shows(...lines)).toMatchObject({ sight, failure: null });
  });

  test('progress is told', () => expect(shows('Working on updates 35%').what).toContain('35 %'));

  test('something drawn without any text is a start', () => {
    expect(readConsole(read([]))).toMatchObject({ sight: 'loading', failure: null });
  });
});

describe('properties', () => {
  const telling = fc.constantFrom(
    'Stop code: CRITICAL_PROCESS_DIED',
    'Stop code: 0x',
    '*** STOP: 0x000000EF (',
    'Windows Boot Manager',
    'Status: 0xc0000225',
    'What failed:',
    '35% complete',
    ': 0xc000021a',
  );
  const lines = fc.array(fc.oneof(telling, fc.string({ unit: 'grapheme', maxLength: 60 })), { maxLength: 12 });

  test('any text is read without throwing, and only a text that has a failure in it gives one', () => {
    fc.assert(fc.property(lines, fc.nat(100), (text, confidence) => void readConsole(read(text, confidence))));
  });

  test('ordinary words never make a failure', () => {
    const word = fc.constantFrom(
      'welcome',
      'server',
      'windows',
      'stop',
      'the',
      'status',
      'service',
      '10:45',
      '100%',
      'Administrator',
      'update',
      'disk',
      'C:',
    );
    const sentence = fc.array(word, { maxLength: 6 }).map(words => words.join(' '));
    fc.assert(fc.property(fc.array(sentence, { maxLength: 6 }), text => readConsole(read(text)).failure === null));
  });
});
