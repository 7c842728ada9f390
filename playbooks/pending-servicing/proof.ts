import { hangs, otherVersion, type Proof, pending, row, run, vendor, wholeLife } from '../proof.ts';

const damagedComponents = { kind: 'damaged-hive', hive: 'COMPONENTS' };

export const proof: Proof = {
  cases: [
    { name: 'pending-xml, none', script: 'pending-xml', runs: [run('Repair', 'nothing-to-do', 'no-pending-xml')] },
    { name: 'pending-xml', script: 'pending-xml', damage: [pending], runs: wholeLife('pending-xml-aside', 'no-pending-xml') },
    {
      name: 'pending-xml, COMPONENTS damaged',
      script: 'pending-xml',
      damage: [pending, damagedComponents],
      runs: [run('Repair', 'failed', 'hive-damaged')],
    },
  ],
  ladders: [
    { wrong: 'an update that cannot be finished', damage: [pending], ends: 'revert-servicing' },
    { wrong: 'and a file of another version', damage: [pending, otherVersion], ends: 'offline-sfc' },
  ],
  rows: [
    row('repaired', [pending], ['revert-servicing: fixed, revert-queued'], 'repaired'),
    row(
      'nothing to do',
      [vendor],
      ['revert-servicing: nothing-to-do, nothing-pending', 'pending-xml: nothing-to-do, no-pending-xml'],
      'rolled-back',
    ),
    row('not applicable', [vendor], ['collect-dump: not-applicable, no-dump'], 'rolled-back'),
    row('failed', [pending, damagedComponents], ['revert-servicing: failed, dism-failed'], 'rolled-back'),
    row('reverted', [pending, hangs], ['revert-servicing: fixed, revert-queued'], 'rolled-back'),
  ],
};
