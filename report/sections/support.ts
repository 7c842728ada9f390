import type { RepairStory } from '../../functions/activities/contract.ts';
import { code, list, type Section, text } from '../document.ts';

/** What a support engineer will ask for, when the playbook could not bring the VM back. */
export function support({ outcome, plan, repairId, attempts }: RepairStory): Section | null {
  if (plan === null || plan.support.length === 0 || attempts.length === 0) return null;
  if (outcome !== 'rolled-back' && outcome !== 'needs-person') return null;
  const blocks = [
    text('Attach this report and, where there is one, the memory dump (container ', code('dumps'), ', folder ', code(repairId), ').'),
    ...list(plan.support.map(item => [item])),
  ];
  return { id: 'support', title: 'For the support request', blocks };
}
