import type { Finding, RepairRequest, RepairVmSpec } from '../../functions/activities/contract.ts';
import { namesFor } from '../../functions/activities/names.ts';
import { idOf, LOCATION, vmId } from '../simulator/support/estate.ts';
import { repairId } from './rig.ts';

export const names = namesFor(repairId);
export const expires = '2030-01-01T00:00:00.000Z';
export const inRepairGroup = (type: string, name: string) => idOf(type, name, 'rg-bootmedic');

export const spec: RepairVmSpec = {
  id: inRepairGroup('Microsoft.Compute/virtualMachines', names.vm),
  name: names.vm,
  resourceGroup: 'rg-bootmedic',
  location: LOCATION,
  zone: '1',
  sizes: ['Standard_D2s_v5'],
  generation: 'V1',
  image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-core-smalldisk', version: 'latest' },
  computerName: names.computer,
  subnetId: `${inRepairGroup('Microsoft.Network/virtualNetworks', `bootmedic-${LOCATION}`)}/subnets/repair`,
  expires,
};

export const request: RepairRequest = {
  vmId: vmId('broken'),
  mode: null,
  playbook: null,
  consents: [],
  restartFirst: true,
  requestedBy: 'test',
  requestedAt: '2026-01-01T00:00:00.000Z',
  limits: {
    repairsPerVmAndDay: 3,
    repairsAtOnce: 5,
    bootsPerRepair: 3,
    stabilitySeconds: 180,
    silenceSeconds: 1800,
    restartSilenceSeconds: 600,
    patienceSeconds: 28800,
    approvalSeconds: 60,
    keepDays: 7,
  },
};

export const finding: Finding = {
  id: 'azure-0xef',
  title: 'Windows stop error 0x000000EF, CRITICAL_PROCESS_DIED',
  stopCode: '0x000000EF',
  stopName: 'CRITICAL_PROCESS_DIED',
  parameters: [],
  whatFailed: null,
  confidence: 'certain',
  harm: 'low',
  playbook: 'stop-0xef',
  article: null,
  advice: [],
  basis: [],
  contradictions: [],
  evidence: [],
};
