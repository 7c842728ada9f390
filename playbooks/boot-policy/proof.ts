import { full, type Proof, row, run, vendor, wholeLife } from '../proof.ts';

const flags = (more: object) => ({ kind: 'boot-flags', ...more });

export const proof: Proof = {
  cases: [
    { name: 'safeboot-off, not set', script: 'safeboot-off', runs: [run('Repair', 'nothing-to-do', 'no-safe-mode')] },
    {
      name: 'safeboot-off',
      script: 'safeboot-off',
      damage: [flags({ safeboot: 'Network' })],
      runs: wholeLife('safe-mode-off', 'no-safe-mode'),
    },
    {
      name: 'safeboot-off, directory repair',
      script: 'safeboot-off',
      damage: [flags({ safeboot: 'DsRepair' })],
      runs: [run('Repair', 'not-applicable', 'directory-repair-mode')],
    },
  ],
  ladders: [
    { wrong: 'the boot menu', damage: [flags({ displaybootmenu: true })], ends: 'boot-policy' },
    { wrong: 'safe mode', damage: [flags({ safeboot: 'Minimal' })], consents: ['leave-safe-mode'], ends: 'safeboot-off' },
    { wrong: 'safe mode, nobody asked', damage: [flags({ safeboot: 'Minimal' })], ends: 'none' },
  ],
  rows: [
    // A boot menu is acted on when it is still there after some time: its wait may end by itself.
    row('repaired', [flags({ displaybootmenu: true })], ['boot-policy: fixed, policy-set'], 'repaired', { diagnosed: true }),
    row('nothing to do', [vendor], ['boot-policy: nothing-to-do, policy-set', 'safeboot-off: nothing-to-do, no-safe-mode'], 'rolled-back'),
    row(
      'not applicable',
      [flags({ safeboot: 'DsRepair' }), vendor],
      ['safeboot-off: not-applicable, directory-repair-mode'],
      'rolled-back',
      {
        asked: { consents: ['leave-safe-mode'] },
      },
    ),
    row('failed', [flags({ recoveryenabled: true }), vendor, full], ['boot-policy: failed, backup-failed'], 'rolled-back'),
    row('reverted', [flags({ recoveryenabled: true }), vendor], ['boot-policy: fixed, policy-set'], 'rolled-back'),
  ],
};
