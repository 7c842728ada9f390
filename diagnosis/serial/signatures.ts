/**
 * What single lines of COM1 say. Each line of the table is data: all its anchors must match a line (trimmed, without `SAC>`), `sample`
 * matches, and each of `counters` looks alike and does not; every anchor is needed to refuse one of them (tested).
 */

export type Tells =
  /** A machine starts: firmware, then loader, then system. */
  | { boot: 'firmware' | 'loader' | 'system' }
  | { services: true }
  /** What goes on, or what is waited for. */
  | { state: SerialState };

export type SerialState =
  | 'updating'
  | 'undoing-changes'
  | 'checking-disk'
  | 'setup'
  | 'sac-prompt'
  | 'no-boot-device'
  | 'network-boot'
  | 'linux-panic'
  | 'linux-rescue'
  | 'linux-login';

export interface SerialSignature {
  id: string;
  system: 'windows' | 'linux' | null;
  tells: Tells;
  anchors: readonly RegExp[];
  sample: string;
  counters: readonly string[];
}

const windows = (id: string, tells: Tells, anchors: RegExp[], sample: string, ...counters: string[]): SerialSignature => ({
  id,
  system: 'windows',
  tells,
  anchors,
  sample,
  counters,
});
const linux = (...row: Parameters<typeof windows>): SerialSignature => ({ ...windows(...row), system: 'linux' });
const firmware = (...row: Parameters<typeof windows>): SerialSignature => ({ ...windows(...row), system: null });

export const serialSignatures: readonly SerialSignature[] = [
  windows(
    'sac-start',
    { boot: 'system' },
    [/^Computer is booting, SAC started/],
    'Computer is booting, SAC started and initialized.',
    'The runbook waits for "Computer is booting, SAC started and initialized."',
  ),
  windows('boot-manager', { boot: 'loader' }, [/^Windows Boot Manager$/], 'Windows Boot Manager', 'description  Windows Boot Manager'),
  windows(
    'cmd-available',
    { services: true },
    [/^EVENT: The CMD command is now available/],
    'EVENT: The CMD command is now available.',
    'EVENT: The CMD command is unavailable.',
  ),
  windows(
    'health-report',
    { services: true },
    [/^(?:=+ )?Microsoft Azure VM Health Report - (?:Start|End)\b/],
    '======== Microsoft Azure VM Health Report - Start 2018-03-06T02:06:40.6256349Z ========',
    'parsing for Microsoft Azure VM Health Report - Start',
  ),
  windows(
    'updating',
    { state: 'updating' },
    [
      /^(?:Working on (?:updates|features)|Configuring Windows (?:updates|features)|Getting Windows ready|Installing update)/i,
      /\d%|off|\.\.\.|…|ready$/i,
    ],
    "Working on updates 35% complete. Don't turn off your computer",
    'agent: Working on updates 35%',
    'Working on updates of the price list',
  ),
  windows(
    'undoing',
    { state: 'undoing-changes' },
    [/^(?:We couldn.t complete the (?:updates|features)|Undoing changes|Reverting changes)/i, /changes(?: made|\.|…|$)|updates|features/i],
    "We couldn't complete the updates, Undoing changes",
    'git: Undoing changes made to your computer',
    'Undoing changesets of branch main',
  ),
  windows(
    'disk-check',
    { state: 'checking-disk' },
    [/^(?:Scanning and repairing drive \(|Checking file system on [A-Z]:|CHKDSK is verifying |Stage \d of \d: Examining )/i],
    'Checking file system on C:',
    'backup: Checking file system on C: finished',
  ),
  windows(
    'setup',
    { state: 'setup' },
    [
      /^(?:Setup is (?:starting services|applying|preparing)|Windows Setup (?:could not|cannot)|Windows could not (?:complete the installation|finish configuring the system))/i,
    ],
    'Windows could not complete the installation. To install Windows on this computer, restart the installation.',
    'INFO: Windows could not complete the installation of KB5031364',
  ),
  firmware(
    'uefi-load',
    { boot: 'firmware' },
    [/^BdsDxe: (?:loading|failed to load) Boot[0-9A-F]{4}\b/],
    'BdsDxe: loading Boot0001 "Windows Boot Manager" from HD(1,GPT)',
    'grep "BdsDxe: loading Boot0001" serial.log',
  ),
  firmware(
    'boot-summary',
    { boot: 'firmware' },
    [/^Virtual Machine Boot Summary$/],
    'Virtual Machine Boot Summary',
    'Virtual Machine Boot Summary report sent',
  ),
  firmware(
    'no-boot-device',
    { state: 'no-boot-device' },
    [/^(?:BdsDxe: )?No (?:bootable (?:option or )?device|operating system was loaded|boot device)\b/i],
    'BdsDxe: No bootable option or device was found.',
    'chat: boot failed, No bootable device, help',
  ),
  firmware(
    'bios-no-boot-device',
    { state: 'no-boot-device' },
    [/^(?:Boot failure\. Reboot and Select proper Boot device|Operating System not found|Missing operating system)/i],
    'Boot failure. Reboot and Select proper Boot device',
    'boot failed, can somebody look? Operating System not found',
  ),
  firmware(
    'pxe',
    { state: 'network-boot' },
    [/^>>\s?Start PXE over IPv[46]/],
    '>>Start PXE over IPv4.',
    'DHCP: >>Start PXE over IPv4. seen',
  ),
  linux(
    'linux-kernel',
    { boot: 'system' },
    [/^(?:\[\s{0,8}\d+\.\d+\] )?Linux version \d+\.\d+/],
    '[    0.000000] Linux version 6.8.0-1021-azure (buildd@lcy02)',
    'WSL reports Linux version 5.15',
  ),
  linux('grub', { boot: 'loader' }, [/^GNU GRUB {1,4}version \d/], 'GNU GRUB  version 2.06', 'installing GNU GRUB version 2.06'),
  linux(
    'systemd',
    { services: true },
    [/^\[\s{0,8}\d+\.\d+\] systemd\[1\]: Reached target (?:Multi-User|Graphical)/i],
    '[   12.1] systemd[1]: Reached target Multi-User System.',
    'log: systemd[1]: Reached target Multi-User System.',
  ),
  linux('login', { services: true }, [/^[\w.-]{1,64} login:$/], 'vm1 login:', 'user failed login: bob'),
  linux(
    'panic',
    { state: 'linux-panic' },
    [/^(?:\[\s{0,8}\d+\.\d+\] )?Kernel panic - not syncing:/],
    '[    1.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    'monitor: Kernel panic - not syncing: seen on host 3',
  ),
  linux(
    'rescue',
    { state: 'linux-rescue' },
    [
      /^(?:grub rescue>|grub>|Entering emergency mode|You are in emergency mode|dracut:\/#|\(initramfs\)|Give root password for maintenance)/,
    ],
    'grub rescue>',
    'type help at the grub rescue> prompt',
  ),
];

export const matches = ({ anchors }: Pick<SerialSignature, 'anchors'>, line: string): boolean => anchors.every(anchor => anchor.test(line));

/** All first anchors in one: most lines of a log need no more than this. */
const first = new RegExp(serialSignatures.map(({ anchors }) => anchors[0]?.source ?? '$^').join('|'), 'i');

/** The signatures that a line matches. */
export const signaturesOf = (line: string): SerialSignature[] =>
  first.test(line) ? serialSignatures.filter(signature => matches(signature, line)) : [];
