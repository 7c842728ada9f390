import type { EvidencePlan, Leftover, Policy, VmFacts } from '../../functions/activities/contract.ts';
import { call, ensure, now, type Step, show, sleep } from '../steps.ts';
import { Ended, leave, type Story } from '../story.ts';
import { consent } from './consent.ts';
import { leaveIt } from './watch.ts';

/** How long, and how often, a screenshot is waited for after diagnostics were turned on; seconds. */
const patience = 600;
const pause = 60;

/**
 * Makes a VM visible whose boot diagnostics are off: they are turned on where that is consented to, and a screenshot is waited for.
 * Where the VM is well or Azure itself is the cause, which can be told without a console, nothing is turned on. Nothing restarts the VM
 * here: Azure's page says that a screenshot is of the present state, and what comes only with a boot is for a person, or for the bounded
 * restart that is a phase of its own.
 */
export function* see(story: Story, vm: VmFacts, policy: Policy): Step<void> {
  if (vm.bootDiagnostics !== 'off' || vm.power !== 'running') return;
  yield* show({ phase: 'see' });
  story.diagnosis = yield* call('diagnoseVm', { vm });
  if (story.diagnosis.verdict !== 'unknown') return;
  const plan = yield* call('planEvidence', { vm, policy });
  story.evidencePlan = plan;
  if (policy.mode === 'observe') throw blind(story, plan);
  yield* show({ planHash: plan.hash });
  yield* consent(story, plan, plan.missingConsents);
  yield* turnOn(story, vm);
  yield* leaveIt(story, vm);
  yield* firstSight(story, vm);
}

function blind(story: Story, plan: EvidencePlan): Ended {
  const remedy =
    'Turn on boot diagnostics with managed storage (az vm boot-diagnostics enable), or set the mode of this scope to review or auto and ' +
    'consent to enable-boot-diagnostics; then start a repair.';
  story.refusals.push({ code: 'no-boot-diagnostics', message: plan.why, remedy });
  return new Ended('refused', 'was not touched', 'it cannot be seen, because its boot diagnostics are off', [remedy]);
}

/** There is no undo, and the report says so; also where it may have been done before it failed. */
function* turnOn(story: Story, vm: VmFacts): Step<void> {
  const staysOn = (how: string): Leftover => ({
    resourceId: vm.id,
    reason: `boot diagnostics of ${vm.name}, with storage that Azure manages: they were off, ${how} to see the VM, and stay on`,
    expires: null,
    removeWith: `az vm boot-diagnostics disable --ids ${vm.id}`,
  });
  yield* show({ phase: 'see' });
  let how = 'may have been turned on';
  try {
    yield* ensure('ensureBootDiagnostics', { vmId: vm.id });
    how = 'were turned on';
  } finally {
    leave(story, staysOn(how));
  }
}

/** What the console shows first. Nothing at all by the deadline is for a person. */
function* firstSight(story: Story, vm: VmFacts): Step<void> {
  const since = yield* now();
  for (let waited = 0; waited <= patience; waited += pause) {
    yield* show({ step: 'diagnoseVm', awaiting: 'the first screenshot', since });
    yield* sleep(pause);
    story.diagnosis = yield* call('diagnoseVm', { vm });
    if (story.diagnosis.verdict !== 'unknown' || story.diagnosis.sight !== 'nothing') return;
  }
  throw new Ended('unknown', 'was not repaired', 'its boot diagnostics are on now, and have shown nothing yet', [
    `Restart ${vm.name} once (az vm restart), so that one boot is recorded; then start the repair again.`,
  ]);
}
