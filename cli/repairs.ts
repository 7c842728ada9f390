/** The verbs that talk to an app: repair, status, report, cancel, approve, reject. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { shortOperation } from '../report/words.ts';
import { type App, type AppChoice, openApp } from './app.ts';
import { auditOf, auditText } from './audit.ts';
import type { ReportFormat } from './client.ts';
import { CliError, type ExitCode, errorText, exitCodes } from './errors.ts';
import { follow } from './follow.ts';
import { allRepairs, stateOf } from './list.ts';
import { planOf, planText } from './plan.ts';
import { noProgress, showProgress } from './progress.ts';
import { summaryTable } from './summary.ts';
import { type Terminal, table } from './terminal.ts';
import { nameOf, type View } from './views.ts';
import { watchAll } from './watch.ts';
import { elapsed, timeZone } from './words.ts';

/** Given to every verb. */
export interface Common extends AppChoice {
  /** One JSON document on standard output, and nothing else. */
  json?: boolean;
  /** No progress and no remarks. */
  quiet?: boolean;
}

export interface StatusOptions extends Common {
  watch?: boolean;
}

export interface RepairOptions extends Common {
  mode: string | null;
  playbook: string | null;
  consents: string[];
  /** False: no restart is tried before the repair. */
  restart: boolean;
  /** Also a VM that runs and answers. */
  force?: boolean;
  /** A script of the operator's own, instead of a playbook. */
  script?: string | null;
  detach?: boolean;
}

export const by = () => `cli ${userInfo().username}`;

export async function withApp(choice: AppChoice, interrupt: AbortSignal, work: (app: App) => Promise<ExitCode>): Promise<ExitCode> {
  const app = await openApp(choice, interrupt);
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

export function repair(vmId: string, options: RepairOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  const { mode, playbook, consents, restart, force = false, detach } = options;
  const script = options.script ? readScript(options.script) : null;
  return withApp(options, interrupt, async app => {
    if (detach && app.owned) {
      const remedy = 'start bootmedic host first, name a deployed app by --app, or leave --detach out';
      throw new CliError('--detach needs a host that goes on when this command has ended', remedy, exitCodes.wrongUse);
    }
    const started = await app.client.start({ vmId, mode, playbook, consents, restartFirst: restart, force, script, requestedBy: by() });
    if (detach) {
      terminal.write(
        options.json ? jsonText(started) : `${started.id}  ${started.joined ? 'is already repairing' : 'repairs'} ${nameOf(vmId)}\n`,
      );
      return exitCodes.done;
    }
    if (!options.json && !options.quiet) terminal.write(`${started.joined ? 'Joined' : 'Started'} ${started.id} for ${nameOf(vmId)}\n\n`);
    return watch(app, started.id, nameOf(vmId), options, terminal);
  });
}

function readScript(file: string): { name: string; content: string } {
  const wrong = (problem: string, remedy: string) => new CliError(`--script ${file}: ${problem}`, remedy, exitCodes.wrongUse);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw wrong(`cannot be read: ${errorText(error)}`, 'name a file that can be read');
  }
  try {
    return { name: basename(file), content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw wrong('is not UTF-8', 'save it as UTF-8, or as plain ASCII');
  }
}

export type PlanOptions = Common & Pick<RepairOptions, 'playbook' | 'restart'>;

/** A repair in mode `observe`, which writes nothing: what it plans is printed. */
export function plan(vmId: string, options: PlanOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async app => {
    const wish = { vmId, mode: 'observe', playbook: options.playbook, consents: [], restartFirst: options.restart, requestedBy: by() };
    const { id, joined } = await app.client.start(wish);
    if (joined) {
      const remedy = `bootmedic status ${id} shows that one and its plan`;
      throw new CliError(`${nameOf(vmId)} is under repair by ${id}`, remedy, exitCodes.notAsHoped);
    }
    const progress = options.json || options.quiet ? noProgress : showProgress([nameOf(vmId)], terminal);
    const [view] = await follow(async () => [await app.client.view(id)], progress, app.signal);
    const { raw, planned } = await planOf(app.client, id);
    if (options.json) terminal.write(jsonText(raw));
    else if (view) terminal.write(planText(planned, view, terminal));
    return planned.plan || view?.outcome === 'healthy' ? exitCodes.done : exitCodes.notAsHoped;
  });
}

/** Follows a repair to its end, tells how it went, and says what to do about one that is left in the middle. */
async function watch(
  app: App,
  id: string,
  name: string,
  { json, quiet, ...options }: RepairOptions | Common,
  terminal: Terminal,
): Promise<ExitCode> {
  const progress = json || quiet ? noProgress : showProgress([name], terminal);
  let last: View | undefined;
  try {
    [last] = await follow(async () => [await app.client.view(id)], progress, app.signal);
  } catch (error) {
    if (!json && !quiet) terminal.write(`\n${inTheMiddle(app, id, options.data)}\n`);
    throw error;
  }
  if (last === undefined) return exitCodes.notAsHoped;
  if (json) terminal.write(jsonText(await app.client.raw(`repairs/${last.id}`)));
  else if (!quiet) terminal.write(await told(app, last, terminal));
  const observed = 'mode' in options && options.mode === 'observe' && last.outcome === 'observed';
  return observed || last.outcome === 'repaired' || last.outcome === 'healthy' ? exitCodes.done : exitCodes.notAsHoped;
}

function inTheMiddle(app: App, id: string, data: string): string {
  if (!app.owned) return `Repair ${id} goes on at ${app.url}; bootmedic status ${id} tells how far it is.`;
  return `Repair ${id} rests where it is, and its VM may be down. It goes on under bootmedic host --data ${data}; bootmedic cancel ${id} puts the VM back.`;
}

async function told(app: App, view: View, terminal: Terminal): Promise<string> {
  const record = await app.client.record(view.id).catch(() => null);
  const steps = view.nextSteps.map(step => `  - ${step}\n`).join('');
  return [
    `\n${view.headline}\n\n${summaryTable([{ item: view, record }], terminal)}`,
    steps && `\nWhat a person does next:\n${steps}`,
    record && `\nReport: bootmedic report ${view.id} --format html --out ${view.id}.html\n`,
  ].join('');
}

export function status(id: string | undefined, options: StatusOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async app => {
    const { client, signal } = app;
    if (options.watch && id) return watch(app, id, nameOf((await client.view(id)).vmId), options, terminal);
    if (options.watch) return watchAll(client, options.json === true, items => allRepairs(items, terminal), terminal, signal);
    if (options.json) terminal.write(jsonText(await client.raw(id ? `repairs/${id}` : 'repairs')));
    else if (id) terminal.write(oneRepair(await client.view(id), terminal));
    else terminal.write(allRepairs(await client.list(), terminal));
    return exitCodes.done;
  });
}

function oneRepair(view: View, { paint }: Terminal): string {
  const facts: [string, string][] = [
    ['VM', view.vmId],
    ['state', stateOf(view)],
    ['found', view.stopCode ?? ''],
    ['asked for', `${view.requestedAt} by ${view.requestedBy}`],
    ['plan', view.planHash],
    ['approve', view.state === 'waiting-approval' ? `bootmedic approve ${view.id}` : ''],
  ];
  const shown = facts.filter(([, value]) => value !== '');
  const steps = view.timeline.map(({ from, phase, what, outcome, detail }) => [
    from.slice(11, 19),
    phase,
    outcome === 'done' ? what : `${what}: ${detail}`,
  ]);
  const waiting = view.state === 'waiting-approval' ? (view.plan ?? view.evidencePlan) : null;
  const plan = waiting ? waitingText(waiting) : '';
  const timeline = steps.length > 0 ? `\n${table(steps, [undefined, undefined, undefined], cell => cell)}` : '';
  const head = table(shown, [undefined, undefined], (cell, _, column) => (column === 0 ? paint.dim(cell) : cell));
  return `${view.headline}\n\n${head}${timeline}${plan}`;
}

/** What an approval lets happen. */
function waitingText(plan: NonNullable<View['plan'] | View['evidencePlan']>): string {
  const { writes, missingConsents, keeps } = plan;
  const downtime =
    'expectedDowntimeSeconds' in plan ? `is down for about ${elapsed(plan.expectedDowntimeSeconds)}` : 'is not taken down by it';
  const rows = writes.map(({ phase, operation, target, why, destructive, atMost }) => [
    phase,
    `${shortOperation(operation)} ${nameOf(target)}${atMost > 1 ? `, at most ${atMost} times` : ''}${destructive ? ' (destructive)' : ''}`,
    why,
  ]);
  return [
    `\nThe plan that waits for approval; the VM ${downtime}:\n`,
    table(rows, [undefined, 60, 60], cell => cell),
    missingConsents.length > 0 ? `It asks for consent to: ${missingConsents.join(', ')}\n` : '',
    ...keeps.map(what => `It keeps: ${what}\n`),
  ].join('');
}

export interface ReportOptions extends Common {
  format: ReportFormat;
  out: string | null;
  /** Null = the terminal's own. */
  timeZone: string | null;
}

export function report(id: string, options: ReportOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async ({ client }) => {
    const text = await client.report(id, options.json ? 'json' : options.format, timeZone(options.timeZone));
    if (options.out === null) terminal.write(text.endsWith('\n') ? text : `${text}\n`);
    else await save(options.out, text);
    return exitCodes.done;
  });
}

async function save(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CliError(`the report cannot be written: ${errorText(error)}`, 'name a file that can be written by --out', exitCodes.wrongUse);
  }
}

export function audit(id: string, options: Common, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async ({ client }) => {
    const { raw, writes } = await auditOf(client, id);
    terminal.write(options.json ? jsonText(raw) : auditText(writes, terminal));
    return exitCodes.done;
  });
}

export interface DecisionOptions extends Common {
  /** The plan that was read; null = the one that waits. */
  plan: string | null;
}

export type Decision = 'cancel' | 'approve' | 'reject';

/** Says it to the repair. With a host of our own it then stays to see the repair through: nothing would go on otherwise. */
export function decide(
  verb: Decision,
  id: string,
  options: DecisionOptions,
  terminal: Terminal,
  interrupt: AbortSignal,
): Promise<ExitCode> {
  return withApp(options, interrupt, async app => {
    const { client } = app;
    const view = await client.view(id);
    const answer = verb === 'cancel' ? await client.cancel(id) : await client.decide(id, verb, options.plan ?? view.planHash, by());
    if (app.owned) {
      const code = await watch(app, id, nameOf(view.vmId), options, terminal);
      return verb === 'approve' ? code : exitCodes.done;
    }
    const words = { cancel: 'is asked to put the VM back and end', approve: 'goes on', reject: 'ends, and puts back what it has changed' };
    if (options.json) terminal.write(jsonText(answer));
    else if (!options.quiet) terminal.write(`${id} ${words[verb]}.\n`);
    return exitCodes.done;
  });
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
