import type { BootSight, Evidence, Plan, VmFacts } from '../../functions/activities/contract.ts';
import type { Undo } from '../saga.ts';
import { call, type Step, show, sleep } from '../steps.ts';
import type { Story } from '../story.ts';
import { keepOriginalDisk } from './protect.ts';

export interface Verdict {
  verdict: 'repaired' | 'failed' | 'booted-unverified';
  summary: string;
  evidence: Evidence[];
}

/** Seconds between looks, and when a boot that shows signs of life for ever is given to a person. */
const pace = 20;
const endlessSeconds = 4 * 3600;

/**
 * Proves that the VM boots: *repaired* only when the agent's Ready advanced twice after the start and it stayed so for the
 * stability window; *failed* on fresh positive failure or silence; *booted, unverified* when it lives without an agent.
 */
export function* verify(story: Story, vm: VmFacts, plan: Plan, startedAt: string, undo: Undo): Step<Verdict> {
  yield* show({ phase: 'verify', step: 'observeBoot', awaiting: 'the first sign of life' });
  const limits = story.request.limits;
  const seen = new Sightings();
  for (let look = 0; ; look++) {
    yield* sleep(pace);
    const sight = yield* call('observeBoot', { vm, startedAt, look });
    seen.add(sight);
    const verdict = seen.verdict(sight, limits, look * pace);
    const stays = seen.booted || verdict === 'booted-unverified';
    if (stays && !story.booted) {
      story.booted = true;
      undo.keepWhatIsDone();
      undo.onFailure('keep the replaced OS disk as the way back', () => keepOriginalDisk(story, vm, plan));
    }
    if (verdict) return { verdict, summary: sight.summary, evidence: seen.evidence };
    yield* show({ awaiting: seen.booted ? `stable for ${limits.stabilitySeconds} s` : sight.summary });
  }
}

/** What the looks add up to. Times from Azure are compared with times from Azure, waits are counted in looks. */
class Sightings {
  readonly #evidence = new Map<Evidence['kind'], Evidence>();
  booted = false;
  #readyTimes = new Set<string>();
  #looksSinceReady = 0;
  #looksSinceLife = 0;

  add(sight: BootSight): void {
    for (const evidence of sight.evidence) this.#evidence.set(evidence.kind, evidence);
    if (sight.agentReadyAt) this.#readyTimes.add(sight.agentReadyAt);
    if (this.#readyTimes.size > 0) this.#looksSinceReady++;
    if (sight.agentReadyAt || sight.sight === 'sign-in') this.booted = true;
    this.#looksSinceLife = sight.alive ? 0 : this.#looksSinceLife + 1;
  }

  /** The newest of each kind: what the verdict rests on. */
  get evidence(): Evidence[] {
    return [...this.#evidence.values()];
  }

  verdict(sight: BootSight, limits: { stabilitySeconds: number; silenceSeconds: number }, elapsed: number): Verdict['verdict'] | null {
    if (sight.failure) return 'failed';
    const advancedTwice = this.#readyTimes.size >= 2;
    if (advancedTwice && sight.agentReadyAt && this.#looksSinceReady * pace > limits.stabilitySeconds) return 'repaired';
    const silent = this.#looksSinceLife * pace >= limits.silenceSeconds;
    if (silent) return this.booted ? 'booted-unverified' : 'failed';
    if (this.booted && this.#readyTimes.size === 0 && elapsed >= limits.silenceSeconds) return 'booted-unverified';
    return elapsed >= endlessSeconds ? 'booted-unverified' : null;
  }
}
