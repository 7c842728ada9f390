import type { Admission, AdmissionRequest } from '../admission.ts';
import { spread } from '../patience.ts';
import type { Undo } from '../saga.ts';
import type { Step } from '../steps.ts';
import { askEntity, call, clock, now, show, sleep } from '../steps.ts';
import { Ended, type Story } from '../story.ts';

/** One repair per VM, a few at once, and few in whatever the VM is a part of: waits in the queue, joins the repair that is already running, or is refused. */
export function* admit(story: Story, undo: Undo): Step<void> {
  const { repairId, request } = story;
  yield* show({
    state: 'queued',
    phase: 'queued',
    vm: request.vmId.split('/').at(-1) ?? '',
    finding: '',
    planHash: '',
    by: inShort(request.requestedBy),
  });
  undo.always('free the VM for other repairs', () =>
    askEntity('admission', 'release', { vmId: request.vmId, repairId, well: isWell(story) }),
  );
  yield* takePlace(story);
}

/** Who waits asks again at least so often (10 min), or it counts as dead. Service seconds. */
const longest = 600;

/** Waits until there is a place; a repair that has given its place to others asks for one again, and is not counted twice. */
export function* takePlace(story: Story): Step<void> {
  const { repairId, request } = story;
  const { scopes } = yield* call('measureScopes', { vmId: request.vmId });
  for (let n = 0; ; n++) {
    const asked: AdmissionRequest = {
      vmId: request.vmId,
      repairId,
      at: yield* now(),
      clock: yield* clock(),
      limits: request.limits,
      scopes,
    };
    const admission = yield* askEntity<Admission>('admission', 'admit', asked);
    if (admission.decision === 'admitted') {
      story.restartedAt = admission.restartedAt;
      break;
    }
    if (admission.decision === 'joined') {
      story.joinedTo = admission.repairId;
      throw new Ended('joined', `is already being repaired by ${admission.repairId}`, '');
    }
    if (admission.decision === 'refused')
      throw new Ended('refused', 'was left alone', admission.why, ['Find out why it fails again and again.']);
    const { why, waitsFor, afterSeconds } = admission;
    yield* show({ step: 'admit', awaiting: waitsFor.length > 0 ? `${why}; waits for ${someOf(waitsFor)}` : why });
    // Who waits asks again at a time of its own: hundreds that came at once would all come back at once, and find five places.
    yield* sleep(Math.min(afterSeconds ?? spread(Math.min(15 * 2 ** n, 240), repairId, n), longest));
  }
  yield* show({ state: 'running' });
}

/** It goes along with every step: an alert is known by the last word of its id. */
const inShort = (requestedBy: string) => requestedBy.replaceAll(/\/\S*\//g, '').slice(0, 120);

/** The incident is over: the next one may begin with a restart again. */
const isWell = ({ outcome }: Story) => outcome === 'repaired' || outcome === 'healthy';

/** A status has no room for many. */
function someOf(repairs: string[]): string {
  const shown = repairs.slice(0, 5).join(', ');
  return repairs.length > 5 ? `${shown} and ${repairs.length - 5} more` : shown;
}
