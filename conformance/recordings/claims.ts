/** What the simulator claims to serve: only this is replayed. The rest of a recording is left out, counted by name. */
import { operationName } from '../../simulator/arm/router.ts';
import { isObject } from './compare.ts';
import { type Exchange, operationIdOf } from './exchanges.ts';
import type { Answer } from './replay.ts';

/** Methods by type; a POST is claimed by its action. Types without case, as on Azure. */
const CLAIMS: Record<string, string[]> = {
  'microsoft.compute/virtualmachines': ['GET', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.compute/virtualmachines/instanceview': ['GET'],
  'microsoft.compute/virtualmachines:start': ['POST'],
  'microsoft.compute/virtualmachines:poweroff': ['POST'],
  'microsoft.compute/virtualmachines:deallocate': ['POST'],
  'microsoft.compute/virtualmachines:restart': ['POST'],
  'microsoft.compute/virtualmachines:redeploy': ['POST'],
  'microsoft.compute/virtualmachines:reapply': ['POST'],
  'microsoft.compute/virtualmachines:runcommand': ['POST'],
  'microsoft.compute/virtualmachines:attachdetachdatadisks': ['POST'],
  'microsoft.compute/virtualmachines:retrievebootdiagnosticsdata': ['POST'],
  'microsoft.compute/virtualmachines/runcommands': ['GET', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.compute/disks': ['GET', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.compute/disks:begingetaccess': ['POST'],
  'microsoft.compute/disks:endgetaccess': ['POST'],
  'microsoft.compute/snapshots': ['GET', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.compute/snapshots:begingetaccess': ['POST'],
  'microsoft.compute/snapshots:endgetaccess': ['POST'],
  'microsoft.network/virtualnetworks': ['GET', 'PUT', 'DELETE'],
  'microsoft.network/virtualnetworks/subnets': ['GET', 'PUT'],
  'microsoft.network/networksecuritygroups': ['GET', 'PUT', 'DELETE'],
  'microsoft.network/networkinterfaces': ['GET', 'PUT', 'DELETE'],
  'microsoft.network/publicipaddresses': ['GET'],
  'microsoft.resources/subscriptions/resourcegroups': ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.resources/tags': ['GET', 'PUT', 'PATCH', 'DELETE'],
  'microsoft.authorization/locks': ['GET', 'DELETE'],
};

/** `POST Microsoft.Compute/virtualMachines:start`: what an exchange is counted as. */
export function nameOfCall({ method, parsed, path }: Pick<Exchange, 'method' | 'parsed' | 'path'>): string {
  return parsed === undefined ? `${method} ${path}` : `${method} ${operationName(method, parsed)}`;
}

/** Whether the simulator claims to answer this call. Operations are followed from the request that began them. */
export function isClaimed({ method, parsed, path }: Exchange): boolean {
  if (parsed === undefined || operationIdOf(path) !== undefined) return false;
  return CLAIMS[operationName(method, parsed).toLowerCase()]?.includes(method) ?? false;
}

/**
 * Members of bodies that the simulator knowingly does not model, and refuses (rule body-members-known): no repair needs them.
 * Whatever else it refuses is a failure.
 */
const UNMODELLED = new Set([
  ...['vhd', 'image', 'diffDiskSettings', 'encryptionSettings', 'writeAcceleratorEnabled', 'sourceResource'],
  ...['priority', 'evictionPolicy', 'billingProfile', 'host', 'hostGroup', 'availabilitySet', 'virtualMachineScaleSet'],
  ...['proximityPlacementGroup', 'additionalCapabilities', 'userData', 'extensionsTimeBudget', 'scheduledEventsProfile'],
  ...['capacityReservation', 'applicationProfile', 'plan', 'extendedLocation', 'vmSizeProperties', 'platformFaultDomain'],
  ...['communityGalleryImageId', 'sharedGalleryImageId', 'scheduledEventsPolicy', 'purchasePlan', 'burstingEnabled', 'maxShares'],
  ...['diskAccessId', 'dataAccessAuthMode', 'optimizedForFrequentAttach', 'bandwidthCopySpeed', 'tier', 'copyCompletionError'],
  'creationData.createOption',
  ...['scriptUri', 'commandId', 'outputBlobManagedIdentity', 'errorBlobManagedIdentity', 'securityProfile', 'placement'],
]);

/** The member because of which the simulator knowingly refuses what Azure took. */
export function unmodelled({ status, body }: Answer): string | undefined {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const said = typeof error.message === 'string' && /the simulator does not model/i.test(error.message);
  if (status !== 400 || !said || typeof error.target !== 'string') return undefined;
  const target = error.target.replaceAll(/\[\d+\]/g, '');
  return UNMODELLED.has(target) || UNMODELLED.has(target.split('.').at(-1) ?? '') ? target : undefined;
}
