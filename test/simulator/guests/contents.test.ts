import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { guests } from '../../../simulator/guests/index.ts';
import { boot, disk, isReady, last, repairVm } from './world.ts';

describe('contents', () => {
  test('a description expands to contents that are themselves accepted, unchanged by JSON', () => {
    const contents = disk({ generation: 'V1', controlSets: [1, 2], defaultControlSet: 2 }, [{ kind: 'dump', stopCode: 0xef }]);
    expect(guests.parseContents(JSON.parse(JSON.stringify(contents)))).toEqual(contents);
  });

  test.each([
    [{ windows: { build: 1, generation: 'V2' } }, 'windows.build'],
    [{ windows: { build: 17763, generation: 'V2', colour: 'blue' } }, 'colour'],
    [{ windows: { build: 17763, generation: 'V2' }, damage: [{ kind: 'corrupt-file', path: '\\x' }] }, 'damage[0].repairable'],
    [{ windows: { build: 17763, generation: 'V2' }, damage: [{ kind: 'corrupt-file', path: '\\x', repairable: true }] }, '\\x'],
    [{ id: 'gpt:1', partitions: [] }, 'id'],
    [null, 'expected object'],
  ])('%j is refused by name', (value, named) => {
    expect(() => guests.parseContents(value)).toThrow(named);
  });

  test('VMs of one image share the disk id; another edition, generation or year has its own', () => {
    const skus = [
      '2016-Datacenter',
      '2016-datacenter-gensecond',
      '2016-Datacenter-Server-Core',
      '2019-datacenter-smalldisk-g2',
      '2022-datacenter-g2',
      '2022-datacenter-core-g2',
    ];
    expect(new Set(skus.map(sku => repairVm(sku).id)).size).toBe(skus.length);
    expect(repairVm('2019-datacenter-gensecond').id).toBe(disk().id);
    expect(repairVm('2022-DATACENTER').id).toMatch(/^mbr:/);
    for (const sku of skus) expect(isReady(boot(repairVm(sku)))).toBe(true);
  });

  test('what is no Windows Server image is no image', () => {
    const image = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2019-datacenter', version: 'latest' };
    expect(guests.imageContents(image, 'x')?.sizeGb).toBe(127);
    expect(guests.imageContents({ ...image, sku: '2019-datacenter-smalldisk' }, 'x')?.sizeGb).toBe(30);
    for (const wrong of [{ publisher: 'Canonical' }, { offer: 'Windows-11' }, { sku: '2003-datacenter' }, { sku: '2019-foo' }]) {
      expect(guests.imageContents({ ...image, ...wrong }, 'x')).toBeUndefined();
    }
  });
});

test('the demo estate is as broken as it should be', () => {
  const scenario = JSON.parse(readFileSync(new URL('../../../simulator/scenarios/demo.json', import.meta.url), 'utf8'));
  const screens = scenario.virtualMachines.map(
    (vm: { osDisk: { contents: unknown } }) => last(boot(guests.parseContents(vm.osDisk.contents))).screen,
  );
  expect(screens).toMatchObject([
    { kind: 'stop', stopCode: '0xc000021a', language: 'nl-NL' },
    { kind: 'stop', stopCode: 'CRITICAL_PROCESS_DIED', language: 'en-US' },
    { kind: 'sign-in' },
    { kind: 'stop', stopCode: 'CRITICAL_PROCESS_DIED' },
    { kind: 'stop', stopCode: '0xc000021a' },
  ]);
});
