/** How it could have ended: a story an outcome. */
import type { RepairStory } from '../../../functions/activities/contract.ts';
import type { RepairRecord } from '../../../records/index.ts';
import { dumpScript, probe, settingsScript, sfcScript, timeline, writes } from './course.ts';
import { at, diagnosis, evidence, plan, repairId, request, signInText, stopText, vm } from './night.ts';

const bootEvidence = evidence('after.png', 'screenshot', 640, signInText, 'image/png');

export const repaired: RepairStory = {
  repairId,
  request,
  outcome: 'repaired',
  headline:
    'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED and was repaired by “Repair system files offline”: it boots again and its agent answers.',
  nextSteps: [
    `The OS disk of vm-till-07 is now ${plan.repairDisk.name}: tell Terraform or Bicep state, or the next deployment may change it back.`,
    'If Azure Site Recovery protects this VM, protect it again: its OS disk is a new one.',
  ],
  joinedTo: null,
  vm,
  refusals: [],
  diagnosis,
  plan,
  restart: null,
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
  dump: { state: 'uploaded', why: `1181116006 sha256:${'d7'.repeat(32)}` },
  backup: {
    at: at(1),
    found: {
      itemId: `/subscriptions/${vm.subscriptionId}/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/vault-shop/backupFabrics/Azure/protectionContainers/IaasVMContainer;iaasvmcontainerv2;rg-shop;vm-till-07/protectedItems/VM;iaasvmcontainerv2;rg-shop;vm-till-07`,
      ...{ policy: 'daily-30', state: 'Protected', lastStatus: 'Completed', newest: '2026-02-28T23:02:11.000Z' },
    },
    unread: null,
  },
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
  restart: null,
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
    headline:
      'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED, boots again after “Repair system files offline” and is left running: nothing in it has confirmed that it is well.',
    nextSteps: ['Sign in and look whether the VM does its work; its agent has not answered.'],
    cleanedUp: false,
  },
  'rolled-back': {
    ...repaired,
    outcome: 'rolled-back',
    headline:
      'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED, was not cured by “Repair system files offline” and has its original OS disk and power state again.',
    nextSteps: ['Open a support request and attach this report, which lists what the engineer needs.'],
    attempts: [{ attempt: 'sfc', title: 'Repair system files offline', scripts: [sfcScript], boot: failedBoot }],
    leftovers: repaired.leftovers.slice(0, 1),
    downUntil: at(600),
  },
  'needs-person': {
    ...repaired,
    outcome: 'needs-person',
    headline:
      'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED, booted after “Repair system files offline” and failed afterwards: it stops at 0xC000021A again.',
    attempts: [{ attempt: 'sfc', title: 'Repair system files offline', scripts: [], boot: failedBoot }],
    downUntil: null,
  },
  healthy: {
    ...untouched,
    outcome: 'healthy',
    headline: 'vm-till-07 is healthy and was left alone: The agent answers and the sign-in screen is shown.',
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
    headline: 'vm-till-07 was not touched: The OS disk is encrypted with Azure Disk Encryption.',
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
    headline: 'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED and had nothing done to it: the mode is observe.',
    diagnosis,
    plan: { ...plan, missingConsents: ['upload-dump'] },
  },
  cancelled: {
    ...untouched,
    outcome: 'cancelled',
    headline: 'vm-till-07 stopped at 0xC000021A STATUS_SYSTEM_PROCESS_TERMINATED and was not repaired: the plan was rejected by a person.',
    diagnosis,
    plan,
  },
  joined: {
    ...untouched,
    outcome: 'joined',
    headline: 'vm-till-07 is already being repaired by r-aaaabbbbcccc.',
    joinedTo: 'r-aaaabbbbcccc',
    vm: null,
    cleanedUp: false,
  },
  unknown: {
    ...untouched,
    outcome: 'unknown',
    headline: 'vm-till-07 was not touched: what is wrong is not known; The screen is black and the serial log is empty.',
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
  running: { ...untouched, outcome: 'unknown', headline: 'vm-till-07 is under repair.', endedAt: at(0), cleanedUp: false },
};

/** The record of a story: one that touched nothing has no writes and a short timeline. */
export function recordOf(story: RepairStory): RepairRecord {
  const touched = story.downFrom !== null;
  const until = story.endedAt;
  return { schema: 1, story, timeline: timeline.filter(({ to }) => to <= until), writes: touched ? writes : [] };
}
