/** Live progress of repairs: rows that are drawn anew on a terminal, a line for each change elsewhere. */
import { Listr } from 'listr2';
import type { Terminal } from './terminal.ts';
import { type Item, nameOf } from './views.ts';
import { doing, elapsed, ending } from './words.ts';

export interface Progress {
  /** What is known now. */
  show(items: Item[]): void;
  /** Leaves the terminal as it should be; nothing is shown afterwards. */
  end(): Promise<void>;
}

const REDRAW_MS = 200;
const PHASE_WIDTH = 'provision'.length;

/** @param names of the VMs, in the order of their rows */
export function showProgress(names: string[], terminal: Terminal): Progress {
  return terminal.live ? liveRows(names, terminal) : plainLines(names, terminal);
}

/** Shows nothing, for machines. */
export const noProgress: Progress = { show() {}, end: async () => {} };

/** A line when a repair ends, and when it begins to wait for something that this phase of it has not waited for before. */
export function plainLines(names: string[], terminal: Terminal, now: () => number = Date.now): Progress {
  const startedAt = now();
  const told = new Map<string, { phase: string; said: Set<string> }>();
  const width = widest(names);
  return {
    show(items) {
      for (const item of items) {
        const phase = item.state === 'ended' ? 'ended' : item.phase;
        const what = phase === 'ended' ? phase : doing(item);
        const before = told.get(item.id);
        const said = before?.phase === phase ? before.said : new Set<string>();
        if (what === '' || said.has(what)) continue;
        told.set(item.id, { phase, said: said.add(what) });
        terminal.write(`${elapsed((now() - startedAt) / 1000).padStart(8)}  ${rowText(item, width, terminal)}\n`);
      }
    },
    end: async () => {},
  };
}

function liveRows(names: string[], terminal: Terminal): Progress {
  const { paint } = terminal;
  const startedAt = Date.now();
  const items = new Map<string, Item>();
  const width = widest(names);
  const over = new AbortController();
  const isOver = (item: Item | undefined) => over.signal.aborted || item?.state === 'ended';
  const row = (name: string) => {
    const item = items.get(name);
    return item ? `${rowText(item, width, terminal)}  ${paint.dim(elapsed(stepSeconds(item)))}` : name.padEnd(width);
  };
  const rows = new Listr(
    names.map(name => ({
      title: row(name),
      task: async (_context, task) => {
        while (!isOver(items.get(name))) {
          task.title = row(name);
          await new Promise(resolve => setTimeout(resolve, REDRAW_MS));
        }
        const item = items.get(name);
        task.title = item ? `${rowText(item, width, terminal)}  ${paint.dim(elapsed((Date.now() - startedAt) / 1000))}` : name;
        if (item?.state !== 'ended') task.skip();
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: 'default',
      rendererOptions: { formatOutput: 'truncate' },
    },
  );
  const drawn = rows.run();
  return {
    show: fresh => {
      for (const item of fresh) items.set(nameOf(item.vmId), item);
    },
    end: async () => {
      over.abort();
      await drawn;
    },
  };
}

/** `web-en-02  repair     runCommands bootmedic-…`; how it ended once it has. */
export function rowText(item: Item, width: number, { paint }: Terminal): string {
  const name = paint.bold(nameOf(item.vmId).padEnd(width));
  if (item.state !== 'ended') return `${name}  ${paint.cyan(item.phase.padEnd(PHASE_WIDTH))}  ${doing(item)}`;
  const { words, tone } = ending(item.outcome);
  const color = { good: paint.green, warn: paint.yellow, bad: paint.red }[tone];
  return `${name}  ${color(words)}`;
}

function stepSeconds({ since }: Item): number {
  const start = Date.parse(since ?? '');
  return Number.isNaN(start) ? 0 : Math.max(0, (Date.now() - start) / 1000);
}

function widest(names: string[]): number {
  return Math.max(0, ...names.map(name => name.length));
}
