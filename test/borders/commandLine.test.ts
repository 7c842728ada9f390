/** Whatever is typed ends with a message and a remedy, never with a stack; nothing is asked of an app for what is wrong already. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CommanderError } from 'commander';
import { CliError } from '../../cli/errors.ts';
import { commandLine } from '../../cli/program.ts';
import { type FakeApp, fakeApp, memoryTerminal, vmId } from '../cli/samples.ts';
import fc from '../fastCheck.ts';
import { isUnpolluted, oddText } from './odd.ts';

let app: FakeApp;
beforeAll(async () => {
  app = await fakeApp({});
});
afterAll(() => app?.close());

/** These start processes of their own, or write a file: test/cli has them. */
const elsewhere = ['demo', 'host', 'ui', 'simulator', 'bundle', 'completion', 'help'];
const { commands, options: everywhere } = commandLine(memoryTerminal(), () => AbortSignal.timeout(1)).program;
const verbs = commands.filter(command => !elsewhere.includes(command.name()));
const words = verbs.map(command => command.name());
const flags = [...everywhere, ...verbs.flatMap(command => command.options)].flatMap(({ long }) => (long ? [long] : []));
// What would write a file, or talk to another app than the test's, is for other tests.
const options = [...new Set(flags)].filter(flag => !['--out', '--app', '--data'].includes(flag));

const more = [
  'observe',
  'md',
  '0',
  '-1',
  '1e999',
  '--plan',
  '--search',
  '--screenshot',
  '--serial-log',
  '--dump',
  '--',
  '-',
  '--help',
  '--version',
  '/dev/null',
  vmId('web'),
  'r-k3mq7xw2ab4d',
];

async function run(args: string[]): Promise<unknown> {
  const terminal = memoryTerminal();
  const { program } = commandLine(terminal, () => AbortSignal.timeout(5000));
  program.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const command of program.commands) command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
  try {
    await program.parseAsync([...args, '--app', app.url], { from: 'user' });
    return undefined;
  } catch (error) {
    return error;
  }
}

test('every verb and option is among them', () => {
  expect(words).toEqual(
    expect.arrayContaining(['repair', 'plan', 'audit', 'status', 'report', 'sweep', 'leftovers', 'approve', 'diagnose']),
  );
  expect(options).toEqual(expect.arrayContaining(['--json', '--mode', '--consent', '--playbook', '--plan']));
});

test('any words and options in any order', async () => {
  const args = fc.tuple(fc.constantFrom(...words), fc.array(fc.oneof(fc.constantFrom(...options, ...more), oddText), { maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(args, async ([verb, rest]) => {
      const error = await run([verb, ...rest]);
      if (error === undefined) return;
      expect([error instanceof CliError || error instanceof CommanderError, error]).toEqual([true, error]);
      if (error instanceof CliError) expect([error.message.length > 0, error.remedy.length > 0]).toEqual([true, true]);
      expect(isUnpolluted()).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('an id that is none asks nobody', async () => {
  const before = app.asked.length;
  await fc.assert(
    fc.asyncProperty(oddText, fc.constantFrom('cancel', 'approve', 'reject', 'report'), async (id, verb) => {
      fc.pre(!id.startsWith('-'));
      expect(await run([verb, id])).toBeInstanceOf(Error);
    }),
    { numRuns: 40 },
  );
  expect(app.asked.length).toBe(before);
});
