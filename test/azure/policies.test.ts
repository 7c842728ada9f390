import {
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  RestError,
} from '@azure/core-rest-pipeline';
import { describe, expect, test } from '@jest/globals';
import { changing, correlationId, inCall } from '../../azure/call.ts';
import { createClock } from '../../azure/clock.ts';
import { actionOf } from '../../azure/ids.ts';
import { type AzureWrite, auditPolicy, correlationPolicy, readRetryPolicy, retryAfterPolicy } from '../../azure/policies.ts';

const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1';
const call = { repairId: 'r-abcdefghijkl', phase: 'protect', step: 'ensurePoweredOff' };
const clock = createClock(20);

/** A wire that answers with what it is given, one after another: a status, headers, or a break. */
function wire(...answers: (number | Record<string, string> | 'break')[]) {
  const seen: { method: string; url: string; correlation: string | undefined }[] = [];
  const told: { repairId: string; write: AzureWrite }[] = [];
  const client: HttpClient = {
    async sendRequest(request) {
      seen.push({ method: request.method, url: request.url, correlation: request.headers.get('x-ms-correlation-request-id') });
      const answer = answers.shift() ?? 200;
      if (answer === 'break') throw new RestError('reset', { code: 'ECONNRESET' });
      const headers = typeof answer === 'number' ? {} : answer;
      return {
        request,
        status: typeof answer === 'number' ? answer : 202,
        headers: createHttpHeaders({ 'x-ms-request-id': 'req', ...headers }),
      };
    },
  };
  const pipeline = createEmptyPipeline();
  const audit = auditPolicy(async (repairId, write) => void told.push({ repairId, write }), clock);
  for (const policy of [correlationPolicy, readRetryPolicy(clock), audit, retryAfterPolicy(clock)]) pipeline.addPolicy(policy);
  const send = (method: HttpMethods, url: string) => pipeline.sendRequest(client, createPipelineRequest({ method, url }));
  return { seen, told, answered: () => told.filter(({ write }) => write.answered), send };
}

describe('every request', () => {
  test('of one repair bears one correlation id, of another repair another', async () => {
    const { seen, send } = wire();
    await inCall(call, () => send('GET', `https://arm${vm}`));
    await inCall({ ...call, step: 'other' }, () => send('GET', `https://arm${vm}`));
    await inCall({ ...call, repairId: 'r-zzzzzzzzzzzz' }, () => send('GET', `https://arm${vm}`));
    await send('GET', `https://arm${vm}`);
    const [first, second, third, outside] = seen.map(request => request.correlation);
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first).toBe(correlationId(call.repairId));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(outside).toBeUndefined();
  });
});

describe('the audit', () => {
  test('hears of a write: what, by which step, how it was answered; neither query nor body', async () => {
    const { told, answered, send } = wire(202);
    const asked = { by: 'anna', planHash: 'abc', approvedBy: 'bert' };
    await inCall({ ...call, ...asked }, () => send('POST', `https://arm${vm}/powerOff?skipShutdown=true&sig=SECRET`));
    expect(answered()).toHaveLength(1);
    expect(told[0]?.repairId).toBe(call.repairId);
    expect(answered()[0]?.write).toMatchObject({
      ...asked,
      method: 'POST',
      resource: `${vm}/powerOff`,
      operation: 'Microsoft.Compute/virtualMachines/powerOff/action',
      status: 202,
      requestId: 'req',
      correlationId: correlationId(call.repairId),
      phase: 'protect',
      step: 'ensurePoweredOff',
      ms: expect.any(Number),
    });
    expect(JSON.stringify(told)).not.toContain('SECRET');
  });

  test('hears of refused and of lost writes too', async () => {
    const { answered, send } = wire(409, 'break');
    await inCall(call, () => send('DELETE', `https://arm${vm}`));
    await expect(inCall(call, () => send('PUT', `https://arm${vm}`))).rejects.toThrow('reset');
    expect(answered().map(({ write }) => [write.operation, write.status])).toEqual([
      ['Microsoft.Compute/virtualMachines/delete', 409],
      ['Microsoft.Compute/virtualMachines/write', 0],
    ]);
  });

  test('hears of a write before it is sent, under the same attempt', async () => {
    const { told, seen, send } = wire(202);
    await inCall(call, () => send('PUT', `https://arm${vm}`));
    const [before, after] = told.map(({ write }) => write);
    expect([before?.answered, before?.status, after?.answered, after?.status]).toEqual([false, 0, true, 202]);
    expect(before?.attempt).toBe(after?.attempt);
    expect(seen).toHaveLength(1);
  });

  test('that cannot be written stops the write', async () => {
    let sent = 0;
    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(auditPolicy(() => Promise.reject(new Error('storage is away')), clock));
    const client: HttpClient = {
      async sendRequest(request) {
        sent++;
        return { request, status: 200, headers: createHttpHeaders() };
      },
    };
    const request = createPipelineRequest({ method: 'PUT', url: `https://arm${vm}` });
    await expect(inCall(call, () => pipeline.sendRequest(client, request))).rejects.toThrow('storage is away');
    expect(sent).toBe(0);
  });

  test('does not hear of reads, also not of those that Azure asks by POST', async () => {
    const { told, send } = wire();
    await inCall(call, () => send('GET', `https://arm${vm}`));
    await inCall(call, () => send('POST', `https://arm${vm}/retrieveBootDiagnosticsData?api-version=1`));
    expect(told).toEqual([]);
  });

  test('hears what a write replaces where the step says so', async () => {
    const { told, send } = wire();
    await inCall(call, () => changing({ before: 'disk-a', after: 'disk-b' }, () => send('PATCH', `https://arm${vm}`)));
    expect(told[0]?.write).toMatchObject({ before: 'disk-a', after: 'disk-b' });
  });
});

describe('repetition', () => {
  test('a read is tried three times, a write once', async () => {
    const reading = wire(500, 'break', 200);
    expect((await reading.send('GET', `https://arm${vm}`)).status).toBe(200);
    expect(reading.seen).toHaveLength(3);
    const writing = wire(500);
    expect((await writing.send('PUT', `https://arm${vm}`)).status).toBe(500);
    expect(writing.seen).toHaveLength(1);
  });

  test('a read that never succeeds ends; a throttled one is not repeated', async () => {
    const broken = wire('break', 'break', 'break', 200);
    await expect(broken.send('GET', `https://arm${vm}`)).rejects.toThrow('reset');
    expect(broken.seen).toHaveLength(3);
    const throttled = wire(429);
    expect((await throttled.send('GET', `https://arm${vm}`)).status).toBe(429);
    expect(throttled.seen).toHaveLength(1);
  });

  test('Retry-After comes through in service seconds', async () => {
    const { send } = wire({ 'retry-after': '2' });
    expect((await send('PUT', `https://arm${vm}`)).headers.get('retry-after')).toBe('40');
  });
});

test.each([
  ['PUT', vm, 'Microsoft.Compute/virtualMachines/write'],
  ['PUT', `${vm}/runCommands/1-probe`, 'Microsoft.Compute/virtualMachines/runCommands/write'],
  ['POST', `${vm}/attachDetachDataDisks`, 'Microsoft.Compute/virtualMachines/attachDetachDataDisks/action'],
  ['DELETE', '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/disks/d', 'Microsoft.Compute/disks/delete'],
  ['PUT', '/subscriptions/s/resourcegroups/rg-bootmedic', 'Microsoft.Resources/subscriptions/resourceGroups/write'],
])('%s %s is the action %s', (method, path, action) => {
  expect(actionOf(method, path)).toBe(action);
});
