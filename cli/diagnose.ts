/** `bootmedic diagnose`: reads evidence from files and says what it finds. No Azure, no settings, no host. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { diagnoseFiles, type Evidence, type Finding, readDump } from '../diagnosis/index.ts';
import { Decoder } from '../diagnosis/serial/decode.ts';
import { OcrError } from '../ocr/types.ts';
import { CliError, type ExitCode, errorText, exitCodes } from './errors.ts';
import { printable, type Terminal } from './terminal.ts';

export interface DiagnoseOptions {
  screenshot?: string;
  serialLog?: string;
  dump?: string;
  json?: boolean;
}

const MIB = 1024 * 1024;
/** A dump's first pages: a small one is read whole. */
const DUMP_PAGES = MIB;
/** Far above what COM1 ever held. A byte is one letter at most: its text stays below the longest string there can be (512 MiB). */
const LARGEST_LOG = 256 * MIB;
const LARGEST_PICTURE = 20 * MIB;
const EXCERPT = 1024;
/** Bytes of a log that are decoded at a time. */
const DECODED = 256 * 1024;

export async function diagnoseEvidence(options: DiagnoseOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.screenshot === undefined && options.serialLog === undefined && options.dump === undefined) {
    throw new CliError('there is nothing to read', 'give --screenshot FILE, --serial-log FILE or --dump FILE', exitCodes.wrongUse);
  }
  const { screenshot, serialLog, dump } = options;
  const picture = screenshot === undefined ? undefined : await readPicture(screenshot);
  const log = serialLog === undefined ? undefined : await readLog(serialLog);
  const held = {
    ...(picture && { screenshot: picture.read }),
    ...(log && { serialLog: log.text }),
    ...(dump !== undefined && { dump: await readHeader(dump) }),
  };
  const evidence = [picture, log].flatMap(each => each?.evidence ?? []);
  const diagnosis = { ...diagnoseFiles(held, new Date().toISOString()), evidence };
  if (options.json) terminal.write(`${JSON.stringify({ ...diagnosis, ...(held.dump && { dump: held.dump }) }, null, 2)}\n`);
  else terminal.write(told(diagnosis, held, terminal));
  return exitCodes.done;
}

const unusable = (option: string, file: string, why: string, remedy: string) =>
  new CliError(`--${option} ${file}: ${why}`, remedy, exitCodes.wrongUse);

/** Does it with the open file; whatever cannot be read becomes an error that names the option. */
async function opened<T>(option: string, file: string, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    return await work(handle);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unusable(option, file, `cannot be read: ${errorText(error)}`, 'give the path of a file that is there and can be read');
  } finally {
    await handle?.close();
  }
}

/** The whole file. Its size is never believed: a pipe has none, and a device may have no end. */
function bytesOf(option: string, file: string, largest: number): Promise<{ bytes: Buffer; changedAt: Date }> {
  return opened(option, file, async handle => {
    const { mtime: changedAt } = await handle.stat();
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of handle.createReadStream({ autoClose: false })) {
      pieces.push(piece);
      length += piece.length;
      if (length > largest) throw unusable(option, file, 'is too large', `give a file of at most ${largest / MIB} MiB`);
    }
    if (length === 0) throw unusable(option, file, 'is empty', 'give a file that holds something');
    return { bytes: Buffer.concat(pieces), changedAt };
  });
}

async function readPicture(file: string) {
  const { bytes, changedAt } = await bytesOf('screenshot', file, LARGEST_PICTURE);
  const { closeOcr, readScreen } = await import('../ocr/index.ts');
  try {
    const read = await readScreen(bytes);
    const text = read.lines.map(line => line.text).join('\n');
    return { read, evidence: evidenceOf('screenshot', file, bytes, changedAt, 'application/octet-stream', text) };
  } catch (error) {
    if (!(error instanceof OcrError)) throw error;
    throw unusable('screenshot', file, error.message, 'give a PNG, BMP or JPEG of the console, at most 20 MB and 8192 pixels a side');
  } finally {
    await closeOcr();
  }
}

async function readLog(file: string) {
  const { bytes, changedAt } = await bytesOf('serial-log', file, LARGEST_LOG);
  const text = textOf(bytes);
  return { text, evidence: evidenceOf('serial-log', file, bytes, changedAt, 'text/plain', text.slice(-EXCERPT)) };
}

/** In pieces: decoded at once, a log of many lines would be held as many strings. */
function textOf(bytes: Uint8Array): string {
  const decoder = new Decoder();
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += DECODED) pieces.push(decoder.push(bytes.subarray(start, start + DECODED)));
  return [...pieces, decoder.end()].join('');
}

/** What a finding rests on, by its id; taken for fresh, because nobody says otherwise. Its `blob` is the file. */
function evidenceOf(
  id: 'screenshot' | 'serial-log',
  file: string,
  bytes: Uint8Array,
  changedAt: Date,
  contentType: string,
  text: string,
): Evidence {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const excerpt = text.slice(0, EXCERPT);
  return { id, kind: id, capturedAt: changedAt.toISOString(), fresh: true, sha256, blob: file, contentType, excerpt };
}

/** Only its first pages: a dump may be as large as the memory. They may come through a pipe, whose size nobody knows. */
function readHeader(file: string) {
  return opened('dump', file, async handle => {
    const stats = await handle.stat();
    const pieces: Buffer[] = [];
    for await (const piece of handle.createReadStream({ autoClose: false, end: DUMP_PAGES - 1 })) pieces.push(piece);
    const pages = Buffer.concat(pieces);
    if (pages.length === 0) throw unusable('dump', file, 'is empty', 'give a memory dump');
    return readDump(pages, stats.isFile() && stats.size >= pages.length ? stats.size : undefined);
  });
}

type Held = Parameters<typeof diagnoseFiles>[0];

function told({ verdict, sight, summary, findings, settledBy }: ReturnType<typeof diagnoseFiles>, held: Held, { paint }: Terminal): string {
  const word = verdict === 'failing' ? paint.red('failing') : paint.yellow(verdict);
  const lines = [
    `${word}  ${printable(summary)}`,
    '',
    ...(held.screenshot || held.serialLog !== undefined ? [`  console     ${sight}`] : []),
    ...findings.flatMap(finding => toldFinding(finding)),
    ...(held.dump ? toldDump(held.dump) : []),
    ...(settledBy === null ? [] : [`  settled by  ${settledBy}`]),
    '',
    'The files are taken for evidence of now: how old they are only you know. Without an agent’s status nothing is called healthy.',
  ];
  return `${lines.join('\n')}\n`;
}

function toldFinding(finding: Finding): string[] {
  const { stopCode, stopName, title, confidence, whatFailed, parameters, basis, contradictions, playbook, article, advice } = finding;
  const byHand =
    advice.length > 0
      ? ['  do next     by hand:', ...advice.map((step, n) => `    ${n + 1}. ${printable(step)}`)]
      : ['  do next     no article is known: collect the memory dump for support, or restore the VM from its newest backup'];
  const next = playbook === null ? byHand : [`  do next     bootmedic repair <vm> (playbook ${playbook})`];
  return [
    `  finding     ${[stopCode, stopName].join(' ').trim() || title} (${confidence})`,
    ...(whatFailed === null ? [] : [`  blamed      ${printable(whatFailed)}`]),
    ...(parameters.length === 0 ? [] : [`  parameters  ${parameters.join(' ')}`]),
    ...basis.slice(0, 5).map((line, n) => `  ${n === 0 ? 'rests on  ' : '          '}  ${printable(line)}`),
    ...contradictions.map(line => `  against it  ${printable(line)}`),
    ...next,
    ...(article === null ? [] : [`  article     ${article}`]),
  ];
}

function toldDump(dump: NonNullable<Held['dump']>): string[] {
  const facts = [
    dump.type && `${dump.type} dump`,
    dump.bits && `${dump.bits} bit`,
    dump.build && `build ${dump.build}`,
    dump.crashedAt && `crashed ${dump.crashedAt}`,
  ];
  return [
    `  dump        ${dump.problem ?? facts.filter(Boolean).join(', ')}`,
    ...(dump.bugCheck === null
      ? []
      : [`              ${[dump.bugCheck, dump.bugCheckName, ...dump.parameters].filter(Boolean).join(' ')}`]),
    ...dump.meaning.map(line => `              ${printable(line)}`),
  ];
}
