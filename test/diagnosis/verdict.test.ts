import { describe, expect, test } from '@jest/globals';
import { diagnose, lookAtBoot, type Observation } from '../../diagnosis/index.ts';
import type { VmFacts } from '../../functions/activities/contract.ts';
import fc from '../fastCheck.ts';
import { bootManagerPage, sacReady, sacStart, stopBlock } from './logs.ts';
import { at, black, minute, now, observations, read, screenshot, serialLog, stop, vm } from './observations.ts';

describe('diagnose: failing', () => {
  test('a stop screen newer than the last Ready', () => {
    const diagnosis = diagnose({ vm: vm('not-ready', 20), screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')), now });
    expect(diagnosis).toMatchObject({
      verdict: 'failing',
      sight: 'stop-screen',
      settledBy: null,
      findings: [
        { id: 'azure-0xef', stopCode: '0x000000EF', confidence: 'certain', harm: 'low', playbook: 'stop-0xef', evidence: ['screen'] },
      ],
    });
    expect(diagnosis.summary).toContain('0xEF CRITICAL_PROCESS_DIED');
  });

  test('an agent that was ready before the stop does not hide it', () => {
    expect(diagnose({ vm: vm('ready', 14), screenshot: screenshot(15, stop('0xc000021a')), now }).verdict).toBe('failing');
  });

  test('screen and log that agree become one finding with both as evidence', () => {
    const log = stopBlock({
      code: '0xEF',
      driver: 'csrss.exe',
      parameters: ['0x0000000000000001', '0x0000000000000000', '0x0000000000000000', '0x0000000000000000'],
    });
    const { findings } = diagnose({
      vm: vm('none', null),
      screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')),
      serialLog: serialLog(14, log),
      now,
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ evidence: ['screen', 'serial'], whatFailed: 'csrss.exe', confidence: 'certain' });
    expect(findings[0]?.parameters).toHaveLength(4);
  });

  test('a screen whose code cannot be read takes it from the log', () => {
    const { findings } = diagnose({
      vm: vm('none', null),
      screenshot: screenshot(15, read('Your PC ran into a problem and needs to restart.', 'S~op c--e: CR#%')),
      serialLog: serialLog(14, stopBlock({ code: '0xC000021A' })),
      now,
    });
    expect(findings).toMatchObject([{ id: 'azure-0xc000021a', confidence: 'certain', evidence: ['screen', 'serial'] }]);
  });

  test('screen and log that disagree are both told, doubted by each other, and nothing is certain', () => {
    const { findings, summary } = diagnose({
      vm: vm('none', null),
      screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')),
      serialLog: serialLog(14, stopBlock({ code: '0x7B' })),
      now,
    });
    expect(findings.map(({ id, confidence }) => [id, confidence])).toEqual([
      ['azure-0xef', 'possible'],
      ['azure-0x7b', 'possible'],
    ]);
    expect(findings.every(({ contradictions }) => contradictions.length === 1)).toBe(true);
    expect(summary).toContain('but the serial log tells of');
  });

  test.each([
    ['a boot manager page', read(...bootManagerPage('0xc0000225', '\\Windows\\system32\\winload.efi').split('\r\n')), 'boot-configuration'],
    ['WinRE', read('Choose an option', 'Continue', 'Troubleshoot', 'Turn off your PC'), 'boot-policy'],
    ['firmware', read('BOOTMGR is missing', 'Press Ctrl+Alt+Del to restart'), 'boot-configuration'],
  ])('%s is answered by a playbook', (_, picture, playbook) => {
    const diagnosis = diagnose({ vm: vm('not-ready', 20), screenshot: screenshot(15, picture), now });
    expect(diagnosis).toMatchObject({ verdict: 'failing', findings: [{ playbook }] });
  });

  test.each([
    [
      'a boot manager page',
      read(...bootManagerPage('0xc0000605', '\\Windows\\system32\\winload.efi').split('\r\n')),
      'azure-0xc0000605',
      'boot-manager-error',
    ],
    ['BitLocker', read('BitLocker recovery', 'Enter the recovery key for this drive'), 'azure-bitlocker', 'key-prompt'],
    ['firmware', read("An operating system wasn't found"), 'azure-os-not-found', 'boot-manager-error'],
    ['a stop without a playbook', stop('MEMORY_MANAGEMENT'), 'azure-0x1a', 'stop-screen'],
    ['a stop that cannot be read', read('Your PC ran into a problem and needs to restart.'), 'azure-bsod-generic', 'stop-screen'],
  ])('%s is named, and no repair is promised', (_, picture, id, sight) => {
    const diagnosis = diagnose({ vm: vm('not-ready', 20), screenshot: screenshot(15, picture), now });
    expect(diagnosis).toMatchObject({ verdict: 'failing', sight, findings: [{ id, playbook: null }] });
    expect(diagnosis.summary).toContain('no safe automatic repair is known');
  });

  test('a stop in the log beside a black screen is not certain', () => {
    const { findings } = diagnose({
      vm: vm('none', null),
      screenshot: screenshot(15, black),
      serialLog: serialLog(15, stopBlock({ code: '0xEF' })),
      now,
    });
    expect(findings).toMatchObject([{ confidence: 'likely', contradictions: ['the screen is black'] }]);
  });
});

describe('diagnose: healthy', () => {
  test('a recent Ready newer than the start', () => {
    expect(diagnose({ vm: vm('ready', 18), screenshot: screenshot(15, read('Press Ctrl+Alt+Delete to unlock.')), now })).toMatchObject({
      verdict: 'healthy',
      sight: 'sign-in',
      findings: [],
    });
  });

  test('also when an older screenshot shows the stop before', () => {
    expect(diagnose({ vm: vm('ready', 18), screenshot: screenshot(15, stop('CRITICAL_PROCESS_DIED')), now }).verdict).toBe('healthy');
  });

  test.each<[string, VmFacts]>([
    ['a Ready older than the last power event', vm('ready', 18, 19)],
    ['a Ready of an hour ago', vm('ready', -40, -60)],
    ['a Ready of an hour ago and no known power event', vm('ready', -40, null)],
    ['no agent', vm('none', null)],
    ['an agent that does not report', vm('not-ready', 20)],
    ['a Ready of a VM that is stopped', { ...vm('ready', 18), power: 'stopped' }],
  ])('never on %s', (_, facts) => {
    expect(
      diagnose({
        vm: facts,
        screenshot: screenshot(19.5, read('Press Ctrl+Alt+Delete to unlock.')),
        serialLog: serialLog(19.5, sacStart + sacReady),
        now,
      }),
    ).toMatchObject({
      verdict: 'unknown',
      findings: [],
    });
  });
});

describe('diagnose: a Ready that proves nothing of now', () => {
  test.each([
    ['updating', ['Working on updates 35%', "Don't turn off your computer"], /patience/],
    ['undoing-changes', ["We couldn't complete the updates", 'Undoing changes'], /patience/],
    ['checking-disk', ['Scanning and repairing drive (C:): 12% complete'], /patience/],
    ['boot-menu', ['Choose an operating system'], /patience.*menu/],
  ])('older than a screen of %s', (sight, lines, settledBy) => {
    const of = (minute: number) => diagnose({ vm: vm('ready', 7), screenshot: screenshot(minute, read(...lines)), now });
    expect(of(19)).toMatchObject({ verdict: 'unknown', sight, findings: [] });
    expect(of(19).settledBy).toMatch(settledBy);
    expect(of(6).verdict).toBe('healthy');
  });

  test('older than a screen of a Windows that starts or waits for a sign-in, it still counts', () => {
    const of = (...lines: string[]) => diagnose({ vm: vm('ready', 7), screenshot: screenshot(19, read(...lines)), now }).verdict;
    expect([of('Press Ctrl+Alt+Delete to unlock.'), of('Please wait')]).toEqual(['healthy', 'healthy']);
  });

  test('of a time to come', () => {
    const clocks = (minute: number) => {
      const shows = { screenshot: screenshot(19, stop('CRITICAL_PROCESS_DIED')) };
      const facts = { vm: vm('ready', minute), now };
      const diagnosis = diagnose(facts);
      return [diagnosis.verdict, diagnose({ ...facts, ...shows }).verdict, lookAtBoot({ ...facts, startedAt: at(10) }).agentReadyAt];
    };
    expect(clocks(24)).toEqual(['healthy', 'healthy', at(24)]);
    expect(clocks(26)).toEqual(['unknown', 'failing', null]);
    expect(clocks(60 * 24 * 365 * 70)).toEqual(['unknown', 'failing', null]);
    expect(diagnose({ vm: vm('ready', 26), now }).summary).toContain('a time to come');
    expect(lookAtBoot({ vm: vm('ready', 26), now, startedAt: at(10) })).toMatchObject({ alive: false });
  });
});

describe('diagnose: a recent Ready, and a stop that only the log tells', () => {
  const stopped = `${sacStart}${sacReady}\r\n*** STOP: 0x000000EF (0x1,0x2,0x3,0x4)\r\n`;
  const pictures: Partial<Observation>[] = [
    {},
    { screenshot: screenshot(19.5, black) },
    { screenshot: screenshot(19.5, { ...black, blank: 'blank' }) },
  ];

  test('a text that nobody understands, newer than the Ready, may be anything: it is not healthy', () => {
    const seen = (minute: number) =>
      diagnose({ vm: vm('ready', 18), screenshot: screenshot(minute, read('Seu PC encontrou um problema')), now });
    expect([seen(19).verdict, seen(17).verdict]).toEqual(['unknown', 'healthy']);
  });

  test('that a running program has faked leaves it healthy, and is told', () => {
    for (const evidence of pictures) {
      const log = serialLog(19.5, `${stopped}${'app: ok\r\n'.repeat(500)}`);
      const diagnosis = diagnose({ vm: vm('ready', 18), serialLog: log, ...evidence, now });
      expect(diagnosis).toMatchObject({ verdict: 'healthy', findings: [] });
      expect(diagnosis.summary).toContain('only the serial log tells of 0xEF CRITICAL_PROCESS_DIED');
    }
  });

  test('that is newer than the Ready, and nothing follows, is not known', () => {
    for (const evidence of pictures) {
      const diagnosis = diagnose({ vm: vm('ready', 18), serialLog: serialLog(19.5, stopped), ...evidence, now });
      expect(diagnosis).toMatchObject({ verdict: 'unknown', findings: [] });
      expect(diagnosis.summary).toContain('0xEF');
    }
  });

  test('is a failure when the screen shows it, the Ready is old, or from before the start', () => {
    const log = serialLog(19.5, stopped);
    const failing = (facts: VmFacts, evidence: Partial<Observation> = {}) =>
      expect(diagnose({ vm: facts, serialLog: log, ...evidence, now }).verdict).toBe('failing');
    failing(vm('ready', 18), { screenshot: screenshot(19.5, stop('CRITICAL_PROCESS_DIED')) });
    failing(vm('ready', 4));
    failing(vm('ready', 17, 18));
    failing(vm('not-ready', 18));
  });

  test('a firmware that found nothing to boot is no other case', () => {
    const log = serialLog(19.5, 'BdsDxe: No bootable option or device was found.\r\n');
    expect(diagnose({ vm: vm('ready', 18), serialLog: log, now }).verdict).toBe('unknown');
  });
});

describe('diagnose: unknown', () => {
  test.each<[string, Partial<Observation>, string, RegExp]>([
    ['nothing at all', {}, 'nothing', /boot diagnostics/],
    [
      'a stop screen older than the power event',
      { screenshot: screenshot(-5, stop('CRITICAL_PROCESS_DIED')) },
      'nothing',
      /after the last start/,
    ],
    ['a log older than the power event', { serialLog: serialLog(-5, stopBlock({ code: '0xEF' })) }, 'nothing', /after the last start/],
    ['a black screen', { screenshot: screenshot(15, black) }, 'black', /serial console|restart/],
    ['an update', { screenshot: screenshot(15, read('Working on updates 35%', "Don't turn off your computer")) }, 'updating', /patience/],
    [
      'an undone update',
      { screenshot: screenshot(15, read("We couldn't complete the updates", 'Undoing changes')) },
      'undoing-changes',
      /patience/,
    ],
    ['a disk check', { screenshot: screenshot(15, read('Scanning and repairing drive (C:): 12% complete')) }, 'checking-disk', /patience/],
    [
      'a sign-in screen without agent',
      { screenshot: screenshot(15, read('Druk op Ctrl+Alt+Delete om te ontgrendelen')) },
      'sign-in',
      /agent/,
    ],
    ['a text nobody understands', { screenshot: screenshot(15, read('Lorem ipsum dolor sit amet')) }, 'unrecognised', /person/],
    ['a Linux console', { screenshot: screenshot(15, read('vm1 login: _')) }, 'linux-console', /not Windows/],
  ])('%s', (_, evidence, sight, settledBy) => {
    const diagnosis = diagnose({ vm: vm('not-ready', 20), now, ...evidence });
    expect(diagnosis).toMatchObject({ verdict: 'unknown', sight, findings: [] });
    expect(diagnosis.settledBy).toMatch(settledBy);
  });

  test.each<[string, Partial<Observation>]>([
    ['no screenshot', {}],
    ['a black screen', { screenshot: screenshot(15, black) }],
    ['a text nobody understands', { screenshot: screenshot(15, read('kiosk app v1')) }],
  ])('a Windows that checks its disk or updates after a stop is at work, not failing: %s', (_, evidence) => {
    const stopped = `${sacStart}\r\n*** STOP: 0x000000EF (0x1,0x2,0x3,0x4)\r\n`;
    for (const [sight, line] of [
      ['checking-disk', 'Checking file system on C:\r\nStage 1 of 3: Examining basic file system structure ...'],
      ['updating', "Working on updates 35% complete. Don't turn off your computer"],
    ]) {
      const diagnosis = diagnose({ vm: vm('none', null), serialLog: serialLog(15, `${stopped}${line}\r\n`), ...evidence, now });
      expect(diagnosis).toMatchObject({ verdict: 'unknown', sight, findings: [] });
      expect(diagnosis.settledBy).toContain('patience');
      expect(diagnosis.summary).toContain('0xEF');
    }
  });

  test('an update on the screen outweighs a stop in the log, and the stop is told', () => {
    const diagnosis = diagnose({
      vm: vm('not-ready', 20),
      screenshot: screenshot(15, read('Undoing changes', "Don't turn off your computer")),
      serialLog: serialLog(15, stopBlock({ code: '0xC000021A' })),
      now,
    });
    expect(diagnosis).toMatchObject({ verdict: 'unknown', sight: 'undoing-changes' });
    expect(diagnosis.summary).toContain('0xC000021A');
  });
});

describe('lookAtBoot', () => {
  const startedAt = at(10);
  const look = (facts: VmFacts, evidence: Partial<Observation>) => lookAtBoot({ vm: facts, now, startedAt, ...evidence });

  test('evidence from before the start is no evidence', () => {
    const sight = look(vm('ready', 5), {
      screenshot: screenshot(9, stop('CRITICAL_PROCESS_DIED')),
      serialLog: serialLog(9, stopBlock({ code: '0xEF' })),
    });
    expect(sight).toMatchObject({ sight: 'nothing', agentReadyAt: null, alive: false, failure: null });
    expect(sight.summary).toContain('older than the start');
  });

  test('a stop screen from after the start is a failure', () => {
    expect(look(vm('not-ready', 20), { screenshot: screenshot(12, stop('CRITICAL_PROCESS_DIED')) })).toMatchObject({
      alive: false,
      failure: { id: 'azure-0xef', confidence: 'certain' },
    });
  });

  test('a Ready from after the start is told with its time, and outweighs an older stop', () => {
    expect(look(vm('ready', 14), { screenshot: screenshot(12, stop('CRITICAL_PROCESS_DIED')) })).toMatchObject({
      agentReadyAt: at(14),
      alive: true,
      failure: null,
    });
    expect(look(vm('ready', 11), { screenshot: screenshot(12, stop('CRITICAL_PROCESS_DIED')) }).failure).not.toBeNull();
  });

  test('the stop before in a log that goes on is not taken for one of this boot', () => {
    const log = serialLog(12, sacStart + stopBlock({ code: '0xEF' }));
    for (const picture of [black, read('Getting Windows ready'), { ...black, blank: null }]) {
      expect(look(vm('not-ready', 20), { screenshot: screenshot(12, picture), serialLog: log }).failure).toBeNull();
    }
  });

  test.each<[string, Partial<Observation>]>([
    ['no screenshot', {}],
    ['one colour', { screenshot: screenshot(12, { ...black, blank: 'blank' }) }],
    ['a text nobody understands', { screenshot: screenshot(12, read('kiosk app v1')) }],
    ['a screenshot from before the start', { screenshot: screenshot(9, stop('CRITICAL_PROCESS_DIED')) }],
  ])('a log that only ends with a stop does not fail the boot at once, and says so: %s', (_, evidence) => {
    for (const text of [stopBlock({ code: '0xEF' }), sacStart + stopBlock({ code: '0xEF' })]) {
      const sight = look(vm('not-ready', 20), { serialLog: serialLog(12, text), ...evidence });
      expect(sight).toMatchObject({ failure: null, agentReadyAt: null });
      expect(sight.sight).not.toBe('stop-screen');
      expect(sight.alive).toBe(sight.sight === 'unrecognised');
      expect(sight.summary).toContain('the serial log tells of 0xEF CRITICAL_PROCESS_DIED, which may be of the boot before');
    }
  });

  test('a screen that shows the stop of the log is a failure with both as evidence', () => {
    const seen = { screenshot: screenshot(12, stop('CRITICAL_PROCESS_DIED')), serialLog: serialLog(12, stopBlock({ code: '0xEF' })) };
    expect(look(vm('not-ready', 20), seen).failure).toMatchObject({ confidence: 'certain', evidence: ['screen', 'serial'] });
  });

  test.each<[string, Partial<Observation>, boolean]>([
    ['nothing', {}, false],
    ['a black screen', { screenshot: screenshot(12, black) }, false],
    ['a logo', { screenshot: screenshot(12, { ...black, blank: null }) }, true],
    ['an update', { screenshot: screenshot(12, read('Working on updates 35%')) }, true],
    ['a disk check', { screenshot: screenshot(12, read('Scanning and repairing drive (C:): 12% complete')) }, true],
    ['a sign-in screen', { screenshot: screenshot(12, read('Press Ctrl+Alt+Delete to unlock.')) }, true],
    ['a SAC prompt', { screenshot: screenshot(12, black), serialLog: serialLog(12, sacStart) }, true],
    ['an empty log', { serialLog: serialLog(12, '') }, false],
  ])('alive: %s', (_, evidence, alive) =>
    expect(look(vm('not-ready', 20), evidence)).toMatchObject({ alive, failure: null, agentReadyAt: null }),
  );
});

describe('properties', () => {
  const atWork = ['updating', 'undoing-changes', 'checking-disk'];

  test('healthy needs a Ready newer than the last power event; failing needs evidence newer than it', () => {
    fc.assert(
      fc.property(observations, observation => {
        const { verdict, sight, findings, settledBy } = diagnose(observation);
        const { agent, powerChangedAt } = observation.vm;
        const since = powerChangedAt ?? '';
        if (verdict === 'healthy') expect(agent.status === 'ready' && (agent.at ?? '') > since).toBe(true);
        for (const { evidence } of findings) {
          if (evidence.includes('screen')) expect((observation.screenshot?.at ?? '') > since).toBe(true);
          if (evidence.includes('serial')) expect((observation.serialLog?.at ?? '') > since).toBe(true);
        }
        expect(findings.length > 0).toBe(verdict === 'failing');
        if (verdict === 'failing') expect(atWork).not.toContain(sight);
        expect(settledBy !== null).toBe(verdict === 'unknown');
      }),
      { numRuns: 300 },
    );
  });

  test('a boot never fails on what is older than its start, and a failure never rests on nothing', () => {
    fc.assert(
      fc.property(observations, minute, (observation, start) => {
        const { failure, agentReadyAt } = lookAtBoot({ ...observation, startedAt: at(start) });
        if (agentReadyAt !== null) expect(agentReadyAt > at(start)).toBe(true);
        if (failure?.evidence.includes('screen')) expect((observation.screenshot?.at ?? '') > at(start)).toBe(true);
        if (failure?.evidence.includes('serial')) expect((observation.serialLog?.at ?? '') > at(start)).toBe(true);
        if (failure !== null) expect(failure.evidence).toContain('screen');
      }),
      { numRuns: 300 },
    );
  });
});
