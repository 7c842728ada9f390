/** Names and tags of everything a repair creates: they derive from its id, so that an activity that runs twice finds its own work. */
import { sameId } from '../../azure/ids.ts';

export const repairGroup = 'rg-bootmedic';

/** Twelve base32 characters: the repair's id without its `r-`. */
function stemOf(repairId: string): string {
  return repairId.replace(/^r-/, '');
}

export function namesFor(repairId: string) {
  const stem = `bootmedic-${stemOf(repairId)}`;
  return {
    vm: `${stem}-vm`,
    nic: `${stem}-nic`,
    osDisk: `${stem}-osdisk`,
    /** Before the one restart. */
    firstSnapshot: `${stem}-first-snap`,
    snapshot: `${stem}-snap`,
    disk: `${stem}-disk`,
    /** Windows takes 15 characters at most. */
    computer: `bm${stemOf(repairId)}`,
  };
}

/** On everything a repair creates or leaves; the sweep asks for both. `expires` is an ISO date. */
export function tagsFor(repairId: string, expires: string): Record<string, string> {
  return { 'bootmedic-repair': repairId, 'bootmedic-expires': expires };
}

/** Made by this repair: by its name and by its tag. Nothing else that can be looked at is ever deleted. */
export function isOurs(repairId: string, resource: { id: string; tags: Record<string, string> }): boolean {
  return bearsName(repairId, resource.id) && sameId(resource.tags['bootmedic-repair'], repairId);
}

/** No id of a repair is given twice. */
export const bearsName = (repairId: string, id: string): boolean =>
  (id.split('/').at(-1) ?? '').startsWith(`bootmedic-${stemOf(repairId)}-`);
