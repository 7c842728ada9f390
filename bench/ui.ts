/**
 * `npm run bench:ui`: the live page with 1,000 repairs in the records and in the durable store, on the embedded host, in headless Chromium.
 * Goals of the issue: page weight ≤ 100 KB, first render ≤ 200 ms on loopback. Prints a table; asserts nothing, because machines differ.
 */
import { performance } from 'node:perf_hooks';
import { chromium } from 'playwright-core';
import { startServer } from '../test/triggers/server.ts';

const repairs = Number(process.argv[2] ?? 1000);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const vmId = (n: number) =>
  `/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg-${n % 7}/providers/Microsoft.Compute/virtualMachines/gone-${n}`;

const server = await startServer();
try {
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < repairs) await server.post('/api/repairs', { vmId: vmId(next++) });
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  const open = async () =>
    (await server.get('/api/repairs?limit=1&state=running')).body.items.length +
    (await server.get('/api/repairs?limit=1&state=queued')).body.items.length;
  while ((await open()) > 0) await new Promise(resolve => setTimeout(resolve, 2000));
  console.log(`${repairs} repairs have ended after ${((performance.now() - started) / 1000).toFixed(0)} s`);

  const served: number[] = [];
  let weight = 0;
  for (let n = 0; n < 12; n++) {
    const from = performance.now();
    const { text } = await server.get('/api/ui');
    served.push(performance.now() - from);
    weight = Buffer.byteLength(text);
  }
  const browser = await chromium.launch({ executablePath: process.env.BOOTMEDIC_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`${server.url}/api/ui?token=${server.token}`);
  const painted: number[] = [];
  for (let n = 0; n < 9; n++) {
    await page.goto(`${server.url}/api/ui`, { waitUntil: 'load' });
    painted.push(
      await page.evaluate<number>(
        `new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries()[0].startTime)).observe({ type: 'paint', buffered: true }))`,
      ),
    );
  }
  await browser.close();
  console.log(`${(weight / 1024).toFixed(0).padStart(12)} KiB  page weight, everything included (limit 100)`);
  console.log(`${(served[0] ?? 0).toFixed(0).padStart(12)} ms   answer, the first`);
  console.log(`${median(served.slice(1)).toFixed(0).padStart(12)} ms   answer, the next ones`);
  console.log(`${median(painted).toFixed(0).padStart(12)} ms   first paint in Chromium (limit 200)`);
} finally {
  await server.stop();
}
