import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { boot, disk, run, services } from './world.ts';

const crashed = () => boot(disk({ pagefileMb: 9000 }, [{ kind: 'corrupt-file', path: services, repairable: true }])).contents;
const DumpUri = 'https://storage.example/dumps/x?sv=1&sig=secret%2Bpart';

/** A block blob as Azure keeps it. */
function blobStore(failures = 0) {
  const blocks = new Map<string, Uint8Array>();
  const store = { content: undefined as Uint8Array | undefined, requests: 0 };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    store.requests++;
    if (store.requests <= failures) return new Response(null, { status: 503 });
    const request = new Request(input, init);
    const url = new URL(request.url);
    const body = new Uint8Array(await request.arrayBuffer());
    if (request.method !== 'PUT' || url.searchParams.get('sig') !== 'secret+part') return new Response(null, { status: 403 });
    if (url.searchParams.get('comp') === 'block') {
      expect(request.headers.get('content-md5')).toBe(createHash('md5').update(body).digest('base64'));
      blocks.set(url.searchParams.get('blockid') ?? '', body);
    } else {
      const ids = [
        ...Buffer.from(body)
          .toString()
          .matchAll(/<Latest>(.*?)<\/Latest>/g),
      ].map(([, id = '']) => id);
      store.content = Buffer.concat(ids.map(id => blocks.get(id) ?? Buffer.alloc(0)));
    }
    return new Response(null, { status: 201 });
  };
  return { store, fetch };
}

describe('collect-dump', () => {
  test('uploads the dump with its true hash, and prints no signature', async () => {
    const { store, fetch } = blobStore();
    const ran = await run('collect-dump', crashed(), { parameters: { DumpUri, IncidentUtc: '2026-11-21T03:00:00Z' }, fetch });
    expect(ran.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
    const header = Buffer.from(store.content!.subarray(0, 0x60));
    expect(store.content).toHaveLength(1024 * 1024);
    expect(header.readUInt32LE(0x38)).toBe(0xef);
    const found = Object.fromEntries(ran.result!.findings.map(({ id, evidence }) => [id, evidence]));
    expect(found['dump-uploaded']).toBe(`1048576 sha256:${createHash('sha256').update(store.content!).digest('hex')}`);
    expect(found['dump-header']).toBe(
      `${header.toString('base64')}:${Buffer.from(store.content!.subarray(0xf80, 0xfc0)).toString('base64')}`,
    );
    expect(ran.output).not.toContain('secret');
  });

  test('tries again when storage is busy, and gives up with a code', async () => {
    const busy = blobStore(3);
    const parameters = { DumpUri };
    expect((await run('collect-dump', crashed(), { parameters, fetch: busy.fetch })).result?.outcome).toBe('fixed');
    const ran = await run('collect-dump', crashed(), { parameters });
    expect(ran.result).toMatchObject({ outcome: 'failed', code: 'upload-failed' });
    const refused = await run('collect-dump', crashed(), {
      parameters: { DumpUri: DumpUri.replace('part', 'wrong') },
      fetch: blobStore().fetch,
    });
    expect(refused.result).toMatchObject({ outcome: 'failed', code: 'upload-failed' });
    expect(refused.output).not.toContain('secret');
  });

  test('uploads nothing without consent, and passes over the dump of an older crash', async () => {
    const { store, fetch } = blobStore();
    expect((await run('collect-dump', crashed(), { fetch })).result).toMatchObject({ outcome: 'nothing-to-do', code: 'no-consent' });
    const old = disk({}, [{ kind: 'dump', stopCode: 0x7b, at: '2026-10-01T00:00:00.000Z' }]);
    const ran = await run('collect-dump', old, { parameters: { DumpUri, IncidentUtc: '2026-11-21T03:00:00Z' }, fetch });
    expect(ran.result).toMatchObject({
      outcome: 'not-applicable',
      code: 'no-dump',
      warnings: [expect.stringContaining('older than the incident')],
    });
    expect(store.requests).toBe(0);
  });
});
