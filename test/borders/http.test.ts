/** Whatever is sent to a route is answered by less than 500, names what is wrong, and starts or says nothing unless it was right. */
import { HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BlobStore } from '../../azure/blobs.ts';
import { routes } from '../../functions/triggers/index.ts';
import type { Route } from '../../functions/triggers/route.ts';
import { createRecords } from '../../records/index.ts';
import { desk, personHeader } from '../triggers/callers.ts';
import { isUnpolluted, mutated, oddText, oddValue } from './odd.ts';

const by = personHeader('anna', ['Repair.Read', 'Repair.Start', 'Repair.Approve', 'ActionGroupsSecureWebhook']);
const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop';
const start = {
  vmId: `${group}/providers/Microsoft.Compute/virtualMachines/till`,
  mode: 'review',
  consents: ['upload-dump'],
  restartFirst: true,
};
const decision = { planHash: 'a'.repeat(64), by: 'Anna' };

interface Sent {
  params?: Record<string, string>;
  query?: string;
  body?: string | Uint8Array;
  type?: string;
}

const empty = {
  ...{ put: async () => {}, append: async () => {}, get: async () => undefined, properties: async () => undefined },
  async *list() {},
} as unknown as BlobStore;

function fresh() {
  return desk({}, { rights: { missingFor: async () => [] }, records: createRecords(empty) });
}

/** By the real request class of the library: what the host hands over is of it. */
async function send(route: Route, { params = {}, query = '', body, type = 'application/json' }: Sent) {
  const { services, started, said } = fresh();
  const headers = { 'x-ms-client-principal': by, ...(body !== undefined && { 'content-type': type }) };
  const request = new HttpRequest({
    ...{ method: route.method, url: `https://app/api/${route.path}${query}`, headers, params },
    ...(body !== undefined && { body: typeof body === 'string' ? { string: body } : { bytes: body } }),
  });
  const client = {
    getStatus: async () => {
      throw new Error('HTTP 404 response');
    },
    ...{ getStatusBy: async () => [], readEntityState: async () => ({ entityState: null }), signalEntity: async () => {} },
    startNew: async (_: string, { input }: { input: unknown }) => void started.push(input),
    raiseEvent: async (_: string, event: string) => void said.push({ event, payload: null }),
  };
  const errors: unknown[] = [];
  const context = { info: () => {}, warn: () => {}, error: (error: unknown) => errors.push(error), invocationId: 'i' };
  const answer = await route.run(request, client as never, context as unknown as InvocationContext, services);
  return { answer, started, said, errors };
}

function isToldWell({ status = 0, body }: HttpResponseInit): boolean {
  if (status < 400) return true;
  const { title, detail, errors } = JSON.parse(String(body));
  const fields = (errors as { field: string; problem: string; remedy: string }[]).every(each => each.field && each.problem && each.remedy);
  return status < 500 && Boolean(title && detail) && fields && (status !== 400 || /JSON/.test(title) || errors.length > 0);
}

async function holds(route: Route, sent: Sent): Promise<void> {
  const { answer, started, said, errors } = await send(route, sent);
  expect([route.name, answer.status, errors, isToldWell(answer)]).toEqual([route.name, answer.status, [], true]);
  if ((answer.status ?? 0) >= 400) expect([started, said]).toEqual([[], []]);
  expect(isUnpolluted()).toBe(true);
}

const named = (name: string): Route => {
  const found = routes.find(route => route.name === name);
  if (found === undefined) throw new Error(`there is no route ${name}`);
  return found;
};
const encoded = (value: unknown) => JSON.stringify(value) ?? 'undefined';
// What starts or reads from Azure needs more than a desk.
const asked = routes.filter(({ name }) => !/sweep|leftover/i.test(name));

test('any JSON, for every route that takes some', async () => {
  const taking = asked.filter(({ body, name }) => body !== null && name !== 'receiveAlert');
  const params = { id: 'r-k3mq7xw2ab4d', finding: '0x000000EF' };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...taking), oddValue, (route, body) =>
      holds(route, {
        params: Object.fromEntries(Object.entries(params).filter(([name]) => route.path.includes(`{${name}}`))),
        body: encoded(body),
      }),
    ),
    { numRuns: 150 },
  );
});

test('a right request with one thing wrong in it', async () => {
  const cases = fc.oneof(
    mutated(start).map(body => ({ route: named('startRepair'), body, params: {} })),
    mutated(decision).map(body => ({ route: named('approveRepair'), body, params: { id: 'r-k3mq7xw2ab4d' } })),
    mutated({ by: 'Anna' }).map(body => ({ route: named('resetBreaker'), body, params: { finding: '0x000000EF' } })),
  );
  await fc.assert(
    fc.asyncProperty(cases, ({ route, body, params }) => holds(route, { params, body: encoded(body) })),
    { numRuns: 200 },
  );
});

test('ids and queries that nobody writes', async () => {
  const query = fc.dictionary(fc.oneof(fc.constantFrom('state', 'vm', 'limit', 'after', 'id'), oddText), oddText, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...asked.filter(({ body }) => body === null)), oddText, query, (route, id, asks) =>
      holds(route, { params: route.path.includes('{id}') ? { id } : {}, query: `?${new URLSearchParams(asks)}` }),
    ),
    { numRuns: 150 },
  );
});

test('bodies that are no JSON, too large, cut, or said to be something else', async () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(400).map(length => JSON.stringify(start).slice(0, length)),
    fc.constantFrom(
      JSON.stringify({ ...start, requestedBy: 'x'.repeat(300_000) }),
      `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`,
      '﻿{}',
      '',
    ),
  );
  const type = fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'application/x', '');
  await fc.assert(
    fc.asyncProperty(body, type, (sent, said) => holds(named('startRepair'), { body: sent, type: said })),
    { numRuns: 120 },
  );
});

test('the id of a VM in any case starts a repair of that VM; any other text in it starts none', async () => {
  const cased = fc.mixedCase(fc.constant(start.vmId));
  await fc.assert(
    fc.asyncProperty(cased, async vmId => {
      const { answer, started } = await send(named('startRepair'), { body: JSON.stringify({ ...start, vmId }) });
      expect([answer.status, started.length]).toEqual([202, 1]);
      expect((started[0] as { vmId: string }).vmId.toLowerCase()).toBe(start.vmId.toLowerCase());
    }),
    { numRuns: 25 },
  );
  const broken = fc.tuple(oddText, fc.nat(start.vmId.length)).map(([text, at]) => start.vmId.slice(0, at) + text + start.vmId.slice(at));
  await fc.assert(
    fc.asyncProperty(broken, async vmId => {
      const { answer, started } = await send(named('startRepair'), { body: JSON.stringify({ ...start, vmId }) });
      expect(isToldWell(answer)).toBe(true);
      for (const each of started as { vmId: string }[])
        expect(each.vmId).toMatch(
          /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[\p{L}\p{N}_().-]+\/providers\/Microsoft\.Compute\/virtualMachines\/[\w.-]+$/u,
        );
    }),
    { numRuns: 80 },
  );
});
