import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskId, estate, GROUP, OTHER, onVm, type Rig, rig, settled, stateOf, until, vmId } from './support/estate.ts';

let azure: Rig;
beforeAll(async () => {
  azure = await rig(estate(), 100);
});
afterAll(() => azure?.simulator.close());

const act = async (name: string, action: string, group?: string) =>
  settled(azure, await onVm(azure, 'POST', name, `/${action}`, undefined, {}, group));
const view = async (name: string, group?: string) =>
  (await onVm(azure, 'GET', name, '?$expand=instanceView', undefined, {}, group)).body.properties.instanceView;
const agentOf = async (name: string, group?: string) => (await view(name, group)).vmAgent?.statuses[0];

interface Console {
  screen: { kind: string };
  log: string;
  at: Date;
}
async function consoleOf(name: string, group?: string): Promise<Console> {
  const { body } = await onVm(azure, 'POST', name, '/retrieveBootDiagnosticsData?sasUriExpirationTimeInMinutes=5', undefined, {}, group);
  const [screen, log] = await Promise.all([fetch(body.consoleScreenshotBlobUri), fetch(body.serialConsoleLogBlobUri)]);
  return {
    screen: (await screen.json()) as Console['screen'],
    log: await log.text(),
    at: new Date(screen.headers.get('last-modified') ?? 0),
  };
}

describe('the agent, as the instance view tells it', () => {
  test('reports again every period while the VM runs', async () => {
    const first = await agentOf('helper', OTHER);
    expect(first).toMatchObject({ code: 'ProvisioningState/succeeded', displayStatus: 'Ready' });
    await until(async () => new Date((await agentOf('helper', OTHER)).time) > new Date(first.time));
  });

  test('that is silent on a running VM is Not Ready, at the time of the GET', async () => {
    const status = await agentOf('broken');
    expect(status).toMatchObject({ code: 'ProvisioningState/Unavailable', displayStatus: 'Not Ready' });
    expect(Math.abs(new Date(status.time).getTime() - Date.now())).toBeLessThan(2000);
    await sleep(20);
    expect((await agentOf('broken')).time).not.toBe(status.time);
  });

  test('of a stopped VM still shows its last Ready; a deallocated one has none', async () => {
    await act('helper', 'powerOff', OTHER);
    const stopped = await agentOf('helper', OTHER);
    expect(stopped.displayStatus).toBe('Ready');
    await sleep(700);
    expect(await agentOf('helper', OTHER)).toEqual(stopped);
    expect((await view('helper', OTHER)).statuses[1]).toEqual({ code: 'PowerState/stopped', level: 'Info', displayStatus: 'VM stopped' });
    await act('helper', 'deallocate', OTHER);
    const gone = await view('helper', OTHER);
    expect([gone.vmAgent, gone.osName, gone.statuses[1].code]).toEqual([undefined, undefined, 'PowerState/deallocated']);
  });

  test('after a start the old Ready is shown until the guest is up, and only then does it advance', async () => {
    await act('helper', 'start', OTHER);
    expect((await agentOf('helper', OTHER)).displayStatus).toBe('Not Ready');
    const ready = await until(async () => {
      const status = await agentOf('helper', OTHER);
      return status.displayStatus === 'Ready' && status;
    });
    await until(async () => new Date((await agentOf('helper', OTHER)).time) > new Date(ready.time));
  });
});

describe('the console', () => {
  test('shows what the guest shows, a little later; off, it keeps what it showed last', async () => {
    const stop = await consoleOf('broken');
    expect(stop.screen.kind).toBe('stop');
    expect(stop.log).toContain('Stop 0xEF');
    await act('broken', 'powerOff');
    expect(await consoleOf('broken')).toMatchObject({ screen: { kind: 'stop' }, log: stop.log });
  });

  test('is overwritten by the next start, and then follows it', async () => {
    const before = await consoleOf('broken');
    await act('broken', 'start');
    const fresh = await until(async () => {
      const now = await consoleOf('broken');
      return now.log !== before.log && now;
    });
    expect(before.log.startsWith(fresh.log)).toBe(false);
    const last = await until(async () => {
      const now = await consoleOf('broken');
      return now.log.includes('Stop 0xEF') && now;
    });
    expect(last.at.getTime()).toBeGreaterThanOrEqual(before.at.getTime());
    expect(last.screen.kind).toBe('stop');
  });

  test('is served by Azurite to the holder of its SAS alone', async () => {
    const { body } = await onVm(azure, 'POST', 'broken', '/retrieveBootDiagnosticsData');
    const url = new URL(body.serialConsoleLogBlobUri);
    expect(url.searchParams.get('sp')).toBe('r');
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url.origin}${url.pathname}`)).ok).toBe(false);
    expect((await fetch(url.href.replace(/sig=[^&]*/, 'sig=AAAA'))).status).toBe(403);
    const write = await fetch(url, { method: 'PUT', body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-version': '2025-01-05' } });
    expect(write.status).toBe(403);
  });
});

describe('what a boot leaves on the disk', () => {
  test('is there when the boot has ended, and not when the power was cut before', async () => {
    const hash = async () => (await stateOf(azure)).disks.find((disk: { id: string }) => disk.id === diskId('broken-os')).contentHash;
    await act('broken', 'powerOff');
    const before = await hash();
    await act('broken', 'start');
    await onVm(azure, 'POST', 'broken', '/deallocate');
    expect(await hash()).toBe(before);
    await until(async () => (await hash()) !== before || (await view('broken')).statuses[1].code === 'PowerState/deallocated');
  });
});

describe('health and etags', () => {
  test('Resource Health sees the host, not the blue screen', async () => {
    await until(async () => (await view('broken')).statuses[1].code === 'PowerState/deallocated');
    const health = (name: string, group: string) =>
      azure.resources.resources.getById(
        `${vmId(name, group)}/providers/Microsoft.ResourceHealth/availabilityStatuses/current`.slice(1),
        '2023-10-01-preview',
      );
    expect((await health('helper', OTHER)).properties).toMatchObject({ availabilityState: 'Available' });
    expect((await health('broken', GROUP)).properties).toMatchObject({ availabilityState: 'Unavailable', reasonType: 'UserInitiated' });
  });

  test('a VM’s etag moves with every operation: once for power and a change, twice where something leaves it (as recorded)', async () => {
    const etag = async () => Number((await onVm(azure, 'GET', 'helper', '', undefined, {}, OTHER)).body.etag.replaceAll('"', ''));
    const first = await etag();
    await act('helper', 'powerOff', OTHER);
    expect(await etag()).toBe(first + 1);
    const patched = await onVm(azure, 'PATCH', 'helper', '', { tags: { a: 'b' } }, {}, OTHER);
    expect(patched.headers.etag).toBe(`"${first + 2}"`);
    await settled(azure, patched);
    expect(await etag()).toBe(first + 2);
    await act('helper', 'deallocate', OTHER);
    expect(await etag()).toBe(first + 4);
  });
});
