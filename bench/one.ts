/** What one measured repair says: how long it took against what Azure took for it, and how soon we went on. */
import type { PlannedWrite } from '../functions/activities/contract.ts';
import { isArm, type Measured, type Worked } from './measure.ts';

/** Seconds that came as Retry-After with the answer (recorded): nobody may look earlier. */
const retryAfter: [method: string, path: RegExp, seconds: number][] = [
  ['PUT', /\/virtualMachines\/[^/]+$/, 10],
  ['PATCH', /\/virtualMachines\/[^/]+$/, 10],
  ['DELETE', /\/virtualMachines\/[^/]+$/, 10],
  ['PUT', /\/disks\/[^/]+$/, 2],
];
const isScript = ({ call }: Worked) => call.path.includes('/runCommands/');

/** Seconds from each operation's end to our next step. */
export function lags({ calls, worked }: Measured): number[] {
  return worked
    .filter(each => !isScript(each))
    .map(({ call, from, to }) => {
      const told = retryAfter.find(([method, path]) => method === call.method && path.test(call.path))?.[2] ?? 0;
      return lagAfter(calls, Math.max(to, from + told * 1000));
    });
}

/** Seconds from each script's end to our next step. */
export function scriptLags({ calls, story }: Measured): number[] {
  const scripts = [...(story.probe ? [story.probe] : []), ...story.attempts.flatMap(attempt => attempt.scripts)];
  return scripts.map(({ endedAt }) => lagAfter(calls, Date.parse(endedAt)));
}

function lagAfter(calls: Measured['calls'], end: number): number {
  const next = calls.find(call => isArm(call) && call.at >= end);
  return next === undefined ? 0 : (next.at - end) / 1000;
}

/** What had to come one after another until the guest was ready again, seconds. */
export function pathOf(measured: Measured, scriptSeconds: number[]): { operations: number[]; scripts: number[]; boot: number } {
  const start = startOf(measured);
  const before = measured.worked.filter(({ from }) => from < start.from);
  return { operations: before.map(secondsOf), scripts: scriptSeconds, boot: (measured.readyAt - start.from) / 1000 };
}

const secondsOf = ({ from, to }: Worked) => (to - from) / 1000;

function startOf({ worked }: Measured): Worked {
  const start = worked.findLast(({ call }) => call.path.endsWith('/start'));
  if (start === undefined) throw new Error('the VM was not started');
  return start;
}

/**
 * `az vm repair create`, `run` and `restore` with `az vm stop` and `az vm start` around them, at the same durations: the CLI looks every
 * 30 s (recorded: 31 s for a swap of 2.8 s and for a power off of 12 s), and copies a disk in 11 s.
 */
export function azSeconds(measured: Measured, scriptSeconds: number[]): number {
  const polled = (seconds: number) => Math.ceil(seconds / 30) * 30 + 1;
  const start = startOf(measured);
  const vms = measured.worked.filter(each => each.from <= start.from && each.call.path.includes('/virtualMachines/') && !isScript(each));
  const runs = measured.worked.filter(isScript);
  const operations = vms.map(each => polled(secondsOf(each)));
  const scripts = scriptSeconds.map((seconds, n) => polled(seconds + (runs[n] ? secondsOf(runs[n]) : 0)));
  const disk = 11;
  const boot = (measured.readyAt - start.to) / 1000;
  return sum(operations) + sum(scripts) + disk + Math.max(0, boot);
}

export const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);

/** Calls before the boot that was watched last. */
export function callsUntilVerify({ activities, worked }: Measured): number {
  const start = worked.findLast(({ call }) => call.path.endsWith('/start'));
  return activities.find(({ name, at }) => name === 'observeBoot' && at >= (start?.from ?? 0))?.calls ?? Number.NaN;
}

/** Writes that are not in the plan, or not so often. A plan's entries for the same thing add up. */
export function unplanned({ story, writes }: Measured): string[] {
  const left = (story.plan?.writes ?? []).map(write => ({ ...write }));
  return writes.flatMap(({ operation, resource }) => {
    const cover = left.find(each => each.atMost > 0 && each.operation === operation && covers(each, resource));
    if (cover === undefined) return [`${operation} ${resource}`];
    cover.atMost--;
    return [];
  });
}

/** `*` in a target stands for a number; a POST's path ends in its action. */
function covers({ target }: PlannedWrite, resource: string): boolean {
  const pattern = target.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replace('*', String.raw`\d+`);
  return new RegExp(`^${pattern}(/(powerOff|start|attachDetachDataDisks))?$`, 'i').test(resource);
}

/** Reads of the failed VM in the minute that has the most: Azure lets 12 a minute go on for long. */
export function busiestMinute({ calls }: Measured): number {
  const byVm = Map.groupBy(
    calls.filter(({ method, path }) => method === 'GET' && /\/virtualMachines\/[^/]+(\/runCommands\/[^/]+)?$/.test(path)),
    ({ path }) => /\/virtualMachines\/([^/]+)/.exec(path)?.[1] ?? '',
  );
  const most = [...byVm.values()].map(of =>
    Math.max(...of.map(({ at }) => of.filter(each => each.at >= at && each.at < at + 60_000).length)),
  );
  return Math.max(0, ...most);
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const armCalls = ({ calls }: Measured): number => calls.filter(isArm).length;
