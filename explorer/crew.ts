/** Worker processes that run schedules: one a core, renewed now and then because storage only grows. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { nothing, type SignOfLife, type Verdict } from './verdict.ts';
import type { Call } from './wire.ts';

export type Answer = Verdict & { list?: Call[] };

/** Schedules that one process runs before it is renewed. */
const renewal = 500;
/** Wall milliseconds without a sign of life, on a machine that may be busy with others; how long a schedule may take is counted in virtual time. */
const patience = 300_000;
const program = new URL('./worker.ts', import.meta.url).pathname;

class Worker {
  #child: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #interface: Interface | undefined;
  #done = 0;

  async run(schedule: string): Promise<Answer> {
    if (this.#done++ % renewal === 0) await this.#renew();
    this.#child?.stdin?.write(`${schedule}\n`);
    for (let said = await this.#heard(); said !== undefined; said = await this.#heard()) if ('schedule' in said) return said;
    this.#done = 0;
    return nothing(schedule, 'the process that ran it died or hung', patience);
  }

  /** The next thing that the process says; undefined when it says nothing any more. */
  async #heard(): Promise<Answer | SignOfLife | undefined> {
    const patient = new AbortController();
    const late = sleep(patience, undefined, { signal: patient.signal, ref: false }).catch(() => undefined);
    const line = await Promise.race([this.#next(), late]);
    patient.abort();
    return line === undefined ? undefined : JSON.parse(line);
  }

  close(): void {
    this.#interface?.close();
    this.#child?.kill('SIGKILL');
  }

  async #renew(): Promise<void> {
    this.close();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=64', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (child.stdout === null) throw new Error('a worker without output');
    this.#child = child;
    this.#interface = createInterface({ input: child.stdout });
    this.#lines = this.#interface[Symbol.asyncIterator]();
    await this.#next();
  }

  async #next(): Promise<string | undefined> {
    const line = await this.#lines?.next();
    return line?.done === false ? line.value : undefined;
  }
}

export class Crew {
  readonly #workers: Worker[];

  constructor(size: number) {
    this.#workers = Array.from({ length: size }, () => new Worker());
  }

  /** Runs them all; `then` is told each answer as it comes. */
  async runAll(schedules: Iterable<string>, then: (answer: Answer) => void): Promise<void> {
    const next = schedules[Symbol.iterator]();
    const work = async (worker: Worker) => {
      for (let each = next.next(); !each.done; each = next.next()) then(await worker.run(each.value));
    };
    await Promise.all(this.#workers.map(work));
  }

  async run(schedule: string): Promise<Answer> {
    const [worker] = this.#workers;
    if (worker === undefined) throw new Error('a crew of nobody');
    return worker.run(schedule);
  }

  close(): void {
    for (const worker of this.#workers) worker.close();
  }
}
