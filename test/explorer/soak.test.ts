/** A taste of `npm run soak`: a few repairs one after the other in one host, with trouble at every twentieth call, leave no more than they may. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const program = new URL('../../explorer/soak.ts', import.meta.url).pathname;

test('history, log, database and heap stay below their limits', async () => {
  const args = ['--disable-warning=ExperimentalWarning', program, '--repairs', '3', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
  const { repairs, outcomes, troubles, violations, measures } = JSON.parse(stdout);
  expect({ repairs, violations }).toEqual({ repairs: 3, violations: [] });
  expect(outcomes.repaired).toBeGreaterThan(0);
  expect(troubles).toBeGreaterThan(20);
  const what = measures.map((measure: { what: string }) => measure.what);
  expect(what.toSorted()).toEqual(['database', 'heap growth', 'longest history of a repair', 'most log of a repair']);
  for (const { value, limit } of measures) expect(value).toBeLessThan(limit);
  for (const { what: name, value } of measures) if (name !== 'heap growth') expect(value).toBeGreaterThan(1000);
}, 200_000);
