/** The simulator as a program of its own: `--port N --scenario FILE --time-scale X --run-dir DIR --powershell PATH --flip RULE --exchanges FILE`, or `--rules`. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Guests } from './guests/contract.ts';
import { guests } from './guests/index.ts';
import { findPowerShell } from './guests/powershell/find.ts';
import { runByPowerShell } from './guests/powershell/run.ts';
import { CA_FILE, FlipError, keepExchanges, listDurations, listRules, openSimulator, ScenarioError } from './index.ts';

const USAGE =
  'simulator --scenario FILE [--port N] [--time-scale X] [--run-dir DIR] [--seed TEXT] [--powershell PATH] [--flip RULE]… [--exchanges FILE] | --rules';
const PARENT_CHECK_MS = 1000;

/** What stops the program without a stack: the user's own input. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      scenario: { type: 'string' },
      'time-scale': { type: 'string', default: '1' },
      'run-dir': { type: 'string' },
      seed: { type: 'string' },
      powershell: { type: 'string' },
      exchanges: { type: 'string' },
      flip: { type: 'string', multiple: true, default: [] },
      rules: { type: 'boolean', default: false },
    },
  });
  if (values.rules) {
    console.log(JSON.stringify({ rules: listRules(), durations: listDurations() }, null, 2));
    return;
  }
  if (values.scenario === undefined) throw new UsageError(`--scenario is missing: ${USAGE}`);
  const port = number('--port', values.port, value => Number.isInteger(value) && value >= 0 && value < 65_536);
  const timeScale = number('--time-scale', values['time-scale'], value => value > 0 && Number.isFinite(value));
  const runDir = values['run-dir'] ?? (await mkdtemp(join(tmpdir(), 'bootmedic-azure-')));
  const scenario = await readScenario(values.scenario);
  const machines = values.powershell === undefined ? guests : await guestsWith(values.powershell, runDir);
  const { close, info, cloud } = await openSimulator({
    ...{ scenario, guests: machines, runDir, port, timeScale, flip: values.flip },
    ...(values.seed && { seed: values.seed }),
  });
  if (values.exchanges !== undefined) keepExchanges(cloud, values.exchanges);
  endWithParent(close);
  console.log(JSON.stringify(info));
}

/** Guests that run what they are sent by a PowerShell of this machine. */
async function guestsWith(powershell: string, runDir: string): Promise<Guests> {
  const file = await findPowerShell(powershell).catch((error: unknown) => {
    throw new UsageError(`--powershell: ${error instanceof Error ? error.message : String(error)}`);
  });
  const machine = { file, caPath: join(runDir, CA_FILE), assets: join(import.meta.dirname, 'guests/powershell') };
  return { ...guests, runScript: run => runByPowerShell(machine, run) };
}

function number(option: string, text: string, good: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !good(value)) throw new UsageError(`${option}: '${text}' cannot be used: ${USAGE}`);
  return value;
}

async function readScenario(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`--scenario ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ends on a signal, when the channel to the parent closes, and when the parent is gone without a word. */
function endWithParent(close: () => Promise<void>): void {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  const parent = process.ppid;
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', end);
  setInterval(() => process.ppid === parent || end(), PARENT_CHECK_MS).unref();
}

main().catch((error: unknown) => {
  const expected =
    [UsageError, ScenarioError, FlipError].some(kind => error instanceof kind) || (error instanceof TypeError && 'code' in error);
  console.error(expected ? (error as Error).message : error);
  process.exit(expected ? 2 : 1);
});
