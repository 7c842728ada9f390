/**
 * What of ours may be deleted: only what has our tag, our name, a record of ours that names it, and a passed expiry; all four, with no
 * repair running. Everything else is left, and listed with the reason. Pure, but for reading the record.
 */
import { sameId } from '../../azure/ids.ts';
import type { RepairRecord, Summary } from '../../records/index.ts';
import { repairId as repairIdSchema } from '../../records/schemas.ts';
import { policyFor } from '../settings.ts';
import type { Mode } from './contract.ts';
import { isOurs } from './names.ts';
import type { Tools } from './tools.ts';

export interface Found {
  id: string;
  tags: Record<string, string>;
  attachedTo: string | null;
}

/** What is known of the repair that a tag names. */
export interface Past {
  record: RepairRecord | undefined;
  /** Of repairs of the same VM that have not ended. */
  running: string[];
  /** What is allowed where the repair's VM lies. */
  mode: Mode;
}

export interface Judgement {
  repairId: string;
  /** ISO date; null = the tag holds none. */
  expires: string | null;
  due: boolean;
  why: string;
}

export async function readPast(tags: Record<string, string>, { records, settings }: Pick<Tools, 'records' | 'settings'>): Promise<Past> {
  const id = tagOf(tags, 'bootmedic-repair');
  // A record that cannot be read counts as none: what it names is not deleted.
  const record = repairIdSchema.safeParse(id).success ? await records.readRecord(id).catch(() => undefined) : undefined;
  const vmId = record?.story.request.vmId;
  const running = vmId === undefined ? [] : runningOf(await records.listSummaries(), vmId, id);
  const question = {
    vmId: vmId ?? '',
    tags: record?.story.vm?.tags ?? {},
    requestedMode: null,
    requestedConsents: [],
    requestedRestart: false,
  };
  return { record, running, mode: policyFor(settings, question).mode };
}

/** Of this VM, or this repair itself: neither has ended. */
export function runningOf(summaries: Summary[], vmId: string, id: string): string[] {
  return summaries.filter(each => each.state !== 'ended' && (each.id === id || sameId(each.vmId, vmId))).map(each => each.id);
}

export function judgeLeftover(found: Found, { record, running, mode }: Past, now: Date): Judgement {
  const repairId = tagOf(found.tags, 'bootmedic-repair');
  const tagged = Date.parse(tagOf(found.tags, 'bootmedic-expires'));
  const expires = Number.isNaN(tagged) ? null : new Date(tagged).toISOString();
  const keep = (why: string): Judgement => ({ repairId, expires, due: false, why });
  if (found.attachedTo !== null) return keep(`in use by ${found.attachedTo.split('/').at(-1)}`);
  if (!isOurs(repairId, found)) return keep('an owner’s own, which a repair has replaced: its name is not one of ours');
  if (record === undefined) return keep(`there is no record of ${repairId || 'the repair'} that can be read`);
  const named = record.story.leftovers.find(({ resourceId }) => sameId(resourceId, found.id));
  if (record.story.repairId !== repairId || named === undefined) return keep(`the record of ${repairId} does not name it as left`);
  if (hasServed(record, found.id)) return keep('the VM has run on it: it holds what was written since');
  if (running.length > 0) return keep(`repair ${running[0]} is under way`);
  // A tag can be changed by whoever may write tags: the later of the two dates counts.
  const promised = Date.parse(named.expires ?? '');
  if (expires === null || Number.isNaN(promised)) return keep('when it expires is not known');
  const until = Math.max(tagged, promised);
  if (until >= now.getTime()) return keep(`kept until ${new Date(until).toISOString().slice(0, 10)}`);
  if (mode === 'observe') return keep('its time is up, and mode observe deletes nothing');
  return { repairId, expires, due: true, why: `its time was up on ${new Date(until).toISOString().slice(0, 10)}` };
}

/** A repair disk from which the VM may have booted is the owner's; of several that is the last, the others were given up. */
function hasServed({ story }: RepairRecord, id: string): boolean {
  const booted = story.outcome === 'repaired' || story.outcome === 'booted-unverified' || story.outcome === 'needs-person';
  const served = story.copies?.at(-1) ?? story.plan?.repairDisk;
  return booted && sameId(served?.id, id);
}

function tagOf(tags: Record<string, string>, name: string): string {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';
}
