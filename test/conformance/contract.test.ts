/** The instrument "contract": it lets through what is as specified, and notices what is not. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Judge } from '../../conformance/contract/index.ts';
import { readExchanges } from '../../conformance/contract/product.ts';
import { Ledger } from '../../conformance/report.ts';
import type { ArmExchange } from '../../simulator/index.ts';

const reference = new URL('../../../shared/reference/arm/', import.meta.url).pathname;
const subscription = '/subscriptions/6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601';
const group = `${subscription}/resourceGroups/rg/providers/Microsoft.Compute`;
const json = { 'content-type': 'application/json; charset=utf-8' };

const exchange = (method: string, path: string, status: number, response: unknown, request?: unknown): ArmExchange => {
  return { method, url: `${path}?api-version=2025-01-02`, requestHeaders: json, request, status, headers: json, response };
};
const disk = {
  ...{ id: `${group}/disks/d`, name: 'd', type: 'Microsoft.Compute/disks', location: 'westeurope' },
  properties: { creationData: { createOption: 'Empty' }, diskSizeGB: 8, provisioningState: 'Succeeded' },
};
const wish = (diskSizeGB: unknown) => ({ location: 'westeurope', properties: { creationData: { createOption: 'Empty' }, diskSizeGB } });
const followed = (one: ArmExchange): ArmExchange => {
  const address = `https://management.azure.com${operation}?api-version=2025-01-02`;
  return { ...one, headers: { ...one.headers, 'azure-asyncoperation': address, location: address } };
};
const refusal = (code: string | undefined) => ({ error: { code, message: 'As told.' } });
const operation = `${subscription}/providers/Microsoft.Compute/locations/westeurope/DiskOperations/00000000-0000-4000-8000-000000000001`;
const done = { startTime: '2026-11-27T03:00:00.000Z', endTime: '2026-11-27T03:00:05.1234567+00:00', status: 'Succeeded', name: 'o' };

test('the exchanges that tests have left are read; the last line of a simulator that was killed need not be whole', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exchanges-'));
  expect(() => readExchanges(folder)).toThrow('holds no exchange');
  const line = JSON.stringify(exchange('GET', disk.id, 200, disk));
  writeFileSync(join(folder, 'a.jsonl'), `${line}\n${line.slice(0, 40)}`);
  expect(readExchanges(folder)).toEqual([exchange('GET', disk.id, 200, disk)]);
  writeFileSync(join(folder, 'b.jsonl'), `${line.slice(0, 40)}\n${line}\n`);
  expect(() => readExchanges(folder)).toThrow(SyntaxError);
});

describe('against the specifications', () => {
  if (!existsSync(`${reference}openapi`)) {
    test.skip(`left out: ${reference}openapi is not here`, () => {});
    return;
  }
  const ledger = new Ledger('test');
  let judge: Judge;
  beforeAll(async () => {
    judge = await Judge.make(`${reference}openapi`, '/nowhere', ledger);
  }, 600_000);
  const complaints = async (one: ArmExchange) => {
    const before = ledger.failures.length;
    await judge.all([one]);
    return ledger.failures.slice(before).map(({ check }) => check.split(':')[0]);
  };

  test.each([
    ['a disk as it is', exchange('GET', disk.id, 200, disk), []],
    ['a refusal that is known to come with this status', exchange('GET', disk.id, 404, refusal('ResourceNotFound')), []],
    ['the status of an operation, and the disk in it', exchange('GET', operation, 200, { ...done, properties: { output: disk } }), []],
    ['a poll that is not over', exchange('GET', `${operation}`, 202, undefined), []],
    ['a property of another type', exchange('GET', disk.id, 200, { ...disk, location: 7 }), ['INVALID_TYPE']],
    ['a status that no page has', exchange('GET', disk.id, 206, disk), ['INVALID_RESPONSE_CODE']],
    ['a write that is followed', followed(exchange('PUT', disk.id, 202, disk, wish(8))), []],
    ['one that cannot be followed', exchange('PUT', disk.id, 202, disk, wish(8)), ['LRO_RESPONSE_HEADER']],
    ['a request with a value of another type', followed(exchange('PUT', disk.id, 202, disk, wish('big'))), ['INVALID_TYPE']],
    ['a refusal of ours', exchange('GET', disk.id, 400, refusal('InvalidParameter')), ['INVALID_RESPONSE_CODE']],
    ['a known code with another status', exchange('GET', disk.id, 409, refusal('ResourceNotFound')), ['INVALID_RESPONSE_CODE']],
    ['a refusal that says nothing', exchange('GET', disk.id, 404, undefined), ['INVALID_RESPONSE_CODE']],
    ['an operation without a status', exchange('GET', operation, 200, { ...done, status: undefined }), ['STATUS_REQUIRED']],
    ['a time that is none', exchange('GET', operation, 200, { ...done, endTime: 'soon' }), ['STATUS_FORMAT']],
    [
      'a disk in the status that no GET would show',
      exchange('GET', operation, 200, { ...done, properties: { output: { ...disk, location: 7 } } }),
      ['INVALID_TYPE'],
    ],
  ])('%s', async (_, one, expected) => {
    expect(await complaints(JSON.parse(JSON.stringify(one)))).toEqual(expected);
  });

  test('what has no specification here is left out by its name', async () => {
    const locks = `${group}/virtualMachines/vm/providers/Microsoft.Authorization/locks`;
    expect(await complaints(exchange('GET', locks, 200, { value: [] }))).toEqual([]);
    expect(Object.keys(ledger.exempt)).toEqual(['no specification here: Microsoft.Authorization/locks']);
  });
});
