/** What a repair leaves to read: timeline, audit, evidence, record and summary, as blobs with a schema. */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { BlobStore } from '../azure/blobs.ts';
import type { Diagnosis } from '../diagnosis/types.ts';
import type { Plan, SweepReport } from '../functions/activities/contract.ts';
import { DamagedRecord } from './damaged.ts';
import { line, readLines } from './lines.ts';
import { plan as planSchema } from './plan.ts';
import {
  type RepairRecord,
  repairRecord,
  type Summary,
  summary as summarySchema,
  type TimelineEntry,
  timelineEntry,
  type WriteEntry,
  writeEntry,
} from './schemas.ts';
import { diagnosis as diagnosisSchema } from './story.ts';
import { sweepReport } from './sweep.ts';

export type { SweepReport } from '../functions/activities/contract.ts';
export { DamagedRecord } from './damaged.ts';
export type { RepairRecord, State, Summary, TimelineEntry, WriteEntry } from './schemas.ts';

/** Null = not yet. */
export interface SoFar {
  diagnosis: Diagnosis | null;
  plan: Plan | null;
}

/** Containers with what a repair has left. */
export type Kept = 'records' | 'evidence' | 'dumps' | 'audit';

export interface Bundle {
  /** Bytes. */
  size: number;
  etag: string;
}

/** All ids are repair ids. What does not exist reads as undefined or as an empty list; what does not fit its schema throws DamagedRecord. */
export interface Records {
  /** Container `records`, blob `<id>/timeline.jsonl`. May be called again with the same entry. */
  appendTimeline(id: string, entry: TimelineEntry): Promise<void>;
  readTimeline(id: string): Promise<TimelineEntry[]>;
  /** Container `audit`, blob `<id>.jsonl`. May be called again with the same entry. */
  appendWrite(id: string, entry: WriteEntry): Promise<void>;
  /** One entry a request: its answer, or, where none is on record, that it was about to be sent (status 0). */
  readWrites(id: string): Promise<WriteEntry[]>;
  /** Container `evidence`; answers the blob's name, `<id>/<name>`. */
  putEvidence(id: string, name: string, bytes: Uint8Array, contentType: string): Promise<string>;
  readEvidence(blob: string): Promise<Uint8Array | undefined>;
  /** A script that an operator keeps in a container of his own. `too-large`: more than `most` bytes. */
  readScript(container: string, blob: string, most: number): Promise<Uint8Array | 'too-large' | undefined>;
  /** Container `records`, blob `<id>/record.json`; replaces an earlier one. */
  putRecord(record: RepairRecord): Promise<void>;
  readRecord(id: string): Promise<RepairRecord | undefined>;
  /** What a repair that runs has found and plans, before there is a record: blobs `<id>/diagnosis.json`, `<id>/plan.json`; the newest counts. */
  putDiagnosis(id: string, diagnosis: Diagnosis): Promise<void>;
  putPlan(id: string, plan: Plan): Promise<void>;
  readSoFar(id: string): Promise<SoFar>;
  /** Container `records`, blob `<id>/summary.json`; replaces an earlier one. */
  putSummary(summary: Summary): Promise<void>;
  readSummary(id: string): Promise<Summary | undefined>;
  /** Container `records`, blob `deliveries/<id>`: true for the first who asks, on whatever host. */
  claim(id: string): Promise<boolean>;
  /** The same blob: this delivery needs no repair of its own, `other` had the VM. */
  noteJoined(id: string, other: string): Promise<void>;
  joinedBefore(id: string): Promise<string | undefined>;
  /** Container `records`, blobs `sweeps/<time>.json` and `sweeps/latest.json`. */
  putSweep(report: SweepReport): Promise<string>;
  readLatestSweep(): Promise<SweepReport | undefined>;
  /** All blobs that a repair has left in a container, by name. */
  blobsOf(id: string, container: Kept): Promise<string[]>;
  openBlob(container: Kept, name: string): Promise<NodeJS.ReadableStream | undefined>;
  sizeOf(container: Kept, name: string): Promise<number>;
  /** Container `bundles`, blob `<id>.zip`: everything of a repair in one file. */
  putBundle(id: string, zip: Readable): Promise<Bundle>;
  /** Undefined = none yet, or none of the record as it is now. */
  findBundle(id: string): Promise<Bundle | undefined>;
  /** Undefined = it has been replaced meanwhile. */
  readBundle(id: string, etag: string, offset: number, count: number): Promise<Uint8Array | undefined>;
  /** An address that serves it for an hour to whoever has it. A secret. */
  bundleUrl(id: string): Promise<string>;
  /** Every repair's summary, newest request first. One that cannot be read is left out: it must not hide the others. */
  listSummaries(): Promise<Summary[]>;
  /**
   * The same, as it was some seconds ago: for a page that a person looks at. What this process has written since is in it; what another one
   * has is not, until the next look.
   */
  recentSummaries(): Promise<Summary[]>;
}

const JSON_TYPE = 'application/json';
const SUMMARY = '/summary.json';
const LATEST = 'sweeps/latest.json';
/** Reads under way at once while a list is put together. */
const WINDOW = 16;

/** Records kept in a blob store. */
export function createRecords(blobs: BlobStore): Records {
  const { text, readJson } = reading(blobs);
  const readSummary = (id: string) => readJson('records', id + SUMMARY, summarySchema);
  /** What has ended changes no more: a list of a thousand repairs must not read a thousand blobs each time. */
  const ended = new Map<string, Summary>();
  const listed = async (id: string) => {
    const known = ended.get(id);
    if (known) return known;
    const read = await readSummary(id).catch(unlessDamaged);
    if (read?.state === 'ended') ended.set(id, read);
    return read;
  };

  async function listSummaries(): Promise<Summary[]> {
    const ids: string[] = [];
    for await (const name of blobs.list('records', '')) {
      if (name.endsWith(SUMMARY)) ids.push(name.slice(0, -SUMMARY.length));
    }
    const summaries: Summary[] = [];
    for (let start = 0; start < ids.length; start += WINDOW) {
      const read = await Promise.all(ids.slice(start, start + WINDOW).map(listed));
      summaries.push(...read.filter(summary => summary !== undefined));
    }
    return newestFirst(summaries);
  }
  const recent = recentOf(listSummaries);

  return {
    appendTimeline: (id, entry) => blobs.append('records', `${id}/timeline.jsonl`, line(entry)),
    readTimeline: async id =>
      // An activity that ran twice says the same with a later end: the first one counts.
      readLines((await text('records', `${id}/timeline.jsonl`)) ?? '', timelineEntry, ({ to: _, ...rest }) => rest),
    appendWrite: (id, entry) => blobs.append('audit', `${id}.jsonl`, line(entry)),
    readWrites: async id => answeredFirst(readLines((await text('audit', `${id}.jsonl`)) ?? '', writeEntry, entry => entry)),

    async putEvidence(id, name, bytes, contentType) {
      const blob = `${id}/${name}`;
      await blobs.put('evidence', blob, bytes, contentType);
      return blob;
    },
    readEvidence: blob => blobs.get('evidence', blob),
    readScript: async (container, blob, most) => {
      const { size = 0 } = (await blobs.properties(container, blob)) ?? {};
      return size > most ? 'too-large' : blobs.get(container, blob);
    },

    putRecord: record => blobs.put('records', `${record.story.repairId}/record.json`, JSON.stringify(record), JSON_TYPE),
    readRecord: id => readJson('records', `${id}/record.json`, repairRecord),
    putDiagnosis: (id, diagnosis) => blobs.put('records', `${id}/diagnosis.json`, JSON.stringify(diagnosis), JSON_TYPE),
    putPlan: (id, plan) => blobs.put('records', `${id}/plan.json`, JSON.stringify(plan), JSON_TYPE),
    async readSoFar(id) {
      const [diagnosis, plan] = await Promise.all([
        readJson('records', `${id}/diagnosis.json`, diagnosisSchema),
        readJson('records', `${id}/plan.json`, planSchema),
      ]);
      return { diagnosis: diagnosis ?? null, plan: plan ?? null };
    },
    putSummary(summary) {
      ended.delete(summary.id);
      recent.note(summary);
      return blobs.put('records', summary.id + SUMMARY, JSON.stringify(summary), JSON_TYPE);
    },
    readSummary,
    claim: id => blobs.create('records', `deliveries/${id}`, '', 'text/plain'),
    noteJoined: (id, other) => blobs.put('records', `deliveries/${id}`, other, 'text/plain'),
    joinedBefore: async id => (await text('records', `deliveries/${id}`)) || undefined,

    async putSweep(report) {
      const name = `sweeps/${report.startedAt.replaceAll(':', '-')}.json`;
      for (const blob of [name, LATEST]) await blobs.put('records', blob, JSON.stringify(report), JSON_TYPE);
      return `records/${name}`;
    },
    readLatestSweep: () => readJson('records', LATEST, sweepReport),
    ...bundles(blobs),

    listSummaries,
    recentSummaries: recent.read,
  };
}

function reading(blobs: BlobStore) {
  const text = async (container: string, name: string) => {
    const bytes = await blobs.get(container, name);
    return bytes && new TextDecoder().decode(bytes);
  };
  const readJson = async <T>(container: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const found = await text(container, name);
    return found === undefined ? undefined : sound(`${container}/${name}`, found, schema);
  };
  return { text, readJson };
}

/** What was about to be sent and was answered is told once. */
function answeredFirst(writes: WriteEntry[]): WriteEntry[] {
  const answered = new Set(writes.flatMap(write => (write.answered === false ? [] : (write.attempt ?? []))));
  return writes.filter(write => write.answered !== false || !answered.has(write.attempt ?? ''));
}

type Bundling = Pick<Records, 'blobsOf' | 'openBlob' | 'sizeOf' | 'putBundle' | 'findBundle' | 'readBundle' | 'bundleUrl'>;

function bundles(blobs: BlobStore): Bundling {
  const zip = (id: string) => `${id}.zip`;
  return {
    async blobsOf(id, container) {
      const names: string[] = [];
      for await (const name of blobs.list(container, `${id}/`)) names.push(name);
      return names;
    },
    openBlob: (container, name) => blobs.open(container, name),
    sizeOf: async (container, name) => (await blobs.properties(container, name))?.size ?? 0,
    async putBundle(id, body) {
      await blobs.putStream('bundles', zip(id), body, 'application/zip');
      const { size, etag } = (await blobs.properties('bundles', zip(id))) ?? { size: 0, etag: '' };
      return { size, etag };
    },
    async findBundle(id) {
      const [record, found] = await Promise.all([blobs.properties('records', `${id}/record.json`), blobs.properties('bundles', zip(id))]);
      // Storage counts whole seconds: one of the record's own second may be of the record before it.
      const isNewer = found && record && found.lastModified > record.lastModified;
      return isNewer ? { size: found.size, etag: found.etag } : undefined;
    },
    readBundle: (id, etag, offset, count) => blobs.slice('bundles', zip(id), { offset, count, etag }),
    bundleUrl: id => blobs.delegatedUrl('bundles', zip(id), 'r', 1),
  };
}

/** Milliseconds: as it is, it does for so long; and for so long while it is read anew. */
const FRESH = 3000;
const STALE = 60_000;

function recentOf(read: () => Promise<Summary[]>): { read(): Promise<Summary[]>; note(summary: Summary): void } {
  let last: { at: number; all: Summary[] } | undefined;
  let reading: Promise<Summary[]> | undefined;
  const readAnew = () => {
    reading ??= read()
      .then(all => {
        last = { at: performance.now(), all };
        return all;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    async read() {
      const age = last === undefined ? Number.POSITIVE_INFINITY : performance.now() - last.at;
      if (last === undefined || age > STALE) return readAnew();
      // Its failure is told to whoever asks when nothing else is left.
      if (age > FRESH) readAnew().catch(() => {});
      return last.all;
    },
    note(summary) {
      if (last) last.all = newestFirst([summary, ...last.all.filter(({ id }) => id !== summary.id)]);
    },
  };
}

function newestFirst(all: Summary[]): Summary[] {
  return all.toSorted((a, b) => b.requestedAt.localeCompare(a.requestedAt) || b.id.localeCompare(a.id));
}

/** @throws DamagedRecord */
function sound<T>(blob: string, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DamagedRecord(blob, ['it is not JSON']);
  }
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  throw new DamagedRecord(
    blob,
    error.issues.slice(0, 5).map(({ path, message }) => `${path.map(String).join('.') || 'the whole'}: ${message.slice(0, 200)}`),
  );
}

function unlessDamaged(error: unknown): undefined {
  if (error instanceof DamagedRecord) return undefined;
  throw error;
}
