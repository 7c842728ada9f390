import { beforeAll, describe, expect, test } from '@jest/globals';
import type { TableCase } from '../../playbooks/proof.ts';
import type { DiskContents } from '../../simulator/guests/disk.ts';
import { windowsVolume, writeFile } from '../../simulator/guests/volume.ts';
import { disk, run } from '../simulator/guests/world.ts';
import { cases } from './cases.ts';
import { addRun, pwsh, type Ran, runAll, token } from './standins/bench.ts';
import { comparable } from './standins/compare.ts';
import { caseOf, left, leftByScript, type ModelCase } from './standins/model.ts';

const common = { Lun: '3', Token: token, RepairId: 'r-abcdefgh2345' };
const parametersOf = (each: TableCase, n: number): Record<string, string> => ({
  ...common,
  Mode: each.runs[n]?.mode ?? 'Detect',
  ...each.runs[n]?.parameters,
});

function diskOf({ windows, damage, files = {}, withoutStore }: TableCase): DiskContents {
  const made = disk(windows, damage);
  const volume = windowsVolume(made);
  if (volume === undefined) throw new Error('no Windows');
  if (withoutStore) volume.componentStore = {};
  for (const [path, text] of Object.entries(files)) writeFile(volume, path, { kind: 'text', modified: '2026-11-20T22:40:00.000Z', text });
  return made;
}

async function byTwin(each: TableCase, before: DiskContents) {
  let contents = before;
  const results = [];
  for (const [n, { mode }] of each.runs.entries()) {
    const ran = await run(each.script, contents, { mode, parameters: parametersOf(each, n) });
    contents = ran.contents;
    results.push(ran.result ?? `${ran.output}${ran.error}`);
  }
  return { results, contents };
}

describe.each(cases)('$name', each => {
  test('the twin does what the table says', async () => {
    const { results } = await byTwin(each, diskOf(each));
    expect(results).toMatchObject(
      each.runs.map(({ outcome, code, finds }) => ({
        outcome,
        code,
        ...(finds !== undefined && { findings: expect.arrayContaining([expect.objectContaining({ id: finds })]) }),
      })),
    );
  });
});

/** A minute of CPU. */
const whole = process.env.BOOTMEDIC_TABLES === 'whole';
const present = pwsh === undefined || !whole ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the scripts are not compared with their twins');
else if (!whole) console.warn('SKIPPED: the scripts are compared with their twins by npm run tables');

present('the scripts themselves', () => {
  let ran: Map<string, Ran[]>;
  const made = new Map<string, ModelCase>();
  beforeAll(async () => {
    for (const [index, each] of cases.entries()) {
      const bench = caseOf(`table-${index}`, diskOf(each));
      for (const n of each.runs.keys()) addRun(bench, each.script, parametersOf(each, n));
      made.set(each.name, bench);
    }
    ran = await runAll([...made.values()]);
  }, 600_000);

  test.each(cases)('$name: said and left what the twin says and leaves', async each => {
    const before = diskOf(each);
    const bench = made.get(each.name);
    if (bench === undefined) throw new Error('not run');
    const twin = await byTwin(each, before);
    const runs = ran.get(bench.name) ?? [];
    expect(runs.map(({ result, output }) => comparable(result ?? output))).toEqual(twin.results.map(comparable));
    expect(leftByScript(bench)).toEqual(left(twin.contents));
  });
});
