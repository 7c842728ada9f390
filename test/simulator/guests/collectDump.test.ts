import { createHash } from 'node:crypto';
import { BlobSASPermissions } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../records/azurite.ts';
import { boot, disk, run, services } from './world.ts';

const crashed = () => boot(disk({ pagefileMb: 9000 }, [{ kind: 'corrupt-file', path: services, repairable: true }])).contents;
const DumpUri = 'https://storage.example/dumps/x?sv=1&sig=secret%2Bpart';

/** Storage that is busy a few times, or always refuses: what Azurite is not. */
function awkward(busy: number, then = 201) {
  const storage = { requests: 0, fetch: async () => new Response(null, { status: ++storage.requests <= busy ? 503 : then }) };
  return storage;
}

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

describe('collect-dump', () => {
  test('uploads the dump to real storage with its true hash, and prints no signature; a second run writes the same blob', async () => {
    const container = azurite.service.getContainerClient('dumps');
    await container.create();
    const blob = container.getBlockBlobClient('x');
    const expiresOn = new Date(Date.now() + 600_000);
    const DumpUri = await blob.generateSasUrl({ permissions: BlobSASPermissions.parse('w'), expiresOn });
    const contents = crashed();
    for (let time = 0; time < 2; time++) {
      const ran = await run('collect-dump', contents, { parameters: { DumpUri, IncidentUtc: '2026-11-21T03:00:00Z' }, fetch });
      expect(ran.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
      const sent = await blob.downloadToBuffer();
      expect(sent).toHaveLength(1024 * 1024);
      expect(sent.readUInt32LE(0x38)).toBe(0xef);
      const found = Object.fromEntries(ran.result!.findings.map(({ id, evidence }) => [id, evidence]));
      expect(found['dump-uploaded']).toBe(`1048576 sha256:${createHash('sha256').update(sent).digest('hex')}`);
      expect(found['dump-header']).toBe(`${sent.toString('base64', 0, 0x60)}:${sent.toString('base64', 0xf80, 0xfc0)}`);
      expect(ran.output).not.toContain(new URL(DumpUri).searchParams.get('sig'));
      expect(ran.contents).toEqual(contents);
    }
  });

  test('tries again when storage is busy, and gives up with a code and no signature', async () => {
    const parameters = { DumpUri };
    expect((await run('collect-dump', crashed(), { parameters, fetch: awkward(3).fetch })).result?.outcome).toBe('fixed');
    const refused = awkward(0, 403);
    const full = awkward(99);
    for (const fetch of [refused.fetch, full.fetch, () => Promise.reject(new Error(`cannot reach ${DumpUri}`))]) {
      const ran = await run('collect-dump', crashed(), { parameters, fetch });
      expect(ran.result).toMatchObject({ outcome: 'failed', code: 'upload-failed' });
      expect(ran.output).not.toContain('secret');
    }
    // What is refused is not asked for again.
    expect([refused.requests, full.requests]).toEqual([1, 8]);
  });

  test('cut off at its deadline, it goes on where it was: the note of what arrived is on the machine that ran it', async () => {
    const arrived: string[] = [];
    const fetch = async (address: string | URL | Request) => {
      arrived.push(new URL(String(address)).searchParams.get('blockid') ?? 'list');
      return new Response(null, { status: 201 });
    };
    // Twenty megabytes behind a dump's header: three blocks.
    const found = crashed();
    for (const file of found.partitions.flatMap(({ volume }) => Object.values(volume?.files ?? {})))
      if (file.kind === 'data') {
        const head = Buffer.from(file.head, 'base64');
        head.writeBigInt64LE(BigInt(20 * 1024 * 1024), 0xfa0);
        Object.assign(file, { bytes: 20 * 1024 * 1024, head: head.toString('base64') });
      }
    const bytes = (contents: typeof found) => JSON.stringify(contents).length;
    const size = bytes(found);
    const whole = await run('collect-dump', found, { parameters: { DumpUri }, fetch });
    expect(whole.result).toMatchObject({ outcome: 'fixed' });
    const ids = arrived.splice(0);
    const cut = await run('collect-dump', found, { parameters: { DumpUri }, fetch, timeoutSeconds: whole.seconds - 5 });
    expect(cut).toMatchObject({ cutOff: 'system' });
    expect(cut.result).toBeUndefined();
    const before = arrived.splice(0);
    expect(before.length).toBeGreaterThan(0);
    expect(before.length).toBeLessThan(ids.length);
    const resumed = await run('collect-dump', found, { parameters: { DumpUri }, fetch, system: cut.system });
    expect(resumed.result).toEqual(whole.result);
    expect([...before, ...arrived]).toEqual(ids);
    expect(bytes(resumed.contents)).toBe(size);
  });

  test('uploads nothing without consent, and passes over the dump of an older crash', async () => {
    const storage = awkward(0);
    expect((await run('collect-dump', crashed(), { fetch: storage.fetch })).result).toMatchObject({
      outcome: 'nothing-to-do',
      code: 'no-consent',
    });
    const old = disk({}, [{ kind: 'dump', stopCode: 0x7b, at: '2026-10-01T00:00:00.000Z' }]);
    const ran = await run('collect-dump', old, { parameters: { DumpUri, IncidentUtc: '2026-11-21T03:00:00Z' }, fetch: storage.fetch });
    expect(ran.result).toMatchObject({
      outcome: 'not-applicable',
      code: 'no-dump',
      warnings: [expect.stringContaining('older than the incident')],
    });
    expect(storage.requests).toBe(0);
  });
});
