/** Every playbook's ladder on disks with what it is for: the attempt that makes the disk boot, or none, and then everything taken back. */
import { describe, expect, test } from '@jest/globals';
import { playbookById, playbooks } from '../../../playbooks/catalogue.ts';
import type { Ladder } from '../../../playbooks/proof.ts';
import type { ScriptStep } from '../../../playbooks/types.ts';
import type { DiskContents } from '../../../simulator/guests/disk.ts';
import { sha256Of } from '../../../simulator/guests/volume.ts';
import { ownLadders } from '../../playbooks/proofs.ts';
import { boot, disk, isReady, last, run, services } from './world.ts';

const nowhere = '\\Windows\\System32\\winlogon.exe';
const bcd = (element: string) => ({ kind: 'bcd-element', element });
const ladders: Ladder[] = [
  ...['default', 'device', 'osdevice', 'path'].flatMap(element =>
    ['V1', 'V2'].map(generation => ({
      ...{ playbook: 'boot-configuration', wrong: `${element}, ${generation}`, windows: { generation } },
      ...{ damage: [bcd(element)], ends: 'repair-entries' },
    })),
  ),
  { playbook: 'boot-configuration', wrong: 'no store', damage: [{ kind: 'missing-bcd' }], ends: 'repair-entries' },
  {
    playbook: 'boot-configuration',
    wrong: 'no store, Gen1',
    windows: { generation: 'V1' },
    damage: [{ kind: 'missing-bcd' }],
    ends: 'repair-entries',
  },
  { playbook: 'boot-configuration', wrong: 'no boot manager', damage: [{ kind: 'missing-boot-manager' }], ends: 'repair-entries' },
  {
    ...{ playbook: 'boot-configuration', wrong: "the disk's id was changed", ends: 'repair-entries' },
    damage: [{ kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' }],
  },
  {
    ...{ playbook: 'boot-configuration', wrong: 'a boot driver is missing', ends: 'offline-sfc' },
    damage: [{ kind: 'missing-file', path: '\\Windows\\System32\\drivers\\storvsc.sys', repairable: true }],
  },
  {
    playbook: 'boot-configuration',
    wrong: 'no Windows to boot',
    damage: [{ kind: 'missing-file', path: nowhere, repairable: false }],
    ends: 'unresolved',
  },
  { playbook: 'boot-policy', wrong: 'the boot menu', damage: [{ kind: 'boot-flags', displaybootmenu: true }], ends: 'boot-policy' },
  {
    playbook: 'boot-policy',
    wrong: 'safe mode',
    damage: [{ kind: 'boot-flags', safeboot: 'Minimal' }],
    consents: ['leave-safe-mode'],
    ends: 'safeboot-off',
  },
  { playbook: 'file-system', wrong: 'errors', damage: [{ kind: 'file-system-errors', repairable: true }], ends: 'check-disk' },
  { playbook: 'file-system', wrong: 'errors beyond chkdsk', damage: [{ kind: 'file-system-errors', repairable: false }], ends: 'failed' },
  {
    ...{ playbook: 'file-system', wrong: 'a boot driver is corrupt', ends: 'offline-sfc' },
    damage: [{ kind: 'corrupt-file', path: '\\Windows\\System32\\drivers\\storvsc.sys', repairable: true }],
  },
  {
    ...{ playbook: 'bad-driver', wrong: 'one driver crashes', consents: ['switch-driver-off'], blames: 'vendor.sys', ends: 'driver-off' },
    damage: [{ kind: 'bad-driver', name: 'vendor.sys' }],
  },
  {
    ...{ playbook: 'bad-driver', wrong: 'a filter crashes', consents: ['switch-driver-off'], blames: 'vendor.sys', ends: 'driver-off' },
    damage: [{ kind: 'bad-driver', name: 'vendor.sys', filter: true }],
  },
  {
    ...{ playbook: 'bad-driver', wrong: "a vendor's content crashes its driver", blames: 'csagent.sys', ends: 'vendor-file' },
    consents: ['quarantine-vendor-file', 'switch-driver-off'],
    damage: [
      {
        ...{ kind: 'bad-driver', name: 'csagent.sys', at: '2024-07-19T04:09:00.000Z' },
        reads: '\\Windows\\System32\\drivers\\CrowdStrike\\C-00000291-00000000-00000032.sys',
      },
    ],
  },
  {
    playbook: 'bad-driver',
    wrong: 'nobody asked',
    blames: 'vendor.sys',
    damage: [{ kind: 'bad-driver', name: 'vendor.sys' }],
    ends: 'none',
  },
  {
    ...{ playbook: 'pending-servicing', wrong: 'an update that cannot be finished', ends: 'revert-servicing' },
    damage: [{ kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true }],
  },
  {
    ...{ playbook: 'pending-servicing', wrong: 'and a file of another version', ends: 'offline-sfc' },
    damage: [
      { kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true },
      { kind: 'mismatched-file', path: nowhere, version: '10.0.17763.6532', repairable: true },
    ],
  },
  {
    ...{ playbook: 'stop-0xc000021a', wrong: 'an update that cannot be finished', ends: 'revert-servicing' },
    damage: [{ kind: 'pending-servicing', package: 'Package_for_RollupFix~17763.6532', broken: true }],
  },
  {
    ...{ playbook: 'stop-0xc000021a', wrong: 'a file of another version', ends: 'offline-sfc' },
    damage: [{ kind: 'mismatched-file', path: nowhere, version: '10.0.17763.6532', repairable: true }],
  },
  {
    ...{ playbook: 'stop-0xc000021a', wrong: 'beyond the component store', ends: 'failed' },
    damage: [{ kind: 'corrupt-file', path: nowhere, repairable: false }],
  },
  {
    ...{ playbook: 'stop-0xc000021a', wrong: 'one of two files is beyond it', ends: 'failed' },
    damage: [
      { kind: 'corrupt-file', path: nowhere, repairable: false },
      { kind: 'corrupt-file', path: services, repairable: true },
    ],
  },
  {
    ...{ playbook: 'stop-0xef', wrong: 'a critical process’s file is corrupt', ends: 'offline-sfc' },
    damage: [{ kind: 'corrupt-file', path: services, repairable: true }],
  },
  {
    ...{ playbook: 'stop-0xef', wrong: 'beyond the component store', ends: 'failed' },
    damage: [{ kind: 'missing-file', path: services, repairable: false }],
  },
  {
    ...{ playbook: 'stop-0xef', wrong: 'one of two files is beyond it', ends: 'failed' },
    damage: [
      { kind: 'corrupt-file', path: services, repairable: true },
      { kind: 'missing-file', path: nowhere, repairable: false },
    ],
  },
  { playbook: 'boot-policy', wrong: 'safe mode, nobody asked', damage: [{ kind: 'boot-flags', safeboot: 'Minimal' }], ends: 'none' },
  ...ownLadders,
];

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
