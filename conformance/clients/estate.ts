/** A simulated Azure of its own for clients that nobody here wrote. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guests } from '../../simulator/guests/index.ts';
import { type OpenSimulator, openSimulator } from '../../simulator/index.ts';

/** Of the demo's estate. */
export const SUBSCRIPTION = '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601';
export const GROUP = 'rg-office';
/** Runs, with a ready agent. */
export const READY = { name: 'db-ok-03', group: 'rg-shop' };
/** Shows a stop screen. */
export const BROKEN = 'web-en-02';

const TIME_SCALE = 200;

export interface ClientWorld {
  simulator: OpenSimulator;
  /** For what a client keeps of its own. */
  folder: string;
}

export async function withEstate<T>(work: (world: ClientWorld) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bootmedic-clients-'));
  const scenario: unknown = JSON.parse(await readFile(new URL('../../simulator/scenarios/demo.json', import.meta.url), 'utf8'));
  const simulator = await openSimulator({ scenario, guests, runDir: join(folder, 'azure'), timeScale: TIME_SCALE });
  try {
    return await work({ simulator, folder });
  } finally {
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a value has what is expected: members of objects, items of lists in their order, texts that a pattern fits, else equality. */
export function matches(expected: unknown, actual: unknown): boolean {
  if (expected instanceof RegExp) return typeof actual === 'string' && expected.test(actual);
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, actual);
  if (typeof actual !== 'object' || actual === null || Array.isArray(expected) !== Array.isArray(actual)) return false;
  return Object.entries(expected).every(([key, value]) => matches(value, Reflect.get(actual, key)));
}

/** An expectation as text; a pattern as it is written. */
export function told(expected: unknown): string {
  return JSON.stringify(expected, (_, value: unknown) => (value instanceof RegExp ? String(value) : value)) ?? 'nothing';
}
