/** `npm start`: five VMs of a simulated Azure, repaired by the real product before the reader's eyes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { startHost } from './app.ts';
import { type Client, createClient, only, reportFormats } from './client.ts';
import { type DemoVm, demoAlert, demoSettings, demoVms } from './demoEstate.ts';
import { CliError, type ExitCode, errorCode, exitCodes } from './errors.ts';
import { follow } from './follow.ts';
import { noProgress, showProgress } from './progress.ts';
import { pageOf, serve } from './serve.ts';
import { demoScenario, type SimulatedAzure, simulatorEnvironment, startSimulator } from './simulator.ts';
import { downSeconds, type Ended, summaryTable } from './summary.ts';
import type { Terminal } from './terminal.ts';
import { nameOf } from './views.ts';
import { elapsed, ending, timeZone } from './words.ts';

/** How many times faster than Azure the demo runs, so that it fits into a minute on two cores. */
export const DEMO_TIME_SCALE = 60;

export interface DemoOptions {
  data: string;
  timeScale: number;
  serve?: boolean;
  powershell?: string;
  json?: boolean;
}

/** What stands while the demo runs. */
export interface DemoWorld {
  folder: string;
  azure: SimulatedAzure;
  /** The host's address. */
  url: string;
  /** Opens the live page in a browser. */
  page: string;
  client: Client;
  /** Aborted when the user stops us, or when one of the two has died. */
  signal: AbortSignal;
}

export async function demo(options: DemoOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  const startedAt = Date.now();
  const say = (text: string) => options.json || terminal.write(text);
  say(
    `\n${terminal.paint.bold('bootmedic')}  ${demoVms.length} VMs in a simulated Azure, ${options.timeScale} times faster than the real one\n\n`,
  );
  return withWorld(options, interrupt, say, async world => {
    if (options.serve) return serve(world, terminal, options.json);
    const ids = await ask(world.client, say);
    const progress = options.json
      ? noProgress
      : showProgress(
          demoVms.map(vm => vm.name),
          terminal,
        );
    await follow(async () => only(await world.client.list(), ids), progress, withDeadline(world.signal, options));
    const ended = await Promise.all(ids.map(id => collect(world, id)));
    const report = conclude(world, ended, options, (Date.now() - startedAt) / 1000);
    if (options.json) terminal.write(`${JSON.stringify(report, null, 2)}\n`);
    else terminal.write(summary(report, ended, terminal));
    return report.ok ? exitCodes.done : exitCodes.notAsHoped;
  });
}

/** Starts the simulator, then the host that is pointed at it; whatever happens, both are ended. */
async function withWorld(
  { data, timeScale, powershell }: DemoOptions,
  interrupt: AbortSignal,
  say: (text: string) => void,
  work: (world: DemoWorld) => Promise<ExitCode>,
): Promise<ExitCode> {
  const folder = await freshFolder(resolve(data));
  const simulator = await startSimulator(
    { port: 0, scenario: demoScenario, timeScale, folder: join(folder, 'azure'), ...(powershell && { powershell }) },
    interrupt,
  );
  try {
    say(`  simulated Azure   ${simulator.ready.armEndpoint}\n`);
    const either = AbortSignal.any([interrupt, simulator.gone]);
    const host = await startHost(join(folder, 'host'), 0, hostEnvironment(simulator.ready), either);
    try {
      say(`  embedded host     ${host.ready.url}\n`);
      const signal = AbortSignal.any([either, host.gone]);
      return await work({
        folder,
        azure: simulator.ready,
        url: host.ready.url,
        page: pageOf(host.ready.url, host.token),
        client: createClient(host.ready.url, signal, host.token),
        signal,
      });
    } finally {
      await host.stop();
    }
  } finally {
    await simulator.stop();
  }
}

/** Nothing of the user's own Azure sign-in gets into a demo. */
function hostEnvironment(azure: SimulatedAzure): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AZURE|BOOTMEDIC|IDENTITY|MSI|APPSETTING)_/i.test(name));
  return { ...Object.fromEntries(kept), ...simulatorEnvironment(azure), BOOTMEDIC_SETTINGS: JSON.stringify(demoSettings) };
}

/** `demo-20260702-031407` in the data folder; never one that was there before. */
async function freshFolder(data: string): Promise<string> {
  await mkdir(data, { recursive: true });
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  for (let n = 1; ; n++) {
    const folder = join(data, `demo-${stamp}${n > 1 ? `-${n}` : ''}`);
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** Sends the alert and the call. Answers the repairs' ids, in the order of the VMs. */
async function ask(client: Client, say: (text: string) => void): Promise<string[]> {
  const { repairs } = await client.alert(demoAlert(new Date()));
  const ids = new Map(repairs.map(({ vmId, id }) => [vmId.toLowerCase(), id]));
  for (const { id: vmId } of demoVms.filter(({ by }) => by === 'call')) {
    const { id } = await client.start({ vmId, mode: null, playbook: null, consents: [], requestedBy: 'demo' });
    ids.set(vmId.toLowerCase(), id);
  }
  const named = (by: DemoVm['by']) => demoVms.flatMap(vm => (vm.by === by ? vm.name : [])).join(', ');
  say(`  alert             ${named('alert')}\n  HTTP call         ${named('call')}\n\n`);
  return demoVms.map(vm => {
    const id = ids.get(vm.id.toLowerCase());
    if (id === undefined) throw new CliError(`no repair was started for ${vm.name}`, 'see the log of the host', exitCodes.notAsHoped);
    return id;
  });
}

/** Even a demo that hangs must end: an hour's repair, scaled, and time for two slow cores. */
function withDeadline(signal: AbortSignal, { timeScale }: DemoOptions): AbortSignal {
  const late = new AbortController();
  const seconds = Math.ceil(240 + 7200 / timeScale);
  const message = `the repairs have not ended within ${seconds} s`;
  setTimeout(() => late.abort(new CliError(message, 'see the logs in the run folder', exitCodes.notAsHoped)), seconds * 1000).unref();
  return AbortSignal.any([signal, late.signal]);
}

/** Saves a repair's reports and reads what the summary needs. */
async function collect({ client, folder }: DemoWorld, id: string): Promise<Ended> {
  const item = await client.view(id);
  for (const format of reportFormats)
    await writeFile(join(folder, `${nameOf(item.vmId)}.${format}`), await client.report(id, format, timeZone()));
  return { item, record: await client.record(id) };
}

function conclude({ folder }: DemoWorld, ended: Ended[], { timeScale }: DemoOptions, seconds: number) {
  const vms = ended.map(({ item, record }, at) => ({
    name: demoVms[at]?.name ?? item.vmId,
    vmId: item.vmId,
    id: item.id,
    outcome: item.outcome,
    expected: demoVms[at]?.expected ?? null,
    headline: item.headline,
    downSeconds: record && downSeconds(record),
    writes: record?.writes.length ?? 0,
    leftovers: record?.story.leftovers ?? [],
    report: join(folder, `${nameOf(item.vmId)}.html`),
  }));
  return { ok: vms.every(vm => vm.outcome === vm.expected), seconds, timeScale, folder, vms };
}

function summary(report: ReturnType<typeof conclude>, ended: Ended[], terminal: Terminal): string {
  const { paint } = terminal;
  const wrong = report.vms.filter(vm => vm.outcome !== vm.expected);
  const verdict = wrong.length === 0 ? paint.green('Each VM ended as it should') : paint.red('Not every VM ended as it should');
  const folder = relative(process.cwd(), report.folder) || '.';
  return [
    `\n${summaryTable(ended, terminal)}\n`,
    ...wrong.map(vm => `  ${vm.name} should have ended ${ending(vm.expected).words}: ${vm.headline}\n`),
    `${verdict}, after ${elapsed(report.seconds)}. Azure’s own times are ${report.timeScale} times shorter here.\n\n`,
    `Reports, as .html, .md and .json, in ${folder}:\n  ${report.vms.map(vm => basename(vm.report)).join('  ')}\n`,
    `\nTry it yourself: ${paint.cyan('npm start -- --serve')}\n`,
  ].join('');
}
