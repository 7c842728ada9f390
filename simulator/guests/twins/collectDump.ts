import { createHash } from 'node:crypto';
import { TIMINGS } from '../timings.ts';
import { bytesOf } from '../volume.ts';
import { type DumpSetting, dumpSetting, type FoundDump, findDumps } from './dumps.ts';
import { onRepairDisk, type RepairDisk } from './repairDisk.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

/** A dump this much older than the incident is of another crash. */
const MAX_AGE = 7 * 24 * 3600 * 1000;
const BLOCK = 8 * 1024 * 1024;
const TRIES = 5;

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

/** Block by block, then the list of blocks; answers the SHA-256 of everything sent. */
async function send(disk: RepairDisk, dump: FoundDump): Promise<string> {
  const { session } = disk;
  session.secrets.push(session.parameter('DumpUri'));
  const file = session.computer.read(dump.path);
  if (file?.kind !== 'data') throw new ScriptFailure('upload-failed', `${dump.guestPath} ends at 0 of ${dump.length} bytes`);
  const sha = createHash('sha256');
  const ids: string[] = [];
  for (let sent = 0; sent < dump.length; sent += BLOCK) {
    const body = bytesOf(file, sent, Math.min(BLOCK, dump.length - sent));
    const id = Buffer.from(String(ids.length).padStart(8, '0')).toString('base64');
    sha.update(body);
    await put(session, `&comp=block&blockid=${encodeURIComponent(id)}`, body, {
      'content-md5': createHash('md5').update(body).digest('base64'),
    });
    ids.push(id);
    session.step(`dump ${Math.floor((sent + body.length) / 1024 / 1024)} of ${Math.floor(dump.length / 1024 / 1024)} MB`);
  }
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map(id => `<Latest>${id}</Latest>`).join('')}</BlockList>`;
  await put(session, '&comp=blocklist', Buffer.from(list), { 'x-ms-blob-content-type': 'application/octet-stream' });
  return sha.digest('hex');
}

async function put(session: Session, query: string, body: Uint8Array, headers: Record<string, string>): Promise<void> {
  for (let tried = 1; ; tried++) {
    session.computer.spend(TIMINGS.command.upload);
    const problem = await putOnce(session, query, body, headers);
    if (problem === undefined) return;
    if (tried === TRIES) throw new ScriptFailure('upload-failed', `the upload failed: ${problem}`);
    session.print(`try ${tried}: ${problem}`);
  }
}

/** Undefined = done; else what went wrong. */
async function putOnce(session: Session, query: string, body: Uint8Array, headers: Record<string, string>): Promise<string | undefined> {
  try {
    const response = await session.fetch(session.parameter('DumpUri') + query, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: Uint8Array.from(body),
    });
    await response.arrayBuffer();
    return response.ok ? undefined : `The remote server returned an error: (${response.status}).`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
