import { createHash } from 'node:crypto';
import { z } from 'zod';
import { listDurations } from '../durations.ts';
import type { ArmResponse, Cloud } from './cloud.ts';
import { Fault } from './faults.ts';
import { listRules } from './rules.ts';

/**
 * The simulator's own surface, for whoever runs it; Azure has nothing like it and the product never calls it.
 * `GET /simulator/state`, `/simulator/contents` (what each disk holds, by its id), `/simulator/rules`, `/simulator/faults`; `POST /simulator/faults` (one fault); `DELETE /simulator/faults`.
 */
export function control(cloud: Cloud, method: string, path: string, body: unknown): ArmResponse {
  switch (`${method} ${path}`) {
    case 'GET /simulator/state':
      return { status: 200, body: state(cloud) };
    case 'GET /simulator/contents':
      return { status: 200, body: Object.fromEntries(cloud.estate.disks().map(({ id, contents }) => [id, contents ?? null])) };
    case 'GET /simulator/rules':
      return { status: 200, body: { rules: listRules(), flipped: cloud.rules.flipped, durations: listDurations() } };
    case 'GET /simulator/faults':
      return { status: 200, body: { faults: cloud.faults.pending } };
    case 'POST /simulator/faults':
      return addFault(cloud, body);
    case 'DELETE /simulator/faults':
      cloud.faults.clear();
      return { status: 204 };
    default:
      return { status: 404, body: { error: { code: 'NotFound', message: `The control surface has no ${method} ${path}.` } } };
  }
}

function addFault(cloud: Cloud, body: unknown): ArmResponse {
  const fault = Fault.safeParse(body);
  if (!fault.success) return { status: 400, body: { error: { code: 'InvalidFault', message: z.prettifyError(fault.error) } } };
  cloud.faults.add(fault.data);
  return { status: 201, body: fault.data };
}

/** Everything a test may want to compare: what exists, what disks hold (by hash), what clients did. */
function state(cloud: Cloud): object {
  const { estate, journal } = cloud;
  return {
    vms: estate.vms().map(vm => ({
      ...{
        id: vm.id,
        power: vm.power,
        provisioningState: vm.provisioningState,
        busy: vm.busy ?? null,
        osDiskId: vm.osDisk.diskId,
        etag: vm.etag,
        tags: vm.tags,
      },
      dataDisks: vm.dataDisks.map(({ lun, diskId }) => ({ lun, diskId })),
      runCommands: [...vm.runCommands.values()].map(({ name, execution }) => ({ name, executionState: execution.executionState })),
      screen: vm.session === undefined ? null : (cloud.machines.reached(vm.session).at(-1)?.screen ?? { kind: 'black' }),
    })),
    disks: estate
      .disks()
      .map(({ id, managedBy, tags, contents }) => ({ id, managedBy: managedBy ?? null, tags, contentHash: hashOf(contents) })),
    snapshots: estate.snapshots().map(({ id, tags, contents, creationData }) => ({
      id,
      tags,
      source: creationData.sourceResourceId ?? null,
      contentHash: hashOf(contents),
    })),
    network: estate
      .all()
      .filter(resource => resource.kind === 'network')
      .map(({ id, tags }) => ({ id, tags })),
    resourceGroups: [...estate.groups.values()].map(({ id, tags }) => ({ id, tags })),
    calls: Object.fromEntries(journal.calls),
    actions: [...journal.actions].sort(),
    writes: journal.writes,
    breaches: journal.breaches,
    refusals: Object.fromEntries(journal.refusals),
  };
}

function hashOf(contents: unknown): string | null {
  return contents === undefined ? null : createHash('sha256').update(JSON.stringify(contents)).digest('hex');
}
