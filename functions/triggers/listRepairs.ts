import type { DurableClient } from 'durable-functions';
import type { z } from 'zod';
import type { Records } from '../../records/index.ts';
import { instanceList } from './instances.ts';
import { json, route } from './route.ts';
import { listQuery, repairList } from './schemas.ts';
import { type Item, itemOf } from './views.ts';

type Query = z.infer<typeof listQuery>;

export const listRepairs = route({
  name: 'listRepairs',
  method: 'GET',
  also: 'POST',
  role: 'Repair.Read',
  path: 'repairs',
  summary: 'Lists repairs, newest request first',
  query: listQuery,
  answers: { 200: { description: 'One page', content: { 'application/json': repairList } } },
  async handle({ query, client, services }) {
    return json(200, pageOf(await allItems(client, services.records), query));
  },
});

/** A host's memory of what has completed lies beside the records that tell the rest. */
const lists = new WeakMap<Records, ReturnType<typeof instanceList>>();

/** Every repair that Durable Functions or the records know, newest request first. */
export async function allItems(client: DurableClient, records: Records): Promise<Item[]> {
  const listInstances = lists.get(records) ?? instanceList();
  lists.set(records, listInstances);
  const [instances, summaries] = await Promise.all([listInstances(client), records.recentSummaries()]);
  const summaryOf = new Map(summaries.map(summary => [summary.id, summary]));
  const instanceOf = new Map(instances.map(instance => [instance.id, instance]));
  const ids = new Set([...summaryOf.keys(), ...instanceOf.keys()]);
  const items = [...ids].map(id => itemOf(instanceOf.get(id), summaryOf.get(id)));
  return items.filter(item => item !== undefined).sort(newestFirst);
}

/** The part of all repairs that a query asks for. A page begins behind the last id of the page before, so new repairs shift nothing. */
export function pageOf(all: Item[], { state, vm, limit, after }: Query): z.infer<typeof repairList> {
  const wanted = all.filter(item => (!state || item.state === state) && (!vm || isVm(item.vmId, vm))).sort(newestFirst);
  const start = after === undefined ? 0 : wanted.findIndex(item => item.id === after) + 1;
  const items = wanted.slice(start, start + limit);
  const last = start + limit < wanted.length ? items.at(-1) : undefined;
  return { items, next: last ? nextPath({ state, vm, limit, after: last.id }) : null };
}

function newestFirst(a: Item, b: Item): number {
  return Date.parse(b.requestedAt) - Date.parse(a.requestedAt) || (a.id < b.id ? 1 : -1);
}

function isVm(vmId: string, asked: string): boolean {
  const id = vmId.toLowerCase();
  const sought = asked.toLowerCase();
  return id === sought || id.endsWith(`/${sought}`);
}

function nextPath(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return `/api/repairs?${parameters}`;
}
