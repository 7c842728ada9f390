/**
 * Every playbook, end to end, to each of its ends: in virtual time, so that they take seconds. `npm run tables` performs the whole table;
 * without it each playbook comes to one of them, in turn, so that each end is come to.
 */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { playbooks } from '../../playbooks/catalogue.ts';
import type { Row } from '../../playbooks/proof.ts';
import { pwsh } from '../playbooks/standins/bench.ts';
import { perform } from './perform.ts';
import { ownRows, rows, type Told } from './rows.ts';

const ends = ['repaired', 'nothing to do', 'not applicable', 'failed', 'reverted'];

const whole = process.env.BOOTMEDIC_TABLES === 'whole';
const ids = [...new Set(rows.map(({ playbook }) => playbook))];
const performed = whole ? rows : rows.filter(({ playbook, name }) => name === ends[ids.indexOf(playbook) % ends.length]);
/** An operator's script that repairs a VM, `powershell.test.ts` has (`npm run tables`). */
const performedOwn = whole ? ownRows : ownRows.filter(({ name }) => name === 'failed');

/** The repair ended as the row says, its scripts said what it says in that order, and the VM has the disk and the power that go with it. */
function held({ outcome, playbook, says, name }: Row, told: Told | undefined): void {
  const heard = told?.scripts ?? [];
  expect({ ...told, scripts: says.filter(line => heard.includes(line)), heard: undefined }).toMatchObject({
    ...{ outcome, playbook, scripts: says, breaches: 0, original: outcome !== 'repaired', power: true },
    // What changed something is booted; what did not, costs no boot but the one that is for a dump.
    boots: name === 'repaired' || name === 'reverted' ? expect.arrayContaining([expect.any(String)]) : expect.any(Array),
  });
}

test('the table has every playbook and every end', () => {
  // One that only asks for a dump repairs nothing, so it has none of these ends.
  const repairs = playbooks.filter(({ attempts }) => attempts.some(({ boot }) => boot === 'if-changed'));
  const all = [...repairs.map(({ id }) => id), 'operator-script'].flatMap(playbook => ends.map(end => `${playbook}: ${end}`));
  expect([...rows, ...ownRows].map(({ playbook, name }) => `${playbook}: ${name}`).toSorted()).toEqual(all.toSorted());
});

test('those that are performed have every playbook and every end', () => {
  expect([...new Set(performed.map(({ playbook }) => playbook))]).toEqual(ids);
  expect(new Set(performed.map(({ name }) => name))).toEqual(new Set(ends));
  expect(performedOwn.length).toBeGreaterThan(0);
});

describe('by the twins', () => {
  let told: Told[];
  beforeAll(async () => {
    // Beside another test file's processes a second one of ours would only wait.
    const half = whole ? Math.ceil(performed.length / 2) : performed.length;
    const parts = [performed.slice(0, half), performed.slice(half)].filter(part => part.length > 0);
    told = (await Promise.all(parts.map(part => perform(part)))).flat();
  }, 600_000);
  test.each(performed.map((row, n) => [row.playbook, row.name, n] as const))('%s: %s', (_playbook, _name, n) => {
    const row = performed[n];
    if (row !== undefined) held(row, told[n]);
  });
});

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: no operator’s script is run to its ends');

present('an operator’s own script, by a PowerShell', () => {
  let told: Told[];
  beforeAll(async () => {
    told = await perform(performedOwn, pwsh);
  }, 600_000);
  test.each(performedOwn.map((row, n) => [row.name, n] as const))('%s', (_name, n) => {
    const row = performedOwn[n];
    if (row !== undefined) held(row, told[n]);
  });
});
