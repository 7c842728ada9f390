/**
 * Evidence -> verdict. Healthy only on fresh positive evidence; evidence older than the last power event proves nothing; where
 * witnesses disagree it is said; a VM that Azure itself keeps down is left alone whatever its console shows; and what is not known is
 * called unknown, with what would settle it.
 */
import type { BootSight } from '../functions/activities/contract.ts';
import { shortCode } from './catalogue.ts';
import { hangSince, perhapsHanging, stillness } from './hang.ts';
import type { Observation } from './observation.ts';
import { hostNote, type PlatformCause, platformCause } from './platform.ts';
import type { Diagnosis, Finding, Sight } from './types.ts';
import { courseOf, failuresOf, isOnScreen, later, ranked, type Seen, see, sightOf, type Told } from './witnesses.ts';

/** A Ready status older than this says nothing of now; the agent reports every few minutes. */
const readyMinutes = 15;

/** So far the clock of a guest, or of Azure, may be ahead. */
const clockMinutes = 5;

/** When the agent was ready; null = it is not, or tells a time to come, which proves nothing. */
function readyTime({ vm, now }: Observation): string | null {
  if (vm.agent.status !== 'ready' || vm.agent.at === null) return null;
  return Date.parse(vm.agent.at) - Date.parse(now) <= clockMinutes * 60_000 ? vm.agent.at : null;
}

/** 17763 of `10.0.17763.5329`. */
function buildOf({ agent }: Observation['vm']): number | null {
  const build = Number(agent.osVersion?.split('.')[2]);
  return Number.isInteger(build) ? build : null;
}

const nameOf = ({ stopCode, stopName, title }: Finding) =>
  stopCode === '' ? title : `${[shortCode(stopCode), stopName].join(' ').trim()}`;

/** Windows changes its disk: a restart or repair now would do the harm. */
const atWork: readonly Sight[] = ['updating', 'undoing-changes', 'checking-disk'];

type Verdict = Omit<Diagnosis, 'evidence' | 'unread'>;

function failing(findings: Finding[], best: Finding, seen: Seen): Verdict {
  const repair = best.playbook === null ? 'no safe automatic repair is known for it' : `playbook ${best.playbook} answers it`;
  const doubts = best.contradictions.length > 0 ? `; but ${best.contradictions.join('; ')}` : '';
  return {
    verdict: 'failing',
    sight: sightOf(seen),
    findings,
    summary: `Windows does not start: ${nameOf(best)} (${best.confidence})${doubts}; ${repair}${provesNothing(seen)}.`,
    settledBy: null,
    ...courseOf(seen),
  };
}

const provesNothing = ({ stale }: Seen) =>
  stale.length > 0 ? ` (${stale.join(' and ')} is older than the last power event and proves nothing)` : '';

/** Why there is no verdict, and what would give one. */
function unknown(observation: Observation, seen: Seen): Verdict {
  const { vm } = observation;
  const { screen, serial } = seen;
  const shown = screen === null ? 'there is no current screenshot' : `the screen shows ${screen.reading.what}`;
  const stops = serial?.reading.failure ? [serial.reading.failure.entry.code] : [];
  const earlier = [...(serial?.reading.earlierStops ?? []), ...stops].map(shortCode);
  const history = earlier.length > 0 ? `; earlier in the serial log Windows stopped with ${[...new Set(earlier)].join(', ')}` : '';
  const agent = {
    ready:
      vm.agent.at !== null && readyTime(observation) === null
        ? 'the agent tells of a time to come'
        : 'the agent was ready, but that is not newer than what would tell of a failure',
    'not-ready': 'the agent does not report',
    none: 'no agent has reported',
  }[vm.agent.status];
  return {
    verdict: 'unknown',
    sight: sightOf(seen),
    findings: [],
    summary: `What the VM does is not known: ${agent}; ${shown}${provesNothing(seen)}${history}.`,
    settledBy: settledBy(vm.power, sightOf(seen)),
    ...courseOf(seen),
  };
}

function settledBy(power: string, sight: Sight): string {
  if (power !== 'running') return 'a look while the VM is running';
  if (atWork.includes(sight)) {
    return 'patience: Windows is at work, and cutting its power does harm; look again in 30 minutes, for up to 8 hours';
  }
  if (sight === 'loading') return 'another look in an hour: what shows the same then hangs';
  if (sight === 'black')
    return 'another look in an hour (what shows the same then hangs), a screenshot after a key was sent (a display that is switched off is black too), the serial console, or one restart';
  if (sight === 'nothing') return 'boot diagnostics: a screenshot or serial log from after the last start';
  if (sight === 'linux-console') return 'nothing here: this is not Windows';
  if (sight === 'boot-menu')
    return 'patience: the menu goes on by itself after some time, mostly; one that is still there in an hour waits for a person';
  if (sight === 'unrecognised' || sight === 'blank' || sight === 'setup-failed') return 'a person who looks at the screenshot';
  return 'another look in some minutes, or a Ready status of the agent';
}

/**
 * What the evidence says of a VM. The last power event is the one that instance view and activity log know; where neither does, a Ready
 * status counts only when it is some minutes old at most. What could not be looked at is told.
 */
export function diagnose(observation: Observation): Omit<Diagnosis, 'evidence'> {
  const { summary, ...verdict } = judge(observation);
  const { unread = [] } = observation;
  const blind = unread.length > 0 ? `Not looked at: ${unread.join('; ')}.` : '';
  return { ...verdict, summary: [summary, hostNote(observation), blind].filter(text => text !== '').join(' '), unread };
}

function judge(observation: Observation): Verdict {
  const { vm, now } = observation;
  const seen = see(observation, vm.powerChangedAt);
  const told = failuresOf(seen);
  const readyAt = vm.power === 'running' ? readyTime(observation) : null;
  const isFresh = readyAt !== null && (vm.powerChangedAt === null || later(readyAt, vm.powerChangedAt));
  const isRecent = readyAt !== null && Date.parse(now) - Date.parse(readyAt) < readyMinutes * 60_000;
  const cause = platformCause(observation);
  const isReady = isFresh && isRecent;
  // A log is not proof enough against an agent that has just reported: any program in the guest may write it.
  const believed = isReady ? told.filter(one => isOnScreen(one, seen)) : told;
  // Nothing but a guest that runs writes on after its stop.
  const against = told.filter(one => isOnScreen(one, seen) || !seen.serial?.reading.goesOn);
  const newer = [...against.map(({ at }) => at), cause?.since, busySince(seen)];
  const isNewest = readyAt !== null && !newer.some(at => at != null && !later(readyAt, at));
  if (isReady && isNewest) return healthy(readyAt, seen, told);
  if (cause !== null) return kept(cause, seen);
  // What a VM showed before it was stopped says nothing of why it is stopped.
  const mayFail = (vm.power === 'running' || vm.power === 'unknown') && !atWork.includes(sightOf(seen));
  const findings = mayFail ? ranked(believed, buildOf(vm)) : [];
  const [best] = findings;
  if (best !== undefined) return failing(findings, best, seen);
  const still = isReady || told.length > 0 ? undefined : stillness(observation, seen);
  const hang = still && hangSince(observation, seen, still);
  if (hang) return { ...failing([hang], hang, seen), ...(still && { still }) };
  return { ...unknown(observation, seen), ...(still && { still }) };
}

/** When the screen showed that Windows had stopped serving (at work on its disk, or not yet chosen), or something that cannot be read: that may be anything. */
const busySince = ({ screen }: Seen): string | null =>
  screen !== null && [...atWork, 'boot-menu', 'unrecognised'].includes(screen.reading.sight) ? screen.at : null;

function healthy(readyAt: string, seen: Seen, told: Told[]): Verdict {
  const shown = seen.screen === null ? '' : `; the screen shows ${seen.screen.reading.what}`;
  const [logged] = ranked(
    told.filter(one => !isOnScreen(one, seen) && later(one.at, readyAt)),
    null,
  );
  const talk =
    logged === undefined ? '' : `; only the serial log tells of ${nameOf(logged)}, and goes on after it, as no stopped Windows does`;
  const summary = `Windows runs: the agent reported Ready at ${readyAt}, and nothing newer tells of a failure${shown}${talk}.`;
  return { verdict: 'healthy', sight: sightOf(seen), findings: [], summary, settledBy: null, ...courseOf(seen) };
}

/** Azure keeps it down. What the console shows is told, and is no reason to touch the disk: the host may be at fault for that too. */
function kept({ why, settledBy }: PlatformCause, seen: Seen): Verdict {
  const shown = seen.screen === null ? '' : `; the screen shows ${seen.screen.reading.what}`;
  const summary = `Azure itself is the cause: ${why}${shown}.`;
  return { verdict: 'platform', sight: sightOf(seen), findings: [], summary, settledBy, ...courseOf(seen) };
}

/** Sights that are no life: nothing has booted. */
const lifeless: readonly Sight[] = [
  ...(['black', 'blank', 'nothing', 'stop-screen', 'boot-manager-error'] as const),
  ...(['boot-menu', 'key-prompt', 'recovery-environment', 'setup-failed'] as const),
];

/**
 * One look at a VM that was started at `startedAt`. Only evidence newer than that counts, and only a screen shows a failure of this
 * boot: the log goes on from boot to boot without a time, so that a stop in it alone, however new the log, may be of the boot before.
 */
export function lookAtBoot(observation: Observation & { startedAt: string }): Omit<BootSight, 'evidence' | 'at' | 'power'> {
  const { vm, startedAt } = observation;
  const seen = see(observation, startedAt);
  const readyAt = readyTime(observation);
  const agentReadyAt = readyAt !== null && later(readyAt, startedAt) ? readyAt : null;
  const told = failuresOf(seen).filter(({ at }) => agentReadyAt === null || later(at, agentReadyAt));
  const [failure = null] = ranked(
    told.filter(one => isOnScreen(one, seen)),
    buildOf(vm),
  );
  const [maybe = null] = failure === null ? ranked(told, buildOf(vm)) : [];
  const sight = seen.screen === null && maybe !== null ? 'nothing' : sightOf(seen);
  const logged = seen.serial !== null && seen.serial.reading.failure === null && seen.serial.reading.progress !== 'none';
  const alive = agentReadyAt !== null || logged || (failure === null && seen.screen !== null && !lifeless.includes(sight));
  const progress = seen.screen?.reading.progress ?? null;
  const before = maybe === null ? '' : `the serial log tells of ${nameOf(maybe)}, which may be of the boot before`;
  const summary = bootSummary(seen, agentReadyAt, failure, [logged ? loggedProgress(seen) : '', before], observation.unread ?? []);
  const running = seen.serial?.reading.progress === 'services' || agentReadyAt !== null;
  const stuck = seen.screen !== null && perhapsHanging.includes(sight) && failure === null && maybe === null && !running;
  return { sight, progress, agentReadyAt, alive, stuck, failure, summary };
}

const loggedProgress = ({ serial }: Seen) =>
  `the serial log says that ${serial?.reading.progress === 'services' ? 'the services run' : 'Windows is starting'}`;

function bootSummary(
  { screen, stale }: Seen,
  agentReadyAt: string | null,
  failure: Finding | null,
  logged: string[],
  unread: string[],
): string {
  const said = [
    failure === null ? '' : `this boot failed: ${nameOf(failure)} (${failure.confidence})`,
    agentReadyAt === null ? 'the agent has not reported since the start' : `the agent reported Ready at ${agentReadyAt}`,
    screen === null ? 'there is no screenshot from after the start' : `the screen shows ${screen.reading.what}`,
    ...logged,
    stale.length > 0 ? `${stale.join(' and ')} is older than the start` : '',
    unread.length > 0 ? `not looked at: ${unread.join('; ')}` : '',
  ];
  return `${said.filter(part => part !== '').join('; ')}.`;
}
