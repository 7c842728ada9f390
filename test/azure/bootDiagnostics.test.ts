import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Arm } from '../../azure/arm.ts';
import { bootDiagnostics } from '../../azure/bootDiagnostics.ts';

const mebibyte = 2 ** 20;
let server: Server;
let address: string;

/** `/<MiB>` is a blob of that size whose last line tells its end; ranges are honoured as Azure Blob Storage does (start and end given). */
beforeAll(async () => {
  server = createServer((request, response) => {
    const blob = Buffer.alloc(Number(request.url?.slice(1)) * mebibyte, 'x');
    blob.write('THE END', blob.length - 7);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const part = range ? blob.subarray(Number(range[1]), Number(range[2]) + 1) : blob;
    response.writeHead(range ? 206 : 200, { 'content-length': part.length, 'last-modified': 'Wed, 21 Oct 2026 07:28:00 GMT' }).end(part);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const vm = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v';
function read(sizes: { screenshot: number; serialLog: number }) {
  const found = { consoleScreenshotBlobUri: `${address}/${sizes.screenshot}`, serialConsoleLogBlobUri: `${address}/${sizes.serialLog}` };
  const arm = { compute: () => ({ virtualMachines: { retrieveBootDiagnosticsData: async () => found } }) } as unknown as Arm;
  return bootDiagnostics(arm).read(vm);
}

test('a console of usual size is read whole', async () => {
  const { screenshot, serialLog } = await read({ screenshot: 1, serialLog: 2 });
  expect([screenshot?.bytes.length, serialLog?.bytes.length]).toEqual([mebibyte, 2 * mebibyte]);
});

test('of a serial log that a noisy guest has filled, the end is read; a picture of that size is none', async () => {
  const { screenshot, serialLog } = await read({ screenshot: 33, serialLog: 40 });
  expect(screenshot).toBeNull();
  expect(serialLog?.bytes.length).toBe(4 * mebibyte);
  expect(new TextDecoder().decode(serialLog?.bytes).endsWith('THE END')).toBe(true);
  expect(serialLog?.at).toBe('2026-10-21T07:28:00.000Z');
});
