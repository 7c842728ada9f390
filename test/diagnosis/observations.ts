/** What a VM may look like at 03:20, as data and as arbitraries. */

import type { Observation } from '../../diagnosis/index.ts';
import type { VmFacts } from '../../functions/activities/contract.ts';
import type { ScreenRead } from '../../ocr/index.ts';
import fc from '../fastCheck.ts';
import { sacReady, sacStart, stopBlock } from './logs.ts';

/** Minutes past 03:00. */
export const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 3, minute)).toISOString();

export const vm = (agent: VmFacts['agent']['status'], agentAt: number | null, powerAt: number | null = 0): VmFacts => ({
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1',
  name: 'vm1',
  resourceGroup: 'rg',
  subscriptionId: 's',
  location: 'westeurope',
  zone: null,
  size: 'Standard_D2s_v5',
  memoryMb: 8192,
  generation: 'V2',
  securityType: 'Standard',
  power: 'running',
  powerChangedAt: powerAt === null ? null : at(powerAt),
  agent: { status: agent, at: agentAt === null ? null : at(agentAt), osVersion: null },
  image: null,
  osDisk: { id: 'disk', name: 'disk', sizeGb: 127, sku: 'Premium_LRS', diskEncryptionSetId: null },
  tags: {},
});

export const read = (...lines: string[]): ScreenRead => ({
  lines: lines.map((text, at) => ({ text, confidence: 92, box: { x: 0, y: 20 * at, width: 300, height: 16 } })),
  width: 1024,
  height: 768,
  blank: null,
  language: 'eng',
});
export const black: ScreenRead = { lines: [], width: 1024, height: 768, blank: 'black', language: null };
export const stop = (code: string) => read('Your PC ran into a problem and needs to restart.', '35% complete', `Stop code: ${code}`);
export const screenshot = (minute: number, picture: ScreenRead) => ({ at: at(minute), read: picture, evidenceId: 'screen' });
export const serialLog = (minute: number, text: string) => ({ at: at(minute), text, evidenceId: 'serial' });

export const now = at(20);

export const minute = fc.integer({ min: -30, max: 19 });
const pictures = fc.constantFrom(
  black,
  { ...black, blank: null },
  stop('CRITICAL_PROCESS_DIED'),
  stop('0xc000021a'),
  read('Working on updates 35%'),
  read('Press Ctrl+Alt+Delete to unlock.'),
  read('nobody knows'),
);
const work = '\r\nChecking file system on C:\r\n';
const sentence = '\r\nYour PC ran into a problem and needs to restart.\r\nCRITICAL_PROCESS_DIED\r\n';
const logPart = fc.constantFrom(sacStart, sacReady, stopBlock({ code: '0xEF' }), stopBlock({ code: '0x7B' }), work, sentence);
const logs = fc.oneof(
  fc.array(logPart, { maxLength: 4 }).map(parts => parts.join('')),
  fc.constantFrom('', sacStart, sacStart + sacReady, stopBlock({ code: '0xEF' }), sacStart + stopBlock({ code: '0x7B' })),
);
export const observations: fc.Arbitrary<Observation> = fc
  .record({
    status: fc.constantFrom<VmFacts['agent']['status']>('ready', 'not-ready', 'none'),
    agentAt: minute,
    powerAt: fc.option(minute),
    screen: fc.option(fc.record({ minute, pictures })),
    serial: fc.option(fc.record({ minute, logs })),
  })
  .map(({ status, agentAt, powerAt, screen, serial }) => ({
    vm: vm(status, agentAt, powerAt),
    now,
    ...(screen && { screenshot: screenshot(screen.minute, screen.pictures) }),
    ...(serial && { serialLog: serialLog(serial.minute, serial.logs) }),
  }));
