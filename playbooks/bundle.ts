import { createHash } from 'node:crypto';
import type { Origin, Safety, ScriptId } from './types.ts';

/** A script as it is sent to the repair VM. */
export interface BundledScript {
  id: ScriptId;
  safety: Safety;
  origin: Origin;
  text: string;
  /** Of `text` in UTF-8, lower-case hexadecimal. */
  sha256: string;
}

const HEADER = /^# bootmedic: id=([a-z-]+); safety=(auto_safe|auto_with_snapshot|consent|manual_only); origin=(doc|derived)\n/;

/** Splits a script into what must stay first in PowerShell (comments and `param(…)`, ending with a `)` in the first column) and its body. */
function splitAtParam(id: ScriptId, source: string): { head: string; body: string } {
  const end = source.indexOf('\n)\n');
  if (!/\nparam\(\n/.test(source.slice(0, Math.max(end, 0))))
    throw new Error(`script ${id}: no param block that ends with ")" on a line of its own`);
  return { head: source.slice(0, end + 3), body: source.slice(end + 3) };
}

/**
 * Puts the shared prelude into a script: header, `param(…)`, prelude, body, with LF line ends.
 * Throws when the header is missing or names another id.
 */
export function bundle(id: ScriptId, source: string, prelude: string): BundledScript {
  const plain = source.replaceAll('\r\n', '\n');
  const header = HEADER.exec(plain);
  if (header === null || header[1] !== id)
    throw new Error(`script ${id}: its first line must be "# bootmedic: id=${id}; safety=…; origin=…"`);
  const { head, body } = splitAtParam(id, plain);
  const text = `${head}\n${prelude.replaceAll('\r\n', '\n').trim()}\n${body}`;
  return {
    id,
    safety: header[2] as Safety,
    origin: header[3] as Origin,
    text,
    sha256: createHash('sha256').update(text, 'utf8').digest('hex'),
  };
}
