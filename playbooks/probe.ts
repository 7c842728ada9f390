import type { Finding, ProbeJudgement, ScriptEnd } from '../functions/activities/contract.ts';
import { playbookById } from './catalogue.ts';
import { operatorRepairs, operatorScriptId } from './operatorScript.ts';

/** Script codes a person has to act on, with what to do. */
const REMEDIES = new Map<string, { reason: string; remedy: string }>(
  Object.entries({
    'ransom-note': {
      reason: 'A file on the disk looks like a ransom note.',
      remedy:
        'Treat this as a security incident: keep the VM, its disk and the snapshot as they are, and call your incident response team.',
    },
    'bitlocker-locked': {
      reason: 'The Windows partition is encrypted by BitLocker inside the guest.',
      remedy:
        'Unlock the disk on a repair VM with its recovery key, see https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/unlock-encrypted-disk-offline, then repair by hand.',
    },
    'windows-not-found': {
      reason: 'No partition of the OS disk holds a Windows.',
      remedy: 'Look at the disk on a repair VM: its partition table or file system may be damaged, or it is a dynamic disk.',
    },
    'disk-dynamic': {
      reason: 'The OS disk is a dynamic disk.',
      remedy: 'Look at it on a repair VM by hand: import the foreign disk there, and move Windows to a basic disk.',
    },
    'file-system-refs': {
      reason: 'The partition that should hold Windows is ReFS.',
      remedy: 'This is no OS disk of Windows: look which disk the VM should boot from.',
    },
    'file-system-unreadable': {
      reason: 'A partition of the OS disk holds no file system that can be read.',
      remedy: 'Its boot sector is damaged: look at it on a repair VM by hand, or restore the VM from its newest backup.',
    },
    'windows-ambiguous': { reason: 'More than one partition of the OS disk holds a Windows.', remedy: 'Repair this VM by hand.' },
    'boot-partition-not-found': {
      reason: 'No partition of the OS disk holds a boot configuration (BCD).',
      remedy: 'Rebuild the boot files by hand (bcdboot), then start another repair if the VM still stops.',
    },
    'boot-entry-not-found': {
      reason: 'The BCD names no boot loader.',
      remedy: 'Rebuild the BCD by hand (bcdboot), then start another repair if the VM still stops.',
    },
    'hive-damaged': {
      reason: 'A registry hive of the offline Windows does not load.',
      remedy: 'Restore the VM from its newest backup, or repair the hive by hand on a repair VM.',
    },
  }),
);

/** What the probe's findings mean for going on. No result is never a good sign: then nothing is changed. */
export function judgeProbe(input: { probe: ScriptEnd; finding: Finding; consents: string[]; playbook?: string }): ProbeJudgement {
  const { result, state, log } = input.probe;
  const playbook = playbookById(input.playbook ?? input.finding.playbook ?? '');
  if (result === null) {
    return stop(
      'probe-failed',
      `The probe ended without a result of its own (${state}).`,
      `Read its log ${log}, then start another repair.`,
    );
  }
  const found = (id: string): string | undefined => result.findings.find(each => each.id === id)?.evidence;
  const code = found('ransom-note') !== undefined ? 'ransom-note' : found('bitlocker') !== undefined ? 'bitlocker-locked' : null;
  const blocked = code ?? (result.outcome === 'failed' ? result.code : null);
  const repairs = input.playbook === operatorScriptId ? operatorRepairs : (playbook?.repairs ?? []);
  if (blocked !== null && !repairs.includes(blocked))
    return stopFor(blocked, found('ransom-note') ?? found('bitlocker') ?? result.warnings[0]);
  const refused = playbook?.refuses?.find(each => found(each.finding) !== undefined);
  if (refused !== undefined) return stop(refused.finding, refused.reason, refused.remedy);
  const controller = found('domain-controller');
  const unknown = found('role-unknown');
  if ((controller ?? unknown) !== undefined && !input.consents.includes('domain-controller')) {
    const what =
      controller === undefined
        ? `Whether the VM is a domain controller cannot be read (${unknown})`
        : `The VM is a domain controller (${controller})`;
    return {
      verdict: 'consent',
      code: controller === undefined ? 'role-unknown' : 'domain-controller',
      reason: `${what}; a repair of ${input.finding.stopCode || input.finding.id} changes system files of a directory server.`,
      remedy: `${controller === undefined ? 'If it is none, approve' : 'Approve'} this repair, or give the consent domain-controller in the scope's settings; repair one domain controller at a time.`,
      consent: 'domain-controller',
    };
  }
  return { verdict: 'go', code: 'probed', reason: 'Nothing found speaks against the repair.', remedy: '', consent: null };
}

function stopFor(code: string, detail: string | undefined): ProbeJudgement {
  const known = REMEDIES.get(code) ?? {
    reason: `The probe failed with ${code}.`,
    remedy: "Read the probe's log, then start another repair.",
  };
  return stop(code, detail === undefined ? known.reason : `${known.reason} (${detail})`, known.remedy);
}

function stop(code: string, reason: string, remedy: string): ProbeJudgement {
  return { verdict: 'stop', code, reason, remedy, consent: null };
}
