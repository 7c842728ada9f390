/** The instruments that need no other process: they hold, and they notice. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { knownErrors } from '../../conformance/errors/bodies.ts';
import { checkErrors } from '../../conformance/errors/index.ts';
import { judgeFlipped } from '../../conformance/flipped.ts';
import { Identities } from '../../conformance/recordings/compare.ts';
import { type Exchange, readRecordings } from '../../conformance/recordings/exchanges.ts';
import { replayRecordings } from '../../conformance/recordings/index.ts';
import { judge } from '../../conformance/recordings/judge.ts';
import { Ledger } from '../../conformance/report.ts';
import { checkRules } from '../../conformance/rules.ts';
import { Guesses } from '../../simulator/arm/guesses.ts';
import { OPPOSITES } from '../../simulator/index.ts';

const folder = new URL('../../../shared/reference/arm/recordings', import.meta.url).pathname;

test('every error that the product branches on has its body, and is classified as that body calls for', () => {
  expect(checkErrors(folder).failures).toEqual([]);
});

test('also a code that the product asks for by name has its body', () => {
  const folderOf = new URL('../../azure/', import.meta.url);
  const sources = readdirSync(folderOf).map(name => readFileSync(new URL(name, folderOf), 'utf8'));
  const asked = sources.flatMap(source => [...source.matchAll(/\bcode [!=]== '([A-Z][a-z]\w+)'/g)].map(([, code]) => code ?? ''));
  expect(asked).toEqual(expect.arrayContaining(['BlobAlreadyExists', 'OperationNotAllowed']));
  expect(asked.filter(code => !knownErrors.some(known => known.code === code))).toEqual([]);
});

test('every rule of the simulator says where it comes from, and every guess has its experiment', () => {
  expect(checkRules(folder).failures).toEqual([]);
});

test('a guess that was not turned round is told, and so is an invariant that broke when it was', () => {
  const tried = Object.fromEntries(
    Object.keys(OPPOSITES).map(rule => [rule, { scenarios: 2, met: 2, violations: 0, outcomes: { repaired: 2 } }]),
  );
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

test('a guess that nothing went by was turned round in vain', () => {
  const rules = new Guesses(['nic-name']);
  expect(rules.wasAsked('nic-name')).toBe(false);
  expect(rules.holds('nic-name')).toBe(false);
  expect([rules.wasAsked('nic-name'), rules.wasAsked('child-exists')]).toEqual([true, false]);
  const tried = { scenarios: 2, met: 0, violations: 0, outcomes: {} };
  const rows = judgeFlipped({ flipped: { 'nic-name': tried }, violations: [] }).tables?.[0]?.rows ?? [];
  expect(rows.find(([rule]) => rule === 'nic-name')?.slice(2, 5)).toEqual([2, 0, 0]);
});

test('a folder without recordings is skipped, not passed', async () => {
  expect(await replayRecordings('/nowhere')).toMatchObject({ checks: 0, skipped: expect.stringContaining('/nowhere') });
});

describe('a folder of recordings that somebody names', () => {
  const program = new URL('../../conformance/main.ts', import.meta.url).pathname;
  const run = (only: string[], recordings: string) => {
    const instruments = only.flatMap(name => ['--only', name]);
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...instruments, '--recordings', recordings, '--json'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return { status, stdout, stderr };
  };
  const holding = (text: string) => {
    const path = mkdtempSync(join(tmpdir(), 'recordings-'));
    writeFileSync(join(path, 'theirs.jsonl'), text);
    return path;
  };
  const theirs = {
    ...{ method: 'GET', url: 'https://management.azure.com/subscriptions/s/resourceGroups/none?api-version=2022-09-01', status: 404 },
    response: { error: { code: 'ResourceGroupNotFound', message: "Resource group 'none' could not be found." } },
  };

  test('is replayed; what rules and errors say of their own sources is held against those', () => {
    const folder = holding(`${JSON.stringify(theirs)}\n`);
    expect(run(['rules', 'errors'], folder)).toMatchObject({ status: 0 });
  });

  test('and that holds none, or what is no JSON, is told', () => {
    expect(run(['recordings'], '/nowhere')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--recordings: /nowhere holds no'),
    });
    expect(run(['recordings'], holding('{"method":'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('theirs.jsonl line 1 is no JSON'),
    });
  });
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
