/** What the product and the simulator say to each other: in flows of its own, and in what the end-to-end tests have left. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { ArmExchange } from '../../simulator/index.ts';

const root = new URL('../..', import.meta.url).pathname;

const Exchange = z.object({
  method: z.string(),
  url: z.string(),
  requestHeaders: z.record(z.string(), z.string()),
  request: z.unknown().optional(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  response: z.unknown().optional(),
});
const Told = z.object({ flow: z.string(), outcome: z.string() });

export interface ProductRun {
  exchanges: ArmExchange[];
  /** What became of each flow. */
  outcomes: Record<string, string>;
}

/** Performs the flows of `explorer/flows.ts`, a program of its own because its time is virtual. */
export async function runProduct(): Promise<ProductRun> {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-contract-'));
  try {
    const args = ['--disable-warning=ExperimentalWarning', 'explorer/flows.ts', join(folder, 'flows.jsonl')];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = (await text(child.stdout)).split('\n').filter(line => line !== '');
    const outcomes = lines.map(line => Told.parse(JSON.parse(line))).map(({ flow, outcome }) => [flow, outcome]);
    return { exchanges: readExchanges(folder), outcomes: Object.fromEntries(outcomes) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every exchange in a folder of `*.jsonl`, as the simulator keeps them. @throws for a folder that holds none */
export function readExchanges(folder: string): ArmExchange[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.jsonl'));
  const exchanges = files.flatMap(file => readFileSync(join(folder, file), 'utf8').split('\n').flatMap(exchangeOf));
  if (exchanges.length === 0) throw new Error(`${folder} holds no exchange`);
  return exchanges;
}

/** The last line of a simulator that was killed is not whole. */
function exchangeOf(line: string, index: number, lines: string[]): ArmExchange[] {
  if (line === '') return [];
  try {
    return [Exchange.parse(JSON.parse(line))];
  } catch (error) {
    if (index === lines.length - 1) return [];
    throw error;
  }
}
