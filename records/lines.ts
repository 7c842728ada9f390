/** JSON lines in append blobs: appended at least once, so what is read back may hold a line twice, and a torn one. */
import type { z } from 'zod';

/** One entry as a line of an append blob. */
export function line(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}

/**
 * The entries of a blob of JSON lines, in the order they were appended, each once.
 * A line that is torn or that the schema does not know is left out: a damaged line must not hide the others.
 * @param identity what makes two entries the same one
 */
export function readLines<T>(text: string, schema: z.ZodType<T>, identity: (entry: T) => unknown): T[] {
  const entries = new Map<string, T>();
  for (const raw of text.split('\n')) {
    const entry = schema.safeParse(parse(raw)).data;
    if (entry === undefined) continue;
    const key = JSON.stringify(identity(entry));
    if (!entries.has(key)) entries.set(key, entry);
  }
  return [...entries.values()];
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
