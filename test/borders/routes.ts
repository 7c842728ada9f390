/** A route called as the host calls it, beside a store and a hub that are empty; what must hold of any answer. Not a test itself. */
import { HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { expect } from '@jest/globals';
import type { BlobStore } from '../../azure/blobs.ts';
import { routes } from '../../functions/triggers/index.ts';
import type { Route } from '../../functions/triggers/route.ts';
import { createRecords } from '../../records/index.ts';
import { desk, personHeader } from '../triggers/callers.ts';
import { isUnpolluted } from './odd.ts';

const by = personHeader('anna', ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook']);
export interface Sent {
  params?: Record<string, string>;
  query?: string;
  body?: string | Uint8Array;
  type?: string;
  /** The caller's header; a person with every role by default. */
  caller?: string;
}

const empty = {
  ...{
    put: async () => {},
    create: async () => true,
    append: async () => {},
    get: async () => undefined,
    properties: async () => undefined,
  },
  async *list() {},
} as unknown as BlobStore;

function fresh() {
  return desk({}, { rights: { missingFor: async () => [] }, records: createRecords(empty) });
}

/** By the real request class of the library: what the host hands over is of it. */
export async function send(route: Route, { params = {}, query = '', body, type = 'application/json', caller = by }: Sent) {
  const { services, started, said, client } = fresh();
  const headers = { 'x-ms-client-principal': caller, ...(body !== undefined && { 'content-type': type }) };
  const request = new HttpRequest({
    ...{ method: route.method, url: `https://app/api/${route.path}${query}`, headers, params },
    ...(body !== undefined && { body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  });
  const errors: unknown[] = [];
  const context = { info: () => {}, warn: () => {}, error: (error: unknown) => errors.push(error), invocationId: 'i' };
  const answer = await route.run(request, client, context as unknown as InvocationContext, services);
  return { answer, started, said, errors };
}

export function isToldWell({ status = 0, body }: HttpResponseInit): boolean {
  if (status < 400) return true;
  const { title, detail, errors } = JSON.parse(String(body));
  const fields = (errors as { field: string; problem: string; remedy: string }[]).every(each => each.field && each.problem && each.remedy);
  return status < 500 && Boolean(title && detail) && fields && (status !== 400 || /JSON/.test(title) || errors.length > 0);
}

export async function answered(route: Route, sent: Sent): Promise<{ status: number; started: unknown[] }> {
  const { answer, started, said, errors } = await send(route, sent);
  expect([route.name, answer.status, errors, isToldWell(answer)]).toEqual([route.name, answer.status, [], true]);
  if ((answer.status ?? 0) >= 400) expect([started, said]).toEqual([[], []]);
  expect(isUnpolluted()).toBe(true);
  return { status: answer.status ?? 0, started };
}

export async function holds(route: Route, sent: Sent): Promise<void> {
  await answered(route, sent);
}

export const named = (name: string): Route => {
  const found = routes.find(route => route.name === name);
  if (found === undefined) throw new Error(`there is no route ${name}`);
  return found;
};
export const encoded = (value: unknown) => JSON.stringify(value) ?? 'undefined';
