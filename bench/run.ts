/** `npm run bench`: each figure against its limit. Exit 1 where one is missed. Build first (it does). */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { commands } from './commands.ts';
import { type Figure, ofMachine } from './figures.ts';
import { local } from './local.ts';
import { writeReport } from './write.ts';

const usage = `npm run bench -- [--json] [--write] [--slice] [--commands] [--fleet N]… [--long]
  --commands  npm start and npm test too, as long as they take
  --fleet N   that many repairs at once too (100 is one of the figures; some minutes)
  --long      1,000 repairs at once too (an hour or so)
  --write     docs/performance.md
  --slice     of one repair in virtual time only; figures that a slow machine changes do not decide the exit code (CI)`;

const figures: z.ZodType<Figure[]> = z.array(
  z.object({
    ...{ id: z.string(), what: z.string(), value: z.number(), unit: z.string(), limit: z.number() },
    ...{ ratio: z.number(), goal: z.string(), met: z.boolean() },
  }),
);

/** In a process of its own, where time is virtual. */
async function virtual(...what: string[]): Promise<Figure[]> {
  const program = new URL('./virtual.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...what], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await text(child.stdout);
  return figures.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
}

function tableOf(all: Figure[]): string {
  const width = Math.max(...all.map(({ id }) => id.length));
  return all
    .map(({ id, value, unit, goal, ratio, met, what }) => {
      const amount = `${value} ${unit}`.trim().padStart(12);
      return `${met ? ' ' : '!'} ${id.padEnd(width)} ${amount}  ${goal.padEnd(10)} ${String(ratio).padStart(6)}  ${what}`;
    })
    .join('\n');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      slice: { type: 'boolean', default: false },
      commands: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      fleet: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const all = [...(values.commands ? commands() : []), ...(values.slice ? [] : await local()), ...(await virtual('one'))];
  for (const count of [...values.fleet, ...(values.long ? ['1000'] : [])]) all.push(...(await virtual('fleet', count)));
  if (values.write) writeReport(all);
  console.log(values.json ? JSON.stringify({ figures: all }, null, 2) : tableOf(all));
  const noisy = new Set<string>(values.slice ? ofMachine : []);
  return all.every(({ id, met }) => met || noisy.has(id)) ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error, `\n${usage}`);
  return 2;
});
