/** The verbs, their options and their help. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tab from '@bomb.sh/tab/commander';
import { Command, CommanderError, Option } from 'commander';
import { admission, resetBreaker } from './admission.ts';
import { type BundleOptions, bundle } from './bundle.ts';
import { type CatalogueOptions, catalogue, explain as explainRecord } from './catalogue.ts';
import { reportFormats } from './client.ts';
import { DEMO_TIME_SCALE, type DemoOptions, demo } from './demo.ts';
import { type DiagnoseOptions, diagnoseEvidence } from './diagnose.ts';
import { CliError, type ExitCode, exitCodes, Interrupted, ReaderGone } from './errors.ts';
import { addExamples, described } from './examples.ts';
import { addFleet } from './fleetVerb.ts';
import { onInterrupt } from './interrupt.ts';
import { auditedId, port, powershell, repairId, timeScale, url, vmId } from './options.ts';
import { root } from './processes.ts';
import { host, rules, simulator, ui } from './programs.ts';
import {
  audit,
  type Common,
  type DecisionOptions,
  decide,
  type PlanOptions,
  plan,
  type RepairOptions,
  type ReportOptions,
  repair,
  report,
  type StatusOptions,
  status,
} from './repairs.ts';
import { demoScenario } from './simulator.ts';
import { leftovers, type SweepOptions, sweep } from './sweep.ts';
import { printable, standardOutput, type Terminal } from './terminal.ts';

const FOOTER = `
Without --app a command talks to the host that runs on the data folder, or starts one for its own time.
Azure is reached as DefaultAzureCredential finds it (az login, managed identity, environment …).
  BOOTMEDIC_BLOB_ENDPOINT  storage account for records and reports: https://<account>.blob.core.windows.net
  BOOTMEDIC_SETTINGS       what may be done to which VMs: JSON, or the path of a file; without it nothing is changed
  BOOTMEDIC_APP_TOKEN      access token for the app that --app names (az account get-access-token)
bootmedic simulator prints what points them at a simulated Azure instead.

NO_COLOR, a pipe or a log get no colours and no line that is drawn anew.

Exit codes: 0 done; 1 the repair did not end as hoped; 2 wrong use; 3 something cannot be reached or started;
130 stopped by Ctrl-C (143 by SIGTERM); 141 who read the output has closed it, as head does.`;

/** Runs one command line. Answers the exit code; everything that goes wrong has been told on standard error. */
export async function run(args: string[]): Promise<ExitCode> {
  // Where nobody can be told anything, the exit code still tells.
  process.stderr.on('error', () => {});
  const output = standardOutput();
  const { program, code } = commandLine(output, () => AbortSignal.any([onInterrupt(), output.broken]));
  tab(program, { completionCommandName: 'completion' });
  addExamples(program);
  try {
    await program.parseAsync(args, { from: 'user' }).finally(output.flushed);
    output.broken.throwIfAborted();
    return code();
  } catch (error) {
    return explain(output.broken.aborted ? output.broken.reason : error, args.includes('--json'));
  }
}

/** @param interrupt is asked for once a verb runs */
export function commandLine(terminal: Terminal, interrupt: () => AbortSignal): { program: Command; code: () => ExitCode } {
  let code: ExitCode = exitCodes.done;
  /** Runs a verb; commander's own options and arguments are typed by what the verb's declaration above it makes of them. */
  const act =
    <O>(verb: (options: O & Common, argument: string, ...more: string[]) => Promise<ExitCode>) =>
    async (...given: unknown[]) => {
      const command = given.at(-1) as Command;
      const [first = '', ...more] = command.args;
      code = await verb(command.optsWithGlobals<O & Common>(), first, ...more);
    };
  const program = new Command('bootmedic')
    .description('Repairs Azure VMs that do not boot: diagnose, snapshot, repair a copy, swap, prove, report.')
    .version(version())
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'no progress and no remarks: what was asked for, errors, and the exit code')
    .option('--app <url>', 'a deployed app', url)
    .option('--data <folder>', 'where the embedded host keeps what it must not forget', '.bootmedic')
    .addHelpText('after', FOOTER)
    .configureHelp({ optionDescription: described })
    .exitOverride()
    .configureOutput({ outputError: () => {} });

  program
    .command('demo')
    .description('repair the VMs of a simulated Azure before your eyes')
    .addOption(timeScale(DEMO_TIME_SCALE))
    .option('--serve', 'stay up with one repair that waits for you, open the live page, and print how to do more')
    .addOption(powershell())
    .action(act<DemoOptions>(options => demo(options, terminal, interrupt())));
  program
    .command('host')
    .description('run the embedded host in the foreground')
    .addOption(port())
    .action(act<{ port: number }>(options => host(options, terminal, interrupt())));
  program
    .command('ui')
    .description('the address of the live page of the host that runs; it signs the browser in, so keep it to yourself')
    .action(act<Common>(options => ui(options, terminal, interrupt())));
  program
    .command('simulator')
    .description('run a simulated Azure in the foreground; prints the environment that points clients at it')
    .addOption(port())
    .option('--scenario <file>', 'the estate: JSON', demoScenario)
    .addOption(timeScale(1))
    .addOption(powershell())
    .option('--flip <rule...>', 'do the opposite of these guessed rules, to see what rests on them')
    .option('--rules', 'list what it does as Azure does, and where each rule is from')
    .action(
      act<{ port: number; scenario: string; timeScale: number; powershell?: string; flip?: string[]; rules?: boolean }>(options =>
        options.rules ? rules(terminal) : simulator(options, terminal, interrupt()),
      ),
    );
  addStarting(program, act, terminal, interrupt);
  addFleet(program, act, vmId, terminal, interrupt);
  addWatching(program, act, terminal, interrupt);
  addRecords(program, act, terminal, interrupt);
  addDeciding(program, act, terminal, interrupt);
  addReadingVerbs(program, act, terminal);
  return { program, code: () => code };
}

export type Act = <O>(
  verb: (options: O & Common, argument: string, ...more: string[]) => Promise<ExitCode>,
) => (...given: unknown[]) => Promise<void>;

function addStarting(program: Command, act: Act, terminal: Terminal, interrupt: () => AbortSignal): void {
  program
    .command('repair')
    .description('repair a VM, and follow it to its end')
    .argument('<vm>', 'resource id of the VM (az vm show --query id)', vmId)
    .addOption(new Option('--mode <mode>', 'tighten what the settings allow').choices(['observe', 'review', 'auto']).default(null))
    .option('--playbook <id>', 'this playbook, whatever is found', String, null)
    .option('--consent <kind...>', 'agree to kinds of step in advance, for example upload-dump')
    .option('--no-restart', 'do not try one restart before the repair')
    .option('--force', 'also when it answers, or is held (breaker, burst, outage): needs --playbook, and a person’s approval in any mode')
    .option('--script <file>', 'run this PowerShell script of yours instead of a playbook; a person approves it in any mode', String, null)
    .option('--detach', 'do not follow it; for a host that stays')
    .action(
      act<RepairOptions & { consent?: string[] }>((options, vm) =>
        repair(vm, { ...options, consents: options.consent ?? [] }, terminal, interrupt()),
      ),
    );
  program
    .command('plan')
    .description('what a repair of a VM would do, write by write, and cost; nothing is done')
    .argument('<vm>', 'resource id of the VM', vmId)
    .option('--playbook <id>', 'this playbook, whatever is found', String, null)
    .option('--no-restart', 'as without one restart before the repair')
    .action(act<PlanOptions>((options, vm) => plan(vm, options, terminal, interrupt())));
}

function addWatching(program: Command, act: Act, terminal: Terminal, interrupt: () => AbortSignal): void {
  program
    .command('status')
    .description('all repairs, or one with what was done so far')
    .argument('[id]', 'id of a repair', repairId)
    .option('-w, --watch', 'stay, and show what changes; with an id until it has ended')
    .addOption(new Option('--admission', 'who repairs, who waits for whom and why, which findings are left alone'))
    .action(
      act<StatusOptions & { admission?: boolean }>((options, id) => {
        if (!options.admission) return status(id || undefined, options, terminal, interrupt());
        if (id) throw new CliError('--admission is about all repairs', 'leave the id out, or --admission', exitCodes.wrongUse);
        return admission(options, terminal, interrupt());
      }),
    );
  program
    .command('reset-breaker')
    .description('let a finding be repaired again whose repairs failed several times in a row')
    .argument('<finding>', 'as status --admission shows it')
    .action(act<Common>((options, finding) => resetBreaker(finding, options, terminal, interrupt())));
  program
    .command('sweep')
    .description('look now for VMs that should run and do not answer, as the timer does, and tell what was found')
    .option('--latest', 'begin none: tell of the last one')
    .action(act<SweepOptions>(options => sweep(options, terminal, interrupt())));
  program
    .command('leftovers')
    .description('disks, snapshots and VMs that repairs have left: size, cost, until when and why')
    .action(act<Common>(options => leftovers(options, terminal, interrupt())));
}

/** What a repair leaves to read. */
function addRecords(program: Command, act: Act, terminal: Terminal, interrupt: () => AbortSignal): void {
  program
    .command('report')
    .description('the report of a repair')
    .argument('<id>', 'id of the repair', repairId)
    .addOption(new Option('--format <format>', 'form of the report').choices(reportFormats).default('md'))
    .option('--out <file>', 'write it there', String, null)
    .option('--time-zone <zone>', 'tell times in it too, beside UTC (default: your own)', String, null)
    .action(act<ReportOptions>((options, id) => report(id, options, terminal, interrupt())));
  program
    .command('audit')
    .description('every request of a repair or a sweep that changed Azure: by whom, for which plan, how it was answered')
    .argument('<id>', 'id of the repair, or of the sweep', auditedId)
    .action(act<Common>((options, id) => audit(id, options, terminal, interrupt())));
  program
    .command('bundle')
    .description('everything of a repair for a support request, as one zip; goes on where a broken download stopped')
    .argument('<id>', 'id of the repair', repairId)
    .option('-o, --out <file>', 'write it there', String, null)
    .action(act<BundleOptions>((options, id) => bundle(id, options, terminal, interrupt())));
}

function addDeciding(program: Command, act: Act, terminal: Terminal, interrupt: () => AbortSignal): void {
  const verbs = {
    cancel: 'end a repair; its VM gets its disk and power state back',
    approve: 'let the plan that waits go on',
    reject: 'end the repair whose plan waits',
  };
  for (const verb of ['cancel', 'approve', 'reject'] as const) {
    const command = program.command(verb).description(verbs[verb]).argument('<id>', 'id of the repair', repairId);
    if (verb !== 'cancel') command.option('--plan <hash>', 'only this plan, as status shows it', String, null);
    command.action(
      act<DecisionOptions>((options, id) => decide(verb, id, { ...options, plan: options.plan ?? null }, terminal, interrupt())),
    );
  }
}

/** What needs no app, no Azure and no settings. */
function addReadingVerbs(program: Command, act: Act, terminal: Terminal): void {
  program
    .command('diagnose')
    .description('what a screenshot, a serial log or a memory dump shows; files only, no Azure')
    .option('--screenshot <file>', 'of the console: PNG, BMP or JPEG')
    .option('--serial-log <file>', 'COM1, as boot diagnostics keep it')
    .option('--dump <file>', 'memory dump, or a pagefile that holds one: its first pages are read')
    .addHelpText(
      'after',
      '\nExample: bootmedic diagnose --screenshot vm01.bmp --serial-log vm01.log\nExit code 0 when they could be read, whatever they show.',
    )
    .action(act<DiagnoseOptions>(options => diagnoseEvidence(options, terminal)));
  program
    .command('explain')
    .description('what a stop code, a boot manager status or a name means, and what is done about it')
    .argument('<what...>', '0xC000021A, c0000225, CRITICAL_PROCESS_DIED, or the id of a record')
    .action(act<Common>(async (options, ...words) => explainRecord(words.join(' '), options, terminal)));
  program
    .command('catalogue')
    .description('every failure that is known')
    .option('--search <text>', 'only records that have it in code, name, title or screen text')
    .option('--playbook', 'only what bootmedic repairs')
    .action(act<CatalogueOptions>(async options => catalogue(options, terminal)));
}

function explain(error: unknown, json: boolean): ExitCode {
  if (error instanceof Interrupted) {
    if (!json) process.stderr.write('bootmedic: stopped\n');
    return error.exitCode;
  }
  if (error instanceof ReaderGone) return error.exitCode;
  // The help that was asked for, or that a command line without a verb gets.
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.wrongUse;
  const told = asCliError(error);
  const { exitCode } = told;
  // Names of files and options are in it, as they were given.
  const [message = '', remedy = '', ...details] = [told.message, told.remedy, ...told.details].map(printable);
  if (json) process.stderr.write(`${JSON.stringify({ error: { message, details, remedy, exitCode } })}\n`);
  else process.stderr.write([`bootmedic: ${message}`, ...details.map(line => `    ${line}`), `  remedy: ${remedy}`, ''].join('\n'));
  return exitCode;
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    return new CliError(error.message.replace(/^error: /, ''), 'bootmedic --help, or --help after the verb, tells how', exitCodes.wrongUse);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CliError('something went wrong that should not', 'report it with the lines above', exitCodes.unreachable, stack.split('\n'));
}

function version(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
