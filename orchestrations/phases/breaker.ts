import type { Finding, Policy } from '../../functions/activities/contract.ts';
import type { askBreaker } from '../admission.ts';
import type { Undo } from '../saga.ts';
import { askEntity, now, type Step } from '../steps.ts';
import { Ended, type Story } from '../story.ts';

/**
 * What has failed on several VMs in a row fails on the next too, and takes it down for nothing: such a finding is left to a person, for a
 * time. Where the request says `force`, a person is asked instead, and told what is passed; a script is approved anyway; mode `observe`
 * takes nothing down.
 */
export function* breaker(story: Story, { mode }: Policy, finding: Finding, undo: Undo): Step<void> {
  if (mode === 'observe') return;
  const { request, repairId } = story;
  const name = finding.stopCode || finding.id;
  if (!request.script) {
    const question = { finding: name, at: yield* now(), limits: request.limits };
    const { open, why, until } = yield* askEntity<ReturnType<typeof askBreaker>>('admission', 'askBreaker', question);
    if (open && !request.force) throw stopped(story, why, until);
    if (open) story.passes.push(`the breaker: ${why}`);
  }
  undo.always('remember how it ended', function* () {
    const ended = endOf(story);
    if (ended !== null) yield* askEntity('admission', 'noteEnd', { finding: name, repairId, failed: ended === 'failed', at: yield* now() });
  });
}

/** How a person goes on all the same. */
export const insist = 'start the repair with its playbook and force (bootmedic repair --playbook … --force): a person approves that';

function stopped(story: Story, why: string, until: string): Ended {
  const remedy = `Read the report of that repair. If this VM is to be repaired all the same, ${insist}, or reset the breaker; otherwise it is tried again from ${until}.`;
  story.refusals.push({ code: 'breaker-open', message: `${why}.`, remedy });
  return new Ended('refused', 'was left alone', why, [remedy]);
}

/** Null = it tells nothing of the playbook: nothing was tried, or a person stopped it. */
export function endOf({ outcome, downFrom, handedOver }: Story): 'failed' | 'well' | null {
  if (outcome === 'repaired' || outcome === 'booted-unverified') return 'well';
  const tried = downFrom !== null && handedOver === null;
  return tried && (outcome === 'rolled-back' || outcome === 'needs-person') ? 'failed' : null;
}
