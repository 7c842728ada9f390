/** `bootmedic diagnose`: reads evidence from files and says what it finds. No Azure, no settings, no host. */
import { readFile, stat } from 'node:fs/promises';
import { decodeSerialLog, diagnoseFiles, type Finding, readDump } from '../diagnosis/index.ts';
import { OcrError } from '../ocr/types.ts';
import { CliError, type ExitCode, errorText, exitCodes } from './errors.ts';
import { printable, type Terminal } from './terminal.ts';

export interface DiagnoseOptions {
  screenshot?: string;
  serialLog?: string;
  dump?: string;
  json?: boolean;
}

/** A dump's first pages: a small one is read whole. A dump may be as large as the memory. */
const DUMP_PAGES = 1024 * 1024;
const LARGEST_LOG = 512 * 1024 * 1024;

export async function diagnoseEvidence(options: DiagnoseOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.screenshot === undefined && options.serialLog === undefined && options.dump === undefined) {
    throw new CliError('there is nothing to read', 'give --screenshot FILE, --serial-log FILE or --dump FILE', exitCodes.wrongUse);
  }
  const { screenshot, serialLog, dump } = options;
  const held = {
    ...(screenshot !== undefined && { screenshot: await readPicture(screenshot) }),
    ...(serialLog !== undefined && { serialLog: await readLog(serialLog) }),
    ...(dump !== undefined && { dump: await readHeader(dump) }),
  };
  const diagnosis = diagnoseFiles(held, new Date().toISOString());
  if (options.json) terminal.write(`${JSON.stringify({ ...diagnosis, ...(held.dump && { dump: held.dump }) }, null, 2)}\n`);
  else terminal.write(told(diagnosis, held, terminal));
  return exitCodes.done;
}

const unusable = (option: string, file: string, why: string, remedy: string) =>
  new CliError(`--${option} ${file}: ${why}`, remedy, exitCodes.wrongUse);

async function bytesOf(option: string, file: string, largest: number): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > largest) throw unusable(option, file, `has ${size} bytes`, `give a file of at most ${largest} bytes`);
    const bytes = await readFile(file);
    if (bytes.length === 0) throw unusable(option, file, 'is empty', 'give a file that holds something');
    return bytes;
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unusable(option, file, `cannot be read: ${errorText(error)}`, 'give the path of a file that is there and can be read');
  }
}

async function readPicture(file: string) {
  const bytes = await bytesOf('screenshot', file, 64 * 1024 * 1024);
  const { closeOcr, readScreen } = await import('../ocr/index.ts');
  try {
    return await readScreen(bytes);
  } catch (error) {
    if (!(error instanceof OcrError)) throw error;
    throw unusable('screenshot', file, error.message, 'give a PNG, BMP or JPEG of the console, at most 20 MB and 8192 pixels a side');
  } finally {
    await closeOcr();
  }
}

const readLog = async (file: string) => decodeSerialLog(await bytesOf('serial-log', file, LARGEST_LOG));

/** Only its first pages: a dump may be as large as the memory. */
async function readHeader(file: string) {
  const { open } = await import('node:fs/promises');
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    handle = await open(file);
    const { size } = await handle.stat();
    if (size === 0) throw unusable('dump', file, 'is empty', 'give a memory dump');
    const pages = Buffer.alloc(Math.min(size, DUMP_PAGES));
    await handle.read(pages, 0, pages.length, 0);
    return readDump(pages, size);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw unusable('dump', file, `cannot be read: ${errorText(error)}`, 'give the path of a file that is there and can be read');
  } finally {
    await handle?.close();
  }
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
  const next =
    playbook === null
      ? ['  do next     by hand:', ...advice.map((step, n) => `    ${n + 1}. ${printable(step)}`)]
      : [`  do next     bootmedic repair <vm> (playbook ${playbook})`];
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
