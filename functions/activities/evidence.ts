/** What was seen, as evidence: dated, judged against the last power event, hashed, and kept when it tells something. */
import { createHash } from 'node:crypto';
import type { Evidence, EvidenceKind } from '../../diagnosis/types.ts';
import type { Tools } from './tools.ts';

export interface Seen {
  evidence: Omit<Evidence, 'blob'>;
  bytes: Uint8Array;
  extension: string;
}
interface Source {
  bytes: Uint8Array;
  /** ISO time at which the source says it was captured. */
  at: string;
  /** Content type, and the ending of the blob's name. */
  type: [string, string];
  excerpt: string;
}

/** @param since ISO time of the last power event; null = none is known, and nothing is called fresh */
export function seen(kind: EvidenceKind, { bytes, at, type, excerpt }: Source, since: string | null): Seen {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const fresh = since !== null && Date.parse(at) > Date.parse(since);
  const id = `${kind}-${sha256.slice(0, 12)}`;
  const evidence = { id, kind, capturedAt: at, fresh, since, sha256, contentType: type[0], excerpt: cut(excerpt) };
  return { evidence, bytes, extension: type[1] };
}

/** What Azure answered, as JSON. @param excerpt what may be read outside the blob: no name of a person */
export function seenJson(kind: EvidenceKind, value: unknown, at: string, since: string | null, excerpt: unknown = value): Seen {
  const bytes = Buffer.from(JSON.stringify(value, null, 2));
  return seen(kind, { bytes, at, type: ['application/json', 'json'], excerpt: JSON.stringify(excerpt) }, since);
}

/** Keeps the bytes and answers what to cite them by. Names derive from contents: keeping the same twice keeps it once. */
export function keep(all: Seen[], { records, repairId }: Pick<Tools, 'records'> & { repairId: string }): Promise<Evidence[]> {
  return Promise.all(
    all.map(async ({ evidence, bytes, extension }) => {
      const blob = await records.putEvidence(repairId, `${evidence.id}.${extension}`, bytes, evidence.contentType);
      return { ...evidence, blob };
    }),
  );
}

/** At most 1 KB, from the end where it is longer, without control characters. */
function cut(text: string): string {
  const printable = text.replaceAll(/[^\P{C}\n]/gu, '');
  return Buffer.from(printable).subarray(-1024).toString('utf8').replace(/^�+/, '');
}
