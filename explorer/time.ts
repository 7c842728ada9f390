/**
 * Virtual time: Date and every timer of this process stand still while anything is being done, and jump to the next timer when
 * nothing is. Sockets' own timeouts are Node's internal timers and stay real. Import this before anything that keeps a timer function.
 */
import { syncBuiltinESMExports } from 'node:module';
import FakeTimers from '@sinonjs/fake-timers';

const realTimeout = globalThis.setTimeout;
const realInterval = globalThis.setInterval;
/** The moment at which every scenario begins: three in the morning of today, for certificates are checked against the real time. */
const epoch = new Date().setUTCHours(3, 0, 0, 0);

const toFake: FakeTimers.FakeMethod[] = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'];
const clock = FakeTimers.install({ now: epoch, toFake, shouldClearNativeTimers: true });
syncBuiltinESMExports();

const RealDate = Date;
/** As the library's own, which defines a property on every date that is made. */
class VirtualDate extends RealDate {
  constructor(...given: [] | ConstructorParameters<typeof RealDate>) {
    if (given.length === 0) super(clock.now);
    else super(...given);
  }

  static override now(): number {
    return clock.now;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof RealDate;
  }
}
globalThis.Date = VirtualDate as DateConstructor;

/** Rounds of the event loop without any sign of work after which all is taken to be quiet: files and worker messages need some. */
const calmRounds = 4;
/** Milliseconds of CPU, all threads', without any new piece of work; a request that hangs is a defect of the explorer. Of the wall a picture may take as long on a machine that is busy with others. */
const longestWork = 60_000;

function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export interface Activity {
  /** Something is under way that no timer waits for. */
  busy(): boolean;
  /** Grows with every piece of work begun. */
  count(): number;
  /** What is under way, for a person. */
  describe(): string;
  /** Busy with nothing but what waits for time to pass. */
  stalled(): boolean;
}

/** Waits until nothing is under way but timers. */
export async function settle(activity: Activity): Promise<void> {
  // Asked for seldom: it costs as much as a piece of work.
  let last: number | null = null;
  let seen = activity.count();
  let atLastLook = seen;
  for (let calm = 0, rounds = 0; calm < calmRounds; rounds++) {
    await new Promise(resolve => setImmediate(resolve));
    if (activity.busy() || activity.count() !== seen) calm = 0;
    else calm++;
    seen = activity.count();
    if (rounds % 500 !== 499) continue;
    await new Promise(resolve => realTimeout(resolve, 1));
    if (seen === atLastLook && activity.stalled()) return;
    if (last === null || seen !== atLastLook) last = spent();
    atLastLook = seen;
    if (spent() - last > longestWork) throw new Error(`not quiet: ${activity.describe()}`);
  }
}

/** Jumps to the next timer and runs it. */
export function jump(): void {
  clock.next();
}

const day = 24 * 3_600_000;
let scenarios = 0;

/** The same hour of a later day, for another scenario: tokens that the libraries remember have run out by then. */
export function nextScenario(): void {
  clock.setSystemTime(epoch + ++scenarios * 7 * day);
}

/** Two weeks later, without what timers would have done meanwhile: what was kept has expired. */
export function leap(): void {
  scenarios += 2;
  clock.setSystemTime(Date.now() + 14 * day);
}

/** A little of real time, for files and keys, which nobody counts. */
export function breathe(): Promise<void> {
  return new Promise(resolve => realTimeout(resolve, 3));
}

/** In real time, as long as anything else runs. @param seconds of the wall */
export function everyNowAndThen(seconds: number, work: () => void): void {
  realInterval(work, seconds * 1000).unref();
}
