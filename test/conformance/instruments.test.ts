/** The instruments that need no other process: they hold, and they notice. */
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkErrors } from '../../conformance/errors/index.ts';
import { judgeFlipped } from '../../conformance/flipped.ts';
import { Identities } from '../../conformance/recordings/compare.ts';
import { type Exchange, readRecordings } from '../../conformance/recordings/exchanges.ts';
import { replayRecordings } from '../../conformance/recordings/index.ts';
import { judge } from '../../conformance/recordings/judge.ts';
import { Ledger } from '../../conformance/report.ts';
import { checkRules } from '../../conformance/rules.ts';
import { OPPOSITES } from '../../simulator/index.ts';

const folder = new URL('../../../shared/reference/arm/recordings', import.meta.url).pathname;

test('every error that the product branches on has its body, and is classified as that body calls for', () => {
  expect(checkErrors(folder).failures).toEqual([]);
});

test('every rule of the simulator says where it comes from, and every guess has its experiment', () => {
  expect(checkRules(folder).failures).toEqual([]);
});

test('a guess that was not turned round is told, and so is an invariant that broke when it was', () => {
  const tried = Object.fromEntries(Object.keys(OPPOSITES).map(rule => [rule, { scenarios: 2, violations: 0, outcomes: { repaired: 2 } }]));
  const { checks, failures } = judgeFlipped({ flipped: tried, violations: [] });
  expect([checks, failures]).toEqual([3 * Object.keys(OPPOSITES).length, []]);
  const { 'nic-name': _, ...others } = tried;
  const broken = { what: 'a NIC is left', reproduce: "npm run faults -- --only 'web-en-02/1/c3=429/nic-name'" };
  const told = judgeFlipped({ flipped: others, violations: [broken] }).failures.map(({ check, source }) => [check, source]);
  expect(told).toEqual([
    ['nic-name: has been tried', 'npm run faults -- --flip all'],
    [broken.what, broken.reproduce],
  ]);
});

test('a folder without recordings is skipped, not passed', async () => {
  expect(await replayRecordings('/nowhere')).toMatchObject({ checks: 0, skipped: expect.stringContaining('/nowhere') });
});

describe('the exchanges that Microsoft recorded', () => {
  if (!existsSync(folder)) {
    test.skip(`left out: ${folder} is not here`, () => {});
    return;
  }

  test('are answered by the simulator as they were by Azure', async () => {
    const { checks, failures, exempt = {} } = await replayRecordings(folder);
    expect(failures).toEqual([]);
    expect(checks).toBeGreaterThan(7000);
    // Nothing slips into what is left out.
    expect(
      Object.keys(exempt)
        .filter(what => !/deployments|storageAccounts|images|extensions|that was left out/.test(what))
        .toSorted(),
    ).toEqual([
      'PUT Microsoft.Compute/disks with creationData.createOption',
      'PUT Microsoft.Compute/snapshots with creationData.createOption',
      'PUT Microsoft.Compute/virtualMachines with storageProfile.osDisk.vhd',
    ]);
  }, 60_000);

  const recordings = readRecordings(folder) ?? [];
  const all = recordings.flatMap(({ exchanges }) => exchanges);
  const begun = all.find(({ method, headers }) => method === 'POST' && headers.location !== undefined);
  const shown = all.find(({ method, status, url }) => method === 'GET' && status === 200 && /virtualMachines\/[^/]+\?/.test(url));
  const told = (exchange: Exchange, changes: object) => {
    const ledger = new Ledger('test');
    const { status, headers, response: body } = exchange;
    judge({ exchange, name: 'call', source: 'test', answer: { status, headers, body, ...changes } }, new Identities(), ledger);
    return ledger.failures.map(({ check }) => check);
  };

  test.each([
    ['a status', begun, { status: 200 }, 'call: status'],
    ['a header that is missing', begun, { headers: {} }, 'call: header azure-asyncoperation'],
    ['a property', shown, { body: { properties: {} } }, 'call: name (missing)'],
  ])('as they were, they have no difference; %s that is wrong is told', (_, exchange, changes, check) => {
    if (exchange === undefined) throw new Error('no such exchange');
    expect(told(exchange, {})).toEqual([]);
    expect(told(exchange, changes)).toContain(check);
  });
});
