/** Every playbook's ladder on disks with what it is for: the attempt that makes the disk boot, or none, and then everything taken back. */
import { describe, expect, test } from '@jest/globals';
import { playbookById, playbooks } from '../../../playbooks/catalogue.ts';
import type { Ladder } from '../../../playbooks/proof.ts';
import type { ScriptStep } from '../../../playbooks/types.ts';
import type { DiskContents } from '../../../simulator/guests/disk.ts';
import { sha256Of } from '../../../simulator/guests/volume.ts';
import { ownLadders as ladders } from '../../playbooks/proofs.ts';
import { boot, disk, isReady, last, run } from './world.ts';

interface Climbed {
  contents: DiskContents;
  ends: string;
  /** What said that it fixed something; where it ends `failed`, what said so. */
  changed: ScriptStep[];
  booted: boolean;
}

/** As the runbook does it: scripts in order, a boot where one of them changed something, a step without its consent only looking. */
async function climb(ladder: Ladder): Promise<Climbed> {
  const playbook = playbookById(ladder.playbook);
  if (playbook === undefined) throw new Error(`no playbook ${ladder.playbook}`);
  let contents = disk(ladder.windows, ladder.damage);
  const changed: ScriptStep[] = [];
  const failed: ScriptStep[] = [];
  for (const attempt of playbook.attempts) {
    let fixed = false;
    for (const step of attempt.scripts) {
      const mayAct = step.consent === undefined || ladder.consents?.includes(step.consent);
      const ran = await run(step.script, contents, {
        mode: mayAct ? 'Repair' : 'Detect',
        parameters: {
          ...step.parameters,
          ...(ladder.blames !== undefined && ['driver-off', 'vendor-file'].includes(step.script) && { Driver: ladder.blames }),
        },
      });
      contents = ran.contents;
      if (ran.result?.outcome === 'failed') failed.push(step);
      if (ran.result?.outcome !== 'fixed' || step.script === 'collect-dump') continue;
      changed.push(step);
      fixed = true;
    }
    if (!fixed || attempt.boot !== 'if-changed') continue;
    for (const step of playbook.beforeBoot) {
      const ran = await run(step.script, contents);
      if (ran.result?.outcome === 'fixed') changed.push(step);
      contents = ran.contents;
    }
    const booted = boot(contents);
    if (isReady(booted)) return { contents, ends: attempt.id, changed, booted: true };
    // The next pass works on the disk as that boot left it.
    contents = booted.contents;
  }
  if (changed.length > 0) return { contents, ends: 'unresolved', changed, booted: true };
  return { contents, ends: failed.length > 0 ? 'failed' : 'none', changed: failed, booted: false };
}

describe.each(ladders)('$playbook: $wrong', ladder => {
  test(`ends ${ladder.ends}`, async () => {
    expect(isReady(boot(disk(ladder.windows, ladder.damage)))).toBe(false);
    const climbed = await climb(ladder);
    expect(climbed.ends).toBe(ladder.ends);
    if (ladder.ends === 'none') expect(climbed.contents).toEqual(disk(ladder.windows, ladder.damage));
  });
});

test.each(playbooks.map(({ id }) => id))('%s changes nothing on a sound disk but what stands before a boot', async id => {
  for (const generation of ['V1', 'V2']) {
    const sound = disk({ generation });
    const playbook = playbookById(id);
    for (const step of playbook?.attempts.flatMap(({ scripts }) => scripts) ?? []) {
      // Making it new in any case is what that step is for.
      if (step.parameters?.When === 'always') continue;
      const ran = await run(step.script, sound, {
        parameters: { ...step.parameters, ...(['driver-off', 'vendor-file'].includes(step.script) && { Driver: 'vendor.sys' }) },
      });
      expect([step.script, ran.result?.outcome]).toEqual([step.script, expect.stringMatching(/^(nothing-to-do|not-applicable)$/)]);
      expect(ran.contents).toEqual(sound);
    }
  }
});

test('every playbook has a disk that it repairs', () => {
  const repairing = ladders.filter(({ ends }) => !['none', 'failed', 'unresolved'].includes(ends)).map(({ playbook }) => playbook);
  // One that only asks for a dump repairs nothing.
  const repairs = playbooks.filter(({ attempts }) => attempts.some(({ boot }) => boot === 'if-changed'));
  expect([...new Set(repairing)].toSorted()).toEqual(repairs.map(({ id }) => id).toSorted());
});

/** The disk's id is no file: it stays as its boot configuration names it. And what chkdsk mended nobody can break again. */
const forGood = ["the disk's id was changed", 'errors'];
const changing = ladders.filter(({ wrong, ends }) => ends !== 'none' && !forGood.includes(wrong));

test.each(changing)(
  '$playbook: $wrong: what it changed is taken back by Revert, newest first, and the disk stops as before',
  async ladder => {
    const before = disk(ladder.windows, ladder.damage);
    const { contents: after, changed, ends } = await climb(ladder);
    expect(changed).not.toEqual([]);
    let contents = after;
    for (const step of changed.toReversed())
      contents = (await run(step.script, contents, { mode: 'Revert', parameters: step.parameters ?? {} })).contents;
    expect(last(boot(contents)).screen).toEqual(last(boot(before)).screen);
    // No boot has come between: every file is as it was.
    if (ends === 'failed') expect(hashes(contents)).toEqual(hashes(before));
  },
);

/** Hash of every file but our own. */
function hashes({ partitions }: DiskContents): Record<string, string> {
  const files = partitions.flatMap(({ volume }) => Object.entries(volume?.files ?? {}));
  return Object.fromEntries(files.filter(([path]) => !path.startsWith('\\bootmedic\\')).map(([path, file]) => [path, sha256Of(file)]));
}
