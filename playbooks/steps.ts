/** Script steps that several playbooks share; deadlines are for a 127 GiB disk. */
import type { Attempt, InterruptStep, Origin, Playbook, ScriptStep, Signature } from './types.ts';

/** The crash's memory dump: header always, upload only by the consent `upload-dump` (it holds memory contents). */
export const collectDump: ScriptStep = {
  script: 'collect-dump',
  mode: 'Repair',
  safety: 'consent',
  origin: 'doc',
  why: 'The memory dump names the process and the error that stopped Windows; support asks for it.',
  timeoutSeconds: 3600,
  usualSeconds: 120,
  unless: 'dump-collected',
  consent: 'upload-dump',
  consentRequired: false,
};

/** On the repair disk, in the boot that is for the dump alone: it crashes what hangs there, and that disk goes back. */
const interruptHung: InterruptStep = {
  safety: 'consent',
  origin: 'doc',
  why: 'A VM that hangs without a stop screen writes a memory dump only when a non-maskable interrupt stops it; a halted stop screen ignores one.',
  consent: 'send-nmi',
};

/** A boot for the dump alone. @param before what is run before it, if nothing has looked for the dump of an earlier crash yet */
export function writeDump(title: string, before: ScriptStep[]): Attempt {
  return { id: 'write-dump', title, scripts: before, boot: 'for-dump', ifHung: interruptHung };
}

/** The last attempt of each playbook: support needs the dump, also where nothing has helped. */
export const collectLast: Attempt = {
  id: 'collect-dump',
  title: 'Collect the memory dump for support',
  scripts: [collectDump],
  boot: 'never',
};

/** `doc` where the article names SFC, `derived` where only its causes suggest it. */
export function offlineSfc(origin: Origin): ScriptStep {
  return {
    script: 'offline-sfc',
    mode: 'Repair',
    safety: 'auto_with_snapshot',
    origin,
    why: 'A system process that does not start is often a damaged system file; SFC restores it from the component store.',
    timeoutSeconds: 7200,
    usualSeconds: 900,
  };
}

/** Before every boot: what the next stop shows and leaves behind. */
export const bootSettings: ScriptStep = {
  script: 'boot-settings',
  mode: 'Repair',
  safety: 'auto_with_snapshot',
  origin: 'doc',
  why: 'If this boot stops too, the serial console says why and a memory dump is written.',
  timeoutSeconds: 900,
  usualSeconds: 30,
};

/** No boot waits for a person afterwards; what really stops Windows is then seen. */
export const bootPolicy: ScriptStep = {
  script: 'boot-policy',
  mode: 'Repair',
  safety: 'auto_with_snapshot',
  origin: 'doc',
  why: 'A machine without a keyboard must not wait in a menu or in the recovery environment.',
  timeoutSeconds: 900,
  usualSeconds: 30,
};

/** The volume's own structure, before any file on it: what lies in a damaged one cannot be trusted. */
export const checkDisk: ScriptStep = {
  script: 'check-disk',
  mode: 'Repair',
  safety: 'auto_with_snapshot',
  origin: 'doc',
  why: 'A file that is missing or damaged may be so because the file system is: chkdsk looks, and repairs only what it finds.',
  timeoutSeconds: 14_400,
  usualSeconds: 900,
};

/** DISM only queues it: the next boot undoes the update, and may take hours. */
export const revertServicing: ScriptStep = {
  script: 'revert-servicing',
  mode: 'Repair',
  safety: 'auto_with_snapshot',
  origin: 'derived',
  why: 'A failed update leaves system files of different versions; the next boot is told to undo it.',
  timeoutSeconds: 3600,
  usualSeconds: 180,
};

/** What a playbook is called, and what it answers. */
export function named({ playbook: id, title, article, answers }: Signature): Pick<Playbook, 'id' | 'title' | 'article' | 'answers'> {
  return { id, title, article, answers };
}

/** What a support engineer needs besides what is special to the stop. */
export const supportBundle: readonly string[] = [
  'The memory dump, or why there is none; its header: bug check code, four parameters, build, time of the crash',
  'Screenshots before the repair and after every boot, each with its time',
  'The serial log of every boot',
  'The full log of every script, with the hash of its text',
  'The timeline of the repair, every Azure write with its correlation id',
  'The ids of the VM, its region and zone, the original OS disk, the snapshot and the repair disk',
  'What changed before the failure: updates, restores, new drivers or security software (only the owner knows)',
  'If a recent backup exists, its newest recovery point is the alternative that Microsoft recommends',
];
