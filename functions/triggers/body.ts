/** Reading what a request carries: JSON of bounded size, and parameters. */
import type { HttpRequest } from '@azure/functions';
import { ProblemError } from './problem.ts';

/** Azure Monitor's alerts stay well below. */
const MAX_BODY_BYTES = 256 * 1024;
/** What the Functions host and its gateway read from the query. */
const HOSTS_OWN = ['code', 'clientid'];

/** @throws ProblemError when it is not JSON of at most `most` bytes, said to be JSON. */
export async function readJson(request: HttpRequest, most = MAX_BODY_BYTES): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    const found = type === '' ? 'it has no content-type' : `its content-type is ${type.slice(0, 100)}`;
    throw new ProblemError('unsupported-media-type', `Send the body as application/json; ${found}.`);
  }
  const tooLarge = new ProblemError('too-large', `At most ${most} bytes are taken.`);
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge;
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > most) throw tooLarge;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw new ProblemError('invalid-json', `Send a JSON object: ${why}`);
  }
}

/** Query parameters that are ours. */
export function readQuery(request: HttpRequest): Record<string, string> {
  return Object.fromEntries([...request.query].filter(([name]) => !HOSTS_OWN.includes(name.toLowerCase())));
}
