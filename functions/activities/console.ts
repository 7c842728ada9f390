/** One look at a VM's console: picture and serial log, read, each as evidence that is kept only when it tells something. */
import { createHash } from 'node:crypto';
import type { ConsoleBlob } from '../../azure/bootDiagnostics.ts';
import type { Observation } from '../../diagnosis/observation.ts';
import type { Evidence, EvidenceKind } from '../../diagnosis/types.ts';
import type { ScreenRead } from '../../ocr/types.ts';
import type { VmFacts } from './contract.ts';
import type { Tools } from './tools.ts';

export interface ConsoleLook {
  observation: Observation;
  /** Keeps the bytes and answers what to cite them by. Names derive from contents: keeping the same twice keeps it once. */
  keep(): Promise<Evidence[]>;
}

interface Seen {
  evidence: Omit<Evidence, 'blob'>;
  bytes: Uint8Array;
  extension: string;
}

/** @param since ISO time of the last power event: what was captured before says nothing about the present */
export async function lookAtConsole(vm: VmFacts, since: string | null, tools: Tools & { repairId: string }): Promise<ConsoleLook> {
  const { azure, records, clock, repairId, log } = tools;
  const now = clock.now().toISOString();
  const { screenshot, serialLog } = await azure.bootDiagnostics.read(vm.id);
  const seen: Seen[] = [instanceView(vm, now, since)];
  const observation: Observation = { vm, now };
  if (screenshot) {
    const read = await readPicture(screenshot.bytes).catch(error => {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the screenshot cannot be read');
      return null;
    });
    const picture = seenBlob('screenshot', screenshot, since, pictureType(screenshot.bytes), read ? linesOf(read) : 'could not be read');
    seen.push(picture);
    if (read) observation.screenshot = { at: screenshot.at, read, evidenceId: picture.evidence.id };
  }
  const text = new TextDecoder().decode(serialLog?.bytes);
  // A COM1 that has said nothing is no witness.
  if (serialLog && text.trim() !== '') {
    const written = seenBlob('serial-log', serialLog, since, ['text/plain', 'log'], lastLines(text));
    seen.push(written);
    observation.serialLog = { at: serialLog.at, text, evidenceId: written.evidence.id };
  }
  const keep = ({ evidence, bytes, extension }: Seen) =>
    records
      .putEvidence(repairId, `${evidence.id}.${extension}`, bytes, evidence.contentType)
      .then((blob): Evidence => ({ ...evidence, blob }));
  return { observation, keep: () => Promise.all(seen.map(keep)) };
}

function instanceView(vm: VmFacts, at: string, since: string | null): Seen {
  const view = { power: vm.power, powerChangedAt: vm.powerChangedAt, agent: vm.agent };
  const text = JSON.stringify(view, null, 2);
  return seenBlob('instance-view', { bytes: Buffer.from(text), at }, since, ['application/json', 'json'], JSON.stringify(view));
}

function seenBlob(kind: EvidenceKind, { bytes, at }: ConsoleBlob, since: string | null, type: [string, string], excerpt: string): Seen {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const fresh = since !== null && Date.parse(at) > Date.parse(since);
  const evidence = {
    id: `${kind}-${sha256.slice(0, 12)}`,
    kind,
    capturedAt: at,
    fresh,
    sha256,
    contentType: type[0],
    excerpt: cut(excerpt),
  };
  return { evidence, bytes, extension: type[1] };
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

/** At most 1 KB, from the end where it is longer, without control characters. */
function cut(text: string): string {
  const printable = text.replaceAll(/[^\P{C}\n]/gu, '');
  return Buffer.from(printable).subarray(-1024).toString('utf8').replace(/^�+/, '');
}
