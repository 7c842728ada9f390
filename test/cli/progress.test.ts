import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { canOpen, openPage } from '../../cli/openPage.ts';
import { plainLines } from '../../cli/progress.ts';
import { summaryTable } from '../../cli/summary.ts';
import { printable, standardOutput, table } from '../../cli/terminal.ts';
import { item } from '../../cli/views.ts';
import { elapsed } from '../../cli/words.ts';
import fc from '../fastCheck.ts';
import { memoryTerminal, sampleItem, sampleRecord } from './samples.ts';

describe('plain lines', () => {
  test('one for each thing that is awaited in a phase, one for the end', () => {
    const terminal = memoryTerminal();
    let now = 0;
    const progress = plainLines(['web-en-02', 'db'], terminal, () => now);
    const web = (phase: string, awaiting: string) => sampleItem('web-en-02', { phase, awaiting });
    const states = [
      web('inspect', ''),
      web('diagnose', ''),
      web('diagnose', ''),
      web('provision', 'create vm'),
      web('provision', ''),
      web('provision', 'create vm'),
      web('repair', 'script 1 (running)'),
      web('provision', 'create vm'),
      sampleItem('web-en-02', { state: 'ended', outcome: 'repaired' }),
      sampleItem('web-en-02', { state: 'ended', outcome: 'repaired' }),
    ];
    for (const state of states) {
      progress.show([state]);
      now += 7000;
    }
    progress.show([sampleItem('db', { state: 'ended', outcome: 'healthy' })]);
    expect(terminal.text()).toBe(
      [
        '   7.0 s  web-en-02  diagnose   reads the screenshot and the serial log',
        '  21.0 s  web-en-02  provision  create vm',
        '  42.0 s  web-en-02  repair     script 1 (running)',
        '  49.0 s  web-en-02  provision  create vm',
        '  56.0 s  web-en-02  repaired',
        '1 min 10 s  db         healthy, nothing done',
        '',
      ].join('\n'),
    );
  });

  test('whatever comes, a state that does not change is said once', () => {
    const state = fc.record({
      name: fc.constantFrom('a', 'b'),
      phase: fc.constantFrom('probe', 'swap', 'diagnose'),
      awaiting: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(state), states => {
        const [once, twice] = [memoryTerminal(), memoryTerminal()];
        const [first, second] = [plainLines(['a', 'b'], once, () => 0), plainLines(['a', 'b'], twice, () => 0)];
        for (const { name, ...rest } of states) {
          first.show([sampleItem(name, rest)]);
          second.show([sampleItem(name, rest)]);
          second.show([sampleItem(name, rest)]);
        }
        expect(twice.text()).toBe(once.text());
      }),
    );
  });
});

test('live rows on a terminal: each row ends with its outcome, and NO_COLOR is heard', () => {
  const script = '/usr/bin/script';
  if (!existsSync(script)) return console.warn('SKIPPED: no script(1) here; the live rows were not looked at');
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-live-'));
  try {
    const program = join(folder, 'live.ts');
    const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    writeFileSync(
      program,
      `import { showProgress } from ${from('../../cli/progress.ts')};
       import { standardOutput } from ${from('../../cli/terminal.ts')};
       import { sampleItem } from ${from('./samples.ts')};
       const progress = showProgress(['one', 'two'], standardOutput());
       progress.show([sampleItem('one', { phase: 'swap', awaiting: 'the swap' }), sampleItem('two')]);
       await new Promise(resolve => setTimeout(resolve, 500));
       progress.show([sampleItem('one', { state: 'ended', outcome: 'repaired' })]);
       await progress.end();`,
    );
    const draw = (env: NodeJS.ProcessEnv) =>
      spawnSync(script, ['-qec', `stty cols 100 rows 30; ${process.execPath} ${program}`, '/dev/null'], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TERM: 'xterm', ...env },
      }).stdout;
    const [plain, coloured] = [draw({ NO_COLOR: '1' }), draw({})];
    expect(plain).toMatch(/one +swap +the swap/);
    expect(plain).toMatch(/one +repaired/);
    expect(plain).not.toContain('\u001b[32m');
    expect(coloured).toContain('\u001b[32mrepaired');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('a terminal', () => {
  const stream = (more: object) => Object.assign(new PassThrough(), { isTTY: true, ...more }) as unknown as NodeJS.WriteStream;

  test('of unknown size has lines, none that is drawn anew', () => {
    const live = (more: object, env: NodeJS.ProcessEnv = { TERM: 'xterm' }) => standardOutput(stream(more), env).live;
    expect([live({ columns: 80 }), live({ columns: 0 }), live({}), live({ columns: 80, isTTY: false })]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(live({ columns: 80 }, { TERM: 'dumb' })).toBe(false);
  });

  test('has the browser opened only where somebody sits before it', async () => {
    const desk = { DISPLAY: ':0' };
    expect([canOpen(true, desk, 'linux'), canOpen(true, {}, 'darwin'), canOpen(true, {}, 'win32')]).toEqual([true, true, true]);
    for (const [live, env] of [
      [false, desk],
      [true, {}],
      [true, { ...desk, CI: 'true' }],
      [true, { ...desk, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }],
    ] as const)
      expect(canOpen(live, env, 'linux')).toBe(false);
    const asked: string[] = [];
    const opener = (works: boolean) =>
      (async (address: string) => {
        asked.push(address);
        if (!works) throw new Error('no browser');
        return new EventEmitter();
      }) as unknown as Parameters<typeof openPage>[1];
    expect([await openPage('http://127.0.0.1:1/a?b=1&c', opener(true)), await openPage('http://x', opener(false))]).toEqual([true, false]);
    expect(asked).toEqual(['http://127.0.0.1:1/a?b=1&c', 'http://x']);
  });
});

describe('the summary', () => {
  const disk = (name: string) => ({
    resourceId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/${name}`,
    expires: '2026-07-09T00:00:00Z',
  });

  test('tells what was found, tried, how long it was down and what stays', () => {
    const repaired = {
      item: sampleItem('app', { state: 'ended', outcome: 'repaired', stopCode: '0xC000021A' }),
      record: sampleRecord({
        attempts: [
          { title: 'Undo', boot: { verdict: 'failed' } },
          { title: 'Look', boot: null },
          { title: 'Mend', boot: { verdict: 'repaired' } },
        ],
        leftovers: [disk('app-os'), disk('bootmedic-x-disk')],
        downFrom: '2026-07-02T03:00:00Z',
        downUntil: '2026-07-02T03:01:05Z',
      }),
    };
    const healthy = { item: sampleItem('db', { state: 'ended', outcome: 'healthy' }), record: sampleRecord() };
    const down = {
      item: sampleItem('x', { state: 'ended', outcome: 'needs-person' }),
      record: sampleRecord({ downFrom: '2026-07-02T03:00:00Z' }),
    };
    const lines = summaryTable([repaired, healthy, down], memoryTerminal()).split('\n');
    expect(lines[0]).toMatch(/^VM +found +ended +tried +down +left behind$/);
    expect(lines[1]).toBe(
      'app  0xC000021A  repaired               Undo → did not boot; Look; Mend → boots  1 min 05 s  old OS disk, repair',
    );
    expect(lines[2]?.trim()).toBe('disk until 2026-07-09');
    expect(lines[3]).toMatch(/^db +— +healthy, nothing done +— +— +nothing$/);
    expect(lines[4]).toMatch(/^x +— +needs a person +— +still +nothing$/);
  });

  test('a table is as narrow as its limits and loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 5 }),
        rows => {
          const text = table(
            rows.map(words => [words.join(' ')]),
            [20],
            cell => cell,
          );
          for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(20);
          expect(text.split(/\s+/).filter(Boolean)).toEqual(rows.flat());
        },
      ),
    );
  });

  test('times', () => {
    expect([0, 59.94, 60, 119.6, 3725].map(elapsed)).toEqual(['0.0 s', '59.9 s', '1 min 00 s', '2 min 00 s', '62 min 05 s']);
  });
});

test('what comes from a guest cannot steer the terminal', () => {
  const hostile = '\u001b[2J\u001b]0;x\u0007\r\nevil\u202e\u0085';
  expect(item.parse(sampleItem('a', { headline: hostile, awaiting: hostile })).awaiting).toBe('[2J ]0;x evil');
  fc.assert(fc.property(fc.string({ unit: 'binary' }), text => expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u202e]/u)));
});
