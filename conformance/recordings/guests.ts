/** The machines of a recording: they boot at once, and report and print what the recording says that they did. */
import type { Guests } from '../../simulator/guests/contract.ts';
import type { DiskContents } from '../../simulator/guests/disk.ts';
import { guests } from '../../simulator/guests/index.ts';

export interface Agent {
  version: string;
  osName: string;
  osVersion: string;
}

/** What a script printed, by the script's own text. */
export interface ScriptOutput {
  exitCode: number;
  output: string;
  error: string;
}

const IMAGE = { publisher: 'MicrosoftWindowsServer', offer: 'WindowsServer', sku: '2019-datacenter', version: 'latest' };
/** From power on to the agent's first report, seconds. */
const READY_AFTER = 20;

export class RecordedGuests implements Guests {
  /** Of the next machine that boots; undefined: it never reports. */
  agent: Agent | undefined;
  /** By script; under no name what an action printed, which shows no script. */
  readonly outputs = new Map<string, ScriptOutput>();

  /** Contents of a disk of which the recording says only that it has some. */
  contents(diskId: string): DiskContents {
    const image = guests.imageContents(IMAGE, diskId);
    if (image === undefined) throw new Error('the simulator has no Windows Server 2019');
    return image.contents;
  }

  boot(contents: DiskContents) {
    const agent = this.agent;
    const signIn = { kind: 'sign-in' as const, language: 'en-US', computerName: 'recorded' };
    const stages = [
      { atSeconds: 0, screen: { kind: 'black' as const }, serial: '' },
      { atSeconds: READY_AFTER, screen: signIn, serial: 'ready\r\n', ...(agent !== undefined && { agent }) },
    ];
    return { stages, contents, settlesAtSeconds: READY_AFTER };
  }

  renderScreen: Guests['renderScreen'] = async () => new Uint8Array([0x42, 0x4d]);

  runScript: Guests['runScript'] = async ({ script, system, disks }) => {
    const said = this.outputs.get(script) ?? this.outputs.get('') ?? { exitCode: 0, output: '', error: '' };
    return { ...said, seconds: 0, disks, system };
  };

  imageContents: Guests['imageContents'] = (_, diskId) => ({ contents: this.contents(diskId), sizeGb: 30 });

  interrupt: Guests['interrupt'] = (...given) => guests.interrupt(...given);

  parseContents: Guests['parseContents'] = value => guests.parseContents(value);
}
