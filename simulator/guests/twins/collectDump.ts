import { createHash } from 'node:crypto';
import { TIMINGS } from '../timings.ts';
import { bytesOf } from '../volume.ts';
import { type DumpSetting, dumpSetting, type FoundDump, findDumps } from './dumps.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

/** A dump this much older than the incident is of another crash. */
const MAX_AGE = 7 * 24 * 3600 * 1000;
const BLOCK = 8 * 1024 * 1024;
const TRIES = 8;

export function collectDump(session: Session): Promise<End> {
  return onRepairDisk(session, async disk => {
    if (session.mode === 'Revert') return { outcome: 'nothing-to-do', code: 'nothing-to-revert' };
    const dumps = findDumps(disk, configuredDump(disk));
    const dump = selectDump(session, dumps);
    if (dump === undefined) {
      const places = 'dedicated dump file, MEMORY.DMP, pagefile.sys, DUMP*.tmp and Minidump were searched';
      session.find('no-dump', 'certain', `${dumps.length} dumps, none of this crash: ${places}`);
      return { outcome: 'not-applicable', code: 'no-dump' };
    }
    session.find('dump', 'certain', `${dump.guestPath} ${dump.length}`);
    session.find('dump-header', 'certain', dump.header);
    if (session.parameter('DumpUri') === '') return { outcome: 'nothing-to-do', code: 'no-consent' };
    if (session.mode === 'Detect') return { outcome: 'nothing-to-do', code: 'would-upload' };
    const hash = await send(disk, dump);
    session.find('dump-uploaded', 'certain', `${dump.length} sha256:${hash}`);
    session.act({ what: 'uploaded the memory dump', target: dump.guestPath, before: null, after: `sha256:${hash}`, revertable: false });
    return { outcome: 'fixed', code: 'dump-uploaded' };
  });
}

/** A hive that does not load must not keep the dump from being found in its usual places. */
function configuredDump(disk: RepairDisk): DumpSetting {
  try {
    return disk.withHive('SYSTEM', 'copy', hive => dumpSetting(hive, `${disk.controlSets(hive).selected}\\Control\\CrashControl`));
  } catch (error) {
    if (!(error instanceof ScriptFailure) || error.code !== 'hive-damaged') throw error;
    disk.session.warn(`${error.message}: only the usual places are searched`);
    return { dedicated: '', dump: '' };
  }
}

function selectDump(session: Session, dumps: FoundDump[]): FoundDump | undefined {
  const incident = session.parameter('IncidentUtc');
  const limit = incident === '' ? Number.NEGATIVE_INFINITY : Date.parse(incident) - MAX_AGE;
  return dumps.find(({ time, guestPath }) => {
    if (time.getTime() >= limit) return true;
    session.warn(`${guestPath} is of ${time.toISOString()}: older than the incident`);
    return false;
  });
}

/** The blocks that have not arrived yet, then the list of all; answers the SHA-256 of the dump. */
async function send(disk: RepairDisk, dump: FoundDump): Promise<string> {
  const { session } = disk;
  session.secrets.push(session.parameter('DumpUri'));
  for (let round = 1; ; round++) {
    const { ids, sha256 } = await sendBlocks(disk, dump, round === 1 ? readNote(session) : []);
    const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map(id => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
    const headers = { 'x-ms-blob-content-type': 'application/octet-stream', 'x-ms-meta-sha256': sha256 };
    const name = 'the list of blocks';
    if (await put(session, { name, query: '&comp=blocklist', body: Buffer.from(list), headers, missing: 'InvalidBlockList' }))
      return sha256;
    if (round === 2) throw new ScriptFailure('upload-failed', 'storage does not know the blocks that have just arrived');
    session.print('storage does not know every block that was noted: all are sent again');
  }
}

async function sendBlocks(disk: RepairDisk, dump: FoundDump, have: string[]): Promise<{ ids: string[]; sha256: string }> {
  const { session } = disk;
  const file = session.computer.read(dump.path);
  if (file?.kind !== 'data') throw new ScriptFailure('upload-failed', `${dump.guestPath} is shorter than its ${dump.length} bytes`);
  const sha = createHash('sha256');
  const ids: string[] = [];
  for (let read = 0; read < dump.length; read += BLOCK) {
    const body = bytesOf(file, read, Math.min(BLOCK, dump.length - read));
    const arrived = read + body.length;
    sha.update(body);
    const id = Buffer.from(`${String(ids.length).padStart(8, '0')}${createHash('md5').update(body).digest('hex')}`).toString('base64');
    if (!have.includes(id)) {
      await put(session, { name: `block ${ids.length}`, query: `&comp=block&blockid=${encodeURIComponent(id)}`, body });
      addNote(session, id);
    }
    ids.push(id);
    const mb = (bytes: number) => Math.floor(bytes / 1024 / 1024);
    session.step(`dump ${Math.floor((100 * arrived) / dump.length)} %, ${mb(arrived)} of ${mb(dump.length)} MB`);
  }
  session.print(`${ids.length} blocks, ${have.length} of them noted before`);
  return { ids, sha256: sha.digest('hex') };
}

/** On the repair VM's own disk, as the script has it. */
function notePath(session: Session): string {
  const [address = ''] = session.parameter('DumpUri').split('?');
  return `C:\\Windows\\Temp\\bootmedic-${session.repairId}\\upload-${createHash('sha256').update(address).digest('hex').slice(0, 16)}.txt`;
}

function readNote(session: Session): string[] {
  const file = session.computer.read(notePath(session));
  return file?.kind === 'text' ? file.text.split('\n').filter(line => line.length === 56) : [];
}

function addNote(session: Session, id: string): void {
  const { computer } = session;
  const text = [...readNote(session), id, ''].join('\n');
  computer.write(notePath(session), { kind: 'text', modified: computer.now.toISOString(), text });
}

interface Put {
  name: string;
  query: string;
  body: Uint8Array;
  headers?: Record<string, string>;
  /** The error code that the caller can do something about. */
  missing?: string;
}

/** Tries again what may succeed, as late as storage asks. False = it answered `missing`. */
async function put(session: Session, request: Put): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    session.computer.spend(TIMINGS.command.upload);
    session.mustNotBeCutOff();
    const answer = await putOnce(session, request);
    if (answer.done) return true;
    if (answer.code === request.missing) return false;
    if (!answer.again || tried === TRIES) throw new ScriptFailure('upload-failed', `the upload failed: ${answer.text}`);
    const pause = Math.ceil(Math.min(300, Math.max(answer.wait, Math.min(60, 2 ** (tried - 1)))));
    session.print(`try ${tried} of ${request.name}: ${answer.text}; again in ${pause} s`);
    session.computer.spend(pause);
  }
}

interface Answer {
  done: boolean;
  again: boolean;
  wait: number;
  code: string;
  text: string;
}

async function putOnce(session: Session, { query, body, headers }: Put): Promise<Answer> {
  try {
    const response = await session.fetch(session.parameter('DumpUri') + query, {
      method: 'PUT',
      headers: {
        'content-type': 'application/octet-stream',
        'content-md5': createHash('md5').update(body).digest('base64'),
        ...headers,
      },
      body: Uint8Array.from(body),
    });
    await response.arrayBuffer();
    const { status } = response;
    const code = response.headers.get('x-ms-error-code') ?? '';
    const after = response.headers.get('retry-after') ?? '';
    const wait = /^\d+$/.test(after) ? Number(after) : (Date.parse(after) - Date.now()) / 1000 || 0;
    const again = status >= 500 || status === 408 || status === 429 || code === 'Md5Mismatch';
    return { done: status === 201, again, wait, code, text: `storage answered ${status} ${code}`.trimEnd() };
  } catch (error) {
    return { done: false, again: true, wait: 0, code: '', text: error instanceof Error ? error.message : String(error) };
  }
}
