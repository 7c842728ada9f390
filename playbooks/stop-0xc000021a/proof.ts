import { corrupt, hangs, otherVersion, type Proof, pending, row, services, vendor, winlogon } from '../proof.ts';

export const proof: Proof = {
  cases: [],
  ladders: [
    { wrong: 'an update that cannot be finished', damage: [pending], ends: 'revert-servicing' },
    { wrong: 'a file of another version', damage: [otherVersion], ends: 'offline-sfc' },
    { wrong: 'beyond the component store', damage: [corrupt(winlogon, false)], ends: 'failed' },
    { wrong: 'one of two files is beyond it', damage: [corrupt(winlogon, false), corrupt(services)], ends: 'failed' },
  ],
  rows: [
    row('repaired', [otherVersion], ['offline-sfc: fixed, files-repaired'], 'repaired'),
    row(
      'nothing to do',
      [vendor],
      ['revert-servicing: nothing-to-do, nothing-pending', 'offline-sfc: nothing-to-do, clean'],
      'rolled-back',
    ),
    row('not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'),
    row('failed', [corrupt(winlogon, false)], ['offline-sfc: failed, files-not-repaired'], 'rolled-back'),
    row('reverted', [otherVersion, hangs], ['offline-sfc: fixed, files-repaired'], 'rolled-back'),
  ],
};
