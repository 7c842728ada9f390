/** The serial console, over real TLS and a real web socket, on the simulator. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Arm, createArm } from '../../azure/arm.ts';
import { inCall } from '../../azure/call.ts';
import { createClock } from '../../azure/clock.ts';
import { type AzureWrite, auditPolicy } from '../../azure/policies.ts';
import { type SerialConsole, serialConsole } from '../../azure/serialConsole.ts';
import { call, estate, GROUP, LOCATION, type Rig, rig, SUBSCRIPTION, stateOf, vmId } from '../simulator/support/estate.ts';
import { toy } from '../simulator/support/guests.ts';

const other = '22222222-2222-4333-8444-555555555555';
const machine = (name: string, boots: boolean | 'never', changes: object = {}) => ({
  ...{ name, resourceGroup: GROUP, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V2' },
  osDisk: { name: `${name}-os`, sizeGb: 127, contents: toy(name, boots) },
  ...changes,
});
const hung = ['first', 'second', 'third', 'fourth', 'noisy'];
const scenario = estate({
  subscriptions: [{ id: SUBSCRIPTION }, { id: other, serialConsoleDisabled: true }],
  resourceGroups: [
    { name: GROUP, location: LOCATION },
    { subscription: other, name: GROUP, location: LOCATION },
    { name: 'closed', location: LOCATION },
  ],
  grants: [
    { scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`, actions: ['*'] },
    { scope: `/subscriptions/${other}`, actions: ['*'] },
  ],
  virtualMachines: [
    ...hung.map(name => machine(name, 'never')),
    machine('halted', false),
    machine('starting', true),
    machine('off', false, { power: 'stopped' }),
    machine('blind', 'never', { bootDiagnostics: false }),
    machine('elsewhere', 'never', { subscription: other }),
    machine('closed', 'never', { resourceGroup: 'closed' }),
  ],
});

let azure: Rig;
let console: SerialConsole;
const told: AzureWrite[] = [];
beforeAll(async () => {
  azure = await rig(scenario, 100);
  const clock = createClock(100);
  const audit = auditPolicy(async (_, write) => void told.push(write), clock);
  const arm = createArm({ endpoint: azure.simulator.armEndpoint, credential: azure.credential, userAgent: 'test', policies: [audit] });
  console = serialConsole(arm, clock);
}, 30_000);
afterAll(() => azure?.simulator.close());

const interrupt = (
  name: string,
  last: (heard: string) => Promise<string | null> = async () => null,
  seconds = { before: 1, after: 1 },
  vm = vmId(name),
) => inCall({ repairId: 'r-abcdefghijkl', phase: 'verify', step: 'ensureNmi' }, () => console.interrupt(vm, seconds, last));
const screenOf = async (name: string) => (await stateOf(azure)).vms.find((vm: { id: string }) => vm.id === vmId(name)).screen;
const inject = (fault: object) =>
  fetch(`${azure.simulator.adminUrl}/faults`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ match: { method: 'POST', path: '/adminCommand/' }, ...fault }),
  });

describe('a non-maskable interrupt', () => {
  test('stops a Windows that hangs, and what COM1 says of it is heard', async () => {
    expect(await interrupt('first', undefined, { before: 1, after: 60 })).toEqual({
      sent: 'yes',
      heard: expect.stringContaining('Stop 0x80'),
      fault: null,
    });
    expect(await screenOf('first')).toMatchObject({ kind: 'stop', stopCode: 'NMI HARDWARE FAILURE' });
  });

  test('is on record under the VM’s port, before it is sent and when it is answered; neither its address nor the token is', () => {
    const line = {
      ...{ method: 'POST', operation: 'Microsoft.SerialConsole/serialPorts/connect/action', after: 'a non-maskable interrupt' },
      resource: `${vmId('first')}/providers/Microsoft.SerialConsole/serialPorts/0`,
    };
    expect(told).toMatchObject([
      { ...line, answered: false, status: 0 },
      { ...line, answered: true, status: 200 },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/\/serial\/|adminCommand|eyJ/);
  });

  test('is not heard by a halted stop screen', async () => {
    expect(await interrupt('halted')).toEqual({ sent: 'yes', heard: expect.not.stringContaining('0x80'), fault: null });
    expect(await screenOf('halted')).toMatchObject({ stopCode: 'CRITICAL PROCESS DIED' });
  });

  test('whose answer is lost may have been sent, and is told so; it is not sent again', async () => {
    await inject({ drop: 'after' });
    expect(await interrupt('second', undefined, { before: 1, after: 60 })).toMatchObject({
      sent: 'unknown',
      heard: expect.stringContaining('0x80'),
      fault: { kind: 'transient' },
    });
    expect(told.at(-1)).toMatchObject({ status: 0 });
    const { writes } = await stateOf(azure);
    expect(writes.filter(({ path }: { path: string }) => path.includes('/second/'))).toHaveLength(1);
  });

  test('that the console refuses was not sent', async () => {
    await inject({ answer: { status: 403 } });
    expect(await interrupt('third')).toMatchObject({ sent: 'no', refusal: { code: 'console-permission' } });
    await inject({ answer: { status: 429 } });
    expect(await interrupt('third')).toMatchObject({ sent: 'no', refusal: { code: 'console-unreachable' } });
    expect(await screenOf('third')).toMatchObject({ kind: 'windows-logo' });
  });

  test('is not sent where what must be noted before cannot be', async () => {
    const noting = async (): Promise<null> => {
      expect(await screenOf('third')).toMatchObject({ kind: 'windows-logo' });
      throw new Error('no storage');
    };
    await expect(interrupt('third', noting)).rejects.toThrow('no storage');
    expect(await screenOf('third')).toMatchObject({ kind: 'windows-logo' });
  });

  test('is not sent where COM1 has just said something else than the picture', async () => {
    const path = `${vmId('starting')}/restart?api-version=2026-04-01`;
    let heard = '';
    while (!heard.includes('up')) {
      await call(azure, 'POST', path);
      const end = await interrupt(
        'starting',
        async said => {
          heard = said;
          return 'it lives';
        },
        { before: 20, after: 0 },
      );
      expect(end).toEqual({ sent: 'withheld', why: 'it lives' });
    }
    expect((await stateOf(azure)).writes.filter(({ path }: { path: string }) => path.includes('/starting/providers/'))).toEqual([]);
  });

  test('a guest that floods its port is heard no further than 64 KB', async () => {
    const end = await interrupt('noisy', undefined, { before: 1, after: 2000 });
    expect('heard' in end && [end.heard.length, end.heard.slice(0, 9)]).toEqual([65_536 - '\r\n'.length, 'Stop 0x80']);
  });
});

describe('a console that does not let us in is a finding with its remedy', () => {
  test.each([
    ['off', 'console-unreachable', 'VMNotRunning'],
    ['blind', 'console-unreachable', 'BootDiagnosticsDisabled'],
  ])('of the VM %s', async (name, code, message) => {
    expect(await interrupt(name)).toEqual({
      sent: 'no',
      refusal: { code, message: expect.stringContaining(message), remedy: expect.any(String) },
    });
  });

  test('where it is disabled for the subscription', async () => {
    const answer = await interrupt('', undefined, undefined, vmId('elsewhere').replace(SUBSCRIPTION, other));
    expect(answer).toMatchObject({ refusal: { code: 'console-disabled', remedy: expect.stringContaining('az serial-console enable') } });
  });

  test('where the action is missing', async () => {
    const answer = await interrupt('', undefined, undefined, vmId('closed', 'closed'));
    expect(answer).toMatchObject({
      refusal: { code: 'console-permission', remedy: expect.stringContaining('serialPorts/connect/action') },
    });
  });
});

test.each([
  'wss://westeurope.gateway.serialconsole.azure.com.example/x/client',
  'ws://westeurope.gateway.serialconsole.azure.com/x/client',
  'wss://westeurope.gateway.serialconsole.azure.com/x/other',
  'no address',
])('no token goes to %s', async connectionString => {
  const arm = {
    host: 'management.azure.com',
    read: async () => ({ properties: { disabled: false } }),
    ask: async () => ({ connectionString }),
    token: async () => {
      throw new Error('asked for a token');
    },
  } as unknown as Arm;
  const end = await serialConsole(arm, createClock()).interrupt(vmId('first'), { before: 1, after: 1 }, async () => null);
  expect(end).toMatchObject({
    sent: 'no',
    refusal: { code: 'console-unreachable', message: expect.stringContaining('not the serial console’s') },
  });
});

describe('the simulator is strict about', () => {
  const connect = async (name: string) => {
    const path = `${vmId(name)}/providers/Microsoft.SerialConsole/serialPorts/0/connect?api-version=2018-05-01`;
    const { body } = await call(azure, 'POST', path);
    return String(body.connectionString);
  };
  const opened = (url: string) =>
    new Promise<WebSocket | null>(resolve => {
      const socket = new WebSocket(url);
      socket.addEventListener('message', () => resolve(socket), { once: true });
      socket.addEventListener('error', () => resolve(null));
    });
  const command = (url: string, body: object, headers = {}) =>
    call(azure, 'POST', url.replace('wss', 'https').replace('/client', '/adminCommand/nmi'), body, headers);
  const nmi = { command: 'nmi', requestId: '6a1d2c3b-4e5f-4a60-8b71-92c3d4e5f601', commandParameters: {} };

  test('the token, the web socket and the body', async () => {
    const url = await connect('fourth');
    expect((await command(url, nmi)).status).toBe(404);
    expect(await opened(`${url}?authorization=eyJ.eyJ.x`)).toBeNull();
    const socket = await opened(`${url}?authorization=${azure.token}`);
    expect((await command(url, nmi, { authorization: 'Bearer eyJ.eyJ.x' })).status).toBe(401);
    expect((await command(url, { ...nmi, command: 'reset' })).status).toBe(400);
    expect(await screenOf('fourth')).toMatchObject({ kind: 'windows-logo' });
    expect((await command(url, nmi)).status).toBe(200);
    expect(await opened(`${url}?authorization=${azure.token}`)).toBeNull();
    socket?.close();
  });

  test('one at a console: whoever comes later throws out who is there', async () => {
    const url = await connect('third');
    const first = await opened(`${url}?authorization=${azure.token}`);
    const closed = new Promise(resolve => first?.addEventListener('close', resolve));
    const second = await opened(`${await connect('third')}?authorization=${azure.token}`);
    await closed;
    expect((await command(url, nmi)).status).toBe(404);
    second?.close();
  });

  test('whoever sends something into the socket, which a guest might read', async () => {
    const socket = await opened(`${await connect('third')}?authorization=${azure.token}`);
    const closed = new Promise(resolve => socket?.addEventListener('close', resolve));
    socket?.send(azure.token);
    await closed;
    expect((await stateOf(azure)).refusals['serial-console-listens']).toBe(1);
  });
});
