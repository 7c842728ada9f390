import { corrupt, hangs, type Proof, row, vendor } from '../proof.ts';

const errors = (repairable: boolean) => ({ kind: 'file-system-errors', repairable });

export const proof: Proof = {
  cases: [],
  ladders: [
    { wrong: 'errors', damage: [errors(true)], ends: 'check-disk' },
    { wrong: 'errors beyond chkdsk', damage: [errors(false)], ends: 'failed' },
    { wrong: 'a boot driver is corrupt', damage: [corrupt('\\Windows\\System32\\drivers\\storvsc.sys')], ends: 'offline-sfc' },
  ],
  rows: [
    row('repaired', [errors(true)], ['check-disk: fixed, file-system-repaired'], 'repaired'),
    row('nothing to do', [vendor], ['check-disk: nothing-to-do, file-system-sound'], 'rolled-back'),
    row('not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'),
    row('failed', [errors(false)], ['check-disk: failed, file-system-not-repaired'], 'rolled-back'),
    row('reverted', [errors(true), hangs], ['check-disk: fixed, file-system-repaired'], 'rolled-back'),
  ],
};
