/** The dump's upload against Azurite, Microsoft's emulator, through a line that can be cut: blocks, checksums, going on where it ended. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BlobSASPermissions } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../records/azurite.ts';
import { addFile, addRun, type Case, contents, dump, makeCase, pwsh, type Ran, runAll } from './standins/bench.ts';

const present = pwsh === undefined ? describe.skip : describe;
if (pwsh === undefined) console.warn('SKIPPED: no pwsh on this machine: the upload of a dump is not executed');

const block = 8 * 1024 * 1024;
/** Four blocks, or two, the last one not whole; the file goes on behind its dump. */
const claims = 3 * block + 1234;
const few = block + 1234;
const at = new Date();
const bytes = dump({ time: at, length: claims + 4096, claims });
const fewBytes = dump({ time: at, length: few + 4096, claims: few });
const sha256Of = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

/** A line to storage that counts what passes, and breaks it as a test says. */
class Line {
  /** Ids of blocks that arrived in storage, by blob, in order. */
  readonly blocks: Record<string, string[]> = {};
  readonly most: Record<string, number> = {};
  /** By blob: answers instead of storage, or undefined. */
  readonly instead: Record<string, (kind: 'block' | 'list', nth: number, response: ServerResponse) => boolean> = {};
  readonly afterList: Record<string, () => Promise<unknown>> = {};
  readonly #under: Record<string, number> = {};
  readonly #seen: Record<string, number> = {};
  readonly #to: URL;
  readonly server: Server;

  constructor(to: string) {
    this.#to = new URL(to);
    this.server = createServer((incoming, response) => this.#pass(incoming, response));
  }

  #pass(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '', 'http://line');
    const blob = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const kind = url.searchParams.get('comp') === 'block' ? 'block' : 'list';
    const nth = this.#seen[blob] ?? 0;
    this.#seen[blob] = nth + 1;
    if (this.instead[blob]?.(kind, nth, response)) {
      incoming.resume();
      return;
    }
    const under = (this.#under[blob] ?? 0) + 1;
    this.#under[blob] = under;
    this.most[blob] = Math.max(this.most[blob] ?? 0, under);
    const { hostname, port } = this.#to;
    const passed = ask({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers }, async answer => {
      this.#under[blob] = (this.#under[blob] ?? 0) - 1;
      if (kind === 'block' && answer.statusCode === 201)
        this.blocks[blob] = [...(this.blocks[blob] ?? []), url.searchParams.get('blockid') ?? ''];
      if (kind === 'list' && answer.statusCode === 201) await this.afterList[blob]?.();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  }
}

present('collect-dump with consent', () => {
  let azurite: Azurite;
  let line: Line;
  let ran: Map<string, Ran[]>;
  const cases = Object.fromEntries(['plain', 'refused', 'cut', 'gone', 'busy', 'full'].map(name => [name, makeCase(`upload-${name}`)]));
  const made = (name: string): Case => cases[name] ?? makeCase(name);
  const runs = (name: string): Ran[] => ran.get(`upload-${name}`) ?? [];
  const noted = (name: string): string[] => {
    const folder = join(made(name).folder, 'host/Temp/bootmedic-r-abcdefgh2345');
    return existsSync(folder) ? readdirSync(folder).flatMap(file => readFileSync(join(folder, file), 'utf8').trim().split('\n')) : [];
  };

  beforeAll(async () => {
    azurite = await startAzurite();
    line = new Line(azurite.service.url);
    await new Promise<void>(resolve => line.server.listen(0, '127.0.0.1', resolve));
    const container = azurite.service.getContainerClient('dumps');
    await container.create();
    const address = line.server.address();
    const sas = async (name: string, permissions: string) => {
      const url = new URL(
        await container.getBlobClient(name).generateSasUrl({
          permissions: BlobSASPermissions.parse(permissions),
          expiresOn: new Date(Date.now() + 3_600_000),
        }),
      );
      url.port = String(typeof address === 'object' ? address?.port : 0);
      return url.href;
    };
    for (const [name, each] of Object.entries(cases)) {
      addFile(each, 'Windows/MEMORY.DMP', ['plain', 'cut'].includes(name) ? bytes : fewBytes);
      for (let n = 0; n < (['refused', 'busy', 'full'].includes(name) ? 1 : 2); n++)
        addRun(each, 'collect-dump', { DumpUri: await sas(name, name === 'refused' ? 'r' : 'w') });
    }
    const answer = (response: ServerResponse, status: number, headers: Record<string, string>) => {
      response.writeHead(status, headers).end();
      return true;
    };
    // Nothing more arrives after two blocks, and the script is killed while it waits for the others.
    const killer = new AbortController();
    line.instead.cut = (_, nth) => nth >= 2;
    const killed = runAll([{ ...made('cut'), runs: made('cut').runs.slice(0, 1) }], killer.signal);
    for (let tries = 0; tries < 600 && noted('cut').length < 2; tries++) await sleep(50);
    killer.abort();
    await expect(killed).rejects.toThrow('abort');
    delete line.instead.cut;
    // The blob is deleted as soon as it is there: what was noted is worth nothing.
    line.afterList.gone = () => {
      delete line.afterList.gone;
      return container.deleteBlob('gone');
    };
    line.instead.busy = (kind, nth, response) => {
      if (nth === 0) return answer(response, 503, { 'x-ms-error-code': 'ServerBusy', 'retry-after': '17' });
      if (nth === 2) return answer(response, 400, { 'x-ms-error-code': 'Md5Mismatch' });
      if (nth === 3) response.destroy();
      return nth === 3 || (kind === 'list' && nth < 8 && answer(response, 500, {}));
    };
    // The second block is refused from when the first one is noted.
    const refuse = (response: ServerResponse): unknown =>
      noted('full').length === 0 ? setTimeout(refuse, 20, response) : answer(response, 503, { 'retry-after': '99999' });
    line.instead.full = (_, nth, response) => nth > 0 && refuse(response) !== undefined;
    ran = await runAll(Object.values(cases));
  }, 120_000);
  afterAll(async () => {
    line.server.close();
    line.server.closeAllConnections();
    await azurite.stop();
  });

  const stored = async (name: string) => {
    const blob = azurite.service.getContainerClient('dumps').getBlobClient(name);
    const body = await blob.downloadToBuffer();
    return { sha256: sha256Of(body), said: (await blob.getProperties()).metadata?.sha256 };
  };

  test('uploads exactly the dump, several blocks at once, by a SAS that may only write; a second run sends no block again', async () => {
    const sha256 = sha256Of(bytes.subarray(0, claims));
    const before = sha256Of(bytes);
    expect(runs('plain')).toHaveLength(2);
    for (const run of runs('plain')) {
      expect(run.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
      expect(run.result?.findings.find(each => each.id === 'dump-uploaded')?.evidence).toBe(`${claims} sha256:${sha256}`);
      expect(run.output).toMatch(/BOOTMEDIC-PROGRESS dump 33 %, 8 of 24 MB, \d+\.\d MB\/s/);
    }
    expect(await stored('plain')).toEqual({ sha256, said: sha256 });
    expect(line.blocks.plain).toHaveLength(4);
    expect(line.most.plain).toBeGreaterThan(1);
    expect(line.most.plain).toBeLessThanOrEqual(4);
    expect(contents(made('plain'))['windows/Windows/MEMORY.DMP']).toBe(before);
    expect(existsSync(join(made('plain').windows, 'bootmedic'))).toBe(false);
  });

  test('killed in its middle, it goes on where it was', async () => {
    const [resumed, again] = runs('cut');
    for (const run of [resumed, again]) expect(run?.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
    expect(resumed?.output).toContain('4 blocks, 2 of them noted before');
    // Nothing was sent twice: what was under way when it was killed had not arrived.
    expect(line.blocks.cut).toHaveLength(4);
    expect(new Set(line.blocks.cut).size).toBe(4);
    expect((await stored('cut')).sha256).toBe(sha256Of(bytes.subarray(0, claims)));
  });

  test('blocks that storage has dropped are sent again, all of them', async () => {
    expect(runs('gone')[1]?.output).toContain('all are sent again');
    for (const run of runs('gone')) expect(run.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
    expect(line.blocks.gone).toHaveLength(4);
    expect((await stored('gone')).sha256).toBe(sha256Of(fewBytes.subarray(0, few)));
  });

  test('a busy storage, a lost connection and a block that arrived wrong are tried again, as late as storage asks', async () => {
    const [run] = runs('busy');
    expect(run?.result).toMatchObject({ outcome: 'fixed', code: 'dump-uploaded' });
    expect(run?.output).toMatch(/try 1 of block \d: storage answered 503 ServerBusy; again in 17 s/);
    expect(run?.output).toMatch(/storage answered 400 Md5Mismatch; again in \d s/);
    expect((await stored('busy')).sha256).toBe(sha256Of(fewBytes.subarray(0, few)));
  });

  test('gives up after some tries, never waits longer than minutes, and keeps what has arrived', () => {
    const [run] = runs('full');
    expect(run?.result).toMatchObject({ outcome: 'failed', code: 'upload-failed', findings: [{ id: 'dump' }, { id: 'dump-header' }] });
    expect(run?.output.match(/again in 300 s/g)?.length).toBeGreaterThanOrEqual(7);
    expect(noted('full')).toEqual(line.blocks.full);
  });

  test('a SAS that may not write is a failure with the findings kept, at once; no signature is ever printed or noted', () => {
    const [run] = runs('refused');
    expect(run?.result).toMatchObject({ outcome: 'failed', code: 'upload-failed', findings: [{ id: 'dump' }, { id: 'dump-header' }] });
    expect(run?.output).not.toContain('again in');
    for (const each of [...ran.values()].flat()) expect(each.output).not.toMatch(/sig=(?!\*\*\*)/);
    for (const name of Object.keys(cases)) expect(noted(name).join()).not.toContain('sig');
  });
});
