/** The verbs that run a program in the foreground: host, simulator. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startHost } from './app.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import { until } from './interrupt.ts';
import { builtProgram } from './processes.ts';
import { fileIn, runningHost } from './runFile.ts';
import { pageOf } from './serve.ts';
import { type SimulatorOptions, simulatorEnvironment, startSimulator } from './simulator.ts';
import type { Terminal } from './terminal.ts';

export async function host(
  options: { port: number; data: string; json?: boolean },
  terminal: Terminal,
  interrupt: AbortSignal,
): Promise<ExitCode> {
  const { port, data, json } = options;
  const other = await runningHost(resolve(data), interrupt);
  if (other) {
    const message = `a host of ${data} already runs at ${other.url} (process ${other.pid})`;
    throw new CliError(message, 'use that one, or name another folder by --data', exitCodes.unreachable);
  }
  const running = await startHost(data, port, process.env, interrupt);
  try {
    const { url } = running.ready;
    const log = join(resolve(data), 'host.log');
    if (json) terminal.write(`${JSON.stringify({ url, pid: running.pid, log })}\n`);
    else
      terminal.write(
        `embedded host  ${url}\nits token      in ${fileIn(resolve(data))}\nlog            ${log}\n\nCtrl-C ends it; what is under way goes on when it is started again.\n`,
      );
    return await until(AbortSignal.any([interrupt, running.gone]));
  } finally {
    await running.stop();
  }
}

export async function simulator(
  options: Omit<SimulatorOptions, 'folder'> & { json?: boolean },
  terminal: Terminal,
  interrupt: AbortSignal,
): Promise<ExitCode> {
  const folder = await mkdtemp(join(tmpdir(), 'bootmedic-azure-'));
  const running = await startSimulator({ ...options, folder }, interrupt);
  try {
    const azure = running.ready;
    if (options.json) terminal.write(`${JSON.stringify(azure)}\n`);
    else {
      const exports = Object.entries(simulatorEnvironment(azure)).map(([name, value]) => `export ${name}='${value}'\n`);
      const head = [
        `# simulated Azure Resource Manager  ${azure.armEndpoint}\n`,
        `# its certificate authority         ${azure.caPath}\n`,
        `# its state, rules and faults       ${azure.adminUrl}\n`,
        `# for bootmedic and every client with DefaultAzureCredential, in another shell:\n`,
      ];
      // Not read by Node: for az and other clients in Python.
      terminal.write([...head, ...exports, `export REQUESTS_CA_BUNDLE='${azure.caPath}'\n`, '# Ctrl-C ends it\n'].join(''));
    }
    return await until(AbortSignal.any([interrupt, running.gone]));
  } finally {
    await running.stop();
    if (!running.gone.aborted) await rm(folder, { recursive: true, force: true });
  }
}

/** Every rule and duration of the simulator with its origin, as JSON. */
export async function rules(terminal: Terminal): Promise<ExitCode> {
  const { stdout } = await promisify(execFile)(process.execPath, [builtProgram('simulator'), '--rules'], { maxBuffer: 2 ** 26 });
  terminal.write(stdout);
  return exitCodes.done;
}

/** The address of the live page of the host that runs on a data folder, for a browser to be opened with. */
export async function ui({ data, json }: { data: string; json?: boolean }, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  const running = await runningHost(resolve(data), interrupt);
  if (running === null) {
    const remedy = `start one by bootmedic host --data ${data}; a deployed app has the page at /api/ui`;
    throw new CliError(`no host of ${data} runs`, remedy, exitCodes.unreachable);
  }
  const page = pageOf(running.url, running.token);
  terminal.write(json ? `${JSON.stringify({ page })}\n` : `${page}\n`);
  return exitCodes.done;
}
