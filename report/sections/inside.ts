import type { RepairStory, ScriptResult } from '../../functions/activities/contract.ts';
import { type Block, code, list, note, pre, type Section, type Text, table, text } from '../document.ts';
import { onRepairDisk } from './aftermath.ts';

type Action = ScriptResult['actions'][number];

/** One setting that a boot-settings run changed. `before` null = it was absent. */
interface Change {
  what: string;
  target: string;
  before: string | null;
  after: string | null;
  /** Commands for a Command Prompt in the VM; null = none can be made of the prior value. */
  undo: string[] | null;
}

/** The values under CrashControl that boot-settings sets, with their types. */
const types: Record<string, 'REG_DWORD' | 'REG_SZ' | 'REG_EXPAND_SZ'> = {
  DumpFile: 'REG_EXPAND_SZ',
  NMICrashDump: 'REG_DWORD',
  AutoReboot: 'REG_DWORD',
  CrashDumpEnabled: 'REG_DWORD',
  DedicatedDumpFile: 'REG_SZ',
  DumpFileSize: 'REG_DWORD',
};
const separator = new RegExp(`; (?=(?:${Object.keys(types).join('|')})(?:=| absent))`);
/** The file that boot-settings names where the customer has none. */
const ourDumpFile = /^[A-Z]:\\bootmedic\.dmp$/i;

/** What the repair leaves in the VM's own Windows, and the commands that take it back. */
export function inside(story: RepairStory): Section | null {
  const swapped = onRepairDisk(story);
  const results = story.attempts.flatMap(({ scripts }) => scripts);
  const acted = results.some(({ result }) => result?.actions.some(({ revertable }) => revertable));
  if (swapped === 'no' || !acted) return null;
  const changes = changesOf(results.filter(({ script }) => script === 'boot-settings').flatMap(({ result }) => result?.actions ?? []));
  const folder = `C:\\bootmedic\\${story.repairId}`;
  return {
    id: 'inside',
    title: 'What stays inside the VM',
    blocks: [
      ...(swapped === 'maybe' ? [note('warn', 'This holds if the VM runs on the repair disk.')] : []),
      ...settings(changes),
      text('The folder ', code(folder), ' holds the prior values and files; without it no script can revert its changes.'),
      text('When the VM has proven itself, in a Command Prompt as administrator inside it:'),
      ...pre('Take the settings back', changes.flatMap(({ undo }) => undo ?? []).join('\n')),
      ...list(changes.filter(({ undo }) => undo === null).map(byHand)),
      ...pre('After the next restart, remove the files', files(changes, story.repairId, folder).join('\n')),
    ],
  };
}

function settings(changes: Change[]): Block[] {
  if (changes.length === 0) return [];
  const value = (said: string | null) => (said === null ? 'nothing' : code(said));
  return [
    text(
      'So that a next failure tells more: the serial console (EMS) speaks, and a crash leaves a memory dump. Where AutoReboot is 0, a VM that crashes stays at its stop screen until somebody restarts it.',
    ),
    ...table(
      'Settings that boot-settings changed',
      ['What', 'Where', 'Before → after'],
      changes.map(({ what, target, before, after }): Text[] => [[what], [code(target)], [value(before), ' → ', value(after)]]),
    ),
  ];
}

function byHand({ what, target, before }: Change): Text {
  const was = before === null ? 'absent' : code(before);
  return ['No command is given for ', what, ' of ', code(target), ': set it back by hand. It was ', was, '.'];
}

function files(changes: Change[], repairId: string, folder: string): string[] {
  const dumps = changes.flatMap(({ what, after, undo }) =>
    what === 'DedicatedDumpFile' && undo !== null && after !== null && ourDumpFile.test(after) ? [`del /f /a "${after}"`] : [],
  );
  return [...new Set(dumps), ...(/^r-[a-z0-9]{12}$/.test(repairId) ? [`rmdir /s /q ${folder}`] : [])];
}

/** Each setting once, though several attempts may have changed it on the same disk: from its first value to its last. */
function changesOf(actions: Action[]): Change[] {
  const changes = new Map<string, Change>();
  for (const change of actions.flatMap(split)) {
    const key = `${change.target}\n${change.what}`;
    const first = changes.get(key);
    changes.set(key, first ? { ...first, after: change.after } : change);
  }
  return [...changes.values()];
}

/** A crash control action names several values, `A=1; B absent`; what does not read so stays whole. */
function split(action: Action): Change[] {
  const { what, target, before, after } = action;
  const [old, now] = [valuesOf(before), valuesOf(after)];
  const agree = old !== null && now !== null && old.length === now.length && old.every(([name], n) => name === now[n]?.[0]);
  if (!agree) return [{ what, target, before, after, undo: undoEms(action) }];
  return old.map(([name, value], n) => ({
    what: name,
    target,
    before: value,
    after: now[n]?.[1] ?? null,
    undo: undoValue(target, name, value),
  }));
}

/** Null where a name is not one of ours, or comes twice: then a value holds what reads like another. */
function valuesOf(said: string | null): [name: string, value: string | null][] | null {
  const values: [string, string | null][] = [];
  for (const part of said?.split(separator) ?? []) {
    const [, name = '', value = null] = /^(\w+)(?:=(.*)| absent)$/s.exec(part) ?? [];
    if (!Object.hasOwn(types, name) || values.some(([known]) => known === name)) return null;
    values.push([name, value]);
  }
  return values.length === 0 ? null : values;
}

/** Prior values come from the customer's disk: only what a prompt cannot take for more than a number or a path is put into a command. */
function undoValue(target: string, name: string, before: string | null): string[] | null {
  if (!/^SYSTEM\\ControlSet\d{3}\\Control\\CrashControl$/i.test(target)) return null;
  const key = `"HKLM\\${target}"`;
  if (before === null) return [`reg delete ${key} /v ${name} /f`];
  const type = types[name];
  const data =
    type === 'REG_DWORD' ? /^\d{1,10}$/.exec(before)?.[0] : /^[A-Z]:\\(?:[\w .()\\-]*[\w.)])$/i.test(before) ? `"${before}"` : undefined;
  return data === undefined ? null : [`reg add ${key} /v ${name} /t ${type} /d ${data} /f`];
}

/** `ems=False port= baud=` of a loader. Port and baud rate have no effect while EMS is off. */
function undoEms({ target, before }: Action): string[] | null {
  const was = /^ems=(True|False) port=(\d{0,10}) baud=(\d{0,10})$/.exec(before ?? '');
  if (was === null || !/^\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i.test(target)) return null;
  const [, on, port, baud] = was;
  if (on === 'False') return [`bcdedit /ems ${target} off`];
  return port && baud ? [`bcdedit /emssettings EMSPORT:${port} EMSBAUDRATE:${baud}`] : null;
}
