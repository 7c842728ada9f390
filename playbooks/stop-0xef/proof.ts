import { corrupt, hangs, type Proof, row, services, vendor, winlogon } from '../proof.ts';

const missing = (path: string) => ({ kind: 'missing-file', path, repairable: false });

export const proof: Proof = {
  cases: [],
  ladders: [
    { wrong: 'a critical process’s file is corrupt', damage: [corrupt(services)], ends: 'offline-sfc' },
    { wrong: 'beyond the component store', damage: [missing(services)], ends: 'failed' },
    { wrong: 'one of two files is beyond it', damage: [corrupt(services), missing(winlogon)], ends: 'failed' },
  ],
  rows: [
    row('repaired', [corrupt(services)], ['offline-sfc: fixed, files-repaired'], 'repaired'),
    row('nothing to do', [vendor], ['offline-sfc: nothing-to-do, clean'], 'rolled-back'),
    row('not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'),
    row('failed', [missing(services)], ['offline-sfc: failed, files-not-repaired'], 'rolled-back'),
    row('reverted', [corrupt(services), hangs], ['offline-sfc: fixed, files-repaired'], 'rolled-back'),
  ],
};
