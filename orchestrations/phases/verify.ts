import type { BootSight, Evidence, PowerState, VmFacts } from '../../functions/activities/contract.ts';
import { unhurried } from '../deadline.ts';
import { call, ensure, now, type Step, show, sleep } from '../steps.ts';
import { Ended, type Story } from '../story.ts';
import { leaveIt, powerOffCameLate } from './watch.ts';

export interface Verdict {
  verdict: 'repaired' | 'failed' | 'booted-unverified';
  summary: string;
  evidence: Evidence[];
}

/** A boot to be watched. */
export interface Watch {
  vm: VmFacts;
  /** ISO time of the start: what was captured before is of another boot. */
  startedAt: string;
  /** Which disk it boots from, in words. */
  disk: string;
  /** Silence for so long means that nothing has booted. */
  silenceSeconds: number;
  /** Called once, when the boot hangs; true = something was done about it, and it is watched on for a while. */
  ifHung?: (startedAt: string) => Step<boolean>;
  /** Called once, when the guest has booted (`true`) or somebody else has taken over: from then on nothing is put back. */
  stay: (booted: boolean) => void;
}

/** When a boot that shows signs of life for ever is given to a person, seconds. */
const endlessSeconds = 4 * 3600;

/** So long without any change means that a boot hangs, seconds; what was interrupted shows it at once. */
const usualHang = 3600;
const afterInterrupt = 600;

/** How long a stop screen may stay at its percentage, and count in all, before the power is cut; seconds. */
const dumpPatience = { still: 180, inAll: 1800 };

/** Seconds until the next look: often while it matters, rarely later, because every look stays in the history for good. */
function paceAfter(elapsed: number, booted: boolean): number {
  if (elapsed < 300) return booted ? 30 : 20;
  if (elapsed < 900) return 60;
  return elapsed < 3600 ? 180 : 600;
}

/**
 * Proves that the VM boots: *repaired* only when the agent's Ready advanced twice after the start and it stayed so for the
 * stability window; *failed* on fresh positive failure or silence; *booted, unverified* when it lives without an agent.
 */
export const verify = (story: Story, watch: Watch): Step<Verdict> => unhurried(watchBoot(story, watch));

function* watchBoot(story: Story, { vm, disk, silenceSeconds, ifHung, stay, ...watch }: Watch): Step<Verdict> {
  yield* show({ phase: 'verify', step: 'observeBoot', awaiting: 'the first sign of life' });
  const { stabilitySeconds, hangSeconds = usualHang } = story.request.limits;
  let limits = { stabilitySeconds, silenceSeconds, hangSeconds };
  let wake = ifHung;
  let before = '';
  let { startedAt } = watch;
  let seen = new Sightings();
  let stays = false;
  let again = 0;
  for (let look = 0; ; look++) {
    const pace = paceAfter(seen.booted ? seen.secondsBooted : seen.elapsed, seen.booted);
    yield* sleep(pace);
    let sight = yield* call('observeBoot', { vm, startedAt, look, console: seen.booted ? 'unless it answers' : 'always' });
    if (switchedOff.includes(sight.power) && again < mostAgain && (yield* powerOffCameLate(story, vm, startedAt))) {
      again++;
      startedAt = yield* startAgain(story, vm);
      seen = new Sightings();
      continue;
    }
    if (switchedOff.includes(sight.power)) {
      if (!stays) stay(false);
      const did = ['was switched off by somebody while its boot was watched', `is left so, on ${disk}`];
      throw new Ended('needs-person', did, '', [
        disk === 'its own disk' ? 'Start it when it is wanted.' : 'Start it, or swap the original OS disk back.',
      ]);
    }
    seen.add(sight, pace);
    // What an agent says is believed in the end only beside a screen that says nothing else.
    if (sight.consoleSkipped && seen.verdict(sight, limits) !== null) {
      sight = yield* call('observeBoot', { vm, startedAt, look, console: 'always' });
      seen.add(sight, 0);
    }
    const verdict = seen.verdict(sight, limits);
    if (!stays && (seen.booted || verdict === 'booted-unverified')) {
      stays = true;
      stay(true);
    }
    if (verdict === 'failed' && sight.failure === null && sight.stuck && wake) {
      const sent = yield* wake(startedAt);
      wake = undefined;
      if (sent) {
        before = 'it hung, and was stopped by a non-maskable interrupt: ';
        limits = seen.expect(limits);
        continue;
      }
    }
    // Cutting its power now would cut off the dump that it writes.
    if (verdict && !seen.writesDump) return { verdict, summary: `${before}${seen.hung(limits)}${sight.summary}`, evidence: seen.evidence };
    yield* show({ awaiting: seen.booted ? `stable for ${limits.stabilitySeconds} s` : sight.summary });
  }
}

/** A power off of ours came late: the boot it cut off begins anew. So often at most. */
const mostAgain = 2;

function* startAgain(story: Story, vm: VmFacts): Step<string> {
  if (story.onRepairDisk) story.startedOnCopy = yield* now();
  const { at } = yield* ensure('ensureStarted', { vmId: vm.id });
  yield* leaveIt(story, vm);
  return at;
}

/** Somebody else's doing, once the VM has been seen running, unless a power off of ours came late. */
const switchedOff: PowerState[] = ['stopping', 'stopped', 'deallocating', 'deallocated'];

interface Patience {
  stabilitySeconds: number;
  silenceSeconds: number;
  hangSeconds: number;
}

/** What the looks add up to. Times from Azure are compared with times from Azure; what we wait for is counted in what we waited. */
class Sightings {
  readonly #evidence = new Map<Evidence['kind'], Evidence>();
  booted = false;
  #readyTimes = new Set<string>();
  elapsed = 0;
  secondsBooted = 0;
  #secondsReady = 0;
  #secondsSilent = 0;
  #secondsStuck = 0;
  #trace = '';
  #progress: number | null = null;
  #secondsStill = 0;
  #secondsWriting = 0;

  /** A stop screen that counts to 100 %, and gets on. */
  get writesDump(): boolean {
    const underWay = this.#progress !== null && this.#progress < 100;
    return underWay && this.#secondsStill < dumpPatience.still && this.#secondsWriting < dumpPatience.inAll;
  }

  /** Something was done: what it shows from now on counts, and is waited for not so long. */
  expect(limits: Patience): Patience {
    this.elapsed = 0;
    this.#secondsSilent = 0;
    this.#secondsStuck = 0;
    const atMost = (seconds: number) => Math.min(afterInterrupt, seconds);
    return { ...limits, silenceSeconds: atMost(limits.silenceSeconds), hangSeconds: atMost(limits.hangSeconds) };
  }

  /** That nothing has moved for too long, in words; else nothing. */
  hung({ hangSeconds }: Patience): string {
    if (this.booted || this.#secondsStuck < hangSeconds) return '';
    return `it hangs: nothing has moved for ${Math.round(this.#secondsStuck / 60)} minutes; `;
  }

  add(sight: BootSight, waited: number): void {
    this.elapsed += waited;
    for (const evidence of sight.evidence) this.#evidence.set(evidence.kind, evidence);
    if (sight.agentReadyAt) this.#readyTimes.add(sight.agentReadyAt);
    if (this.#readyTimes.size > 0) this.#secondsReady += waited;
    if (this.booted) this.secondsBooted += waited;
    if (sight.agentReadyAt || sight.sight === 'sign-in') this.booted = true;
    const progress = sight.failure !== null && sight.sight === 'stop-screen' ? sight.progress : null;
    this.#secondsStill = progress !== null && progress === this.#progress ? this.#secondsStill + waited : 0;
    this.#secondsWriting = progress === null ? 0 : this.#secondsWriting + waited;
    this.#progress = progress;
    const { stuck = false, trace = '' } = sight;
    this.#secondsStuck = stuck && trace === this.#trace ? this.#secondsStuck + waited : 0;
    this.#trace = trace;
    this.#secondsSilent = sight.alive ? 0 : this.#secondsSilent + waited;
  }

  /** The newest of each kind: what the verdict rests on. */
  get evidence(): Evidence[] {
    return [...this.#evidence.values()];
  }

  verdict(sight: BootSight, limits: Patience): Verdict['verdict'] | null {
    if (sight.failure) return 'failed';
    // Before anything has booted: a logo that stays for an hour will stay.
    if (this.hung(limits) !== '') return 'failed';
    const advancedTwice = this.#readyTimes.size >= 2;
    if (advancedTwice && sight.agentReadyAt && this.#secondsReady > limits.stabilitySeconds) return 'repaired';
    const silent = this.#secondsSilent >= limits.silenceSeconds;
    if (silent) return this.booted ? 'booted-unverified' : 'failed';
    if (!advancedTwice && this.secondsBooted >= limits.silenceSeconds) return 'booted-unverified';
    return this.elapsed >= endlessSeconds ? 'booted-unverified' : null;
  }
}
