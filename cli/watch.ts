/** `bootmedic status --watch`: all repairs as they move, until somebody stops it. */
import type { Client } from './client.ts';
import { pause } from './interrupt.ts';
import { plainLines } from './progress.ts';
import type { Terminal } from './terminal.ts';
import type { Item } from './views.ts';

const LOOK_MS = 1000;
/** Cursor home, and everything from there on erased (ECMA-48: CUP, ED). */
const HOME = '\u001B[H\u001B[J';

/**
 * On a terminal the table is drawn anew; elsewhere each change is a line, as JSON where that was asked for. Ends only by the signal.
 * @param draw the table
 */
export async function watchAll(
  client: Client,
  json: boolean,
  draw: (items: Item[]) => string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<never> {
  const lines = plainLines([], terminal);
  const told = new Map<string, string>();
  for (;;) {
    const items = await client.list();
    const changed = items.filter(item => told.get(item.id) !== textOf(item));
    for (const item of changed) told.set(item.id, textOf(item));
    if (json) for (const item of changed) terminal.write(`${JSON.stringify(item)}\n`);
    else if (terminal.live)
      terminal.write(`${HOME}${draw(items)}\n${terminal.paint.dim(`${new Date().toLocaleTimeString()}, Ctrl-C ends it`)}\n`);
    else lines.show(changed);
    await pause(LOOK_MS, signal);
  }
}

const textOf = ({ state, phase, awaiting, outcome }: Item) => JSON.stringify([state, phase, awaiting, outcome]);
