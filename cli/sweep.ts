/** The verbs about what sweeps find: `leftovers`, `sweep`. */
import type { App } from './app.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import { pause } from './interrupt.ts';
import { patience } from './patience.ts';
import { type Common, jsonText, withApp } from './repairs.ts';
import { headed, type Terminal } from './terminal.ts';
import { type LeftoverList, nameOf, type Sweep } from './views.ts';
import { minute } from './words.ts';

export interface SweepOptions extends Common {
  /** Begin none: tell of the last one. */
  latest?: boolean;
  /** Of how many looks for its report; an app that says nothing for longer has lost the sweep. */
  patience?: number;
}

const LOOK_MS = 500;
/** Half an hour. */
const PATIENCE = 3600;
/** In a row. */
const FAILURES = 120;

export function leftovers(options: Common, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async ({ client }) => {
    terminal.write(options.json ? jsonText(await client.raw('leftovers')) : toldLeft(await client.leftovers(), terminal));
    return exitCodes.done;
  });
}

/** Looks now for VMs that should run and do not answer, and waits for the report. A part that failed makes the exit code 1. */
export function sweep(options: SweepOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async app => {
    const { client } = app;
    if (!options.latest) {
      const { sweepId, joined } = await client.sweep();
      if (!options.json && !options.quiet) terminal.write(`${joined ? 'Joined' : 'Began'} ${sweepId}\n\n`);
      await ended(app, sweepId, options.patience ?? PATIENCE);
    }
    const last = await client.latestSweep();
    if (last === null) throw new CliError('no sweep has ended yet', 'bootmedic sweep begins one', exitCodes.wrongUse);
    terminal.write(options.json ? jsonText(await client.raw('sweeps/latest')) : told(last, terminal));
    const goesOn = last.ill.flatMap(({ repairId }) => repairId ?? []);
    if (app.owned && goesOn.length > 0 && !options.json && !options.quiet)
      terminal.write(`\nThe repairs rest now; bootmedic host goes on with ${goesOn.join(', ')}.\n`);
    return last.faults.length > 0 ? exitCodes.notAsHoped : exitCodes.done;
  });
}

/** @throws CliError when there is no report after so many looks, or when the app stays out of reach */
async function ended({ client, signal }: App, sweepId: string, most: number): Promise<void> {
  const patient = patience(FAILURES, signal);
  for (let looks = 0; ; looks++) {
    const last = await patient(client.latestSweep());
    if (last?.sweepId === sweepId) return;
    if (looks >= most) {
      const remedy = 'look into the log of the app; bootmedic sweep --latest shows its report once it is there';
      throw new CliError(`there is no report of sweep ${sweepId} yet`, remedy, exitCodes.unreachable);
    }
    await pause(LOOK_MS, signal);
  }
}

function told(sweep: Sweep, terminal: Terminal): string {
  const { sweepId, endedAt, looked, ill, passed, deleted, leftovers, faults } = sweep;
  const rows = [
    ...ill.map(({ vmId, finding, repairId, why }) => [nameOf(vmId), finding, repairId ?? '—', why]),
    ...passed.map(({ vmId, why }) => [nameOf(vmId), '', '—', why]),
  ];
  const counts = Object.entries(sweep.counts).map(([reason, count]) => `${count} ${reason}`);
  return [
    `${sweepId} ended at ${minute(endedAt)} UTC: ${looked} VM(s) looked at, ${ill.length} ill.\n`,
    counts.length > 0 ? `Not looked at closer: ${counts.join(', ')}.\n` : '',
    rows.length > 0 ? `\n${headed(['VM', 'finding', 'repair', 'why'], rows, terminal, [30, undefined, undefined, 70])}\n` : '',
    `${deleted.length} leftover(s) deleted, ${leftovers.length - deleted.length} kept; bootmedic leftovers lists them.\n`,
    ...faults.map(({ step, fault }) => `Could not ${step}: ${fault.message}\n`),
  ].join('');
}

function toldLeft({ at, items, monthlyUsd }: LeftoverList, terminal: Terminal): string {
  if (at === null) return 'No sweep has looked yet; bootmedic sweep begins one.\n';
  if (items.length === 0) return `Nothing is left of repairs, as of ${minute(at)} UTC.\n`;
  const rows = items.map(({ type, resourceId, sizeGb, monthlyUsd: usd, expires, repairId, due, why }) => [
    ...[type, nameOf(resourceId), sizeGb > 0 ? `${sizeGb} GiB` : '', usd === null ? 'not known' : `$${usd.toFixed(2)}`],
    ...[expires?.slice(0, 10) ?? '—', repairId, due ? 'the next sweep deletes it' : why],
  ]);
  const heads = ['type', 'name', 'size', 'a month', 'until', 'repair', 'why it is there'];
  return `${headed(heads, rows, terminal, [...Array(6), 50])}\nAbout $${monthlyUsd.toFixed(2)} a month by list price, as of ${minute(at)} UTC.\n`;
}
