/** Warm Tesseract worker threads, with their language models from npm packages: nothing is fetched or cached. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import type { Worker } from 'tesseract.js';
import type { Piece } from './rows.ts';
import { OcrError } from './types.ts';

/**
 * The English model reads every Latin letter the telling lines have: on Dutch screens it reads as well as `eng+nld`, which costs
 * twice the memory and turns the underscores of stop names into spaces (measured). Chinese and Japanese have a worker
 * each, which starts with the first picture that needs it.
 */
export type Model = 'eng' | 'chi_sim' | 'jpn';
/** `best_int`: the best model in 8-bit integers, LSTM only, 3 MB. */
const variant = '4.0.0_best_int';

const startDeadline = 30_000;
const readDeadline = 20_000;

const { resolve: resolveModule } = createRequire(import.meta.url);

interface Engine {
  worker: Worker;
  /** Rejects when the worker thread dies or reports a failure. */
  broken: Promise<never>;
}

const engines = new Map<Model, Promise<Engine>>();
/** Reads wait for each other: the worker has one thread and one picture in memory. */
let last: Promise<unknown> = Promise.resolve();

const asOcrError = (cause: unknown) =>
  cause instanceof OcrError ? cause : new OcrError('engine', `OCR engine failed: ${String(cause).slice(0, 200)}`, { cause });

/** Runs `work`, or throws after `ms`; its timer keeps the process alive while the unreferenced worker thread works. */
async function within<T>(ms: number, work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new OcrError('timeout', `${what} took longer than ${ms / 1000} s`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function start(model: Model): Promise<Engine> {
  const { createWorker, OEM, PSM } = await import('tesseract.js');
  const langPath = join(dirname(resolveModule(`@tesseract.js-data/${model}/package.json`)), variant);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  const fail = (cause: unknown) => failure.reject(asOcrError(cause));
  // A model that cannot be loaded is told to the error handler only: the promise of the worker would stay open for ever.
  const created = createWorker(model, OEM.LSTM_ONLY, { langPath, cacheMethod: 'none', gzip: true, errorHandler: fail });
  const worker = await within(startDeadline, Promise.race([created, failure.promise]), 'starting the OCR engine');
  // Sparse text: a stop screen has big and small text and a QR code beside each other. Tesseract's remarks go nowhere.
  await worker.setParameters({ tessedit_pageseg_mode: PSM.SPARSE_TEXT, debug_file: '/dev/null' });
  // The library leaves the thread's `error` event without a listener, which would end the whole process; and a warm worker must not keep it.
  const thread: unknown = Reflect.get(worker, 'worker');
  if (thread instanceof Thread)
    thread
      .on('error', fail)
      .on('exit', () => fail('its thread ended'))
      .unref();
  return { worker, broken: failure.promise };
}

async function recognise(graymap: Uint8Array, model: Model): Promise<Piece[]> {
  const engine = engines.get(model) ?? start(model);
  engines.set(model, engine);
  try {
    const { worker, broken } = await engine;
    const reading = worker.recognize(Buffer.from(graymap), {}, { text: false, blocks: true });
    const { data } = await within(readDeadline, Promise.race([reading, broken]), 'reading the picture');
    return (data.blocks ?? []).flatMap(block => block.paragraphs.flatMap(paragraph => paragraph.lines));
  } catch (error) {
    // Whatever happened, the worker's state is unknown: the next picture gets a fresh one.
    await closeOcr();
    throw asOcrError(error);
  }
}

/** Text of a graymap (P5), in pieces. One at a time. */
export function readGraymap(graymap: Uint8Array, model: Model): Promise<Piece[]> {
  const turn = last.then(() => recognise(graymap, model));
  last = turn.catch(() => {});
  return turn;
}

/** Ends the worker threads; the next picture starts another. Harmless when none runs. */
export async function closeOcr(): Promise<void> {
  const running = [...engines.values()];
  engines.clear();
  await Promise.all(running.map(engine => engine.then(({ worker }) => worker.terminate()).catch(() => {})));
}
