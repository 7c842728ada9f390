import type { RepairRecord, Summary, TimelineEntry, WriteEntry } from '../../records/index.ts';

const vmId =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/vm-till';
const rg = vmId.slice(0, vmId.indexOf('/providers'));
export const repairId = 'r-abcdefghijkl';

const screenshot = {
  id: 'e-1',
  kind: 'screenshot' as const,
  capturedAt: '2026-03-01T03:00:10Z',
  fresh: true,
  sha256: 'a'.repeat(64),
  blob: `${repairId}/diagnose/screenshot.png`,
  contentType: 'image/png',
  excerpt: 'Stop code: CRITICAL PROCESS DIED',
};
const finding = {
  id: 'azure-0xef',
  title: 'A critical system process died',
  stopCode: '0x000000EF',
  stopName: 'CRITICAL_PROCESS_DIED',
  parameters: [],
  whatFailed: null,
  confidence: 'certain' as const,
  harm: 'low' as const,
  playbook: 'critical-process-died',
  article: null,
  advice: [],
  basis: ['Stop code: CRITICAL PROCESS DIED'],
  contradictions: [],
  evidence: ['e-1'],
};
const sfc = {
  script: 'offline-sfc' as const,
  mode: 'Repair' as const,
  safety: 'auto_with_snapshot' as const,
  origin: 'doc' as const,
  why: 'The article names it.',
  timeoutSeconds: 3600,
};
const disk = (name: string) => ({ id: `${rg}/providers/Microsoft.Compute/disks/${name}`, name });

/** A whole record of a repair that succeeded, as `writeReport` leaves it. */
export const record: RepairRecord = {
  schema: 1,
  story: {
    repairId,
    request: {
      vmId,
      mode: null,
      playbook: null,
      consents: [],
      restartFirst: true,
      requestedBy: 'http',
      requestedAt: '2026-03-01T03:00:00Z',
      limits: {
        repairsPerVmAndDay: 3,
        repairsAtOnce: 5,
        bootsPerRepair: 3,
        stabilitySeconds: 180,
        silenceSeconds: 1800,
        restartSilenceSeconds: 600,
        patienceSeconds: 28800,
        approvalSeconds: 86400,
        keepDays: 7,
      },
    },
    outcome: 'repaired',
    headline: 'vm-till boots again: its system files were repaired on a copy of its disk.',
    nextSteps: [],
    joinedTo: null,
    vm: {
      id: vmId,
      name: 'vm-till',
      resourceGroup: 'rg-shop',
      subscriptionId: '11111111-2222-4333-8444-555555555555',
      location: 'westeurope',
      zone: '1',
      size: 'Standard_D2s_v5',
      memoryMb: 8192,
      generation: 'V2',
      securityType: 'Standard',
      power: 'running',
      powerChangedAt: '2026-02-28T21:00:00Z',
      agent: { status: 'not-ready', at: '2026-03-01T03:00:05Z', osVersion: '10.0.20348.2402' },
      image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-g2' },
      osDisk: { ...disk('vm-till-os'), sizeGb: 127, sku: 'Premium_LRS', diskEncryptionSetId: null },
      tags: { env: 'prod' },
    },
    refusals: [],
    diagnosis: {
      verdict: 'failing',
      sight: 'stop-screen',
      progress: null,
      earlierStops: 0,
      findings: [finding],
      evidence: [screenshot],
      summary: 'It stops at 0x000000EF.',
      settledBy: null,
    },
    plan: {
      hash: 'b'.repeat(64),
      restart: { wanted: false, why: 'the settings turn it off', snapshot: { id: '/snap', name: 'snap' } },
      playbook: { id: 'critical-process-died', title: 'CRITICAL_PROCESS_DIED', article: 'https://learn.microsoft.com/' },
      attempts: [{ id: 'sfc', title: 'Offline SFC', scripts: [sfc], boot: 'if-changed' }],
      beforeBoot: [],
      support: ['the dump'],
      repairVm: {
        id: `${rg}/providers/Microsoft.Compute/virtualMachines/bootmedic-${repairId}-vm`,
        name: `bootmedic-${repairId}-vm`,
        resourceGroup: 'rg-bootmedic',
        location: 'westeurope',
        zone: '1',
        sizes: ['Standard_D2s_v5'],
        generation: 'V1',
        image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter', version: 'latest' },
        computerName: 'bmabcdefghijkl',
        subnetId: `${rg}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/repair`,
        expires: '2026-03-08',
      },
      snapshot: disk(`bootmedic-${repairId}-snap`),
      repairDisk: disk(`bootmedic-${repairId}-disk`),
      lun: 0,
      skipShutdown: true,
      writes: [
        { phase: 'protect', operation: 'powerOff', target: vmId, why: 'to copy its disk', destructive: true, undo: 'start', atMost: 1 },
      ],
      expectedDowntimeSeconds: 300,
      keeps: ['the replaced OS disk'],
      consents: [],
      missingConsents: [],
      expires: '2026-03-02T03:00:00Z',
    },
    restart: null,
    probe: null,
    attempts: [
      {
        attempt: 'sfc',
        title: 'Offline SFC',
        scripts: [
          {
            run: '1-offline-sfc',
            script: 'offline-sfc',
            scriptSha256: 'c'.repeat(64),
            startedAt: '2026-03-01T03:05:00Z',
            endedAt: '2026-03-01T03:06:00Z',
            result: {
              outcome: 'fixed',
              code: 'SFC_REPAIRED',
              findings: [{ id: 'corrupt-file', confidence: 'certain', evidence: 'winlogon.exe' }],
              actions: [{ what: 'replaced', target: 'winlogon.exe', before: null, after: null, revertable: true }],
              warnings: [],
            },
            state: 'succeeded',
            exitCode: 0,
            log: `${repairId}/scripts/1-offline-sfc.log`,
            tail: '',
          },
        ],
        boot: {
          startedAt: '2026-03-01T03:07:00Z',
          endedAt: '2026-03-01T03:10:00Z',
          verdict: 'repaired',
          summary: 'The agent answered twice.',
          evidence: [{ ...screenshot, id: 'e-2', blob: `${repairId}/verify-1/screenshot.png`, excerpt: 'Press Ctrl+Alt+Delete' }],
        },
      },
    ],
    dump: { state: 'none', why: 'no dump was found in any of its places' },
    leftovers: [
      { resourceId: disk('vm-till-os').id, reason: 'the replaced OS disk', expires: '2026-03-08', removeWith: 'az disk delete --ids …' },
    ],
    downFrom: '2026-03-01T03:04:00Z',
    downUntil: '2026-03-01T03:08:00Z',
    startedAt: '2026-03-01T03:00:00Z',
    endedAt: '2026-03-01T03:11:00Z',
    faults: [
      {
        phase: 'protect',
        step: 'ensurePoweredOff',
        fault: { kind: 'throttled', code: 'TooManyRequests', message: 'slow', retryAfterSeconds: 3 },
      },
    ],
    cleanedUp: true,
  },
  timeline: [],
  writes: [],
};

export const entry: TimelineEntry = {
  from: '2026-03-01T03:04:00Z',
  to: '2026-03-01T03:04:08Z',
  phase: 'protect',
  step: 'ensurePoweredOff',
  what: 'powered vm-till off',
  outcome: 'done',
  detail: '',
};

export const write: WriteEntry = {
  at: '2026-03-01T03:04:00Z',
  method: 'POST',
  resource: `${vmId}/powerOff`,
  operation: 'powerOff',
  status: 202,
  requestId: 'q-1',
  correlationId: repairId,
  phase: 'protect',
  step: 'ensurePoweredOff',
};

export const summary: Summary = {
  id: repairId,
  vmId,
  state: 'ended',
  outcome: 'repaired',
  headline: record.story.headline,
  mode: null,
  requestedBy: 'http',
  requestedAt: '2026-03-01T03:00:00Z',
  endedAt: '2026-03-01T03:11:00Z',
  stopCode: '0x000000EF',
};

/** One grey pixel. */
export const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==', 'base64');
