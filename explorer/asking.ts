/** Asks the host of a world through its API, as a person's client does. */
import { headersFor } from './facts.ts';
import type { World } from './world.ts';

/** @param body POSTed; without one it is a GET. @throws Error with the status and what was answered, unless it is a success */
export async function askHost<T>(world: World, path: string, body?: unknown): Promise<T> {
  const init = { headers: headersFor(world.host), ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }) };
  // Whole, before any time passes: to a connection of virtual time a long answer is a slow one.
  const read = async () => {
    const answered = await fetch(`${world.host?.url}/api/${path}`, init);
    return { ok: answered.ok, status: answered.status, text: await answered.text() };
  };
  const { ok, status, text } = await world.drive(world.wire.track(read));
  if (!ok) throw new Error(`${path}: ${status} ${text}`);
  return JSON.parse(text || 'null') as T;
}
