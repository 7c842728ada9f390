import { full, hangs, type Proof, run, vendor, wholeLife } from '../proof.ts';

const unreplayed = { kind: 'unreplayed-hive', hive: 'SYSTEM' };
const damaged = { kind: 'damaged-hive', hive: 'SYSTEM' };
const regback = (whole: boolean) => ({ kind: 'regback', whole });

export const proof: Proof = {
  cases: [
    { name: 'replay-hives, sound', script: 'replay-hives', runs: [run('Repair', 'nothing-to-do', 'hives-sound')] },
    {
      name: 'replay-hives, one dirty',
      script: 'replay-hives',
      damage: [unreplayed],
      runs: wholeLife('hives-replayed', 'hives-sound'),
    },
    {
      name: 'replay-hives, one dirty, one broken',
      script: 'replay-hives',
      damage: [{ kind: 'unreplayed-hive', hive: 'SOFTWARE' }, damaged],
      runs: [run('Repair', 'fixed', 'hives-replayed'), run('Repair', 'not-applicable', 'hives-broken')],
    },
    {
      name: 'restore-regback, sound',
      script: 'restore-regback',
      damage: [regback(true)],
      runs: [run('Repair', 'nothing-to-do', 'hives-sound')],
    },
    {
      name: 'restore-regback, none',
      script: 'restore-regback',
      damage: [damaged],
      runs: [run('Repair', 'not-applicable', 'no-regback')],
    },
    {
      name: 'restore-regback, empty',
      script: 'restore-regback',
      damage: [regback(false), damaged],
      runs: [run('Repair', 'not-applicable', 'no-regback')],
    },
    {
      name: 'restore-regback',
      script: 'restore-regback',
      damage: [regback(true), damaged],
      runs: wholeLife('regback-restored', 'hives-sound'),
    },
  ],
  ladders: [
    { wrong: 'logs not applied', damage: [unreplayed], ends: 'replay-hives' },
    {
      wrong: 'logs of SOFTWARE not applied',
      damage: [{ kind: 'unreplayed-hive', hive: 'SOFTWARE' }],
      ends: 'replay-hives',
    },
    {
      ...{ wrong: 'a hive beyond loading', consents: ['use-regback'], ends: 'restore-regback' },
      damage: [regback(true), damaged],
    },
    { wrong: 'and nobody asked', damage: [{ kind: 'damaged-hive', hive: 'SOFTWARE' }], ends: 'none' },
  ],
  rows: [
    {
      ...{ name: 'repaired', damage: [unreplayed], outcome: 'repaired' },
      says: ['replay-hives: fixed, hives-replayed'],
    },
    {
      ...{ name: 'nothing to do', damage: [vendor], outcome: 'rolled-back' },
      says: ['replay-hives: nothing-to-do, hives-sound', 'restore-regback: nothing-to-do, hives-sound'],
    },
    {
      ...{ name: 'not applicable', damage: [damaged], outcome: 'rolled-back', asked: { consents: ['use-regback', 'domain-controller'] } },
      says: ['replay-hives: not-applicable, hives-broken', 'restore-regback: not-applicable, no-regback'],
    },
    { name: 'failed', damage: [unreplayed, full], says: ['replay-hives: failed, backup-failed'], outcome: 'rolled-back' },
    { name: 'reverted', damage: [hangs, unreplayed], says: ['replay-hives: fixed, hives-replayed'], outcome: 'rolled-back' },
  ],
};
