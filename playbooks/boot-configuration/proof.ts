import { hangs, type Proof, row, run, vendor, wholeLife, winlogon } from '../proof.ts';

const gen1 = { generation: 'V1' };
const noStore = { kind: 'missing-bcd' };
const noManager = { kind: 'missing-boot-manager' };
const otherId = { kind: 'changed-disk-id', id: 'gpt:11111111-2222-4333-8444-555555555555' };
const elements = ['default', 'device', 'osdevice', 'path'];
const wrong = (element: string) => ({ kind: 'bcd-element', element });
const missing = (path: string, repairable: boolean) => ({ kind: 'missing-file', path, repairable });
const loader = '\\Windows\\system32\\winload.efi';

export const proof: Proof = {
  cases: [
    { name: 'repair-bcd, sound', script: 'repair-bcd', runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
    { name: 'repair-bcd, sound, Gen1', script: 'repair-bcd', windows: gen1, runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
    ...elements.flatMap(element =>
      [{}, gen1].map((windows, n) => ({
        name: `repair-bcd, ${element}, Gen${2 - n}`,
        script: 'repair-bcd',
        windows,
        damage: [wrong(element)],
        runs: n === 0 ? wholeLife('bcd-repaired', 'bcd-sound') : [run('Repair', 'fixed', 'bcd-repaired')],
      })),
    ),
    {
      name: 'repair-bcd, no store',
      script: 'repair-bcd',
      damage: [noStore],
      runs: [run('Repair', 'not-applicable', 'rebuild-needed')],
    },
    {
      name: 'repair-bcd, disk id',
      script: 'repair-bcd',
      damage: [otherId],
      runs: [run('Repair', 'fixed', 'disk-id'), run('Repair', 'nothing-to-do', 'bcd-sound')],
    },
    { name: 'rebuild-bcd, sound', script: 'rebuild-bcd', runs: [run('Repair', 'nothing-to-do', 'bcd-sound')] },
    {
      name: 'rebuild-bcd, always',
      script: 'rebuild-bcd',
      runs: wholeLife('bcd-rebuilt', 'bcd-rebuilt').map(each => ({ ...each, parameters: { When: 'always' } })),
    },
    { name: 'rebuild-bcd, no store', script: 'rebuild-bcd', damage: [noStore], runs: wholeLife('bcd-rebuilt', 'bcd-sound') },
    {
      name: 'rebuild-bcd, no store, Gen1',
      script: 'rebuild-bcd',
      windows: gen1,
      damage: [noStore],
      runs: wholeLife('bcd-rebuilt', 'bcd-sound'),
    },
    {
      name: 'rebuild-bcd, no boot manager',
      script: 'rebuild-bcd',
      damage: [noManager],
      runs: wholeLife('bcd-rebuilt', 'bcd-sound'),
    },
    {
      name: 'rebuild-bcd, no loader to take',
      script: 'rebuild-bcd',
      damage: [noStore, missing(loader, true)],
      runs: [run('Repair', 'failed', 'bcdboot-failed')],
    },
  ],
  ladders: [
    ...elements.flatMap(element =>
      ['V1', 'V2'].map(generation => ({
        ...{ wrong: `${element}, ${generation}`, windows: { generation }, damage: [wrong(element)], ends: 'repair-entries' },
      })),
    ),
    { wrong: 'no store', damage: [noStore], ends: 'repair-entries' },
    { wrong: 'no store, Gen1', windows: gen1, damage: [noStore], ends: 'repair-entries' },
    { wrong: 'no boot manager', damage: [noManager], ends: 'repair-entries' },
    { wrong: "the disk's id was changed", damage: [otherId], ends: 'repair-entries' },
    { wrong: 'a boot driver is missing', damage: [missing('\\Windows\\System32\\drivers\\storvsc.sys', true)], ends: 'offline-sfc' },
    { wrong: 'no Windows to boot', damage: [missing(winlogon, false)], ends: 'unresolved' },
  ],
  rows: [
    row('repaired', [wrong('device')], ['repair-bcd: fixed, bcd-repaired'], 'repaired'),
    row('nothing to do', [vendor], ['repair-bcd: nothing-to-do, bcd-sound'], 'rolled-back'),
    row('not applicable', [noStore], ['repair-bcd: not-applicable, rebuild-needed', 'rebuild-bcd: fixed, bcd-rebuilt'], 'repaired'),
    row('failed', [noStore, missing(loader, false)], ['rebuild-bcd: failed, bcdboot-failed'], 'rolled-back'),
    row('reverted', [wrong('path'), hangs], ['repair-bcd: fixed, bcd-repaired'], 'rolled-back'),
  ],
};
