import type { BootResult, Guests, Machine, ScriptEnd, ScriptRun } from '../../../simulator/guests/contract.ts';
import type { DiskContents } from '../../../simulator/guests/disk.ts';

/** What a disk of the double holds: ARM does not look inside, so this is all these tests need. */
export interface Toy {
  label: string;
  /** How a boot of it ends: at its sign-in screen, at a stop, or (`never`) nowhere. */
  boots: boolean | 'never';
  notes: string[];
}

export function toy(label: string, boots: Toy['boots'] = true): DiskContents {
  return { label, boots, notes: [] } satisfies Toy as unknown as DiskContents;
}

function asToy(contents: unknown): Toy {
  return contents as Toy;
}

const AGENT = { version: '2.7.1', osName: 'Windows Server 2022 Datacenter', osVersion: '10.0.20348.1' };
const BOOT_SECONDS = 20;

/**
 * A double of the guests: a disk that boots shows a sign-in screen and an agent after 20 s, another a stop screen.
 * Scripts are lines: `sleep N`, `note TEXT` (on the first disk), `note-system TEXT`, `repair` (makes the first disk bootable), `print TEXT`, `fail N`.
 * One whose first line is `hang` runs in real time, as a real PowerShell does: it does what the rest says, and is at work until it is ended.
 */
export const doubleGuests: Guests = {
  boot(disk: DiskContents, machine: Machine): BootResult {
    const { boots, notes, label } = asToy(disk);
    const contents = { label, boots, notes: [...notes, boots ? 'booted' : 'crashed'] } as unknown as DiskContents;
    const first = {
      atSeconds: 1,
      screen: { kind: 'windows-logo' as const },
      serial: `${machine.computerName} starts ${machine.poweredOnAt.toISOString()}\n`,
    };
    const up = {
      screen: { kind: 'sign-in' as const, language: 'en-US', computerName: machine.computerName },
      serial: 'up\n',
      agent: AGENT,
    };
    const down = {
      screen: { kind: 'stop' as const, language: 'en-US', stopCode: 'CRITICAL PROCESS DIED', percent: 100 },
      serial: '!SAC>\nStop 0xEF\n',
    };
    const end = boots === 'never' ? [] : [{ atSeconds: BOOT_SECONDS, ...(boots ? up : down) }];
    return { stages: [first, ...end], contents, settlesAtSeconds: BOOT_SECONDS };
  },
  interrupt(disk, _machine, reached, atSeconds) {
    if (reached?.screen.kind !== 'windows-logo') return undefined;
    const screen = { kind: 'stop' as const, language: 'en-US', stopCode: 'NMI HARDWARE FAILURE', percent: 100 };
    const { label, notes } = asToy(disk);
    const contents = { label, boots: false, notes: [...notes, 'interrupted'] } as unknown as DiskContents;
    const serial = `Stop 0x80\n${label === 'noisy' ? 'x'.repeat(300_000) : ''}`;
    return { stages: [{ atSeconds, screen, serial }], contents, settlesAtSeconds: atSeconds };
  },
  renderScreen: async screen => Buffer.from(JSON.stringify(screen)),
  runScript: async (run: ScriptRun): Promise<ScriptEnd> => (run.script.startsWith('hang\n') ? hang(run) : interpret(run)),
  imageContents: image => (image.publisher === 'MicrosoftWindowsServer' ? { contents: toy(image.sku), sizeGb: 127 } : undefined),
  parseContents(value) {
    if (typeof value !== 'object' || value === null || !('label' in value)) throw new Error('label: a string is needed');
    return value as unknown as DiskContents;
  },
};

async function hang(run: ScriptRun): Promise<ScriptEnd> {
  const { timeoutSeconds = 0, timeScale = 1 } = run;
  const end = interpret(run);
  await new Promise<void>(resolve => {
    run.signal?.addEventListener('abort', () => resolve());
    setTimeout(resolve, (timeoutSeconds * 1000) / timeScale).unref();
  });
  return { ...end, seconds: Number.POSITIVE_INFINITY, exitCode: -1, cutOff: 'all' };
}

function interpret(run: ScriptRun): ScriptEnd {
  const [disk] = run.disks;
  const target = disk && asToy(disk.contents);
  const system = asToy(run.system);
  const end = { seconds: 1, exitCode: 0, output: '', error: '' };
  for (const line of run.script.split('\n')) {
    const [word = '', ...rest] = line.split(' ');
    const text = rest.join(' ').replace(/\$(\w+)/g, (_, name: string) => run.parameters[name] ?? '');
    if (word === 'sleep') end.seconds = Number(text);
    if (word === 'note') target?.notes.push(text);
    if (word === 'note-system') system.notes.push(text);
    if (word === 'repair' && target !== undefined) target.boots = true;
    if (word === 'print') end.output += `${text}\n`;
    if (word === 'disks')
      end.output += `${run.disks.map(({ lun, sizeGb, contents }) => `${lun}:${sizeGb}:${asToy(contents).label}`).join(' ')}\n`;
    if (word === 'fail') Object.assign(end, { exitCode: Number(text), error: 'it failed\n' });
  }
  return { ...end, disks: run.disks, system: run.system };
}
