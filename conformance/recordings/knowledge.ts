/** What a recording tells about each resource, and from which line on. */
import { z } from 'zod';
import { type Identities, isObject } from './compare.ts';
import type { Exchange } from './exchanges.ts';

/** Any resource as Azure shows one. */
export const Shown = z.looseObject({
  id: z.string(),
  name: z.string().default(''),
  type: z.string().default(''),
  location: z.string().default(''),
  tags: z.record(z.string(), z.string()).optional(),
  zones: z.array(z.string()).optional(),
  sku: z.looseObject({ name: z.string().optional() }).optional(),
  etag: z.string().optional(),
  properties: z.looseObject({ provisioningState: z.string().optional() }).default({}),
});
export type Shown = z.infer<typeof Shown>;

interface Sighting {
  /** Index of the exchange. */
  at: number;
  body: Shown;
  /** A full view, as a GET gives it; the answer to a PUT is not. */
  full: boolean;
}

/** Every body of every resource in a recording. */
export class Knowledge {
  readonly #sightings = new Map<string, Sighting[]>();

  readonly #identities: Identities;

  /** @param identities by which ids that the simulator chose stand in what is seeded */
  constructor(exchanges: Exchange[], identities: Identities) {
    this.#identities = identities;
    for (const [at, { method, status, response }] of exchanges.entries()) {
      if (status >= 300) continue;
      for (const body of resourcesIn(response)) this.#add({ at, body, full: method === 'GET' });
    }
  }

  #add(sighting: Sighting): void {
    const key = sighting.body.id.toLowerCase();
    this.#sightings.set(key, [...(this.#sightings.get(key) ?? []), sighting]);
  }

  /**
   * The resource as it is first seen from a line on; as it was last seen before, where it is not seen again.
   * @param changes the line itself changes it: what was seen before counts first
   */
  of(id: string, from: number, changes = false): Shown | undefined {
    const all = this.#sightings.get(id.toLowerCase()) ?? [];
    const before = all.findLast(({ at, full }) => at < from && full);
    if (changes && before !== undefined) return this.#identities.translate(before.body);
    const later = all.filter(({ at }) => at >= from);
    const seen = later.find(({ full }) => full) ?? later[0] ?? all.findLast(({ full }) => full) ?? all.at(-1);
    return this.#identities.translate(seen?.body);
  }

  /** All later views of a resource, in order. */
  after(id: string, from: number): Shown[] {
    return (this.#sightings.get(id.toLowerCase()) ?? []).filter(({ at }) => at >= from).map(({ body }) => body);
  }
}

/** The resources that a body shows: itself, a list's items, or the output of an operation; not what it merely refers to. */
export function resourcesIn(body: unknown): Shown[] {
  if (!isObject(body)) return [];
  if (Array.isArray(body.value)) return body.value.flatMap(resourcesIn);
  if (isObject(body.properties) && 'output' in body.properties) return resourcesIn(body.properties.output);
  const parsed = Shown.safeParse(body);
  const isResource = parsed.success && /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+(\/providers\/|$)/i.test(parsed.data.id);
  return isResource ? [parsed.data] : [];
}

/** Every id of a resource in a group that a value refers to. */
export function idsIn(value: unknown): string[] {
  const text = JSON.stringify(value) ?? '';
  const found = text.match(
    /\/subscriptions\/[^/"]+\/resourcegroups\/[^/"]+\/providers\/[^/"]+\/[^/"]+\/[^/"]+(?:\/[^/"]+\/[^/"]+)?(?=")/gi,
  );
  return [...new Set(found ?? [])];
}
