/** One night at a shop: a VM that stops, what was seen of it, what was planned. */
import type { Diagnosis, Evidence, Plan, VmFacts } from '../../../functions/activities/contract.ts';

export const repairId = 'r-k7m2q4x5a3bd';
const subscription = '/subscriptions/11111111-2222-4333-8444-555555555555';
const resource = (group: string, type: string, name: string) =>
  `${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/${type}/${name}`;
const vmId = resource('rg-shop', 'virtualMachines', 'vm-till-07');
const start = Date.parse('2026-03-01T03:02:11Z');
/** ISO time so many seconds after the repair began. */
export const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

export const request = {
  vmId,
  mode: null,
  playbook: null,
  consents: ['upload-dump'],
  restartFirst: true,
  requestedBy: 'alert vm-heartbeat-lost',
  requestedAt: at(-9),
  limits: {
    repairsPerVmAndDay: 3,
    repairsAtOnce: 5,
    bootsPerRepair: 3,
    stabilitySeconds: 180,
    silenceSeconds: 1800,
    restartSilenceSeconds: 600,
    patienceSeconds: 28_800,
    approvalSeconds: 86_400,
    keepDays: 7,
  },
};

export const vm: VmFacts = {
  id: vmId,
  name: 'vm-till-07',
  resourceGroup: 'rg-shop',
  subscriptionId: subscription.split('/')[2] ?? '',
  location: 'westeurope',
  zone: '1',
  size: 'Standard_D4s_v5',
  memoryMb: 16_384,
  generation: 'V2',
  securityType: 'TrustedLaunch',
  power: 'running',
  powerChangedAt: at(-7200),
  agent: { status: 'not-ready', at: at(-3), osVersion: '10.0.20348.2402' },
  image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-g2' },
  osDisk: {
    id: resource('rg-shop', 'disks', 'vm-till-07_OsDisk_1'),
    name: 'vm-till-07_OsDisk_1',
    sizeGb: 127,
    sku: 'Premium_LRS',
    diskEncryptionSetId: null,
  },
  tags: { env: 'prod' },
};

export const evidence = (
  id: string,
  kind: Evidence['kind'],
  seconds: number,
  excerpt: string,
  contentType: string,
  fresh = true,
): Evidence => ({
  id,
  kind,
  capturedAt: at(seconds),
  fresh,
  sha256: id.repeat(64).slice(0, 64),
  blob: `${repairId}/${id}`,
  contentType,
  excerpt,
});

export const stopText =
  'Uw pc heeft een probleem ondervonden en moet opnieuw worden opgestart.\nWe verzamelen enkele foutgegevens en starten de pc vervolgens opnieuw op.\n100% voltooid\nStopcode: 0xC000021A';
export const signInText = 'Druk op Ctrl+Alt+Delete om te ontgrendelen.\n03:14\nzondag 1 maart';

export const diagnosis: Diagnosis = {
  verdict: 'failing',
  sight: 'stop-screen',
  progress: null,
  earlierStops: 0,
  findings: [
    {
      id: 'azure-0xc000021a',
      title: 'The Windows subsystem ended: Winlogon or CSRSS was terminated',
      stopCode: '0xC000021A',
      stopName: 'STATUS_SYSTEM_PROCESS_TERMINATED',
      parameters: ['0xFFFFC00D2B1E4F70', '0x00000000C0000005', '0x00007FF8A1B2C3D4', '0x0'],
      whatFailed: 'winlogon.exe',
      confidence: 'certain',
      harm: 'low',
      playbook: 'status-system-process-terminated',
      article: null,
      advice: [],
      basis: ['Stopcode: 0xC000021A', '!SAC> <?xml … STOP: c000021a'],
      contradictions: ['Resource Health says: Available (a host signal: it does not see a blue screen)'],
      evidence: ['before.png', 'serial.log'],
    },
    {
      id: 'azure-0xef',
      title: 'A critical system process died',
      stopCode: '0x000000EF',
      stopName: 'CRITICAL_PROCESS_DIED',
      parameters: [],
      whatFailed: null,
      confidence: 'possible',
      harm: 'low',
      playbook: null,
      article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-guide-critical-process-died',
      advice: [
        'sfc /scannow /offbootdir=<BOOT>:\\ /offwindir=<WIN>:\\windows (Microsoft, on a repair VM)',
        'Open a support ticket with the dump (derived)',
      ],
      basis: [],
      contradictions: ['The screen names another code'],
      evidence: [],
    },
  ],
  evidence: [
    evidence('before.png', 'screenshot', 4, stopText, 'image/png'),
    evidence(
      'serial.log',
      'serial-log',
      5,
      '*** STOP: 0xC000021A (0xFFFFC00D2B1E4F70, 0xC0000005)\nBeginning dump of physical memory',
      'text/plain',
    ),
    evidence('instance.json', 'instance-view', -7100, 'VM running; agent Not Ready', 'application/json', false),
  ],
  summary: 'The VM stops at 0xC000021A: the screen and the serial log agree.',
  settledBy: null,
};

const disk = (name: string) => ({ id: resource('rg-shop', 'disks', name), name });
const step = { mode: 'Repair' as const, timeoutSeconds: 3600 };
export const plan: Plan = {
  hash: 'b7'.repeat(32),
  restart: { wanted: false, why: 'the settings turn it off', snapshot: disk('bootmedic-first-snap') },
  playbook: {
    id: 'status-system-process-terminated',
    title: '0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED',
    article: 'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-stop-error-system-process-terminated',
  },
  attempts: [
    {
      id: 'dump',
      title: 'Collect the memory dump',
      boot: 'for-dump',
      scripts: [{ ...step, script: 'collect-dump', safety: 'consent', origin: 'doc', why: 'A dump tells which process ended.' }],
    },
    {
      id: 'sfc',
      title: 'Repair system files offline',
      boot: 'if-changed',
      scripts: [
        {
          ...step,
          script: 'offline-sfc',
          safety: 'auto_with_snapshot',
          origin: 'derived',
          why: 'Mismatched system files are a cause the article names.',
        },
      ],
    },
  ],
  beforeBoot: [
    {
      ...step,
      script: 'boot-settings',
      safety: 'auto_with_snapshot',
      origin: 'doc',
      why: 'Without EMS and a dump the next stop would be as silent.',
    },
  ],
  support: ['The memory dump', 'The serial log'],
  repairVm: {
    id: resource('rg-bootmedic', 'virtualMachines', `bootmedic-${repairId}-vm`),
    name: `bootmedic-${repairId}-vm`,
    resourceGroup: 'rg-bootmedic',
    location: 'westeurope',
    zone: '1',
    sizes: ['Standard_D2s_v5'],
    generation: 'V1',
    image: { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2022-datacenter-core', version: 'latest' },
    computerName: 'bmk7m2q4x5a3bd',
    subnetId: `${subscription}/resourceGroups/rg-bootmedic/providers/Microsoft.Network/virtualNetworks/vnet/subnets/repair`,
    expires: '2026-03-08',
  },
  snapshot: { id: resource('rg-bootmedic', 'snapshots', `bootmedic-${repairId}-snap`), name: `bootmedic-${repairId}-snap` },
  repairDisk: disk(`bootmedic-${repairId}-disk`),
  lun: 0,
  skipShutdown: true,
  writes: [
    {
      phase: 'protect',
      operation: 'powerOff',
      target: vmId,
      why: 'its disk must not change while it is copied',
      destructive: true,
      undo: 'start',
      atMost: 1,
    },
    {
      phase: 'protect',
      operation: 'create snapshot',
      target: `bootmedic-${repairId}-snap`,
      why: 'the way back',
      destructive: false,
      undo: 'delete',
      atMost: 1,
    },
  ],
  expectedDowntimeSeconds: 420,
  keeps: ['The snapshot, 7 days, about € 0.60', 'The replaced OS disk, 7 days, about € 4.50'],
  consents: ['upload-dump'],
  missingConsents: [],
  expires: '2026-03-08T03:02:11Z',
};
