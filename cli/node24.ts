/** Written for older Nodes too: finds one that can run the rest and lets it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `node:sqlite`, types stripped by Node itself, and a settable list of certificate authorities: Node 24. */
const OLDEST = 24;

export function isTooOld(version: string): boolean {
  return Number.parseInt(version, 10) < OLDEST;
}

export function tooOldText(version: string): string {
  return `bootmedic: this is Node ${version}, and bootmedic needs Node ${OLDEST}\n  remedy: run npm ci in its folder, which brings one, or install Node ${OLDEST}\n`;
}

/** Folder of this package, from a file in `cli/` as from one in `dist/`. @throws Error when the file lies outside of it */
export function packageRoot(moduleUrl: string): string {
  for (let folder = dirname(fileURLToPath(moduleUrl)); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'bootmedic') return folder;
    if (folder === dirname(folder)) throw new Error(`${fileURLToPath(moduleUrl)} is not in bootmedic's folder`);
  }
}

/** The Node that the package's own dependencies bring; null = they are not installed, or are too old as well. */
export function bundledNode(root: string): string | null {
  const folder = join(root, 'node_modules', 'node');
  const node = join(folder, 'bin', 'node');
  if (!existsSync(node)) return null;
  return isTooOld(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version) ? null : node;
}

/** Runs the same command under another Node, passing signals on. Answers its exit code. */
export function handOver(node: string, args: string[]): Promise<number> {
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: this one only has to outlive the other.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
