/** `bootmedic bundle`: everything of a repair for a support request, fetched in parts, so that a broken download goes on where it stopped. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { openApp } from './app.ts';
import type { Client } from './client.ts';
import { CliError, type ExitCode, errorText, exitCodes } from './errors.ts';
import { pause } from './interrupt.ts';
import { patience } from './patience.ts';
import type { Common } from './repairs.ts';
import type { Terminal } from './terminal.ts';

export interface BundleOptions extends Common {
  out: string | null;
}

/** Parts that may fail in a row. */
const PATIENCE = 5;
const RETRY_MS = 1000;

export async function bundle(id: string, options: BundleOptions, terminal: Terminal, interrupt: AbortSignal): Promise<ExitCode> {
  const app = await openApp(options, interrupt);
  try {
    const file = options.out ?? `bootmedic-${id}.zip`;
    const bytes = await download(app.client, id, file, app.signal);
    const sha256 = await hashOf(file);
    if (options.json) terminal.write(`${JSON.stringify({ file, bytes, sha256 }, null, 2)}\n`);
    else if (!options.quiet)
      terminal.write(`${file}  ${bytes.toLocaleString('en')} bytes  SHA-256 ${sha256}\nFile support-request.md in it is ready to send.\n`);
    return exitCodes.done;
  } finally {
    await app.close();
  }
}

/** Into `<file>.part`, beside a note of the version it is of; both are gone when it is whole. Answers its bytes. */
async function download(client: Client, id: string, file: string, signal: AbortSignal): Promise<number> {
  const there = await stat(file).catch(() => null);
  if (there?.isDirectory()) throw new CliError(`${file} is a folder`, 'name a file by --out', exitCodes.wrongUse);
  const [part, note] = [`${file}.part`, `${file}.part.version`];
  let etag = await readFile(note, 'utf8').catch(() => '');
  const handle = await open(part, etag === '' ? 'w' : 'a').catch((error: unknown) => {
    throw new CliError(`the bundle cannot be written: ${errorText(error)}`, 'name a file that can be written by --out', exitCodes.wrongUse);
  });
  try {
    const patient = patience(PATIENCE, signal);
    for (let at = (await stat(part)).size; ; ) {
      const got = await patient(client.bundlePart(id, at, etag));
      if (got === null) {
        await pause(RETRY_MS, signal);
        continue;
      }
      if (got.from !== at) await handle.truncate(0);
      etag = got.etag;
      await writeFile(note, etag);
      await handle.appendFile(got.bytes);
      at = got.from + got.bytes.length;
      if (at >= got.size) break;
    }
  } finally {
    await handle.close();
    if ((await stat(part)).size === 0) await rm(part);
  }
  await rename(part, file);
  await rm(note, { force: true });
  return (await stat(file)).size;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}
