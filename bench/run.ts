/** `npm run bench`: what costs time, measured. Prints a table; asserts nothing, because machines differ. Build first (it does). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createCanvas } from '@napi-rs/canvas';
import { readSerialLog } from '../diagnosis/index.ts';
import { closeOcr, readScreen } from '../ocr/index.ts';
import { repairVm } from '../orchestrations/repairVm.ts';
import { HostProcess } from '../test/host/hostProcess.ts';
import { request, World } from '../test/orchestrations/world.ts';

const root = new URL('..', import.meta.url).pathname;
const rows: { what: string; value: string }[] = [];
const note = (what: string, value: string) => rows.push({ what, value });
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const settings = { BOOTMEDIC_BLOB_ENDPOINT: 'https://127.0.0.1:1/account', BOOTMEDIC_LOG_LEVEL: 'error' };
/** Loads a module in a fresh process, five times; the median of what the load alone took. */
function coldStart(load: string): number {
  const script = `const t = performance.now(); ${load}.then(() => { console.log(performance.now() - t); process.exit(0); });`;
  const run = () =>
    Number(
      execFileSync(process.execPath, ['-e', script], {
        cwd: root,
        env: { ...process.env, ...settings },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .trim()
        .split('\n')
        .at(-1),
    );
  return median([1, 2, 3, 4, 5].map(run));
}

function bundle(): void {
  const file = join(root, 'dist/functions/index.cjs');
  note('bundle size', `${(statSync(file).size / 2 ** 20).toFixed(2)} MiB`);
  note('cold start: the bundle', ms(coldStart(`import(${JSON.stringify(file)})`)));
  note('cold start: sources and plain node_modules', ms(coldStart(`import(${JSON.stringify(join(root, 'functions/index.ts'))})`)));
}

function runbook(): void {
  const started = performance.now();
  const repairs = 2000;
  for (let n = 0; n < repairs; n++) new World().run(repairVm(request, `r-${n}`));
  note('runbook on the table of answers', `${Math.round(repairs / ((performance.now() - started) / 1000))} repairs/s`);
}

/** 10 MB of a talkative guest with a stop in the middle; the limit is the issue's. */
function serialLog(): void {
  const lines = (from: number) =>
    Array.from(
      { length: 52_000 },
      (_, n) => `2026-03-01T03:00:${n % 60}.000Z agent[${from + n}]: request handled in ${n % 97} ms, status 200 \r\n`,
    );
  const stop = '<PROPERTY NAME="STOPCODE" TYPE="string"><VALUE>"0xEF"</VALUE></PROPERTY>\r\n';
  const unit = Buffer.from([...lines(0), stop, ...lines(52_000)].join(''));
  const log = Buffer.concat([unit, unit], 10 * 2 ** 20);
  const times = [1, 2, 3, 4, 5].map(() => {
    const started = performance.now();
    if (readSerialLog(log).failure?.entry.code !== '0x000000EF') throw new Error('the stop in the log was not read');
    return performance.now() - started;
  });
  note('serial log of 10 MB (limit 500 ms)', ms(median(times)));
}

/** A stop screen as a console would show it, drawn here so that the benchmark needs no simulator. */
function stopScreen(): Buffer {
  const canvas = createCanvas(1024, 768);
  const draw = canvas.getContext('2d');
  draw.fillStyle = '#0078d7';
  draw.fillRect(0, 0, 1024, 768);
  draw.fillStyle = 'white';
  draw.font = '24px sans-serif';
  draw.fillText('Your PC ran into a problem and needs to restart.', 110, 300);
  draw.fillText('Stop code: CRITICAL_PROCESS_DIED', 110, 480);
  return canvas.toBuffer('image/png');
}

async function ocr(): Promise<void> {
  const picture = stopScreen();
  const times: number[] = [];
  for (let n = 0; n < 6; n++) {
    const started = performance.now();
    await readScreen(picture);
    times.push(performance.now() - started);
  }
  note('OCR of a stop screen: the first, engine start included', ms(times[0] ?? 0));
  note('OCR of a stop screen: the next ones', ms(median(times.slice(1))));
  await closeOcr();
}

const chain = `
const df = require('durable-functions');
df.app.activity('work', { handler: async ({ n }) => ({ n: n + 1 }) });
df.app.orchestration('chain', function* (context) {
  let n = 0;
  for (let i = 0; i < 100; i++) n = (yield context.df.callActivity('work', { n })).n;
  return { n };
});`;

async function embeddedHost(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bootmedic-bench-'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bench', main: 'index.cjs' }));
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0' }));
  writeFileSync(join(folder, 'index.cjs'), chain);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const host = await HostProcess.start(folder);
  const started = performance.now();
  await host.startInstance('chain', 'one');
  await host.ended('one', 60_000);
  note(
    'embedded host: chain of 100 activities, each turn replays all before it',
    `${Math.round(100 / ((performance.now() - started) / 1000))} activities/s`,
  );
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
}

bundle();
runbook();
serialLog();
await ocr();
await embeddedHost();
for (const { what, value } of rows) console.log(`${value.padStart(16)}  ${what}`);
