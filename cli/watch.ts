/** `bootmedic status --watch`: all repairs as they move, until somebody stops it. */
import type { Client } from './client.ts';
import { CliError, exitCodes } from './errors.ts';
import { pause } from './interrupt.ts';
import { rowText } from './progress.ts';
import type { Terminal } from './terminal.ts';
import type { Item } from './views.ts';

const LOOK_MS = 1000;
/** Between two looks while the app is out of reach. */
const RETRY_MS = 2000;
/** Cursor home, and everything from there on erased (ECMA-48: CUP, ED). */
const HOME = '\u001B[H\u001B[J';

/**
 * On a terminal the table is drawn anew; elsewhere each change is a line, as JSON where that was asked for. Ends only by the signal: an
 * app that was there and is out of reach (it restarts now and then) is told once, and tried again.
 * @param draw the table
 * @throws CliError when the first look fails, or the app refuses
 */
export async function watchAll(
  client: Client,
  json: boolean,
  draw: (items: Item[]) => string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<never> {
  const told = new Map<string, string>();
  let table = '';
  let outage = '';
  for (let first = true; ; first = false) {
    const items = await client.list().catch((error: unknown) => {
      signal.throwIfAborted();
      if (first || !(error instanceof CliError) || error.exitCode !== exitCodes.unreachable) throw error;
      return error;
    });
    if (items instanceof CliError) {
      const { message } = items;
      if (terminal.live && !json)
        frame(`${table}\n${terminal.paint.yellow(`${message}. What you see is from before; it is tried again.`)}`, terminal);
      else if (!json && outage === '') terminal.write(`${now()}  ${message}; it is tried again\n`);
      outage = message;
    } else {
      if (outage !== '' && !json && !terminal.live) terminal.write(`${now()}  it answers again\n`);
      outage = '';
      const changed = items.filter(item => told.get(item.id) !== textOf(item));
      for (const item of changed) told.set(item.id, textOf(item));
      table = draw(items);
      if (json) for (const item of changed) terminal.write(`${JSON.stringify(item)}\n`);
      else if (terminal.live) frame(table, terminal);
      else for (const item of changed) terminal.write(`${now()}  ${rowText(item, 0, terminal).trimEnd()}\n`);
    }
    await pause(outage === '' ? LOOK_MS : RETRY_MS, signal);
  }
}

function frame(text: string, { write, paint }: Terminal): void {
  write(`${HOME}${text}\n${paint.dim(`${new Date().toISOString().slice(11, 19)} UTC, Ctrl-C ends it`)}\n`);
}

const now = () => `${new Date().toISOString().slice(0, 19)}Z`;

const textOf = ({ state, phase, awaiting, outcome }: Item) => JSON.stringify([state, phase, awaiting, outcome]);
