/** The README's own two commands on this checkout, as long as they take. */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { type Figure, figure } from './figures.ts';

function secondsOf(...words: string[]): number {
  const begun = performance.now();
  const { status } = spawnSync('npm', words, { cwd: new URL('..', import.meta.url).pathname, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${words.join(' ')} ended with ${status}`);
  return (performance.now() - begun) / 1000;
}

export const commands = (): Figure[] => [figure('npm-start', secondsOf('start')), figure('npm-test', secondsOf('test'))];
