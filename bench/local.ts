/** What costs time on this machine: a cold start, a picture, a serial log, the host. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createCanvas } from '@napi-rs/canvas';
import { readConsole, readSerialLog } from '../diagnosis/index.ts';
import { closeOcr, readScreen } from '../ocr/index.ts';
import { type Figure, figure } from './figures.ts';

const root = new URL('..', import.meta.url).pathname;
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const settings = { BOOTMEDIC_BLOB_ENDPOINT: 'https://127.0.0.1:1/account', BOOTMEDIC_LOG_LEVEL: 'error' };

/** Loads a module in a fresh process as Azure's worker does (CommonJS by require), seven times; the least of what the load alone took: whatever else the machine does only adds to it. */
function coldStart(load: string, ...flags: string[]): number {
  const script = `const t = performance.now(); ${load}; console.log(performance.now() - t); process.exit(0);`;
  const run = () =>
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, '-e', script], {
      cwd: root,
      env: { ...process.env, ...settings },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const times = Array.from({ length: 7 }, () => Number(run().trim().split('\n').at(-1)));
  return Math.min(...times);
}

function coldStarts(): Figure[] {
  const bundle = coldStart(`require(${JSON.stringify(join(root, 'dist/functions/index.cjs'))})`);
  const sources = coldStart(`await import(${JSON.stringify(join(root, 'functions/index.ts'))})`, '--input-type=module');
  return [figure('cold-start', bundle), figure('cold-start-ratio', bundle / sources)];
}

/** 10 MB of a talkative guest with a stop in the middle. */
function serialLog(): Figure {
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
  return figure('serial-log', median(times) / 1000);
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

async function ocr(): Promise<Figure> {
  const picture = stopScreen();
  await readScreen(picture);
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const started = performance.now();
    if (readConsole(await readScreen(picture)).failure === null) throw new Error('the stop on the screen was not read');
    times.push(performance.now() - started);
  }
  await closeOcr();
  return figure('screenshot', median(times) / 1000);
}

export async function local(): Promise<Figure[]> {
  return [...coldStarts(), serialLog(), await ocr()];
}
