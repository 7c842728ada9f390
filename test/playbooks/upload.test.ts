/** The dump's upload against Azurite, Microsoft's emulator: blocks, checksums and a SAS that may only create and write this one blob. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobSASPermissions, BlobServiceClient, generateBlobSASQueryParameters, StorageSharedKeyCredential } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addFile, addRun, contents, dump, makeCase, pwsh, type Ran, root, runAll } from './standins/bench.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the upload of a dump is not executed');

/** Azurite's published account. */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

present('collect-dump with consent', () => {
  let azurite: ChildProcess;
  let service: BlobServiceClient;
  let ran: Map<string, Ran[]>;
  // More than one block of 8 MiB, and not a multiple of it.
  const bytes = dump({ time: new Date(), length: 20_000_000, claims: 17_000_123 });
  const made = makeCase('upload');
  const refused = makeCase('upload-refused');

  beforeAll(async () => {
    const port = await freePort();
    const main = join(import.meta.dirname, '../../node_modules/azurite/dist/src/blob/main.js');
    azurite = spawn(process.execPath, [main, '--blobPort', String(port), '--inMemoryPersistence', '--disableTelemetry', '--silent'], {
      cwd: root,
      stdio: 'ignore',
    });
    const credential = new StorageSharedKeyCredential(account, key);
    service = new BlobServiceClient(`http://127.0.0.1:${port}/${account}`, credential, { retryOptions: { maxTries: 1 } });
    for (let tries = 0; ; tries++) {
      try {
        await service.createContainer('dumps');
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await sleep(100);
      }
    }
    const sas = (blobName: string, permissions: string) => {
      const values = {
        containerName: 'dumps',
        blobName,
        permissions: BlobSASPermissions.parse(permissions),
        expiresOn: new Date(Date.now() + 3_600_000),
      };
      return `${service.url}/dumps/${blobName}?${generateBlobSASQueryParameters(values, credential)}`;
    };
    for (const each of [made, refused]) addFile(each, 'Windows/MEMORY.DMP', bytes);
    addRun(made, 'collect-dump', { DumpUri: sas('a.dmp', 'cw') });
    addRun(made, 'collect-dump', { DumpUri: sas('a.dmp', 'cw') });
    addRun(refused, 'collect-dump', { DumpUri: sas('b.dmp', 'r') });
    ran = await runAll([made, refused]);
  }, 120_000);
  afterAll(() => {
    azurite.kill();
  });

  test('uploads exactly the dump, and a second run writes the same blob', async () => {
    const wanted = bytes.subarray(0, 17_000_123);
    const sha256 = createHash('sha256').update(wanted).digest('hex');
    for (const run of ran.get('upload') ?? []) {
      expect(run.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
      expect(run.result?.findings.find(each => each.id === 'dump-uploaded')?.evidence).toBe(`17000123 sha256:${sha256}`);
      expect(run.output).toContain('BOOTMEDIC-PROGRESS dump 8 of 16 MB');
    }
    const stored = await service.getContainerClient('dumps').getBlobClient('a.dmp').downloadToBuffer();
    expect(createHash('sha256').update(stored).digest('hex')).toBe(sha256);
    expect(Object.keys(contents(made)).filter(name => name.includes('bootmedic'))).toEqual([]);
  });

  test('a SAS that may not write is a failure with the findings kept; no signature is ever printed', () => {
    const [run] = ran.get('upload-refused') ?? [];
    expect(run?.result).toMatchObject({ outcome: 'failed', code: 'upload-failed', findings: [{ id: 'dump' }, { id: 'dump-header' }] });
    for (const each of [...(ran.get('upload') ?? []), ...(ran.get('upload-refused') ?? [])])
      expect(each.output).not.toMatch(/sig=(?!\*\*\*)/);
  });
});
