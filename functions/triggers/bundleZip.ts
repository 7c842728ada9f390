/** Everything of a repair as one zip, streamed: nothing of it is ever whole in memory, and secrets leave it on the way. */
import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Kept, Records, RepairRecord } from '../../records/index.ts';
import { renderHtml, renderMarkdown, renderSupportRequest } from '../../report/index.ts';
import { type Redactor, redactAll, redactor } from '../../report/redact.ts';
import { picturesOf } from './pictures.ts';

/** A larger dump stays where it is, and the bundle says where: copying it would outlast the request. Bytes. */
const LARGEST_DUMP = 2 ** 30;
const TEXT = /\.(?:log|errors|json|jsonl|md|html|txt)$/;

interface Entry {
  /** Path in the zip. */
  path: string;
  open(): Promise<NodeJS.ReadableStream>;
  /** Secrets that were removed before it was written. */
  redacted?: Record<string, number>;
}

/** What `manifest.json` says of each file. */
interface Line {
  path: string;
  bytes: number;
  sha256: string;
  /** Secrets removed, by kind. */
  redacted: Record<string, number>;
}

/** The zip as it is made. An error of a source ends the stream with it. */
export async function bundleZip(record: RepairRecord, records: Records, timeZone: string | null = null): Promise<Readable> {
  const entries = [
    ...(await ours(record, records, timeZone)),
    ...(await kept(record.story.repairId, records)),
    ...(await dumps(record, records)),
  ];
  const zip = new ZipFile();
  const out = Readable.from(zip.outputStream as AsyncIterable<Buffer>);
  zip.on('error', error => out.destroy(error instanceof Error ? error : new Error(String(error))));
  const lines: Line[] = [];
  const when = { mtime: new Date(record.story.endedAt), compress: true };
  const add = (path: string, compress: boolean, open: () => Promise<NodeJS.ReadableStream>) =>
    zip.addReadStreamLazy(path, { ...when, compress }, ready =>
      open().then(
        stream => ready(null, stream),
        error => ready(error, Readable.from([])),
      ),
    );
  for (const { path, open, redacted } of entries) {
    // What we have written ourselves is clean, and its form must stay whole.
    const isText = TEXT.test(path);
    add(path, isText, async () => checked(path, isText && redacted === undefined, await open(), lines, redacted));
  }
  // Asked for last, when what stands before it has gone through.
  add('manifest.json', true, async () => Readable.from([manifest(record, lines)]));
  zip.end();
  return out;
}

function manifest({ story: { repairId, endedAt } }: RepairRecord, files: Line[]): string {
  const redacted = files.flatMap(({ redacted }) => Object.values(redacted)).reduce((sum, count) => sum + count, 0);
  return `${JSON.stringify({ schema: 1, repairId, repairEndedAt: endedAt, redacted, files }, null, 2)}\n`;
}

/** Takes a file's measure as it passes; of a text also its secrets. */
function checked(
  path: string,
  isRaw: boolean,
  source: NodeJS.ReadableStream,
  lines: Line[],
  before: Record<string, number> = {},
): NodeJS.ReadableStream {
  const redact = redactor();
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      lines.push({ path, bytes, sha256: hash.digest('hex'), redacted: { ...before, ...redact.counts } });
      done();
    },
  });
  const parts = isRaw ? source.pipe(byLines(redact)) : source;
  source.once('error', error => measure.destroy(error));
  return parts.pipe(measure);
}

/** Longest rest of a line that is kept while its end has not come, characters. */
const LONGEST = 2 ** 20;

function byLines(redact: Redactor): Transform {
  const decoder = new TextDecoder();
  const ended = (lines: string[]) => lines.map(line => `${line}\n`).join('');
  let rest = '';
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      let text = ended(parts.flatMap(redact.take));
      if (rest.length > LONGEST) {
        const end = endOfWord(rest);
        text += ended(redact.rest()) + redact.piece(rest.slice(0, end));
        rest = rest.slice(end);
      }
      done(null, text);
    },
    flush(done) {
      const last = [...redact.take(rest + decoder.decode()), ...redact.rest()];
      done(null, last.join('\n'));
    },
  });
}

/** Where a line without end may be cut so that no secret is: none of them holds a space. */
function endOfWord(line: string): number {
  const space = line.lastIndexOf(' ');
  return space < line.length - 4096 ? line.length : space;
}

/** What is written for people, and what the record holds as files of their own. */
async function ours(whole: RepairRecord, records: Records, timeZone: string | null): Promise<Entry[]> {
  const { value: record, counts } = redactAll(whole);
  const text = (path: string, content: string): Entry => ({
    ...{ path, open: async () => Readable.from([content]) },
    // Counted once: the other files are written from the same record.
    redacted: path === 'report.json' ? counts : {},
  });
  const json = (path: string, value: unknown) => text(path, `${JSON.stringify(value, null, 2)}\n`);
  const { story, timeline, writes } = record;
  const ends = [...(story.probe ? [story.probe] : []), ...story.attempts.flatMap(({ scripts }) => scripts)];
  return [
    text('support-request.md', renderSupportRequest(record)),
    text('report.html', renderHtml(record, await picturesOf(story, records), timeZone)),
    text('report.md', renderMarkdown(record, timeZone)),
    json('report.json', record),
    json('plan.json', story.plan),
    json('timeline.json', timeline),
    text('audit.jsonl', writes.map(write => `${JSON.stringify(write)}\n`).join('')),
    json('scripts/results.json', ends),
  ];
}

async function kept(id: string, records: Records): Promise<Entry[]> {
  const logs = (await records.blobsOf(id, 'records')).filter(name => name.startsWith(`${id}/scripts/`));
  const seen = await records.blobsOf(id, 'evidence');
  return [
    ...logs.map(name => blobEntry(`scripts/${fileName(name)}`, 'records', name, records)),
    ...seen.map(name => blobEntry(`evidence/${fileName(name)}`, 'evidence', name, records)),
  ];
}

async function dumps({ story: { repairId, dump } }: RepairRecord, records: Records): Promise<Entry[]> {
  const names = await records.blobsOf(repairId, 'dumps');
  const sizes = await Promise.all(names.map(name => records.sizeOf('dumps', name)));
  const fits = (n: number) => (sizes[n] ?? 0) <= LARGEST_DUMP;
  const left = names.filter((_, n) => !fits(n));
  const said = [
    names.length === 0
      ? `There is no memory dump (${dump.state}): ${dump.why}`
      : 'A dump holds what was in memory, passwords too: share it as carefully.',
    ...left.map(name => `Too large for this bundle: container dumps, blob ${name}. Download it by az storage blob download or AzCopy.`),
  ];
  return [
    { path: 'dump/README.txt', open: async () => Readable.from([`${said.join('\n')}\n`]) },
    ...names.filter((_, n) => fits(n)).map(name => blobEntry(`dump/${fileName(name)}`, 'dumps', name, records)),
  ];
}

function blobEntry(path: string, container: Kept, name: string, records: Records): Entry {
  return {
    path,
    async open() {
      const stream = await records.openBlob(container, name);
      if (stream === undefined) throw new Error(`${container}/${name} has gone while it was packed`);
      return stream;
    },
  };
}

/** Names in a zip become paths on somebody's disk. */
function fileName(blob: string): string {
  return (blob.split('/').at(-1) ?? '').replaceAll(/[^\w.-]/g, '_').replace(/^\.+/, '_');
}
