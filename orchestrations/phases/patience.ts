import type { Diagnosis, Policy, Sight, VmFacts } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import { call, now, type Step, show, sleep } from '../steps.ts';
import { Ended, type Story } from '../story.ts';

/** Cutting the power of a Windows that is at one of these does the harm that a repair is to undo. */
const working: readonly Sight[] = ['updating', 'undoing-changes', 'checking-disk'];
const atWork = ({ sight }: { sight: Sight }) => working.includes(sight);

const words: Partial<Record<Sight, string>> = {
  updating: 'updating itself',
  'undoing-changes': 'undoing an update',
  'checking-disk': 'checking its disk',
};

/** What a machine shows that restarts. */
const restarting: readonly Sight[] = ['black', 'blank', 'loading', 'nothing'];
const mostBetween = 3;

/** Seconds until the n-th look. Every look stays in the history. */
const pauseBefore = (look: number) => Math.min(120 * 2 ** look, 1800);

/** Waits while Windows is at work, for as long as the limit allows, and then says what the VM shows. Mode `observe` waits for nothing. */
export function* patience(story: Story, vm: VmFacts, { mode }: Policy, first: Diagnosis): Step<Diagnosis> {
  if (mode === 'observe' || first.verdict !== 'unknown' || !atWork(first)) return first;
  const began = yield* now();
  const { patienceSeconds } = story.request.limits;
  let { sight, progress }: Pick<Diagnosis, 'sight' | 'progress'> = first;
  let moved = began;
  let between = 0;
  for (let look = 0, waited = 0; waited < patienceSeconds; look++) {
    yield* show({ step: 'patience', awaiting: told(sight, progress, moved), since: began });
    const pause = Math.min(pauseBefore(look), patienceSeconds - waited);
    yield* apart(sleep(pause));
    waited += pause;
    const seen = yield* call('observeBoot', { vm, startedAt: vm.powerChangedAt ?? began, look: look + 1 });
    if (seen.sight !== sight || seen.progress !== progress) moved = seen.at;
    if (atWork(seen) && seen.agentReadyAt === null && seen.power === 'running') {
      ({ sight, progress } = seen);
      between = 0;
      continue;
    }
    // Between two rounds of an update the machine restarts: a look or two that tell nothing end no patience.
    const found = yield* call('diagnoseVm', { vm });
    if (found.verdict !== 'unknown' || (!atWork(found) && (!restarting.includes(found.sight) || ++between > mostBetween))) return found;
  }
  const hours = Math.round(patienceSeconds / 360) / 10;
  throw new Ended('needs-person', 'was not touched', `it has been at work for ${hours} hours: ${told(sight, progress, moved)}`, [
    'Look at its screen. If it does not move any more, restart the VM once; if it comes back to the same screen, start the repair with the playbook that undoes pending servicing.',
  ]);
}

function told(sight: Sight, progress: number | null, moved: string): string {
  const percent = progress === null ? '' : `, at ${progress} % since ${moved.slice(0, 16).replace('T', ' ')} UTC`;
  return `Windows is ${words[sight] ?? 'at work'}${percent}`;
}
