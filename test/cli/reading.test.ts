/** The verbs that need no app: really run, in a folder where nothing is configured. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createCanvas } from '@napi-rs/canvas';
import { knownCodes } from '../../diagnosis/catalogue.ts';
import { articlesOf } from '../../playbooks/articles/index.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-reading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  code: number;
  out: string;
  err: string;
}
const run = (...args: string[]) =>
  new Promise<Ran>(resolve => {
    const options = { cwd: folder, env: { PATH: process.env.PATH ?? '', HOME: folder } };
    execFile(process.execPath, [join(root, 'dist/cli/main.js'), ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

function screen(...lines: string[]): Buffer {
  const canvas = createCanvas(1024, 768);
  const draw = canvas.getContext('2d');
  draw.fillStyle = '#0078d7';
  draw.fillRect(0, 0, 1024, 768);
  draw.fillStyle = 'white';
  draw.font = '26px sans-serif';
  for (const [n, line] of lines.entries()) draw.fillText(line, 100, 260 + n * 60);
  return canvas.toBuffer('image/png');
}

describe('explain', () => {
  test.each(['0xC0000225', 'c0000225', 'azure-0xc0000225', 'STATUS_NOT_FOUND', 'Oxc0000225'])('%s is one record', async word => {
    expect(await json('explain', word)).toMatchObject([{ id: 'azure-0xc0000225', statusCodes: ['0xC0000225'] }]);
  });

  test('a name in words, and what bootmedic does, in order', async () => {
    const { out } = await run('explain', 'critical', 'process', 'died');
    expect(out).toContain('playbook stop-0xef');
    expect(out).toMatch(/1\. Repair system files\n\s+offline-sfc \(Microsoft, auto\)/);
  });

  test('without a playbook, what a person does: Microsoft’s steps and derived ones told apart', async () => {
    const { out } = await run('explain', '0x7B');
    expect(out).toContain('azure-2012r2-platform-update');
    expect(out).toMatch(/\(Microsoft, /);
    expect(out).toMatch(/\(derived, /);
  });

  test('a record without steps says what is left to do, as derived', async () => {
    const { out } = await run('explain', 'azure-0x19');
    expect(out).toMatch(/No safe automatic repair\. Do this:\n {4}- Look for a memory dump[^()]*\(derived\)/);
    expect(out).toMatch(/<WIN> +letter of the broken disk’s Windows partition/);
    expect(out).not.toContain('If that does not help');
  });

  test('an article whose address nobody knows is not called none', async () => {
    expect((await run('explain', 'azure-nvme-controller')).out).toContain('at an address we do not know (04/16/2026)');
    expect((await run('explain', 'eng-0x133')).out).toContain('none for Azure');
  });

  test('what diagnose sends to a playbook, the catalogue sends to the same', async () => {
    const told: { id: string; playbook: string | null }[] = await json('catalogue');
    for (const [code, { playbook }] of knownCodes) {
      const [main] = articlesOf(code);
      if (main !== undefined && playbook !== null)
        expect([code, told.find(({ id }) => id === main.id)?.playbook]).toEqual([code, playbook]);
    }
  });

  test('a stop that has no article is named', async () => {
    expect((await run('explain', '0x124')).out).toContain('WHEA_UNCORRECTABLE_ERROR');
    expect(await json('explain', '0x124')).toEqual([]);
  });

  test.each([
    ['CRITICAL_PROSESS', /CRITICAL_PROCESS_DIED/],
    ['0xC000021G1', /0xC000021A|catalogue/],
    ['nonsense', /bootmedic catalogue lists all/],
  ])('%s is not known, and told what may be meant', async (word, remedy) => {
    const { code, err } = await run('explain', word);
    expect([code, remedy.test(err)]).toEqual([2, true]);
  });
});

describe('catalogue', () => {
  test('as JSON is an array of all records', async () => {
    const records = await json('catalogue');
    expect(records).toHaveLength(72);
    expect(records.filter((record: { playbook: string | null }) => record.playbook !== null).length).toBeGreaterThanOrEqual(2);
  });

  test('as a table fits a terminal of 80 columns, tells what repairs, and has every record', async () => {
    const { out } = await run('catalogue');
    const lines = out.split('\n');
    for (const line of lines) expect([line, [...line].length <= 80]).toEqual([line, true]);
    expect(lines.find(line => line.startsWith('0xEF'))).toMatch(/^0xEF +auto +stop-0xef +CRITICAL_PROCESS_DIED$/);
    // What has no code stands with its id, which explain takes.
    expect(lines.some(line => line.trim() === 'azure-bitlocker')).toBe(true);
    for (const { stopCodes, statusCodes, id } of await json('catalogue')) {
      const [code] = [...stopCodes, ...statusCodes];
      const told = code === undefined ? id : code.replace(/^0x0+/, '0x');
      expect([id, out.includes(told)]).toEqual([id, true]);
    }
  });

  test('can be searched, and narrowed to what is repaired', async () => {
    expect((await run('catalogue', '--search', 'bitlocker')).out).toContain('azure-bitlocker');
    expect((await run('catalogue', '--search', 'zzzz')).out).toBe('No record fits.\n');
    const repaired = await json('catalogue', '--playbook');
    expect(repaired.length).toBeGreaterThan(5);
    expect(repaired.filter((record: { playbook: string | null }) => record.playbook === null)).toEqual([]);
  });
});

describe('diagnose', () => {
  const stop = file(
    'stop.png',
    screen(
      'Your PC ran into a problem and needs to restart.',
      '35% complete',
      'Stop code: CRITICAL_PROCESS_DIED',
      'What failed: services.exe',
    ),
  );
  const log = (code: string) =>
    file(
      `${code}.log`,
      `Computer is booting, SAC started and initialized.\r\n<INSTANCE CLASSNAME="BLUESCREEN">\r\n<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"${code}"</VALUE></PROPERTY>\r\n`,
    );

  test('a screenshot alone names the stop, the file and what answers it', async () => {
    const found = await json('diagnose', '--screenshot', stop);
    expect(found).toMatchObject({
      verdict: 'failing',
      sight: 'stop-screen',
      findings: [{ stopCode: '0x000000EF', playbook: 'stop-0xef', evidence: ['screenshot'] }],
      evidence: [{ id: 'screenshot', kind: 'screenshot', fresh: true, blob: stop, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    const { code, out } = await run('diagnose', '--screenshot', stop);
    expect(code).toBe(0);
    for (const word of ['CRITICAL_PROCESS_DIED', 'services.exe', 'playbook stop-0xef', 'learn.microsoft.com']) expect(out).toContain(word);
  });

  test('two witnesses support or contradict each other', async () => {
    expect((await json('diagnose', '--screenshot', stop, '--serial-log', log('0xEF'))).findings).toMatchObject([
      { confidence: 'certain', contradictions: [] },
    ]);
    const apart = await json('diagnose', '--screenshot', stop, '--serial-log', log('0x7B'));
    expect(apart.findings).toHaveLength(2);
    expect(apart.findings[0].contradictions).not.toEqual([]);
  });

  test('a sign-in screen is not called healthy: no agent has said so', async () => {
    const found = await json('diagnose', '--screenshot', file('in.png', screen('Press Ctrl+Alt+Delete to unlock.')));
    expect(found).toMatchObject({ verdict: 'unknown', sight: 'sign-in', findings: [] });
  });

  test('a dump’s header gives code and parameters', async () => {
    const dump = Buffer.alloc(0x2000);
    dump.write('PAGEDU64', 'latin1');
    dump.writeUInt32LE(20348, 0x0c);
    dump.writeUInt32LE(0xef, 0x38);
    dump.writeUInt32LE(4, 0xf98);
    const found = await json('diagnose', '--dump', file('MEMORY.DMP', dump));
    expect(found).toMatchObject({
      verdict: 'failing',
      findings: [{ stopCode: '0x000000EF', confidence: 'likely' }],
      dump: { build: 20348 },
    });
    // Bit 4 of the header's attributes: taken of a Windows that runs on.
    dump.writeUInt32LE(0x10, 0x1050);
    const live = await json('diagnose', '--dump', file('live.dmp', dump));
    expect(live).toMatchObject({ verdict: 'unknown', findings: [], dump: { isLive: true } });
  });

  test.each([
    ['nothing', [], /--screenshot FILE/],
    ['a file that is not there', ['--screenshot', '/nope.png'], /--screenshot \/nope\.png/],
    ['what has no end', ['--screenshot', '/dev/zero'], /--screenshot \/dev\/zero: is too large/],
    ['a log without an end', ['--serial-log', '/dev/zero'], /--serial-log \/dev\/zero: is too large/],
    ['an empty dump', ['--dump', file('empty.dmp', '')], /--dump .*empty\.dmp: is empty/],
    ['a folder', ['--serial-log', folder], /--serial-log/],
    ['an empty file', ['--serial-log', file('empty.log', '')], /is empty/],
    ['no picture', ['--screenshot', file('x.png', 'no picture at all')], /PNG, BMP or JPEG/],
  ])('%s is refused with the option and the remedy', async (_, args, told) => {
    const { code, err } = await run('diagnose', ...args);
    expect([code, told.test(err), /remedy: /.test(err)]).toEqual([2, true, true]);
  });

  test('a blamed driver that has a record of its own', async () => {
    const log = '<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0x50"</VALUE></PROPERTY>\r\ncsagent.sys\r\n';
    const found = await json('diagnose', '--serial-log', file('cs.log', `Computer is booting, SAC started and initialized.\r\n${log}`));
    expect(found.findings).toMatchObject([{ id: 'eng-crowdstrike-2024', stopCode: '0x00000050', whatFailed: 'csagent.sys' }]);
  });

  test('where no playbook answers, the article’s first steps and its address are given', async () => {
    const { out } = await run('diagnose', '--serial-log', log('0x5A'));
    expect(out).toMatch(/by hand:\n {4}1\. .*\((Microsoft|derived), /);
    expect(out).toContain(
      'learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-critical-service-failed-boot-error',
    );
  });

  test('a file that is no dump is said to be none', async () => {
    expect((await run('diagnose', '--dump', file('no.dmp', 'a text'.repeat(3000)))).out).toContain('no dump');
  });

  test('no host was started, and nothing was written', () => {
    expect(readdirSync(folder)).not.toContain('.bootmedic');
  });
});
