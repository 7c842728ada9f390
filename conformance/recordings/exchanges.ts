/** Reads recorded exchanges with Azure: folders of `*.jsonl`, one `{method, url, request, status, headers, response}` a line. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type ArmPath, parsePath } from '../../simulator/arm/paths.ts';
import { withKnownSizes } from './sizes.ts';

const Line = z.object({
  method: z.string(),
  url: z.string(),
  request: z.unknown().optional(),
  status: z.int(),
  headers: z.record(z.string(), z.string()).default({}),
  response: z.unknown().optional(),
});

export interface Exchange {
  /** From 1: the line. */
  n: number;
  method: string;
  /** Path and query as sent. */
  url: string;
  path: string;
  query: URLSearchParams;
  /** Undefined for a path that is none of ARM's. */
  parsed: ArmPath | undefined;
  request: unknown;
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Undefined where there was none. */
  response: unknown;
  /** When the service answered; undefined where the recording does not tell. */
  at: Date | undefined;
}

export interface Recording {
  name: string;
  exchanges: Exchange[];
}

/** All recordings of a folder, or undefined where it is absent. @throws on a line that is no exchange */
export function readRecordings(folder: string): Recording[] | undefined {
  if (!existsSync(folder)) return undefined;
  const files = readdirSync(folder).filter(file => file.endsWith('.jsonl'));
  return files.toSorted().map(file => ({ name: basename(file, '.jsonl'), exchanges: readFile(join(folder, file)) }));
}

function readFile(file: string): Exchange[] {
  const lines = withKnownSizes(readFileSync(file, 'utf8')).split('\n');
  return lines.flatMap((text, index) => (text.trim() === '' ? [] : [readLine(text, index + 1, file)]));
}

function readLine(text: string, n: number, file: string): Exchange {
  const parsed = Line.safeParse(jsonOf(text, `${file} line ${n}`));
  if (!parsed.success) throw new Error(`${file} line ${n} is no exchange:\n${z.prettifyError(parsed.error)}`);
  const { method, status, headers, request, response } = parsed.data;
  const url = parsed.data.url.replace(/^https?:\/\/[^/]+/, '');
  const [path = '', search = ''] = url.split('?');
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const time = Date.parse(lower.date ?? '');
  return {
    ...{ n, method: method.toUpperCase(), url, path, query: new URLSearchParams(search), parsed: parsePath(path), status, headers: lower },
    request: request ?? undefined,
    response: response === null || response === '' ? undefined : response,
    at: Number.isNaN(time) ? undefined : new Date(time),
  };
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where} is no JSON`, { cause });
  }
}

/** The id of an operation that a status address names. */
export function operationIdOf(url: string): string | undefined {
  const [path = ''] = url.split('?');
  return /\/(?:operations|diskoperations|operationresults|operationstatuses)\/([^/]+)$/i.exec(path)?.[1]?.toLowerCase();
}
