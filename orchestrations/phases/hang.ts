import type { Diagnosis, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { apart } from '../deadline.ts';
import { call, now, type Step, show, sleep } from '../steps.ts';
import type { Story } from '../story.ts';

/** Of requests of earlier versions. */
const usualHang = 3600;

/** Seconds until the n-th look: soon at first, for what only boots slowly comes up then. Every look stays in the history. */
const pauseBefore = (look: number) => Math.min(120 * 2 ** look, 1800);

/**
 * A VM that shows no error and no life is looked at again for as long as a boot that hangs is (`hangSeconds`); what moves meanwhile begins
 * that anew, at most for as long again. Then it has another verdict, or stays unknown. Mode `observe` waits for nothing.
 */
export function* untilMoved(story: Story, vm: VmFacts, { mode }: Policy, first: Diagnosis): Step<Diagnosis> {
  if (mode === 'observe' || first.verdict !== 'unknown' || first.still === undefined) return first;
  const least = story.request.limits.hangSeconds ?? usualHang;
  const since = yield* now();
  let last = first;
  let still = { ...first.still, least };
  let quiet = 0;
  for (let look = 0, waited = 0; waited < 2 * least; look++) {
    yield* show({ step: 'untilMoved', awaiting: `whether anything moves: nothing has for ${Math.round(quiet / 60)} minutes`, since });
    const pause = Math.max(60, Math.min(pauseBefore(look), least - quiet));
    yield* apart(sleep(pause));
    waited += pause;
    quiet += pause;
    last = yield* call('diagnoseVm', { vm, still });
    if (last.verdict === 'failing' && last.still) story.still = still;
    if (last.verdict !== 'unknown' || last.still === undefined) return withFirst(last, first);
    if (last.still.trace === still.trace) continue;
    still = { ...last.still, least };
    quiet = 0;
  }
  return last;
}

/** Both looks are the evidence. */
function withFirst(last: Diagnosis, { evidence }: Diagnosis): Diagnosis {
  if (last.still === undefined) return last;
  const earlier = evidence.filter(({ id }) => !last.evidence.some(each => each.id === id));
  return { ...last, evidence: [...last.evidence, ...earlier] };
}
