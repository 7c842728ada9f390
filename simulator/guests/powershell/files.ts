/** A file of the model as bytes that the stand-ins and the scripts work on, and back. */
import { closeSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import { DiskFile } from '../disk.ts';
import { hiveFileText, readHive, readStore, storeText } from './registry.ts';

/** What a file of a script's own making may hold that is not zeros, bytes: the model is no file system. The rest reads as zeros. */
const MOST = 4 * 1024 * 1024;

type Marked = DiskFile & { kind: 'binary' | 'pending' };

export function textOf(file: DiskFile): string | Uint8Array {
  switch (file.kind) {
    case 'hive':
      return file.root === null ? `no hive, ${file.bytes} bytes` : hiveFileText(file.root, file.bytes, file.dirty === true);
    case 'bcd':
      return storeText(file.store);
    case 'binary':
    case 'pending':
      return markedText(file);
    case 'text':
      return file.text;
    case 'data':
      return Buffer.from(file.head, 'base64');
  }
}

/** What tells a program or a pending operation apart, on one line. Two are the same file when these are equal. */
export function markedText({ modified: _, kind, ...rest }: Marked): string {
  return `${kind} ${JSON.stringify(Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => a.localeCompare(b))))}`;
}

/** What a script left in a file. `was` = what the file at this path was before. */
export function fileFrom(path: string, bytes: number, modified: string, was: DiskFile | undefined): DiskFile {
  const head = headOf(path, Math.min(bytes, MOST));
  const text = head.toString();
  const known = store(text, modified) ?? hive(text, modified, was) ?? marked(text, modified);
  if (known !== undefined) return known;
  // Windows finds nothing in it that it could use, whatever it is now.
  if (was?.kind === 'hive') return { kind: 'hive', modified, bytes, root: null };
  if (was?.kind === 'binary') return { kind: 'binary', modified, bytes, version: '', whole: false };
  const isText = bytes <= MOST && !head.includes(0) && Buffer.from(text).equals(head);
  if (isText) return { kind: 'text', modified, text };
  return { kind: 'data', modified, bytes, head: head.subarray(0, head.findLastIndex(byte => byte !== 0) + 1).toString('base64') };
}

function headOf(path: string, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, count, 0));
  } finally {
    closeSync(file);
  }
}

function store(text: string, modified: string): DiskFile | undefined {
  const found = readStore(text);
  return found && { kind: 'bcd', modified, store: found };
}

function hive(text: string, modified: string, was: DiskFile | undefined): DiskFile | undefined {
  const length = /^no hive, (\d+) bytes$/.exec(text)?.[1];
  if (length !== undefined) return { kind: 'hive', modified, bytes: Number(length), root: null };
  const found = readHive(text);
  if (found === undefined) return undefined;
  const bytes = found.bytes || (was?.kind === 'hive' ? was.bytes : text.length);
  return { kind: 'hive', modified, bytes, root: found.root, ...(found.dirty && { dirty: true }) };
}

const Fields = z.record(z.string(), z.unknown());

function marked(text: string, modified: string): DiskFile | undefined {
  const [, kind, fields] = /^(binary|pending) (\{.*\})$/.exec(text) ?? [];
  if (kind === undefined || fields === undefined) return undefined;
  try {
    return DiskFile.safeParse({ ...Fields.parse(JSON.parse(fields)), kind, modified }).data;
  } catch {
    return undefined;
  }
}
