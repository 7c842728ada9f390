/** Records as repairs leave them, one an outcome, told as one night at a shop. */
import { createCanvas } from '@napi-rs/canvas';
import type { Diagnosis, Evidence, Plan, RepairStory, ScriptEnd, VmFacts } from '../../functions/activities/contract.ts';
import type { RepairRecord, TimelineEntry, WriteEntry } from '../../records/index.ts';

export const repairId = 'r-k7m2q4x5a3bd';
const subscription = '/subscriptions/11111111-2222-4333-8444-555555555555';
const resource = (group: string, type: string, name: string) =>
  `${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/${type}/${name}`;
const vmId = resource('rg-shop', 'virtualMachines', 'vm-till-07');
const start = Date.parse('2026-03-01T03:02:11Z');
/** ISO time so many seconds after the repair began. */
export const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

const request = {
  vmId,
  mode: null,
  playbook: null,
  consents: ['upload-dump'],
  requestedBy: 'alert vm-heartbeat-lost',
  requestedAt: at(-9),
  limits: {
    repairsPerVmAndDay: 3,
    repairsAtOnce: 5,
    bootsPerRepair: 3,
    stabilitySeconds: 180,
    silenceSeconds: 1800,
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

const evidence = (id: string, kind: Evidence['kind'], seconds: number, excerpt: string, contentType: string, fresh = true): Evidence => ({
  id,
  kind,
  capturedAt: at(seconds),
  fresh,
  sha256: id.repeat(64).slice(0, 64),
  blob: `${repairId}/${id}`,
  contentType,
  excerpt,
});

const stopText =
  'Uw pc heeft een probleem ondervonden en moet opnieuw worden opgestart.\nWe verzamelen enkele foutgegevens en starten de pc vervolgens opnieuw op.\n100% voltooid\nStopcode: 0xC000021A';
const signInText = 'Druk op Ctrl+Alt+Delete om te ontgrendelen.\n03:14\nzondag 1 maart';

export const diagnosis: Diagnosis = {
  verdict: 'failing',
  sight: 'stop-screen',
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
      playbook: 'critical-process-died',
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
    },
    {
      phase: 'protect',
      operation: 'create snapshot',
      target: `bootmedic-${repairId}-snap`,
      why: 'the way back',
      destructive: false,
      undo: 'delete',
    },
  ],
  expectedDowntimeSeconds: 420,
  keeps: ['The snapshot, 7 days, about € 0.60', 'The replaced OS disk, 7 days, about € 4.50'],
  consents: ['upload-dump'],
  missingConsents: [],
  expires: '2026-03-08T03:02:11Z',
};

const script = (run: string, id: ScriptEnd['script'], from: number, to: number, result: ScriptEnd['result'], tail = ''): ScriptEnd => ({
  run,
  script: id,
  scriptSha256: '5c'.repeat(32),
  startedAt: at(from),
  endedAt: at(to),
  result,
  state: result ? 'succeeded' : 'timed-out',
  exitCode: result ? 0 : null,
  log: `records/${repairId}/scripts/${run}.log`,
  tail,
});

const probe = script('0-probe', 'probe', 262, 281, {
  outcome: 'nothing-to-do',
  code: 'PROBED',
  findings: [
    { id: 'bitlocker', confidence: 'certain', evidence: 'off' },
    { id: 'build', confidence: 'certain', evidence: '10.0.20348.2402, Gen2, 41 GiB free' },
    { id: 'pending-servicing', confidence: 'certain', evidence: 'none' },
  ],
  actions: [],
  warnings: [],
});

const dumpScript = script('1-collect-dump', 'collect-dump', 284, 318, {
  outcome: 'fixed',
  code: 'DUMP_UPLOADED',
  findings: [
    { id: 'dump', confidence: 'certain', evidence: '\\Windows\\MEMORY.DMP, 1.1 GiB, 2026-03-01 02:58:40 UTC' },
    {
      id: 'dump-header',
      confidence: 'certain',
      evidence: 'PAGEDU64, kernel dump, build 20348, bug check 0xC000021A, process winlogon.exe',
    },
    { id: 'dump-uploaded', confidence: 'certain', evidence: `dumps/${repairId}/MEMORY.DMP` },
  ],
  actions: [],
  warnings: ['The dump is older than the newest boot by 3 minutes.'],
});
const sfcScript = script('2-offline-sfc', 'offline-sfc', 322, 401, {
  outcome: 'fixed',
  code: 'SFC_REPAIRED',
  findings: [{ id: 'corrupt-file', confidence: 'certain', evidence: 'winlogon.exe: hash 9f1c… does not match the component store' }],
  actions: [
    {
      what: 'replaced',
      target: '\\Windows\\System32\\winlogon.exe',
      before: '10.0.20348.1 (sha256 9f1c42…)',
      after: '10.0.20348.2402 (sha256 07be11…)',
      revertable: true,
    },
    { what: 'set', target: 'ControlSet001\\Control\\CrashControl\\CrashDumpEnabled', before: '7', after: '1', revertable: true },
    { what: 'created', target: '\\bootmedic\\manifest.json', before: null, after: '2 entries', revertable: false },
  ],
  warnings: [],
});
const settingsScript = script('2-boot-settings', 'boot-settings', 403, 411, null, 'The hive could not be unloaded.\nWARNING: retrying');

const entry = (
  phase: string,
  stepName: string,
  from: number,
  to: number,
  what: string,
  outcome: 'done' | 'fault' = 'done',
  detail = '',
): TimelineEntry => ({
  from: at(from),
  to: at(to),
  phase,
  step: stepName,
  what,
  outcome,
  detail,
});

export const timeline: TimelineEntry[] = [
  entry('inspect', 'inspectVm', 0, 2, 'Read the VM, its disk and its locks'),
  entry('diagnose', 'diagnoseVm', 2.2, 9, 'Read screenshot and serial log'),
  entry('plan', 'planRepair', 9.5, 10, 'Made the plan'),
  entry('provision', 'ensureRepairNetwork', 10.5, 12, 'Found the repair network'),
  entry('provision', 'ensureRepairVm', 12, 13, 'Asked for the repair VM', 'fault', 'SkuNotAvailable in zone 1'),
  entry('provision', 'ensureRepairVm', 15, 196, 'Created the repair VM, next size'),
  entry('provision', 'ensureScript', 198, 216, 'Made it safe for foreign disks'),
  entry('protect', 'ensurePoweredOff', 217, 226, 'Powered the VM off'),
  entry('protect', 'ensureSnapshot', 226.5, 228, 'Snapshot of the OS disk'),
  entry('protect', 'ensureRepairDisk', 228.5, 229, 'Copied it to the repair disk'),
  entry('repair', 'ensureAttached', 230, 259, 'Attached the repair disk'),
  entry('repair', 'ensureScript', 261, 283, 'probe'),
  entry('repair', 'ensureScript', 284, 320, 'collect-dump'),
  entry('repair', 'ensureScript', 321, 402, 'offline-sfc'),
  entry('repair', 'ensureScript', 403, 412, 'boot-settings'),
  entry('swap', 'ensureDetached', 413, 431, 'Detached the repair disk'),
  entry('swap', 'ensureOsDisk', 432, 441, 'Swapped the OS disk'),
  entry('swap', 'ensureStarted', 441, 453, 'Started the VM'),
  ...[475, 496, 517, 560, 640, 717].map(seconds => entry('verify', 'observeBoot', seconds, seconds + 1.5, 'Looked at the boot')),
  entry('report', 'writeReport', 720, 721, 'Wrote the report'),
  entry('clean up', 'ensureRepairVmDeleted', 721, 749, 'Deleted the repair VM'),
];

const write = (
  seconds: number,
  method: string,
  target: string,
  operation: string,
  phase: string,
  stepName: string,
  status = 202,
  change: Pick<WriteEntry, 'before' | 'after'> = {},
): WriteEntry => ({
  at: at(seconds),
  method,
  resource: target,
  operation,
  status,
  requestId: `0f3c${seconds}-7d2e-4a1b-9c55-a1b2c3d4e5f6`,
  correlationId: 'c0ffee00-1111-4222-8333-444455556666',
  phase,
  step: stepName,
  ...change,
});

export const writes: WriteEntry[] = [
  write(12, 'PUT', plan.repairVm.id, 'create VM', 'provision', 'ensureRepairVm', 409),
  write(15, 'PUT', plan.repairVm.id, 'create VM', 'provision', 'ensureRepairVm', 201),
  write(217, 'POST', `${vmId}/powerOff`, 'power off', 'protect', 'ensurePoweredOff', 202, { before: 'running', after: 'stopped' }),
  write(226, 'PUT', plan.snapshot.id, 'create snapshot', 'protect', 'ensureSnapshot'),
  write(228, 'PUT', plan.repairDisk.id, 'create disk', 'protect', 'ensureRepairDisk'),
  write(432, 'PATCH', vmId, 'swap OS disk', 'swap', 'ensureOsDisk', 200, { before: vm.osDisk.id, after: plan.repairDisk.id }),
  write(441, 'POST', `${vmId}/start`, 'start', 'swap', 'ensureStarted'),
  write(721, 'DELETE', plan.repairVm.id, 'delete VM', 'clean up', 'ensureRepairVmDeleted', 0),
];

const bootEvidence = evidence('after.png', 'screenshot', 640, signInText, 'image/png');

export const repaired: RepairStory = {
  repairId,
  request,
  outcome: 'repaired',
  headline: 'Repaired: vm-till-07 boots again and its agent answers.',
  nextSteps: [
    `The OS disk of vm-till-07 is now ${plan.repairDisk.name}: tell Terraform or Bicep state, or the next deployment may change it back.`,
    'If Azure Site Recovery protects this VM, protect it again: its OS disk is a new one.',
  ],
  joinedTo: null,
  vm,
  refusals: [],
  diagnosis,
  plan,
  probe,
  attempts: [
    { attempt: 'dump', title: 'Collect the memory dump', scripts: [dumpScript], boot: null },
    {
      attempt: 'sfc',
      title: 'Repair system files offline',
      scripts: [sfcScript, settingsScript],
      boot: {
        startedAt: at(453),
        endedAt: at(719),
        verdict: 'repaired',
        summary: 'The agent reported Ready twice and nothing spoke against it for 3 minutes.',
        evidence: [bootEvidence],
      },
    },
  ],
  dump: { state: 'uploaded', why: `1.1 GiB in dumps/${repairId}/MEMORY.DMP` },
  leftovers: [
    {
      resourceId: plan.snapshot.id,
      reason: 'snapshot of the OS disk as it was before the repair',
      expires: plan.expires,
      removeWith: `az snapshot delete --ids ${plan.snapshot.id}`,
    },
    {
      resourceId: vm.osDisk.id,
      reason: 'the replaced original OS disk, unchanged: the way back',
      expires: null,
      removeWith: `az disk delete --ids ${vm.osDisk.id}`,
    },
  ],
  downFrom: at(217),
  downUntil: at(719),
  startedAt: at(0),
  endedAt: at(749),
  faults: [
    {
      phase: 'provision',
      step: 'ensureRepairVm',
      fault: {
        kind: 'skuUnavailable',
        code: 'SkuNotAvailable',
        message: 'The requested size Standard_D2s_v5 is not available in zone 1.',
        requestId: '7a01…',
      },
    },
  ],
  cleanedUp: true,
};

/** A story of a repair that ended before it touched anything. */
const untouched: RepairStory = {
  ...repaired,
  nextSteps: [],
  diagnosis: null,
  plan: null,
  probe: null,
  attempts: [],
  dump: { state: 'not-looked-for', why: 'no script has looked for a dump' },
  leftovers: [],
  downFrom: null,
  downUntil: null,
  endedAt: at(11),
  faults: [],
};

const failedBoot = {
  startedAt: at(453),
  endedAt: at(540),
  verdict: 'failed' as const,
  summary: 'It stops at 0xC000021A again.',
  evidence: [evidence('again.png', 'screenshot', 530, stopText, 'image/png')],
};

export const stories: Record<RepairStory['outcome'] | 'running', RepairStory> = {
  repaired,
  'booted-unverified': {
    ...repaired,
    outcome: 'booted-unverified',
    headline: 'vm-till-07 boots again, but nothing in it has confirmed that it is well. It is left running.',
    nextSteps: ['Sign in and look whether the VM does its work; its agent has not answered.'],
    cleanedUp: false,
  },
  'rolled-back': {
    ...repaired,
    outcome: 'rolled-back',
    headline:
      'Not repaired. Tried: Collect the memory dump; Repair system files offline. The VM has its original OS disk and power state again.',
    nextSteps: ['Open a support request with the report.', ...plan.support],
    attempts: [{ attempt: 'sfc', title: 'Repair system files offline', scripts: [sfcScript], boot: failedBoot }],
    leftovers: repaired.leftovers.slice(0, 1),
    downUntil: at(600),
  },
  'needs-person': {
    ...repaired,
    outcome: 'needs-person',
    headline: 'vm-till-07 booted from the repaired disk and failed afterwards.',
    attempts: [{ attempt: 'sfc', title: 'Repair system files offline', scripts: [], boot: failedBoot }],
    downUntil: null,
  },
  healthy: {
    ...untouched,
    outcome: 'healthy',
    headline: 'Healthy, nothing done: the agent answers and the sign-in screen is shown.',
    diagnosis: {
      ...diagnosis,
      verdict: 'healthy',
      sight: 'sign-in',
      findings: [],
      summary: 'The agent answers and the sign-in screen is shown.',
    },
  },
  refused: {
    ...untouched,
    outcome: 'refused',
    headline: 'Not touched: the OS disk is encrypted with Azure Disk Encryption.',
    vm: null,
    refusals: [
      {
        code: 'azureDiskEncryption',
        message: 'The OS disk is encrypted with Azure Disk Encryption.',
        remedy: 'Unlock the disk as Microsoft’s article says.',
      },
    ],
    nextSteps: ['Unlock the disk as Microsoft’s article says.'],
  },
  observed: {
    ...untouched,
    outcome: 'observed',
    headline: '0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED found; nothing done, because the mode is observe.',
    diagnosis,
    plan: { ...plan, missingConsents: ['upload-dump'] },
  },
  cancelled: { ...untouched, outcome: 'cancelled', headline: 'A person rejected the plan.', diagnosis, plan },
  joined: {
    ...untouched,
    outcome: 'joined',
    headline: 'This VM is already being repaired by r-aaaabbbbcccc.',
    joinedTo: 'r-aaaabbbbcccc',
    vm: null,
    cleanedUp: false,
  },
  unknown: {
    ...untouched,
    outcome: 'unknown',
    headline: 'Nothing done, because what is wrong is not known: the screen is black.',
    diagnosis: {
      ...diagnosis,
      verdict: 'unknown',
      sight: 'black',
      findings: [],
      evidence: [],
      summary: 'The screen is black and the serial log is empty.',
      settledBy: 'Turn on boot diagnostics and restart the VM once.',
    },
  },
  running: { ...untouched, outcome: 'unknown', headline: 'The repair is under way.', endedAt: at(0), cleanedUp: false },
};

/** The record of a story: one that touched nothing has no writes and a short timeline. */
export function recordOf(story: RepairStory): RepairRecord {
  const touched = story.downFrom !== null;
  const until = story.endedAt;
  return { schema: 1, story, timeline: timeline.filter(({ to }) => to <= until), writes: touched ? writes : [] };
}

/** Pictures for every screenshot blob that a sample names: a stop screen before, a sign-in screen after. */
export function images(): Map<string, { bytes: Uint8Array; contentType: string }> {
  const stop = screen('#0a64ad', stopText.split('\n'), ':(');
  const signIn = screen('#123a5e', signInText.split('\n'), '');
  const png = (bytes: Uint8Array) => ({ bytes, contentType: 'image/png' });
  return new Map([
    [`${repairId}/before.png`, png(stop)],
    [`${repairId}/again.png`, png(stop)],
    [`${repairId}/after.png`, png(signIn)],
  ]);
}

function screen(ground: string, lines: string[], face: string): Uint8Array {
  const canvas = createCanvas(1024, 768);
  const context = canvas.getContext('2d');
  context.fillStyle = ground;
  context.fillRect(0, 0, 1024, 768);
  context.fillStyle = '#fff';
  context.font = '120px sans-serif';
  context.fillText(face, 90, 220);
  context.font = '22px sans-serif';
  for (const [n, line] of lines.entries()) context.fillText(line, 90, 320 + n * 40);
  return canvas.toBuffer('image/png');
}
