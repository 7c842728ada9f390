/** The command among other programs: pipes that break, disks that are full, files that are pipes, names that steer a terminal. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'bootmedic-streams-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line for bash, in which `bootmedic` is the built command; `codes` are those of the pipe's programs. */
function shell(line: string, env: NodeJS.ProcessEnv = {}) {
  const text = `bootmedic() { "${process.execPath}" "${join(root, 'dist/cli/main.js')}" "$@"; }\n${line}\necho "\${PIPESTATUS[@]}" >codes`;
  const options = { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, ...env } } as const;
  const { stdout, stderr } = spawnSync('bash', ['-c', text], options);
  const codes = spawnSync('cat', [join(folder, 'codes')], { encoding: 'utf8' }).stdout.trim();
  return { codes, out: stdout, err: stderr };
}

function sparse(name: string, size: number): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  truncateSync(path, size);
  return path;
}

const MIB = 1024 * 1024;

describe('who reads our output', () => {
  test.each([
    ['catalogue | true', '141 0'],
    ['catalogue --json | head -c 10', '141 0'],
    ['--help | true', '141 0'],
    ['explain 0xEF | cat >/dev/null', '0 0'],
  ])('may have gone: bootmedic %s', (line, codes) => {
    expect(shell(`bootmedic ${line}`)).toMatchObject({ codes, err: '' });
  });

  test('has no room: one line, and what to do', () => {
    const { codes, err } = shell('bootmedic catalogue >/dev/full');
    expect([codes, err]).toEqual([
      '3',
      expect.stringMatching(/^bootmedic: standard output cannot be written: its disk is full\n {2}remedy: .+\n$/),
    ]);
    expect(JSON.parse(shell('bootmedic catalogue --json >/dev/full').err)).toMatchObject({ error: { exitCode: 3 } });
  });

  test('may not hear what went wrong: the exit code still tells', () => {
    expect(shell('bootmedic explain nonsense 2>/dev/full')).toMatchObject({ codes: '2', out: '', err: '' });
    expect(shell('bootmedic explain nonsense 2>&1 >/dev/null | true').codes).toBe('2 0');
  });

  test('that has gone ends a verb that would stay, and its child', () => {
    const { codes, err } = shell('bootmedic simulator | true');
    expect([codes, err]).toEqual(['141 0', '']);
  });
});

describe('names that steer a terminal', () => {
  test.each(["diagnose --dump $'nof\\e]0;title\\a'", "--bad$'\\e[31m'", "$'verb\\e[2J'", "diagnose --json --dump $'nof\\e\\xc2\\x9b31m'"])(
    'are told without what steers: %s',
    line => {
      const { codes, err } = shell(`bootmedic ${line}`);
      expect([codes, err.replaceAll('\n', '')]).toEqual(['2', expect.not.stringMatching(/\p{Cc}/u)]);
      expect(err).toMatch(/remedy/);
    },
  );
});

describe('files', () => {
  test('a dump may come through a pipe; its size is then not known', () => {
    const dump = Buffer.alloc(0x3000);
    dump.write('PAGEDU64', 'latin1');
    dump.writeUInt32LE(20348, 0x0c);
    dump.writeUInt32LE(0xef, 0x38);
    dump.writeUInt32LE(2, 0xf98);
    dump.writeBigUInt64LE(0x3000n, 0xfa0);
    writeFileSync(join(folder, 'a.dmp'), dump);
    const read = (file: string) => JSON.parse(shell(`bootmedic diagnose --json --dump ${file}`).out).dump;
    expect(read('a.dmp')).toMatchObject({ bugCheck: '0x000000EF', requiredBytes: 0x3000, isComplete: true });
    expect(read('<(cat a.dmp)')).toMatchObject({ bugCheck: '0x000000EF', isComplete: null });
    const { codes, err } = shell('bootmedic diagnose --dump <(true)');
    expect([codes, err]).toEqual(['2', expect.stringContaining('is empty')]);
  });

  test('a log of 512 MiB and a picture of 21 MiB are refused with their option and the limit', () => {
    const log = shell(`bootmedic diagnose --serial-log ${sparse('x', 512 * MIB)}`);
    expect([log.codes, log.err]).toEqual(['2', expect.stringMatching(/--serial-log .*is too large\n {2}remedy: .*256 MiB/)]);
    const picture = shell(`bootmedic diagnose --screenshot ${sparse('y', 21 * MIB)}`);
    expect([picture.codes, picture.err]).toEqual(['2', expect.stringMatching(/--screenshot .*is too large\n {2}remedy: .*20 MiB/)]);
  });

  test('a log of nothing but short lines costs little more than its text', () => {
    writeFileSync(join(folder, 'lines.log'), Buffer.concat([Buffer.of(0x80), Buffer.alloc(24 * MIB, '\n')]));
    const { codes, err } = shell('bootmedic diagnose --serial-log lines.log', { NODE_OPTIONS: '--max-old-space-size=128' });
    expect([codes, err]).toEqual(['0', '']);
  });
});

test.each(['0x', '0xG'])('explain %s suggests no code: it shares only the prefix with any', word => {
  const { codes, err } = shell(`bootmedic explain ${word}`);
  expect([codes, err]).toEqual(['2', expect.not.stringContaining('did you mean')]);
});
