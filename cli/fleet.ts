/** `bootmedic fleet`: many VMs by one call, one first and then a few at once, and how far they are. */
import type { App } from './app.ts';
import { CliError, type ExitCode, exitCodes } from './errors.ts';
import { pause } from './interrupt.ts';
import { patience } from './patience.ts';
import { type Common, jsonText, withApp } from './repairs.ts';
import { headed, printable, type Terminal } from './terminal.ts';
import { type FleetView, nameOf } from './views.ts';

export interface FleetOptions extends Common {
  mode: string | null;
  /** Repairs at once, once one is proven; null = as the app has it. */
  atOnce: number | null;
  mostFailures: number | null;
  detach?: boolean;
}

const LOOK_MS = 1000;
/** In a row. */
const FAILURES = 120;

/** @param given resource ids of VMs: a fleet begins; or the id of one: it is followed to its end */
export function fleet(given: string[], options: FleetOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  const { mode, atOnce, mostFailures, detach } = options;
  const fleets = given.filter(isFleet);
  if (fleets.length > 0 && given.length > 1)
    throw new CliError('one fleet at a time, and no VMs beside its id', 'give VMs to begin a fleet, or the id of one', exitCodes.wrongUse);
  return withApp(options, interrupt, async app => {
    if (detach && app.owned) {
      const remedy = 'start bootmedic host first, name a deployed app by --app, or leave --detach out';
      throw new CliError('--detach needs a host that goes on when this command has ended', remedy, exitCodes.wrongUse);
    }
    const limits = { ...(atOnce !== null && { atOnce }), ...(mostFailures !== null && { mostFailures }) };
    const id = fleets[0] ?? (await app.client.startFleet({ vmIds: given, mode, ...limits })).id;
    const isQuiet = options.json || options.quiet;
    if (fleets.length === 0 && !isQuiet) terminal.write(`Began ${id} of ${given.length} VMs; bootmedic fleet ${id} follows it too\n`);
    const end = detach ? await app.client.fleet(id) : await followed(app, id, isQuiet ? () => {} : text => terminal.write(text));
    terminal.write(options.json ? jsonText(end) : told(end, terminal));
    return detach || isWell(end) ? exitCodes.done : exitCodes.notAsHoped;
  });
}

const isFleet = (text: string) => text.startsWith('f-');
const isWell = ({ ended, notStarted }: FleetView) =>
  notStarted.length === 0 && ended.every(({ outcome }) => outcome === 'repaired' || outcome === 'healthy');

async function followed({ client, signal }: App, id: string, say: (text: string) => void): Promise<FleetView> {
  const known = new Map<string, string>();
  const patient = patience(FAILURES, signal);
  for (;;) {
    const view = await patient(client.fleet(id));
    for (const [vm, is, repair] of view === null ? [] : rowsOf(view)) {
      if (is !== 'waits' && known.get(vm) !== is) say(`${printable(vm)}  ${is}${repair && `  ${printable(repair)}`}\n`);
      known.set(vm, is);
    }
    if (view?.state === 'ended') return view;
    await pause(LOOK_MS, signal);
  }
}

/** VM, how it is, and its repair or why it has none. */
function rowsOf({ ended, underWay, waiting, notStarted }: FleetView): [vm: string, is: string, repair: string][] {
  return [
    ...ended.map(({ vmId, outcome, repairId }): [string, string, string] => [nameOf(vmId), outcome, repairId]),
    ...underWay.map(({ vmId, repairId }): [string, string, string] => [nameOf(vmId), 'is under repair', repairId]),
    ...waiting.map((vmId): [string, string, string] => [nameOf(vmId), 'waits', '']),
    ...notStarted.map(({ vmId, why }): [string, string, string] => [nameOf(vmId), 'was not started', why]),
  ];
}

function told(view: FleetView, terminal: Terminal): string {
  const rows = rowsOf(view);
  const cells = headed(['VM', 'outcome', 'repair'], rows, terminal, [30, undefined, 60]);
  const repaired = view.ended.filter(({ outcome }) => outcome === 'repaired').length;
  return `\n${cells}\n${view.id}: ${repaired} of ${rows.length} repaired${view.state === 'ended' ? '' : ' so far'}.\n`;
}
