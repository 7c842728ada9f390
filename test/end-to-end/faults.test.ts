/** Every kind of call that a repair makes goes wrong in every way that Azure has; nothing is lost, and the report tells the truth. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { breaches, type Fault, type Fleet, type Kind, type Repaired, type State, startFleet, stemOf } from './fleet.ts';
import { post, type RepairView } from './world.ts';

/** The calls of a repair, in their order. `VM` stands for the failed VM. */
const calls: Record<string, Fault['match'] & { after?: number }> = {
  'read the VM': { method: 'GET', path: '/virtualMachines/VM\\?' },
  'create the repair VM': { method: 'PUT', path: '/virtualMachines/{stem}-vm\\?' },
  'run a script': { method: 'PUT', path: '/virtualMachines/{stem}-vm/runCommands/' },
  'power off': { method: 'POST', path: '/virtualMachines/VM/powerOff' },
  snapshot: { method: 'PUT', path: '/snapshots/{stem}-snap' },
  copy: { method: 'PUT', path: '/disks/{stem}-disk' },
  attach: { method: 'POST', path: '/virtualMachines/{stem}-vm/attachDetachDataDisks' },
  detach: { method: 'POST', path: '/virtualMachines/{stem}-vm/attachDetachDataDisks', after: 1 },
  swap: { method: 'PATCH', path: '/virtualMachines/VM\\?' },
  start: { method: 'POST', path: '/virtualMachines/VM/start' },
  'look at the console': { method: 'POST', path: '/virtualMachines/VM/retrieveBootDiagnosticsData' },
  'delete the repair VM': { method: 'DELETE', path: '/virtualMachines/{stem}-vm' },
};
const lasting = Object.keys(calls).filter(call => !['read the VM', 'look at the console'].includes(call));

type Trouble = Omit<Fault, 'match' | 'after'>;
const refusal = (status: number, code: string, headers: Record<string, string> = {}): Trouble => ({
  answer: { status, headers, body: { error: { code, message: `${code}, as ordered.` } } },
});
/** Each goes by; a repair is to go on. */
const passing: Record<string, Trouble> = {
  throttled: refusal(429, 'TooManyRequests', { 'Retry-After': '1' }),
  'failed inside': { ...refusal(500, 'InternalServerError'), times: 3 },
  'cut before': { drop: 'before' },
  'cut after': { drop: 'after' },
  'ended as failed': { failOperation: { code: 'InternalExecutionError', message: 'An internal execution error occurred.' } },
  late: { delaySeconds: 1 },
  conflict: refusal(409, 'AnotherOperationInProgress'),
};

interface Case {
  name: string;
  kind: Kind;
  faults: Fault[];
  outcomes: string[];
  /** Ordered when the repair is seen in a phase. */
  late?: Record<string, Fault>;
  cancelWhenStable?: boolean;
  check?: (repaired: Repaired, state: State) => void;
}

const at = (call: string, trouble: Trouble, vm: string, more = 0): Fault => {
  const { after = 0, method, path } = calls[call] ?? { path: call };
  return {
    ...trouble,
    ...((after || more) && { after: after + more }),
    match: { ...(method && { method }), path: path.replaceAll('VM', vm) },
  };
};

/** Each repair has a trouble at every call, each another one: seven repairs try every pair. */
function passingCases(): Case[] {
  const troubles = Object.values(passing);
  return troubles.map((_, shift) => {
    const name = `passing-${shift}`;
    const faults = Object.keys(calls).map((call, n) => at(call, troubles[(n + shift) % troubles.length] ?? {}, name));
    return { name, kind: 'good', faults, outcomes: ['repaired'] };
  });
}

const forbidden = { ...refusal(403, 'AuthorizationFailed'), times: 1000 };
function lastingCases(): Case[] {
  return lasting.map((call, n): Case => {
    const name = `denied-${n}`;
    const swapped = ['delete the repair VM'].includes(call);
    const outcomes = swapped ? ['repaired'] : call === 'start' ? ['needs-person'] : n < 2 ? ['refused'] : ['rolled-back'];
    return { name, kind: 'good', faults: [at(call, forbidden, name)], outcomes };
  });
}

const one = (name: string, outcomes: string[], faults: Fault[], more: Partial<Case> = {}): Case => ({
  ...{ name, kind: 'good', outcomes, faults },
  ...more,
});
const endless = (code: string): Trouble => ({ failOperation: { code, message: 'As ordered.' }, times: 1000 });
const denied = refusal(403, 'AuthorizationFailed');

/** Troubles that stay, or that come more than once. */
function stubbornCases(): Case[] {
  const starts = ({ writes }: State, name: string) => writes.filter(({ path }) => path.endsWith(`/${name}/start`)).length;
  return [
    one('tag-denied', ['repaired'], [{ ...forbidden, match: { method: 'PATCH', path: '/disks/tag-denied-os' } }], {
      check: ({ report }) => expect(report.story.nextSteps.join()).toContain('tag-denied-os'),
    }),
    one('start-never-works', ['needs-person'], [at('start', endless('InternalExecutionError'), 'start-never-works')], {
      check: (_, state) => expect(starts(state, 'start-never-works')).toBeLessThan(20),
    }),
    one('start-throttled', ['repaired'], [at('start', { ...refusal(429, 'TooManyRequests'), times: 6 }, 'start-throttled')]),
    one('copy-never-works', ['rolled-back'], [at('copy', endless('InternalExecutionError'), 'copy-never-works')]),
    one('no-capacity-to-start', ['needs-person'], [at('start', endless('AllocationFailed'), 'no-capacity-to-start')]),
  ];
}

/** Troubles on the way back, and a person who cancels when the VM is up. */
function lateCases(): Case[] {
  const hidden = { ...refusal(404, 'ResourceNotFound'), match: { method: 'GET', path: '/virtualMachines/{stem}-vm\\?' } };
  return [
    one('swap-back-denied', ['rolled-back'], [at('swap', { ...denied, times: 2 }, 'swap-back-denied', 1)], { kind: 'hopeless' }),
    one('start-back-denied', ['rolled-back'], [at('start', denied, 'start-back-denied', 2)], { kind: 'hopeless' }),
    one('copy-stays', ['rolled-back'], [{ ...forbidden, match: { method: 'DELETE', path: '/disks/{stem}-disk' } }], { kind: 'hopeless' }),
    one('repair-vm-hidden-once', ['repaired'], [], { late: { verify: hidden } }),
    one('cancelled-when-up', ['needs-person', 'repaired'], [], { cancelWhenStable: true }),
  ];
}

/** The restart before a repair: each of its writes in every passing trouble, and denied. */
function restartCases(): Case[] {
  const first = { 'first snapshot': { method: 'PUT', path: '/snapshots/{stem}-first-snap' } };
  const steps = ['first snapshot', 'power off', 'start'];
  const order = (step: string, trouble: Trouble, name: string): Fault =>
    step === 'first snapshot' ? { ...trouble, match: first['first snapshot'] } : at(step, trouble, name);
  const troubles = Object.values(passing);
  const pass = troubles.map((_, shift): Case => {
    const name = `restart-${shift}`;
    const faults = steps.map((step, n) => order(step, troubles[(n + shift) % troubles.length] ?? {}, name));
    return { name, kind: shift % 3 === 0 ? 'stubborn' : 'transient', faults, outcomes: ['repaired'] };
  });
  const refused = steps.map((step, n): Case => {
    const name = `no-restart-${n}`;
    const outcomes = step === 'first snapshot' ? ['refused'] : step === 'start' ? ['needs-person'] : ['rolled-back'];
    return { name, kind: 'transient', faults: [order(step, forbidden, name)], outcomes };
  });
  return [...pass, ...refused];
}

const cases: Case[] = [...restartCases(), ...passingCases(), ...lastingCases(), ...stubbornCases(), ...lateCases()];

/** What comes in the middle: a fault when a phase is reached, a person who cancels when the VM is up. */
function onlooker({ late = {}, cancelWhenStable }: Case): ((view: RepairView) => Promise<void>) | undefined {
  if (Object.keys(late).length === 0 && !cancelWhenStable) return undefined;
  const waiting = new Map(Object.entries(late));
  let cancelled = false;
  return async ({ id, phase = '', awaiting }) => {
    const order = waiting.get(phase);
    waiting.delete(phase);
    if (order) await fleet.fault({ ...order, match: { ...order.match, path: order.match.path.replaceAll('{stem}', stemOf(id)) } });
    if (!cancelWhenStable || cancelled || !String(awaiting).startsWith('stable')) return;
    cancelled = true;
    await post(`${fleet.world.url}/api/repairs/${id}/cancel`, {});
  };
}

let fleet: Fleet;
let before: State;
let after: State;
const repaired: Record<string, Repaired | Error> = {};

beforeAll(async () => {
  fleet = await startFleet(Object.fromEntries(cases.map(({ name, kind }) => [name, kind])));
  before = await fleet.state();
  const run = async (each: Case) => {
    const { name, faults } = each;
    repaired[name] = await fleet
      .repair(name, faults, onlooker(each))
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  };
  await Promise.all(cases.map(run));
  after = await fleet.state();
}, 900_000);
afterAll(() => fleet?.close());

test.each(cases)('$name', ({ name, faults, outcomes, check }) => {
  const end = repaired[name];
  if (end === undefined || end instanceof Error) throw end ?? new Error('not run');
  const { outcome, headline, nextSteps } = end.report.story;
  const said = { outcome, headline, nextSteps };
  expect({ ...said, breaches: breaches(name, end, before, after, faults) }).toEqual({ ...said, breaches: [] });
  expect({ ...said, outcome: outcomes.includes(outcome) ? outcome : outcomes }).toEqual(said);
  check?.(end, after);
});

test('our own rules of the road were kept, and no secret was logged', () => {
  expect(after.breaches).toEqual([]);
  expect(fleet.world.output()).not.toMatch(/[?&]sig=[A-Za-z0-9%]|adminPassword"?\s*[:=]|Bearer ey/);
});
