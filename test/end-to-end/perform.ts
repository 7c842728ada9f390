/** Whole repairs in virtual time, by a process of their own (`virtual.ts`): a row in, what became of it out. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Performed, Told } from './rows.ts';

const root = new URL('../..', import.meta.url).pathname;

/** @param powershell a pwsh that the guests run scripts with */
export async function perform(rows: Performed[], powershell?: string): Promise<Told[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'test/end-to-end/virtual.ts'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify({ rows, ...(powershell && { powershell }) }));
  const told: Told[] = [];
  for await (const line of createInterface({ input: child.stdout })) told.push(JSON.parse(line) as Told);
  return told;
}
