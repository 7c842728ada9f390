import {
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { diskId, estate, LOCATION, OTHER, onVm, type Rig, rig, settled, stateOf, until } from './support/estate.ts';
import { toy } from './support/guests.ts';

let azure: Rig;
let container: ContainerClient;
let key: UserDelegationKey;

/** The address of one blob, signed by a user-delegation key, as the product makes it. */
function sas(name: string, permissions: string): string {
  const account = new URL(azure.simulator.blobEndpoint).pathname.slice(1);
  const query = generateBlobSASQueryParameters(
    {
      containerName: container.containerName,
      blobName: name,
      permissions: BlobSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + 600_000),
    },
    key,
    account,
  );
  return `${container.getAppendBlobClient(name).url}?${query}`;
}

const text = async (name: string) => (await container.getBlobClient(name).downloadToBuffer()).toString();

function put(name: string, script: string, more: object = {}) {
  return onVm(
    azure,
    'PUT',
    'helper',
    `/runCommands/${name}`,
    { location: LOCATION, properties: { source: { script }, asyncExecution: true, ...more } },
    {},
    OTHER,
  );
}
const view = async (name: string) =>
  (await onVm(azure, 'GET', 'helper', `/runCommands/${name}?$expand=instanceView`, undefined, {}, OTHER)).body.properties;
/** The instance view once the script has ended. */
const ended = (name: string) =>
  until(async () => {
    const { instanceView } = await view(name);
    return !['Pending', 'Running'].includes(instanceView.executionState) && instanceView;
  });
const contentOf = async (name: string, group?: string) =>
  (await stateOf(azure)).disks.find((disk: { id: string }) => disk.id === diskId(name, group)).contentHash;

beforeAll(async () => {
  const helper = {
    ...{ name: 'helper', resourceGroup: OTHER, location: LOCATION, size: 'Standard_D2s_v5', generation: 'V1' },
    osDisk: { name: 'helper-os', sizeGb: 64, contents: toy('helper') },
    dataDisks: [
      { name: 'one', lun: 1, sizeGb: 127, contents: toy('one') },
      { name: 'two', lun: 2, sizeGb: 127, contents: toy('two') },
      { name: 'bare', lun: 3, sizeGb: 4 },
    ],
  };
  azure = await rig(estate({ virtualMachines: [helper] }), 400);
  const service = new BlobServiceClient(azure.simulator.blobEndpoint, azure.credential);
  container = service.getContainerClient('outputs');
  await container.create();
  key = await service.getUserDelegationKey(new Date(Date.now() - 60_000), new Date(Date.now() + 3600_000));
});
afterAll(() => azure?.simulator.close());

describe('a managed run command', () => {
  test('keeps execution apart from provisioning, and takes effect when its time has passed', async () => {
    const before = await contentOf('one', OTHER);
    const answer = await put('slow', 'sleep 400\nnote touched');
    expect([answer.status, answer.body.properties.provisioningState]).toEqual([201, 'Creating']);
    await settled(azure, answer);
    const running = await view('slow');
    expect([running.provisioningState, running.instanceView.executionState]).toEqual(['Succeeded', 'Running']);
    expect(await contentOf('one', OTHER)).toBe(before);
    expect(await ended('slow')).toMatchObject({ executionState: 'Succeeded', exitCode: 0 });
    expect(await contentOf('one', OTHER)).not.toBe(before);
    expect(await contentOf('two', OTHER)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('writes to the blobs it was given, over what was there, and shows the last 4 KB', async () => {
    await container.getAppendBlobClient('out').create();
    await container.getAppendBlobClient('out').appendBlock('old', 3);
    const long = 'é'.repeat(3000);
    const answer = await put('loud', `print ${long}\nfail 7`, { outputBlobUri: sas('out', 'racw'), errorBlobUri: sas('err', 'racw') });
    expect(answer.body.properties.outputBlobUri).not.toContain('sig=');
    const end = await ended('loud');
    expect(end).toMatchObject({ executionState: 'Failed', exitCode: 7, error: 'it failed\n' });
    expect(Buffer.byteLength(end.output)).toBeLessThanOrEqual(4096);
    expect(`${long}\n`.endsWith(end.output)).toBe(true);
    expect([await text('out'), await text('err')]).toEqual([`${long}\n`, 'it failed\n']);
  });

  test('gives the script plain and protected parameters, the disks by LUN that hold anything, and never shows a secret', async () => {
    await put('secretive', 'disks\nprint $Open $Hidden', {
      parameters: [{ name: 'Open', value: 'a b' }],
      protectedParameters: [{ name: 'Hidden', value: 'hush' }],
      runAsPassword: 'hush-too',
    });
    expect((await ended('secretive')).output).toBe('1:127:one 2:127:two\na b hush\n');
    const shown = await view('secretive');
    expect(shown).toMatchObject({ parameters: [{ name: 'Open', value: 'a b' }] });
    const { instanceView: _, ...resource } = shown;
    expect(JSON.stringify([resource, await stateOf(azure)])).not.toContain('hush');
  });

  test('does not run when its SAS may not write, or is forged', async () => {
    const before = await contentOf('one', OTHER);
    for (const [name, uri] of [
      ['poor', sas('x', 'r')],
      ['forged', sas('x', 'racw').replace(/sig=[^&]*/, 'sig=AAAA')],
    ] as const) {
      await put(name, 'note never', { outputBlobUri: uri });
      const end = await ended(name);
      expect(end.executionState).toBe('Failed');
      expect(end.executionMessage).toMatch(/AuthorizationPermissionMismatch|AuthenticationFailed|AuthorizationFailure/);
    }
    expect(await contentOf('one', OTHER)).toBe(before);
  });

  test.each([
    [
      'a newer PUT',
      async () => put('late', 'sleep 600\nnote never'),
      async () => expect((await put('late', 'print newer')).status).toBe(200),
      'Succeeded',
    ],
  ])('stopped by %s leaves no trace', async (_, begin, stop, state) => {
    const before = await contentOf('one', OTHER);
    await settled(azure, await begin());
    await stop();
    expect((await ended('late')).executionState).toBe(state);
    expect(await contentOf('one', OTHER)).toBe(before);
  });

  test('past its timeout its children write on, until the power goes', async () => {
    const before = await contentOf('one', OTHER);
    await settled(azure, await put('timed', 'sleep 600\nnote late', { timeoutInSeconds: 60 }));
    expect(await ended('timed')).toMatchObject({ executionState: 'TimedOut', exitCode: -1, output: '' });
    expect(await contentOf('one', OTHER)).toBe(before);
    await until(async () => (await contentOf('one', OTHER)) !== before);
  });

  test('cancelled by its DELETE it is gone, and leaves no trace', async () => {
    const before = await contentOf('one', OTHER);
    await settled(azure, await put('gone', 'sleep 600\nnote never'));
    await settled(azure, await onVm(azure, 'DELETE', 'helper', '/runCommands/gone', undefined, {}, OTHER));
    expect((await onVm(azure, 'GET', 'helper', '/runCommands/gone', undefined, {}, OTHER)).status).toBe(404);
    expect(await contentOf('one', OTHER)).toBe(before);
  });

  test('that runs in real time is ended by its DELETE and at its timeout: what it has done by then stays, and what it said is in its blob', async () => {
    const states = [await contentOf('one', OTHER)];
    await settled(azure, await put('real', 'hang\nnote begun'));
    await settled(azure, await onVm(azure, 'DELETE', 'helper', '/runCommands/real', undefined, {}, OTHER));
    await until(async () => (await contentOf('one', OTHER)) !== states[0]);
    states.push(await contentOf('one', OTHER));
    const more = { timeoutInSeconds: 60, outputBlobUri: sas('hung', 'racw') };
    await settled(azure, await put('hung', 'hang\nnote begun\nprint begun', more));
    expect(await ended('hung')).toMatchObject({ executionState: 'TimedOut', exitCode: -1 });
    expect(states).not.toContain(await contentOf('one', OTHER));
    expect(await text('hung')).toBe('begun\n');
  });

  test('waits for its script when it is not asynchronous, and fails with it when told to', async () => {
    const calm = await settled(azure, await put('calm', 'sleep 100\nfail 1', { asyncExecution: false }));
    expect(calm.body.status).toBe('Succeeded');
    expect((await view('calm')).instanceView.executionState).toBe('Failed');
    const strict = await settled(azure, await put('strict', 'fail 1', { asyncExecution: false, treatFailureAsDeploymentFailure: true }));
    expect([strict.body.status, (await view('strict')).provisioningState]).toEqual(['Failed', 'Failed']);
  });

  test('two at once: neither undoes what the other changed', async () => {
    const before = { one: await contentOf('one', OTHER), system: await contentOf('helper-os', OTHER) };
    await put('left', 'sleep 200\nnote left');
    await put('right', 'sleep 300\nnote-system right');
    await Promise.all([ended('left'), ended('right')]);
    expect(await contentOf('one', OTHER)).not.toBe(before.one);
    expect(await contentOf('helper-os', OTHER)).not.toBe(before.system);
  });

  test('a VM powered off under it ends it', async () => {
    const before = await contentOf('one', OTHER);
    await settled(azure, await put('cut', 'sleep 900\nnote never'));
    await settled(azure, await onVm(azure, 'POST', 'helper', '/powerOff', undefined, {}, OTHER));
    expect((await view('cut')).instanceView.executionState).toBe('Failed');
    await settled(azure, await onVm(azure, 'POST', 'helper', '/start', undefined, {}, OTHER));
    await until(async () => (await put('timed', 'sleep 600\nnote never', { timeoutInSeconds: 60 })).status < 300);
    expect((await ended('timed')).executionState).toBe('TimedOut');
    await settled(azure, await onVm(azure, 'POST', 'helper', '/powerOff', undefined, {}, OTHER));
    await new Promise(resolve => setTimeout(resolve, 2000));
    expect(await contentOf('one', OTHER)).toBe(before);
  });
});
