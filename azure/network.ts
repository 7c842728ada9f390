/** Resource groups, and network resources through the generic resource API: arm-network alone would double the bundle. */
import { z } from 'zod';
import { type Accepted, type Arm, submit } from './arm.ts';
import { toFault, unlessMissing } from './errors.ts';
import { parseId } from './ids.ts';

const apiVersion = '2024-01-01';

export interface Network {
  /** `properties.provisioningState`; undefined = not there. */
  state(id: string): Promise<string | undefined>;
  /** The same, but tells where the resource group is missing too. */
  stateOrGroup(id: string): Promise<string | 'no-resource' | 'no-group'>;
  put(id: string, resource: { location: string; tags: Record<string, string>; properties: Record<string, unknown> }): Promise<Accepted>;
  hasGroup(subscriptionId: string, name: string): Promise<boolean>;
  /** `provisioningState` of a resource group; undefined = not there. */
  groupState(subscriptionId: string, name: string): Promise<string | undefined>;
  putGroup(subscriptionId: string, name: string, location: string, tags: Record<string, string>): Promise<void>;
}

const stateSchema = z.object({ properties: z.object({ provisioningState: z.string() }) });

export function network(arm: Arm): Network {
  return {
    async state(id) {
      return (await unlessMissing(arm.read(id, apiVersion, stateSchema)))?.properties.provisioningState;
    },
    async stateOrGroup(id) {
      try {
        return (await arm.read(id, apiVersion, stateSchema)).properties.provisioningState;
      } catch (error) {
        const { kind, code } = toFault(error);
        if (kind !== 'notFound') throw error;
        return code === 'ResourceGroupNotFound' ? 'no-group' : 'no-resource';
      }
    },
    put(id, resource) {
      const { resources } = arm.resources(parseId(id).subscriptionId);
      return submit(options => resources.createOrUpdateById(id.replace(/^\//, ''), apiVersion, resource, options));
    },
    async hasGroup(subscriptionId, name) {
      return (await unlessMissing(arm.resources(subscriptionId).resourceGroups.get(name))) !== undefined;
    },
    async groupState(subscriptionId, name) {
      const group = await unlessMissing(arm.resources(subscriptionId).resourceGroups.get(name));
      return group && (group.properties?.provisioningState ?? 'Succeeded');
    },
    async putGroup(subscriptionId, name, location, tags) {
      await arm.resources(subscriptionId).resourceGroups.createOrUpdate(name, { location, tags });
    },
  };
}
