/** The verb `fleet` on the command line. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type FleetOptions, fleet } from './fleet.ts';
import type { Act } from './program.ts';
import type { Terminal } from './terminal.ts';

/** @param vmId reads a VM's id, or says what it must be */
export function addFleet(
  program: Command,
  act: Act,
  vmId: (text: string) => string,
  terminal: Terminal,
  interrupt: () => AbortSignal,
): void {
  const each = (text: string, before: string[] = []) => [...before, /^f-[a-z2-7]{12}$/.test(text) ? text : vmId(text)];
  program
    .command('fleet')
    .description('repair many VMs: one first, proven, then a few at once; or follow a fleet that was begun')
    .argument('<vm...>', 'resource ids of VMs, two at least; or the id of a fleet', each)
    .addOption(new Option('--mode <mode>', 'tighten what the settings allow').choices(['observe', 'review', 'auto']).default(null))
    .option('--at-once <n>', 'so many repairs at once, when one is proven', whole, null)
    .option('--most-failures <n>', 'so many failed repairs stop it', whole, null)
    .option('--detach', 'do not follow it; for a host that stays')
    .action(act<FleetOptions>((options, first, ...more) => fleet([first, ...more], options, terminal, interrupt())));
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}
