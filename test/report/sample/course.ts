/** How that night went: scripts, steps, writes. */
import type { ScriptEnd } from '../../../functions/activities/contract.ts';
import type { TimelineEntry, WriteEntry } from '../../../records/index.ts';
import { at, plan, repairId, vm } from './night.ts';

const vmId = vm.id;

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

export const probe = script('0-probe', 'probe', 262, 281, {
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

/** The two pieces of a dump's first page that collect-dump tells: a kernel dump of build 20348 with bug check 0xC000021A. */
function dumpHeader(): string {
  const page = Buffer.alloc(0x1000);
  page.write('PAGEDU64', 0, 'latin1');
  page.writeUInt32LE(20348, 0x0c);
  page.writeUInt32LE(34404, 0x30);
  page.writeUInt32LE(2, 0x34);
  page.writeUInt32LE(0xc000021a, 0x38);
  page.writeBigUInt64LE(0xc0000005n, 0x48);
  page.writeUInt32LE(2, 0xf98);
  page.writeBigUInt64LE(1_181_116_006n, 0xfa0);
  return `${page.subarray(0, 0x60).toString('base64')}:${page.subarray(0xf80, 0xfc0).toString('base64')}`;
}

export const dumpScript = script('1-collect-dump', 'collect-dump', 284, 318, {
  outcome: 'fixed',
  code: 'DUMP_UPLOADED',
  findings: [
    { id: 'dump', confidence: 'certain', evidence: '\\Windows\\MEMORY.DMP, 1.1 GiB, 2026-03-01 02:58:40 UTC' },
    {
      id: 'dump-header',
      confidence: 'certain',
      evidence: dumpHeader(),
    },
    { id: 'dump-uploaded', confidence: 'certain', evidence: `1181116006 sha256:${'d7'.repeat(32)}` },
  ],
  actions: [],
  warnings: ['The dump is older than the newest boot by 3 minutes.'],
});
export const sfcScript = script('2-offline-sfc', 'offline-sfc', 322, 401, {
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
export const settingsScript = script(
  '2-boot-settings',
  'boot-settings',
  403,
  411,
  null,
  'The hive could not be unloaded.\nWARNING: retrying',
);

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
  write(15, 'PUT', plan.repairVm.id, 'create VM', 'provision', 'ensureRepairVm', 201, {
    after: 'Standard_D2s_v5, WindowsServer 2022-datacenter-g2',
  }),
  write(217, 'POST', `${vmId}/powerOff`, 'power off', 'protect', 'ensurePoweredOff', 202, { before: 'running', after: 'stopped' }),
  write(226, 'PUT', plan.snapshot.id, 'create snapshot', 'protect', 'ensureSnapshot'),
  write(228, 'PUT', plan.repairDisk.id, 'create disk', 'protect', 'ensureRepairDisk'),
  write(432, 'PATCH', vmId, 'swap OS disk', 'swap', 'ensureOsDisk', 200, { before: vm.osDisk.id, after: plan.repairDisk.id }),
  write(441, 'POST', `${vmId}/start`, 'start', 'swap', 'ensureStarted', 202, { before: 'stopped', after: 'running' }),
  write(721, 'DELETE', plan.repairVm.id, 'delete VM', 'clean up', 'ensureRepairVmDeleted', 0),
];
