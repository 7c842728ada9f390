/** Invariant 9: what costs the owner something is done only where the settings, the request or an approval agree to it. */
import { operatorScriptId, playbooks } from '../playbooks/index.ts';
import { isDomainController, policyOf } from './base.ts';
import type { Facts, Repair } from './facts.ts';
import type { SentScript } from './scripts.ts';
import { last, sameId, stemOf } from './watch.ts';

const steps = playbooks.flatMap(({ attempts, beforeBoot }) => [...attempts.flatMap(({ scripts }) => scripts), ...beforeBoot]);
/** By script, what its steps of class consent ask for. */
const asksFor = new Map(steps.flatMap(({ script, safety, consent = '' }) => (safety === 'consent' ? [[script, consent]] : [])));

export function consented(facts: Facts): string[] {
  return [
    ...tookNothing(facts),
    ...facts.repairs.flatMap(repair => [...scripts(facts, repair), ...interrupted(facts, repair), ...approved(facts, repair)]),
  ];
}

function tookNothing({ writes, watch }: Facts): string[] {
  const wrong: string[] = [];
  const vm = watch.vmId.toLowerCase();
  if (writes.some(({ path, status }) => path.toLowerCase() === `${vm}/deallocate` && status < 300)) wrong.push('the VM was deallocated');
  if (writes.some(({ path, method, status }) => path.toLowerCase() === vm && method === 'DELETE' && status < 300))
    wrong.push('the VM was deleted');
  for (const { from, booted, byPerson } of watch.swaps)
    if (booted && !byPerson && !sameId(from, watch.originalId)) wrong.push(`${last(from)} had booted and was taken away`);
  return wrong;
}

const policyFor = ({ watch }: Facts) => policyOf(watch.vmId.split('/')[4] ?? '');
/** What a person had agreed to by then. Its request names no consents. */
const approvedBy = ({ approvals }: Facts, { id }: Repair, at: number) =>
  approvals.filter(each => each.repairId === id && each.at <= at).flatMap(({ to }) => to);
const acts = ({ mode, safety }: SentScript) => mode !== 'Detect' && safety !== 'auto_safe';
const sentBy = ({ scripts }: Facts, repair: Repair) => scripts.filter(({ vm }) => vm === `${stemOf(repair)}-vm`).filter(acts);

/** Of class consent by its own text, or sent to a disk of which anything at all is. */
function scripts(facts: Facts, repair: Repair): string[] {
  return sentBy(facts, repair).flatMap(({ script, safety, run, at }) => {
    const needed = [
      ...(safety === 'consent' ? [script === operatorScriptId ? operatorScriptId : (asksFor.get(script) ?? `a consent to ${script}`)] : []),
      ...(safety === 'manual_only' ? [`hands, for ${script}`] : []),
      ...(isDomainController(facts.schedule.base) ? ['domain-controller'] : []),
    ];
    const given = [...policyFor(facts).consents, ...approvedBy(facts, repair, at)];
    return needed.filter(each => !given.includes(each)).map(each => `${run} was run without the consent ${each}`);
  });
}

/** A non-maskable interrupt crashes whatever the VM is doing. */
function interrupted(facts: Facts, repair: Repair): string[] {
  const port = `${facts.watch.vmId}/providers/Microsoft.SerialConsole/serialPorts/0`;
  const sent = facts.writes.filter(({ repairId, path, status }) => repairId === repair.id && status < 300 && sameId(path, port));
  const needed = playbooks.flatMap(({ attempts }) => attempts.flatMap(({ ifHung }) => (ifHung ? [ifHung.consent] : [])))[0] ?? '';
  const without = sent.filter(({ at }) => ![...policyFor(facts).consents, ...approvedBy(facts, repair, Date.parse(at))].includes(needed));
  return [
    ...without.map(({ at }) => `the VM was interrupted at ${at} without the consent ${needed}`),
    ...(sent.length > 1 ? [`the VM was interrupted ${sent.length} times`] : []),
  ];
}

/** In mode review nothing is done to the VM or with its copy before a person has said yes. */
function approved(facts: Facts, repair: Repair): string[] {
  if (policyFor(facts).mode !== 'review') return [];
  const vm = facts.watch.vmId.toLowerCase();
  const onVm = facts.writes.filter(
    ({ repairId, path, status }) =>
      repairId === repair.id && status < 300 && (path.toLowerCase() === vm || path.toLowerCase().startsWith(`${vm}/`)),
  );
  const done = [
    ...onVm.map(({ method, path, at }) => ({ what: `${method} ${last(path)}`, at: Date.parse(at) })),
    ...sentBy(facts, repair).map(({ run, at }) => ({ what: run, at })),
  ];
  return done
    .filter(({ at }) => !approvedBy(facts, repair, at).includes('the plan'))
    .map(({ what }) => `${what} came before the plan was approved`);
}
