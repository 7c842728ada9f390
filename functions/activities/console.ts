/** One look at a VM's console: picture and serial log, read, each as evidence. */
import { createHash } from 'node:crypto';
import type { Console } from '../../azure/bootDiagnostics.ts';
import { toFault } from '../../azure/errors.ts';
import { decodeSerialLog } from '../../diagnosis/index.ts';
import type { Observation } from '../../diagnosis/observation.ts';
import type { ScreenRead } from '../../ocr/types.ts';
import type { VmFacts } from './contract.ts';
import { type Seen, seen, seenJson } from './evidence.ts';
import type { Tools } from './tools.ts';

export interface ConsoleLook {
  observation: Observation & { unread: string[] };
  seen: Seen[];
}

/**
 * @param since ISO time of the last power event: what was captured before says nothing about the present
 * @param ifAzureFails `go on` tells that the console could not be read; `throw` lets the step be tried again
 */
export async function lookAtConsole(
  vm: VmFacts,
  since: string | null,
  { azure, clock, log }: Tools,
  ifAzureFails: 'throw' | 'go on',
): Promise<ConsoleLook> {
  const now = clock.now().toISOString();
  const { screenshot, serialLog, unread } = await azure.bootDiagnostics.read(vm.id).catch((error): Console => {
    const { kind, code, message } = toFault(error);
    if (ifAzureFails === 'throw' || kind === 'fatal') throw error;
    return { screenshot: null, serialLog: null, unread: `${code}: ${message}` };
  });
  const look: ConsoleLook = {
    observation: { vm, now, unread: unreadOf(vm, unread) },
    seen: [seenJson('instance-view', { power: vm.power, powerChangedAt: vm.powerChangedAt, agent: vm.agent }, now, since)],
  };
  const holds = { screenshot: screenshot !== null, serialLog: serialLog !== null, unread };
  look.seen.push(seenJson('boot-diagnostics', { bootDiagnostics: vm.bootDiagnostics, ...holds }, now, since));
  if (screenshot) {
    const read = await readPicture(screenshot.bytes).catch(error => {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the screenshot cannot be read');
      return null;
    });
    const type = pictureType(screenshot.bytes);
    const picture = seen('screenshot', { ...screenshot, type, excerpt: read ? linesOf(read) : 'could not be read' }, since);
    look.seen.push(picture);
    if (read) look.observation.screenshot = { at: screenshot.at, read, evidenceId: picture.evidence.id };
    else look.observation.unread.push('the screenshot (it is no picture that can be read)');
  }
  const text = serialLog ? decodeSerialLog(serialLog.bytes) : '';
  // A COM1 that has said nothing is no witness.
  if (serialLog && text.trim() !== '') {
    const written = seen('serial-log', { ...serialLog, type: ['text/plain', 'log'], excerpt: lastLines(text) }, since);
    look.seen.push(written);
    look.observation.serialLog = { at: serialLog.at, text, evidenceId: written.evidence.id };
  }
  return look;
}

function unreadOf(vm: VmFacts, why: string | null): string[] {
  if (vm.bootDiagnostics === 'off') return ['the console (boot diagnostics are off)'];
  return why === null ? [] : [`the console (${why})`];
}

/** Read pictures, by content: the console of a machine that has stopped is the same at every look, and OCR takes a second. */
const read = new Map<string, Promise<ScreenRead>>();
const remembered = 50;

function readPicture(bytes: Uint8Array): Promise<ScreenRead> {
  const key = createHash('sha256').update(bytes).digest('hex');
  const found = read.get(key);
  if (found) return found;
  const reading = import('../../ocr/index.ts').then(({ readScreen }) => readScreen(bytes));
  for (const oldest of [...read.keys()].slice(0, Math.max(0, read.size - remembered + 1))) read.delete(oldest);
  read.set(key, reading);
  reading.catch(() => read.delete(key));
  return reading;
}

/** By its first bytes: Azure names it .bmp whatever it is. */
function pictureType(bytes: Uint8Array): [string, string] {
  const start = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (start.startsWith('BM')) return ['image/bmp', 'bmp'];
  return start.startsWith('\xff\xd8') ? ['image/jpeg', 'jpg'] : ['image/png', 'png'];
}

function linesOf(screen: ScreenRead): string {
  return screen.lines.map(line => line.text).join('\n') || `(${screen.blank ?? 'no text'})`;
}

function lastLines(text: string): string {
  return text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .slice(-15)
    .join('\n');
}
