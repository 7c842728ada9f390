/** Whatever is sent to a route is answered by less than 500, names what is wrong, and starts or says nothing unless it was right. */
import { expect, test } from '@jest/globals';
import { routes } from '../../functions/triggers/index.ts';
import fc from '../fastCheck.ts';
import { mutated, oddText, oddValue } from './odd.ts';
import { encoded, holds, isToldWell, named, send } from './routes.ts';

const group = '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-shop';
const start = {
  vmId: `${group}/providers/Microsoft.Compute/virtualMachines/till`,
  mode: 'review',
  consents: ['upload-dump'],
  restartFirst: true,
};
const decision = { planHash: 'a'.repeat(64), by: 'Anna' };

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
