/** The verbs about all repairs together: `status --admission`, `reset-breaker`. */
import { type ExitCode, exitCodes } from './errors.ts';
import { by, type Common, jsonText, withApp } from './repairs.ts';
import { headed, type Terminal } from './terminal.ts';
import { type Admission, nameOf } from './views.ts';
import { minute } from './words.ts';

export function admission(options: Common, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async ({ client }) => {
    terminal.write(options.json ? jsonText(await client.raw('admission')) : told(await client.admission(), terminal));
    return exitCodes.done;
  });
}

export function resetBreaker(finding: string, options: Common, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  return withApp(options, interrupt, async ({ client }) => {
    const answer = await client.resetBreaker(finding, by());
    terminal.write(options.json ? jsonText(answer) : `${finding} is repaired again.\n`);
    return exitCodes.done;
  });
}

function told({ limits, running, waiting, breakers }: Admission, terminal: Terminal): string {
  const rows = [
    ...running.map(({ repairId, vmId, since }) => [repairId, nameOf(vmId), minute(since), 'repairs']),
    ...waiting.map(({ repairId, vmId, since, why, waitsFor }) => [
      repairId,
      nameOf(vmId),
      minute(since),
      waitsFor.length > 0 ? `waits for one of ${waitsFor.join(', ')}: ${why}` : `waits: ${why}`,
    ]),
  ];
  const heads = ['repair', 'VM', 'since (UTC)', 'state'];
  const list = rows.length === 0 ? 'Nothing is under repair.\n' : headed(heads, rows, terminal, [undefined, undefined, undefined, 60]);
  const failing = breakers.map(({ finding, failuresInARow, lastRepairId, open, until }) => {
    const state = open ? `not repaired until ${minute(until ?? '')} UTC; bootmedic reset-breaker ${finding} ends that` : 'still repaired';
    return `${finding}: ${failuresInARow} failure(s) in a row, the last ${lastRepairId}; ${state}\n`;
  });
  const most = `At most ${limits.repairsAtOnce} at once, and ${limits.scopePercent} % of a resource group, an availability set or a tag.\n`;
  return [list, ...(failing.length > 0 ? ['\n', ...failing] : []), '\n', most].join('');
}
